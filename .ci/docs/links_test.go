package main

import "testing"

func TestLinks(t *testing.T) {
	one := func(text string) files {
		return files{"l/a.md": text, "l/b.md": "# Olá, você\n## Olá, você\n<a id=\"x\"></a>\n", "l/c d.png": "", "root.txt": ""}
	}
	testRule(t, checkLinks, []row{
		{"files", one("[a](b.md) ![i](c%20d.png) [r](../root.txt) [s](/root.txt) [d](../l) [q](b.md?plain=1)\n"), nil},
		{"anchors", one("# Here\n[a](#here) [b](b.md#olá-você) [c](b.md#ol%C3%A1-voc%C3%AA-1) [d](b.md#x) [e](../root.txt#L3)\n"), nil},
		{"elsewhere", one("[a](https://x.example/none) [b](mailto:a@x.example) [c](//x.example)\n"), nil},

		{"no file", one("\n[a](none.md)\n"),
			[]string{"l/a.md:2: there is no l/none.md: mend the path, which starts at this file's folder"}},
		{"no image", one("<img src=\"none.png\">\n"),
			[]string{"l/a.md:1: there is no l/none.png: mend the path, which starts at this file's folder"}},
		{"no anchor here", one("[a](#there)\n"),
			[]string{"l/a.md:1: l/a.md has no heading for #there: use the heading in lower case, spaces as hyphens, no punctuation"}},
		{"no anchor there", one("[a](b.md#ola-voce)\n"),
			[]string{"l/a.md:1: l/b.md has no heading for #ola-voce: use the heading in lower case, spaces as hyphens, no punctuation"}},
		{"outside", one("[a](../../issues)\n"),
			[]string{"l/a.md:1: the link ../../issues leads out of the repository: link to a file in it"}},
		{"empty", one("[a]()\n"),
			[]string{"l/a.md:1: this link is empty: say where it leads"}},
		{"escape", one("[a](100%)\n"),
			[]string{"l/a.md:1: the link 100% is badly escaped: write % as %25"}},
	})
}
