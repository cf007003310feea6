package deck

import (
	"html"
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
)

func read(t testing.TB, lang string) *Deck {
	t.Helper()
	source, err := os.ReadFile("testdata/deck." + lang + ".slide")
	if err != nil {
		t.Fatal(err)
	}
	d, err := Parse(source, lang, os.DirFS("testdata/figures"))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func (d *Deck) slide(id string) *Slide {
	for _, s := range d.Slides {
		if s.ID == id {
			return s
		}
	}
	return &Slide{}
}

func TestParse(t *testing.T) {
	d := read(t, "en")
	type outline struct {
		ID, Block, Layout string
		Parts             []string
	}
	var got []outline
	for _, s := range d.Slides {
		got = append(got, outline{s.ID, s.Block, s.Layout, s.outline()})
	}
	want := []outline{
		{"title", "opening", "title", []string{"text"}},
		{"list", "opening", "", []string{"text"}},
		{"statement", "opening", "statement", []string{"text"}},
		{"sentence", "opening", "statement", nil},
		{"code", "compare", "", []string{"code go"}},
		{"console", "compare", "", []string{"code console"}},
		{"split", "compare", "split", []string{"text", "figure arrow"}},
		{"figure", "compare", "", []string{"text", "figure arrow"}},
		{"live", "handshake", "pane", []string{"pane handshake"}},
		{"table", "handshake", "", []string{"text"}},
		{"large", "closing", "", []string{"code go"}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("slides are\n%v\nwanted\n%v", got, want)
	}
	if d.Title != "A short talk" || d.Subtitle != "With one of each thing a slide can hold" || d.Date != "August 27, 2021" {
		t.Errorf("head is %q, %q, %q", d.Title, d.Subtitle, d.Date)
	}
	if date := read(t, "pt-BR").Date; date != "27 de agosto de 2021" {
		t.Errorf("in Portuguese the date is %q", date)
	}
	if notes := d.slide("list").Notes; len(notes) != 2 || notes[0] != "<p>First say <code>this</code>.</p>\n" {
		t.Errorf("notes are %q", notes)
	}
	if notes := d.Slides[0].Notes; len(notes) != 1 {
		t.Errorf("notes of the title are %q", notes)
	}
}

var tag = regexp.MustCompile(`<[^>]*>`)

// Present takes "//", "#", "." and ": " at the start of a line for its own;
// in code they are the code's.
func TestCodeIsLeftAlone(t *testing.T) {
	part := read(t, "en").slide("code").Parts[0]
	got := html.UnescapeString(tag.ReplaceAllString(string(part.HTML), ""))
	const want = `// A comment in Go code survives.
package main

# not a heading
.block not a command
: not a note

func main() {
	const text = "a string, with <b>" // and a comment
	/* over
	   lines */
	return ` + "`raw\n## string`" + `
}
02-handshake/handshake/key.go
`
	if got != want {
		t.Errorf("the code is\n%s\nwanted\n%s", got, want)
	}
}

func TestHighlight(t *testing.T) {
	for _, test := range []struct{ language, code, want string }{
		{"go", "return x // <why>", `<span class="keyword">return</span> x <span class="comment">// &lt;why&gt;</span>`},
		{"go", "a := 'x' + `y", `a := <span class="string">&#39;x&#39;</span> + <span class="string">` + "`y</span>"},
		{"go", "s == \"é\"", `s == <span class="string">&#34;é&#34;</span>`},
		{"console", "$ go run .\n<ok>", `<span class="prompt">$ </span><span class="typed">go run .</span>` + "\n&lt;ok&gt;"},
		{"yaml", "a: return // <b>", "a: return // &lt;b&gt;"},
	} {
		if got := highlight(test.code, test.language); got != test.want {
			t.Errorf("%s %q becomes\n%s\nwanted\n%s", test.language, test.code, got, test.want)
		}
	}
}

func TestFigureSpeaksTheLanguage(t *testing.T) {
	for lang, want := range map[string]string{"en": "client &amp; co", "pt-BR": "cliente &amp; cia"} {
		svg := string(read(t, lang).slide("figure").Parts[1].HTML)
		if !strings.HasPrefix(svg, "<svg") || !strings.Contains(svg, want) {
			t.Errorf("%s: no %q in %s", lang, want, svg)
		}
	}
}

func TestFaultsOfADeck(t *testing.T) {
	figures := fstest.MapFS{
		"en.json":     {Data: []byte(`{"known": "word"}`)},
		"unknown.svg": {Data: []byte(`<svg>{{unheard}}</svg>`)},
	}
	for _, test := range []struct{ name, body, want string }{
		{"no id", "## A\n", "no {#id}"},
		{"an id of no form", "## A {#Of Mine}\n", "not lower-case"},
		{"an id twice", "## A {#a}\n\n## B {#a}\n", "taken"},
		{"the title's id", "## A {#title}\n", "taken"},
		{"an unknown command", "## A {#a}\n\n.image x.png\n", "not for this deck"},
		{"a command nobody has", "## A {#a}\n\n.dance\n", "unknown command"},
		{"no name", "## A {#a}\n\n.pane\n", "wants one name"},
		{"a layout nobody has", "## A {#a}\n\n.layout round\n", "is one of title,"},
		{"no such figure", "## A {#a}\n\n.figure lost\n", "lost.svg"},
		{"a text that is missing", "## A {#a}\n\n.figure unknown\n", "unheard"},
		{"a fence left open", "## A {#a}\n\n```go\nx\n", "line 5"},
		{"a slide within a slide", "## A {#a}\n\n### B\n", "within a slide"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := Parse([]byte("# T\n\n"+test.body), "en", figures)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("the error is %v, wanted one with %q", err, test.want)
			}
		})
	}
}

