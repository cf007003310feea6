package export

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"websocket.example/slides/deck"
)

const source = `# A talk
About something
27 Aug 2021

## First {#first}
.block opening
.layout split

Some <text> with a [link](https://a.example/x?y=1&z=2), [the same](https://a.example/x?y=1&z=2) and [one here](#second).

.figure box

: A note with [another](https://b.example/).

## Second {#second}
.layout pane
.pane chat
`

var figures = fstest.MapFS{
	"box.svg":    {Data: []byte(`<svg role="img" viewBox="0 0 9 9"><title>{{title}}</title><rect class="f-ink" width="9" height="9"/></svg>`)},
	"en.json":    {Data: []byte(`{"title": "A box"}`)},
	"pt-BR.json": {Data: []byte(`{"title": "Uma caixa"}`)},
}

// dot is a picture of one point.
const dot = "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89\x00\x00\x00\nIDATx\x9cc\x00\x01\x00\x00\x05\x00\x01\r\n-\xb4\x00\x00\x00\x00IEND\xaeB`\x82"

var pictures = fstest.MapFS{
	"chat.en.light.png":    {Data: []byte(dot)},
	"chat.en.dark.png":     {Data: []byte(dot)},
	"chat.pt-BR.light.png": {Data: []byte(dot)},
	"chat.pt-BR.dark.png":  {Data: []byte(dot)},
	"frames.en.light.png":  {Data: []byte("not shown")},
}

func options(t *testing.T) Options {
	t.Helper()
	decks := map[string]*deck.Deck{}
	for _, lang := range []string{"en", "pt-BR"} {
		d, err := deck.Parse([]byte(source), lang, figures)
		if err != nil {
			t.Fatal(err)
		}
		decks[lang] = d
	}
	return Options{Decks: decks, Pictures: pictures}
}

var site1 = []string{
	".slides-export", "en/handout.html", "en/index.html", "index.html",
	"pictures/chat.en.dark.png", "pictures/chat.en.light.png", "pictures/chat.pt-BR.dark.png", "pictures/chat.pt-BR.light.png",
	"pt-BR/handout.html", "pt-BR/index.html",
}

