package main

import (
	"maps"
	"strings"
	"testing"
)

func TestSnippets(t *testing.T) {
	source := "package p\n\n// snippet: f\n\n// F is a function.\nfunc F() {\n\tg()\n}\n\n// end snippet: f\n"
	quote := "<!-- snippet: p/p.go#f -->\n```go\n// F is a function.\nfunc F() {\n\tg()\n}\n```\n"
	inner := "func F() {\n\t// snippet: g\n\tif x {\n\t\tg()\n\n\t}\n\t// end snippet: g\n}\n"
	long := func(n int) files {
		body := strings.Repeat("x\n", n)
		return files{"a.md": "<!-- snippet: a.css#x -->\n```\n" + body + "```\n",
			"a.css": "/* snippet: x */\n" + body + "/* end snippet: x */\n"}
	}
	wide := func(n int) files {
		body := "{\n\té" + strings.Repeat("x", n-5) + "\n}\n"
		return files{"a.md": "<!-- snippet: a.js#x -->\n```\n" + body + "```\n",
			"a.js": "// snippet: x\n" + body + "// end snippet: x\n"}
	}
	testRule(t, checkSnippets, []row{
		{"quoted", files{"a.md": quote, "p/p.go": source}, nil},
		{"path from the lesson's folder", files{"l/a.md": strings.Replace(quote, "p/p.go", "../p/p.go", 1), "p/p.go": source}, nil},
		{"dedented", files{"a.md": "<!-- snippet: p.go#g -->\n```go\nif x {\n\tg()\n\n}\n```\n", "p.go": inner}, nil},
		{"overlapping", files{
			"a.md":   "<!-- snippet: a.yaml#a -->\n```\n1\n2\n```\n<!-- snippet: a.yaml#b -->\n```\n2\n3\n```\n",
			"a.yaml": "# snippet: a\n1\n# snippet: b\n2\n# end snippet: a\n3\n# end snippet: b\n"}, nil},
		{"HTML", files{"a.md": "<!-- snippet: a.html#x -->\n```html\n<p>\n```\n", "a.html": "<!-- snippet: x -->\n<p>\n<!-- end snippet: x -->\n"}, nil},

		{"drift", files{"a.md": strings.Replace(quote, "g()", "h()", 1), "p/p.go": source},
			[]string{"a.md:2: this block differs from snippet \"f\" at p/p.go:3: run `go run ./.ci/docs fix`"}},
		{"no such snippet", files{"a.md": quote, "p/p.go": ""},
			[]string{`a.md:2: p/p.go has no snippet "f": mark it there, or mend the marker above this block`}},
		{"no such file", files{"a.md": quote},
			[]string{`a.md:2: p/p.go has no snippet "f": mark it there, or mend the marker above this block`}},
		{"nobody quotes", files{"p.sh": "# snippet: f\nls\n# end snippet: f\n"},
			[]string{`p.sh:1: nobody quotes snippet "f": quote it in a lesson, or delete its markers`}},
		{"never closed", files{"p.go": "\n// snippet: f\nx\n"},
			[]string{`p.go:2: snippet "f" is never closed: close it with "end snippet: f"`}},
		{"never opened", files{"p.go": "x\n// end snippet: f\n"},
			[]string{`p.go:2: snippet "f" ends here and is not open: open it above, or delete this line`}},
		{"twice", files{"a.md": quote, "p/p.go": source + "// snippet: f\n"},
			[]string{`p/p.go:11: snippet "f" is opened twice in this file: give it another name`}},
		{"18 lines", long(18), nil},
		{"19 lines", long(19), []string{`a.css:1: snippet "x" has 19 lines, at most 18 fit: quote less`}},
		{"68 columns", wide(68), nil},
		{"69 columns", wide(69), []string{`a.js:1: snippet "x" has 69 columns, at most 68 fit: break its longest line`}},
	})
}

func TestFixSnippets(t *testing.T) {
	tree := files{
		"p.go": "// snippet: a\n1\n// end snippet: a\n\t// snippet: b\n\t2\n\n\t\t3\n\t// end snippet: b\n",
		"a.md": "A\n<!-- snippet: p.go#a -->\n```\n```\n- list\n  <!-- snippet: p.go#b -->\n  ```go\n  old\n  older\n  ```\nend\n",
		// Nothing to write here: no such snippet, no closing fence, nothing to change.
		"b.md": "<!-- snippet: p.go#c -->\n```\nkept\n```\n",
		"c.md": "<!-- snippet: p.go#a -->\n```\nkept\n",
		"d.md": "<!-- snippet: p.go#a -->\n```\n1\n```\n",
	}
	want := files{"a.md": "A\n<!-- snippet: p.go#a -->\n```\n1\n```\n- list\n  <!-- snippet: p.go#b -->\n  ```go\n  2\n\n  \t3\n  ```\nend\n"}
	got := files(FixSnippets(tree.load(t)))
	if !maps.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	maps.Copy(tree, got)
	if again := FixSnippets(tree.load(t)); len(again) != 0 {
		t.Errorf("fixing again changes %q", again)
	}
}
