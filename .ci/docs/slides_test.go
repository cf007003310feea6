package main

import (
	"fmt"
	"maps"
	"strings"
	"testing"
)

func TestParseSlides(t *testing.T) {
	doc := ParseSlides("d/a.en.slide", strings.Join([]string{
		"# Title",                                // 1
		"27 Aug 2021",                            // 2
		"",                                       // 3
		"## A handshake {#handshake}",            // 4
		".block  handshake",                      // 5
		"//snippet: ../s/a.go#accept",            // 6
		"```go",                                  // 7
		"// ## not a heading, and not a comment", // 8
		".pane none",                             // 9
		"```",                                    // 10
		"// [a](comment.md)",                     // 11
		".pane frames",                           // 12
		".caption is text",                       // 13
		": a note with a [link](#handshake)",     // 14
		"### No id, and https://a.example/b, there", // 15
	}, "\n"))
	want := `[{1 1 } {4 2 handshake} {15 3 }]
[{5 .block handshake handshake} {12 .pane frames handshake}]
[{14 #handshake} {15 https://a.example/b}]
[{7 10  go [// ## not a heading, and not a comment .pane none] ../s/a.go accept}]
map[handshake:true title:true] []`
	got := fmt.Sprintf("%v\n%v\n%v\n%v\n%v %v", doc.Headings, doc.Commands, doc.Links, doc.Fences, doc.Anchors, doc.Findings)
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if strings.Contains(doc.Prose, "comment") {
		t.Errorf("a comment counts as prose: %q", doc.Prose)
	}
}

// decks is d.en.slide and its stamped twin.
func decks(t *testing.T, en, pt string, others ...files) files {
	t.Helper()
	tree := files{"s/d.en.slide": en, "s/d.pt-BR.slide": pt}
	stamped, err := Stamp(tree.load(t), "s/d.pt-BR.slide")
	if err != nil {
		t.Fatal(err)
	}
	tree["s/d.pt-BR.slide"] = stamped
	for _, more := range others {
		maps.Copy(tree, more)
	}
	return tree
}

func TestDeckPairs(t *testing.T) {
	const stampMend = ": read it against the English, then run `go run ./.ci/docs fix -stamp s/d.pt-BR.slide`"
	const outline = ": follow the outline of the English"
	const commands = ": have the commands of the English, slide by slide"
	testRule(t, checkPairs, []row{
		{"alone", files{"s/d.en.slide": ""}, []string{"s/d.en.slide:1: there is no d.pt-BR.slide: translate this file"}},
		{"orphan", files{"s/d.pt-BR.slide": ""}, []string{"s/d.pt-BR.slide:1: there is no English d.en.slide: write it, or delete this file"}},
		{"no deck of ours", files{"s/talk.slide": "# A"}, nil},
		{"equal", decks(t, "# A\n\n## B {#b}\n.pane x\n: note\n", "# Á\n\n## Bê {#b}\n.pane x\n: nota\n: e mais\n"), nil},
		{"slides in another order", decks(t, "## A {#a}\n## B {#b}\n", "## B {#b}\n## A {#a}\n"),
			[]string{"s/d.pt-BR.slide:1: heading 1 is level 2 #b, and at d.en.slide:1 it is level 2 #a" + outline}},
		{"slide missing", decks(t, "## A {#a}\n## B {#b}\n", "## A {#a}\n"),
			[]string{"s/d.pt-BR.slide:3: heading 2 is missing, and at d.en.slide:2 it is level 2 #b" + outline}},
		{"other argument", decks(t, "## A {#a}\n.figure x\n", "## A {#a}\n.figure y\n"),
			[]string{"s/d.pt-BR.slide:2: command 1 is .figure y in #a, and at d.en.slide:2 it is .figure x in #a" + commands}},
		{"command on another slide", decks(t, "## A {#a}\n.layout split\n## B {#b}\n", "## A {#a}\n## B {#b}\n.layout split\n"),
			[]string{"s/d.pt-BR.slide:3: command 1 is .layout split in #b, and at d.en.slide:2 it is .layout split in #a" + commands}},
		{"command missing", decks(t, ".block a\n", "A\n"),
			[]string{"s/d.pt-BR.slide:3: command 1 is missing, and at d.en.slide:1 it is .block a" + commands}},
		{"code differs", decks(t, "```go\na\n```\n", "```go\nb\n```\n"),
			[]string{`s/d.pt-BR.slide:2: code line 2 is "b", and at d.en.slide:2 it is "a": copy the English block and its snippet marker byte for byte`}},
		{"snippet differs", decks(t, "//snippet: a.go#x\n```go\n```\n", "//snippet: a.go#y\n```go\n```\n"),
			[]string{"s/d.pt-BR.slide:2: code line 1 is ```go a.go#y, and at d.en.slide:2 it is ```go a.go#x: copy the English block and its snippet marker byte for byte"}},
		{"link differs", decks(t, "[a](#b)\n", "[a](#c)\n"),
			[]string{"s/d.pt-BR.slide:1: link 1 is #c, and at d.en.slide:1 it is #b: link to the same places in the same order"}},

		{"no stamp", files{"s/d.en.slide": "A\n", "s/d.pt-BR.slide": "A\n<!-- not a stamp -->\n"},
			[]string{"s/d.pt-BR.slide:2: the last line is not a stamp of the English it translates" + stampMend}},
		{"English edited", decks(t, "A\n: note\n", "A\n", files{"s/d.en.slide": "A\n: another note\n"}),
			[]string{"s/d.pt-BR.slide:3: d.en.slide has changed since this translation was stamped" + stampMend}},
		{"English comment edited", decks(t, "// one\nA\n", "A\n", files{"s/d.en.slide": "// two\nA\n"}), nil},
	})
}