func TestTwins(t *testing.T) {
	if faults := Twins(read(t, "en"), read(t, "pt-BR")); len(faults) > 0 {
		t.Errorf("twins differ: %v", faults)
	}
	for _, test := range []struct {
		name   string
		change func(d *Deck)
		want   string
	}{
		{"a slide less", func(d *Deck) { d.Slides = d.Slides[:10] }, "slide 11 is large in en and missing in pt-BR"},
		{"two in another order", func(d *Deck) { d.Slides[1], d.Slides[2] = d.Slides[2], d.Slides[1] }, "slide 2 is list in en and statement"},
		{"another block", func(d *Deck) { d.slide("list").Block = "cost" }, "list: block"},
		{"another layout", func(d *Deck) { d.slide("list").Layout = "split" }, "list: layout"},
		{"another pane", func(d *Deck) { d.slide("live").Parts[0].Name = "chat" }, "live: parts"},
		{"other code", func(d *Deck) { d.slide("code").Parts[0].HTML += "x" }, "code: part 1, code"},
		{"another link", func(d *Deck) { d.slide("list").Parts[0].HTML = "" }, "list: links"},
		{"no notes", func(d *Deck) { d.slide("list").Notes = nil }, "list: notes"},
	} {
		t.Run(test.name, func(t *testing.T) {
			other := read(t, "pt-BR")
			test.change(other)
			faults := Twins(read(t, "en"), other)
			if len(faults) != 1 || !strings.HasPrefix(faults[0], test.want) {
				t.Errorf("faults are %q, wanted one that begins with %q", faults, test.want)
			}
		})
	}
}

// FuzzParse: nothing a writer types stops the program, and what parses has
// an id for each slide.
func FuzzParse(f *testing.F) {
	for _, lang := range []string{"en", "pt-BR"} {
		source, err := os.ReadFile("testdata/deck." + lang + ".slide")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(source))
	}
	figures := os.DirFS("testdata/figures")
	f.Fuzz(func(t *testing.T, source string) {
		d, err := Parse([]byte(source), "en", figures)
		if err != nil {
			return
		}
		seen := map[string]bool{}
		for _, s := range d.Slides {
			if s.ID == "" || seen[s.ID] {
				t.Errorf("slide %q has the id %q", s.Title, s.ID)
			}
			seen[s.ID] = true
		}
		if faults := Twins(d, d); len(faults) > 0 {
			t.Errorf("it differs from itself: %v", faults)
		}
	})
}

// FuzzHighlight: marking code up neither adds nor loses a character of it.
func FuzzHighlight(f *testing.F) {
	for _, code := range []string{"package main // x", "\"\n`", "/* a\r\n", "`a\r\nb`", "\x00\xff'", "$ ls\n<"} {
		f.Add(code, "go")
		f.Add(code, "console")
	}
	mark := regexp.MustCompile(`</?span[^>]*>`)
	f.Fuzz(func(t *testing.T, code, language string) {
		got := html.UnescapeString(mark.ReplaceAllString(highlight(code, language), ""))
		if got != html.UnescapeString(html.EscapeString(code)) {
			t.Errorf("%q becomes %q", code, got)
		}
	})
}