// list names the files below a folder.
func list(t *testing.T, dir string) (names []string) {
	t.Helper()
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			names = append(names, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func read(t *testing.T, dir, name string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func TestSite(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "site")
	o := options(t)
	var progress []string
	o.Progress = func(done, total int, doing string) {
		progress = append(progress, fmt.Sprintf("%d/%d %s", done, total, doing))
	}
	files, err := Site(t.Context(), dir, o)
	if err != nil {
		t.Fatal(err)
	}
	if got := list(t, dir); !slices.Equal(got, site1) {
		t.Errorf("got  %q\nwant %q", got, site1)
	}
	for _, f := range files {
		if n := len(read(t, dir, f.Name)); n != f.Size {
			t.Errorf("%s has %d bytes, and is said to have %d", f.Name, n, f.Size)
		}
	}
	if len(files) != len(site1)-1 || len(progress) != len(site1) || progress[0] != "0/9 index.html" || progress[9] != "9/9 " {
		t.Errorf("%d files, progress %q", len(files), progress)
	}
	for name, parts := range map[string][]string{
		"index.html":         {`<section lang="pt-BR"`, `href="pt-BR/index.html">Abrir os slides`, `href="en/handout.html"`},
		"en/index.html":      {`<html lang="en"`, "<title>A box</title>", `src="../pictures/chat.en.dark.png"`, `href="../pt-BR/index.html"`},
		"pt-BR/index.html":   {`<html lang="pt-BR"`, "<title>Uma caixa</title>", `src="../pictures/chat.pt-BR.light.png"`},
		"en/handout.html":    {"A note with", ">https://a.example/x?y=1&amp;z=2</a></li>\n<li>", "https://b.example/", `id="second"`, "A box"},
		"pt-BR/handout.html": {`<html lang="pt-BR"`, "Apostila", `src="../pictures/chat.pt-BR.light.png"`},
	} {
		for _, part := range parts {
			if !strings.Contains(read(t, dir, name), part) {
				t.Errorf("%s lacks %q", name, part)
			}
		}
		if strings.Contains(read(t, dir, name), "PDF") {
			t.Errorf("%s speaks of PDF, and there is none", name)
		}
	}
}

var reference = regexp.MustCompile(`\b(?:href|src|data-src)="([^"]*)"`)

// Every page finds what it refers to, from disk, and refers to nothing that is elsewhere
// but in the links that a reader may follow.
func TestReferences(t *testing.T) {
	dir := t.TempDir()
	if _, err := Site(t.Context(), dir, options(t)); err != nil {
		t.Fatal(err)
	}
	for _, name := range site1 {
		if filepath.Ext(name) != ".html" {
			continue
		}
		text := read(t, dir, name)
		for _, m := range reference.FindAllStringSubmatch(text, -1) {
			file, anchor, _ := strings.Cut(m[1], "#")
			switch {
			case strings.HasPrefix(m[1], "https://"):
				if strings.HasPrefix(m[0], "src") {
					t.Errorf("%s fetches %s", name, m[1])
				}
			case file == "" && !strings.Contains(text, `id="`+anchor+`"`):
				t.Errorf("%s has no #%s", name, anchor)
			case file != "":
				read(t, filepath.Dir(filepath.Join(dir, filepath.FromSlash(name))), file)
			}
		}
	}
}

func TestFolders(t *testing.T) {
	put := func(t *testing.T, dir, name string) {
		t.Helper()
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte("mine"), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	t.Run("refused", func(t *testing.T) {
		dir := t.TempDir()
		put(t, dir, "thesis.doc")
		if _, err := Site(t.Context(), dir, options(t)); err == nil || !strings.Contains(err.Error(), "not empty, and no former export") {
			t.Errorf("a folder with a thesis: %v", err)
		}
		if got := list(t, dir); !slices.Equal(got, []string{"thesis.doc"}) {
			t.Errorf("left behind: %q", got)
		}
	})
	t.Run("a file", func(t *testing.T) {
		dir := t.TempDir()
		put(t, dir, "site")
		if _, err := Site(t.Context(), filepath.Join(dir, "site"), options(t)); err == nil {
			t.Error("a file took a site")
		}
	})
	t.Run("forced", func(t *testing.T) {
		dir := t.TempDir()
		put(t, dir, "en/mine.txt")
		o := options(t)
		o.Force = true
		if _, err := Site(t.Context(), dir, o); err != nil {
			t.Fatal(err)
		}
		if got := read(t, dir, "en/mine.txt"); got != "mine" {
			t.Errorf("mine is now %q", got)
		}
	})
	t.Run("again", func(t *testing.T) {
		dir := t.TempDir()
		if _, err := Site(t.Context(), dir, options(t)); err != nil {
			t.Fatal(err)
		}
		put(t, dir, "pt-BR/mine.txt")
		put(t, filepath.Dir(dir), "outside.txt")
		mark, err := os.OpenFile(filepath.Join(dir, marker), os.O_APPEND|os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprint(mark, "../outside.txt\n/etc/none\n.\n") // somebody edited it
		mark.Close()
		o := options(t)
		delete(o.Decks, "pt-BR")
		if _, err := Site(t.Context(), dir, o); err != nil {
			t.Fatal(err)
		}
		want := []string{".slides-export", "en/handout.html", "en/index.html", "index.html",
			"pictures/chat.en.dark.png", "pictures/chat.en.light.png", "pt-BR/mine.txt"}
		if got := list(t, dir); !slices.Equal(got, want) {
			t.Errorf("got  %q\nwant %q", got, want)
		}
		read(t, filepath.Dir(dir), "outside.txt")
	})
}

func TestSiteFails(t *testing.T) {
	t.Run("no picture", func(t *testing.T) {
		o := options(t)
		o.Pictures = fstest.MapFS{}
		_, err := Site(t.Context(), t.TempDir(), o)
		if err == nil || !strings.HasPrefix(err.Error(), "no picture of the pane chat: ") {
			t.Error(err)
		}
	})
	t.Run("Ctrl-C", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		o := options(t)
		o.Progress = func(done, _ int, _ string) {
			if done == 3 {
				cancel()
			}
		}
		dir := t.TempDir()
		if _, err := Site(ctx, dir, o); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		if _, err := Site(t.Context(), dir, options(t)); err != nil {
			t.Errorf("after half an export, in the same folder: %v", err)
		}
	})
	t.Run("no such browser", func(t *testing.T) {
		o := options(t)
		o.Chromium = filepath.Join(t.TempDir(), "none")
		_, err := Site(t.Context(), t.TempDir(), o)
		if err == nil || !strings.Contains(err.Error(), "en/deck.pdf: the browser does not start: ") {
			t.Error(err)
		}
	})
}