func TestDeckLinks(t *testing.T) {
	one := func(text string) files { return files{"s/d.en.slide": "## A {#a}\n" + text, "s/b.png": ""} }
	testRule(t, checkLinks, []row{
		{"good", one("[a](#a) [first](#title) https://b.example\n"), nil},
		{"no such slide", one("[a](#b)\n"), []string{"s/d.en.slide:2: no slide has the id b: use one of those in {#...}"}},
		{"a file", one("![a](b.png)\n"), []string{"s/d.en.slide:2: the link b.png leads out of the deck: link to a slide, #id, or to an https address"}},
	})
}

func TestDeckSnippets(t *testing.T) {
	quote := func(body string) string { return "//snippet: ../p/p.go#f\n```go\n" + body + "```\n" }
	source := "// snippet: f\n// F is.\nfunc F()\n// end snippet: f\n"
	testRule(t, checkSnippets, []row{
		{"quoted", files{"s/d.en.slide": quote("// F is.\nfunc F()\n"), "p/p.go": source}, nil},
		{"drift", files{"s/d.en.slide": quote("func F()\n"), "p/p.go": source},
			[]string{"s/d.en.slide:2: this block differs from snippet \"f\" at p/p.go:1: run `go run ./.ci/docs fix`"}},
		{"no tag", files{"s/d.en.slide": quote(""), "p/p.go": ""},
			[]string{`s/d.en.slide:2: p/p.go has no snippet "f": mark it there, or mend the marker above this block`}},
		{"19 lines", files{"s/d.en.slide": quote(strings.Repeat("x\n", 19)), "p/p.go": "// snippet: f\n" + strings.Repeat("x\n", 19) + "// end snippet: f\n"},
			[]string{`p/p.go:1: snippet "f" has 19 lines, at most 18 fit: quote less`}},
	})
	tree := files{"s/d.en.slide": quote(""), "s/d.pt-BR.slide": quote("old\n"), "p/p.go": source}
	want := files{"s/d.en.slide": quote("// F is.\nfunc F()\n"), "s/d.pt-BR.slide": quote("// F is.\nfunc F()\n")}
	if got := files(FixSnippets(tree.load(t))); !maps.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestStampDeck(t *testing.T) {
	tree := decks(t, "A\n", "B\n")
	first := tree["s/d.pt-BR.slide"]
	if first != "B\n\n// translates: sha256:559aead08264d579\n" { // printf A | sha256sum
		t.Errorf("stamped text is %q", first)
	}
	if again, err := Stamp(tree.load(t), "s/d.pt-BR.slide"); err != nil || again != first {
		t.Errorf("stamping again gives %q, %v", again, err)
	}
	if _, err := Stamp(tree.load(t), "s/d.en.slide"); err == nil {
		t.Error("the English was stamped")
	}
}
