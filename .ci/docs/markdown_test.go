package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestParseFences(t *testing.T) {
	doc := Parse("x.md", strings.Join([]string{
		"# Title",                              // 1
		"<!-- snippet: a/b.go#read-loop -->",   // 2
		"",                                     // 3
		"```go",                                // 4
		"x := 1",                               // 5
		"```",                                  // 6
		"1. a list",                            // 7
		"   ~~~~ text title",                   // 8
		"   ~~~",                               // 9, too short to close
		"     deeper",                          // 10
		"   ~~~~",                              // 11
		"`" + "``not a fence``` in a sentence", // 12
	}, "\n"))
	want := []Fence{
		{Line: 4, End: 6, Info: "go", Body: []string{"x := 1"}, Source: "a/b.go", Name: "read-loop"},
		{Line: 8, End: 11, Indent: "   ", Info: "text title", Body: []string{"~~~", "  deeper"}},
	}
	if got := fmt.Sprintf("%+v", doc.Fences); got != fmt.Sprintf("%+v", want) {
		t.Errorf("got  %s\nwant %+v", got, want)
	}
	if len(doc.Findings) != 0 {
		t.Errorf("findings %v", doc.Findings)
	}
}

func TestParseFindings(t *testing.T) {
	for _, row := range []struct{ name, text, want string }{
		{"closed", "```\nx\n```\n", "[]"},
		{"unclosed", "a\n```\nx\n", "[x.md:2: this code block is never closed: end it with ```]"},
		{"marker without block", "<!-- snippet: a.go#b -->\nprose\n",
			"[x.md:1: no code block follows this snippet marker: write ``` fences under it and run `go run ./.ci/docs fix`]"},
		{"marker at the end", "\n<!-- snippet: a.go#b -->\n",
			"[x.md:2: no code block follows this snippet marker: write ``` fences under it and run `go run ./.ci/docs fix`]"},
	} {
		t.Run(row.name, func(t *testing.T) {
			if got := fmt.Sprint(Parse("x.md", row.text).Findings); got != row.want {
				t.Errorf("got  %s\nwant %s", got, row.want)
			}
		})
	}
}

func TestParseLinks(t *testing.T) {
	for _, row := range []struct {
		text string
		want []string
	}{
		{"[a](b.md) and ![c](d.png \"title\")", []string{"b.md", "d.png"}},
		{"[![badge](img.svg)](page.md)", []string{"img.svg", "page.md"}},
		{"[a](<b c.md>) [w](https://x.example/Y_(z))", []string{"b c.md", "https://x.example/Y_(z)"}},
		{"[a][r]\n\n[r]: there.md\n[^1]: a footnote", []string{"there.md"}},
		{`<a href="x.md"><img src="y.png"></a>`, []string{"x.md", "y.png"}},
		{"see https://go.dev/doc/. Or <https://go.dev>", []string{"https://go.dev/doc/", "https://go.dev"}},
		{"`[a](b.md)` ``[`a`](c.md)`` \\[a](d.md) <!-- [a](e.md) -->", []string{"d.md"}}, // an escaped [ is the writer's slip
		{"```\n[a](b.md)\n```\n", nil},
		{"[`code`](b.md#`)", []string{"b.md#`"}},
		{"an odd ` here\n\n[a](b.md) and ` there", []string{"b.md"}},
	} {
		var got []string
		for _, l := range Parse("x.md", row.text).Links {
			got = append(got, l.Target)
		}
		if !slices.Equal(got, row.want) {
			t.Errorf("%q: got %q, want %q", row.text, got, row.want)
		}
	}
}

func TestParseHeadingsAndDetails(t *testing.T) {
	doc := Parse("x.md", "# A\n\n```sh\n# comment\n```\n\n<!--\n# no\n-->\n### B\n#no\n\n<details>\n`<details>`\n</details>\n")
	if got := fmt.Sprint(doc.Headings, doc.Details); got != "[{1 1 } {10 3 }] [13]" {
		t.Error(got)
	}
}

func TestSlug(t *testing.T) {
	for title, want := range map[string]string{
		"How it works":                        "how-it-works",
		"Como funciona a conexão?":            "como-funciona-a-conexão",
		"É só isso: ÁÉÍ":                      "é-só-isso-áéí",
		"RFC 6455, section 5.5":               "rfc-6455-section-55",
		"The `-net 4g` flag":                  "the--net-4g-flag",
		"a_b  c - d":                          "a_b--c---d",
		"[Text](link.md) and <b>bold</b> ##":  "text-and-bold",
		"The `<details>` tag":                 "the-details-tag",
		"*Emphasis* & “quotes”":               "emphasis--quotes",
		"Anchor <a id=\"other\"></a>included": "anchor-included",
	} {
		if got := slug(title); got != want {
			t.Errorf("slug(%q) = %q, want %q", title, got, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("# A\n```go\nx\n```\n[a](b.md) `c` <!-- d -->\n")
	f.Add("<!-- snippet: a#b -->\n\n~~~\n")
	f.Add("`\\``` ` `` <!-- `` -->")
	f.Fuzz(func(t *testing.T, text string) {
		doc := Parse("x.md", text)
		if got, want := strings.Count(doc.Prose, "\n"), strings.Count(text, "\n"); got != want {
			t.Errorf("the prose has %d line ends, the file %d", got, want)
		}
		if got, want := len(mask(doc.Prose)), len(doc.Prose); got != want {
			t.Errorf("mask changed %d bytes into %d", want, got)
		}
	})
}
