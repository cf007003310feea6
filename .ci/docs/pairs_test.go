package main

import (
	"maps"
	"strings"
	"testing"
)

// pair is README.md and README.pt-BR.md, the second stamped, and what else is given.
func pair(t *testing.T, en, pt string, others ...files) files {
	t.Helper()
	tree := files{"README.md": en, "README.pt-BR.md": pt}
	stamped, err := Stamp(tree.load(t), "README.pt-BR.md")
	if err != nil {
		t.Fatal(err)
	}
	tree["README.pt-BR.md"] = stamped
	for _, more := range others {
		maps.Copy(tree, more)
	}
	return tree
}

func TestPairs(t *testing.T) {
	const stampMend = ": read it against the English, then run `go run ./.ci/docs fix -stamp README.pt-BR.md`"
	const blockMend = ": copy the English block and its snippet marker byte for byte"
	fold := "<details>\n<summary>a</summary>\n</details>\n"
	testRule(t, checkPairs, []row{
		{"alone", files{"a/README.md": ""}, []string{"a/README.md:1: there is no README.pt-BR.md: translate this file"}},
		{"orphan", files{"a/README.pt-BR.md": ""}, []string{"a/README.pt-BR.md:1: there is no English README.md: write it, or delete this file"}},
		{"equal", pair(t, "# A\n\ntext\n", "# Á\n\ntexto\n"), nil},

		{"heading level", pair(t, "# A\n## B\n", "# A\n### B\n"),
			[]string{"README.pt-BR.md:2: heading 2 is level 3, and at README.md:2 it is level 2: follow the outline of the English"}},
		{"heading missing", pair(t, "# A\n## B\n", "# A\n"),
			[]string{"README.pt-BR.md:3: heading 2 is missing, and at README.md:2 it is level 2: follow the outline of the English"}},
		{"heading too many", pair(t, "# A\n", "# A\n\n# B\n"),
			[]string{"README.pt-BR.md:3: heading 2 is level 1, and at README.md:1 it is missing: follow the outline of the English"}},

		{"block", pair(t, "```sh\nls\n```\n", "```sh\nls\n```\n"), nil},
		{"block differs", pair(t, "```sh\nls\n```\n", "\n```sh\nls -l\n```\n"),
			[]string{`README.pt-BR.md:3: code line 2 is "ls -l", and at README.md:2 it is "ls"` + blockMend}},
		{"block info differs", pair(t, "```sh\n```\n", "```\n```\n"),
			[]string{"README.pt-BR.md:1: code line 1 is ```, and at README.md:1 it is ```sh" + blockMend}},
		{"block marker differs", pair(t, "<!-- snippet: a.go#b -->\n```\n```\n", "```\n```\n"),
			[]string{"README.pt-BR.md:1: code line 1 is ```, and at README.md:2 it is ``` a.go#b" + blockMend}},
		{"block missing", pair(t, "```sh\nls\n```\n", ""),
			[]string{"README.pt-BR.md:3: code line 1 is missing, and at README.md:1 it is ```sh" + blockMend}},

		{"links in their language", pair(t,
			"[pt](README.pt-BR.md) [a](a.md) [b](b.md#how) [c](#d) https://e.example/#f\n",
			"[en](README.md) [a](a.pt-BR.md) [b](b.md#como) [c](#ç) https://e.example/#f\n"), nil},
		{"pictures in their language", pair(t, "![a](a.svg)\n", "![a](a.pt-BR.svg)\n"), nil},
		{"link differs", pair(t, "[a](a.go)\n[b](b.go#L1)\n", "[a](a.go)\n[b](b.go#L2)\n"),
			[]string{"README.pt-BR.md:2: link 2 is b.go#L2, and at README.md:2 it is b.go#L1: link to the same places in the same order"}},
		{"link to a page, not into it", pair(t, "[a](a.md#b)\n", "[a](a.md)\n"),
			[]string{"README.pt-BR.md:1: link 1 is a.md, and at README.md:1 it is a.md#b: link to the same places in the same order"}},

		{"folded", pair(t, fold, fold), nil},
		{"not folded", pair(t, fold+fold, fold),
			[]string{"README.pt-BR.md:5: <details> 2 is missing, and at README.md:4 it is folded: fold what the English folds"}},

		{"no stamp", files{"README.md": "A\n", "README.pt-BR.md": "A\n\n"},
			[]string{"README.pt-BR.md:1: the last line is not a stamp of the English it translates" + stampMend}},
		{"stamp not last", pair(t, "A\n", "A\n", files{"README.pt-BR.md": "<!-- translates: sha256:0123456789abcdef -->\nA\n"}),
			[]string{"README.pt-BR.md:2: the last line is not a stamp of the English it translates" + stampMend}},
		{"English edited", pair(t, "A word.\n", "A\n", files{"README.md": "A new word.\n"}),
			[]string{"README.pt-BR.md:3: README.md has changed since this translation was stamped" + stampMend}},
		{"English wrapped elsewhere", pair(t, "A word.\n", "A\n", files{"README.md": "A\n  word.\n"}), nil},
	})
}

func TestStampDoesNotSeeCode(t *testing.T) {
	a := Parse("a.md", "A\n\n```\nx\n```\n\nB\n")
	b := Parse("b.md", "A\n\n```go\ny\n```\n\nB\n")
	if proseHash(a) != proseHash(b) {
		t.Error("another code block is another prose")
	}
}

func TestStamp(t *testing.T) {
	tree := pair(t, "A\n", "B")
	first := tree["README.pt-BR.md"]
	if !strings.HasPrefix(first, "B\n\n<!-- translates: sha256:559aead08264d579 -->\n") { // printf A | sha256sum
		t.Errorf("stamped text is %q", first)
	}
	if again, err := Stamp(tree.load(t), "README.pt-BR.md"); err != nil || again != first {
		t.Errorf("stamping again gives %q, %v", again, err)
	}
	for _, name := range []string{"README.md", "none.pt-BR.md", "../README.pt-BR.md"} {
		if _, err := Stamp(tree.load(t), name); err == nil {
			t.Errorf("%s was stamped", name)
		}
	}
}
