package main

import (
	"context"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"websocket.example/slides/content"
	"websocket.example/slides/deck"
	"websocket.example/slides/internal/browsertest"
	"websocket.example/slides/live"
)

// A person at a browser: the whole deck in each language, on a large screen and on a
// phone, dark and light; the presenter's pages; every pane; the export, from disk.
// With SCREENSHOTS=folder everything is photographed besides, for a person to look at.
func TestInBrowser(t *testing.T) {
	axe := readAxe(t)
	chromium := browsertest.Start(t)
	base := "http://" + startProgram(t, "-addr", "127.0.0.1:0").address(t)
	for _, lang := range content.Languages {
		for _, width := range []int64{1280, 390} {
			for _, scheme := range []string{"light", "dark"} {
				v := viewer{lang, width, scheme}
				if !everything() && v != (viewer{"pt-BR", 1280, "light"}) {
					continue
				}
				t.Run(v.String(), func(t *testing.T) { walk(t, chromium, axe, base, v) })
			}
		}
	}
	if everything() {
		t.Run("presenter", func(t *testing.T) { presenting(t, chromium, axe, base) })
		t.Run("panes", func(t *testing.T) { panesAlone(t, chromium, axe, base) })
		t.Run("export", func(t *testing.T) { fromDisk(t, chromium, axe) })
	}
}

// everything says whether to take the minutes that it takes to look at everything, as CI does.
// One walk of eight finds nearly all of it.
func everything() bool { return os.Getenv("CI") == "true" || os.Getenv("SCREENSHOTS") != "" }

// A viewer is what a browser believes of its reader.
type viewer struct {
	lang   string
	width  int64
	scheme string
}

func (v viewer) String() string { return fmt.Sprintf("%s-%d-%s", v.lang, v.width, v.scheme) }

// walk goes through the deck key by key, and looks at each slide.
func walk(t *testing.T, chromium context.Context, axe, base string, v viewer) {
	want, err := content.Deck(v.lang)
	if err != nil {
		t.Fatal(err)
	}
	w := open(t, chromium, v, base+"/?lang="+v.lang)
	w.until("the deck is there", `document.documentElement.classList.contains("deck") && document.querySelector(".slide.current")`)
	if lang := eval[string](w, `document.documentElement.lang`); lang != v.lang {
		t.Errorf("lang is %q", lang)
	}
	w.inject(axe)
	w.until("it is in step", `document.documentElement.dataset.step === "driver"`)
	for i, slide := range want.Slides {
		if i == 0 {
			w.do(chromedp.KeyEvent(kb.Home)) // the talk is where the test before has left it
		} else {
			w.do(chromedp.KeyEvent(kb.ArrowRight))
		}
		w.until(fmt.Sprintf("slide %s is shown", slide.ID), shown(slide.ID))
		w.slide(slide, i == 0)
		if v.width == 1280 && v.scheme == "light" && v.lang == "pt-BR" || i == 0 {
			w.accessible(slide.ID)
		}
	}
	// All the others at once, in the overview.
	w.do(chromedp.KeyEvent("o"))
	w.until("the overview is there", `document.documentElement.classList.contains("overview")`)
	w.accessible("overview")
	w.photograph(v.String() + "-overview")
}

func shown(id string) string { return `document.querySelector(".slide.current")?.id === "` + id + `"` }

// full is true of a page that is there, with its words, and with all the pages within it.
const full = `function full(page) {
	const frames = [...page.querySelectorAll("iframe")];
	const words = [...page.querySelectorAll("h1, h2, button")];
	return page.readyState === "complete" && words.every((word) => !word.checkVisibility() || word.textContent.trim() || word.ariaLabel) &&
		(page.body.innerText.trim() !== "" || frames.length > 0) &&
		frames.every((frame) => frame.contentDocument && full(frame.contentDocument));
}`

// slide checks what holds for each one.
func (w *window) slide(s *deck.Slide, first bool) {
	w.t.Helper()
	state := eval[struct {
		Heading, Focus, Hash string
		Wide                 int64
		Overflow             []string
		Panes                int
	}](w, `(() => {
		const slide = document.querySelector(".slide.current");
		const over = (e) => e.scrollHeight > e.clientHeight + 2 || e.scrollWidth > e.clientWidth + 2;
		return {
			Heading: slide.querySelector("h1, h2").textContent,
			Focus: document.activeElement.id,
			Hash: location.hash,
			Wide: document.documentElement.scrollWidth,
			Overflow: [...slide.querySelectorAll(".face, .body, .said, .shown, pre")].filter(over).map(e => e.className),
			Panes: slide.querySelectorAll("iframe").length,
		};
	})()`)
	if state.Heading != s.Title {
		w.t.Errorf("%s: the heading is %q, want %q", s.ID, state.Heading, s.Title)
	}
	if !first && (state.Focus != s.ID+"-heading" || state.Hash != "#"+s.ID) {
		w.t.Errorf("%s: the focus is on %q, the address says %q", s.ID, state.Focus, state.Hash)
	}
	if state.Wide > w.width {
		w.t.Errorf("%s: %d pixels wide on a screen of %d", s.ID, state.Wide, w.width)
	}
	if w.width > 400 && len(state.Overflow) > 0 {
		w.t.Errorf("%s: too much for its room: %q", s.ID, state.Overflow)
	}
	if state.Panes > 0 {
		w.until("the pane of "+s.ID+" runs", `[...document.querySelectorAll(".slide.current iframe")].every(f =>
			f.closest(".running") && (`+full+`)(f.contentDocument))`)
	}
	w.photograph(w.String() + "-" + s.ID)
}

// presenting looks at the pages of who presents.
func presenting(t *testing.T, chromium context.Context, axe, base string) {
	for _, v := range []viewer{{"en", 1280, "light"}, {"pt-BR", 1280, "dark"}, {"pt-BR", 390, "light"}, {"en", 390, "dark"}} {
		for _, name := range []string{"presenter", "remote"} {
			w := open(t, chromium, v, base+"/"+name+"?lang="+v.lang)
			w.until(name+" is there", `document.readyState === "complete" && document.documentElement.dataset.step`)
			if got := eval[string](w, `document.documentElement.lang`); got != v.lang {
				t.Errorf("%s speaks %q, want %q", name, got, v.lang)
			}
			w.inject(axe)
			w.accessible(name)
			w.photograph(v.String() + "-" + name)
			w.close()
		}
	}
}

// panesAlone opens each pane as a page of its own, as whoever wants more room does.
func panesAlone(t *testing.T, chromium context.Context, axe, base string) {
	panes := live.Start(t.Context(), live.Options{}) // for their names
	defer panes.Close()
	for _, pane := range panes.List() {
		w := open(t, chromium, viewer{"en", 1280, "light"}, base+"/live/"+pane.Name+"/?lang=en")
		w.until("the pane "+pane.Name+" is there", "("+full+")(document)")
		w.inject(axe)
		w.accessible("pane " + pane.Name)
		w.close()
	}
}

// pdfPage is how Chromium begins a page of a PDF.
var pdfPage = regexp.MustCompile(`/Type\s*/Page\b`)

// fromDisk exports the deck and opens it without a server.
func fromDisk(t *testing.T, chromium context.Context, axe string) {
	dir := filepath.Join(t.TempDir(), "site")
	var out, errs strings.Builder
	if status := run(t.Context(), []string{"export", dir}, &out, &errs); status != fine {
		t.Fatalf("status %d: %s", status, &errs)
	}
	address := "file://" + filepath.ToSlash(dir)
	if !strings.HasPrefix(filepath.ToSlash(dir), "/") {
		address = "file:///" + filepath.ToSlash(dir)
	}
	for _, v := range []viewer{{"en", 1280, "light"}, {"pt-BR", 390, "dark"}} {
		want, err := content.Deck(v.lang)
		if err != nil {
			t.Fatal(err)
		}
		w := open(t, chromium, v, address+"/index.html")
		w.inject(axe)
		w.accessible("index.html")
		w.photograph(v.String() + "-site")
		w.do(chromedp.Click(chromedp.CSS(`[lang="` + v.lang + `"] a.first`)))
		w.until("the deck is there", `document.documentElement.classList.contains("deck") && document.querySelector(".slide.current")`)
		w.inject(axe)
		for i, slide := range want.Slides {
			if i > 0 {
				w.do(chromedp.KeyEvent(kb.ArrowRight))
			}
			w.until(fmt.Sprintf("slide %s is shown", slide.ID), shown(slide.ID))
			pictured := 0
			for _, part := range slide.Parts {
				if part.Kind == "pane" {
					pictured++
				}
			}
			w.until(fmt.Sprintf("slide %s has its %d pictures", slide.ID, pictured), fmt.Sprintf(
				`[...document.querySelectorAll(".slide.current figure img")].filter(i => i.offsetWidth > 200 && i.offsetHeight > 100 && i.complete && i.naturalWidth > 1).length === %d`, pictured))
			if pictured > 0 {
				w.accessible(slide.ID)
				w.photograph(v.String() + "-site-" + slide.ID)
			}
		}
		other := map[string]string{"en": "pt-BR", "pt-BR": "en"}[v.lang]
		w.do(chromedp.Navigate(address + "/" + v.lang + "/index.html#" + want.Slides[2].ID))
		w.until("the link to a slide leads to it", shown(want.Slides[2].ID))
		if got := eval[string](w, `new URL(document.querySelector(".language").href).pathname`); !strings.HasSuffix(got, "/site/"+other+"/index.html") {
			t.Errorf("the other language is at %q", got)
		}
		w.do(chromedp.Navigate(address + "/" + v.lang + "/handout.html"))
		if n := eval[int](w, `document.querySelectorAll(".sheet").length`); n != len(want.Slides) {
			t.Errorf("the handout has %d slides of %d", n, len(want.Slides))
		}
		if wide := eval[int64](w, `document.documentElement.scrollWidth`); wide > v.width {
			t.Errorf("the handout is %d pixels wide on a screen of %d", wide, v.width)
		}
		w.inject(axe)
		w.accessible("handout.html")
		w.photograph(v.String() + "-handout")

		pages := pdfPages(t, filepath.Join(dir, v.lang, "deck.pdf"))
		if pages != len(want.Slides) {
			t.Errorf("the PDF of %d slides has %d pages", len(want.Slides), pages)
		}
		pages = pdfPages(t, filepath.Join(dir, v.lang, "handout.pdf"))
		if pages < len(want.Slides)/4 || pages > len(want.Slides) {
			t.Errorf("the handout of %d slides has %d pages", len(want.Slides), pages)
		}
		w.close()
	}
}

func pdfPages(t *testing.T, name string) int {
	t.Helper()
	content, err := os.ReadFile(name)
	if err != nil || !strings.HasPrefix(string(content), "%PDF-") {
		t.Fatalf("%s is no PDF: %v", filepath.Base(name), err)
	}
	return len(pdfPage.FindAll(content, -1))
}

func readAxe(t *testing.T) string {
	t.Helper()
	source, err := os.ReadFile("axe/node_modules/axe-core/axe.min.js")
	if err != nil {
		browsertest.Missing(t, "no axe-core found: (cd slides/axe && npm ci)")
	}
	return string(source)
}

// A window is a tab of the browser, and what went wrong in it.
type window struct {
	viewer
	t     *testing.T
	ctx   context.Context
	close context.CancelFunc

	mu         sync.Mutex
	complaints []string
}

// open opens a tab on an address. When the test ends nothing may have gone wrong in it.
func open(t *testing.T, chromium context.Context, v viewer, address string) *window {
	t.Helper()
	ctx, cancel := chromedp.NewContext(chromium)
	t.Cleanup(cancel)
	w := &window{viewer: v, t: t, ctx: ctx, close: cancel}
	if err := chromedp.Listen(ctx, w.listen); err != nil {
		t.Fatal(err)
	}
	if _, err := chromedp.Call(ctx, network.Enable, network.EnableParams{}); err != nil {
		t.Fatal(err)
	}
	media := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: v.scheme},
		{Name: "prefers-reduced-motion", Value: "reduce"}, // what is half there has no contrast
	}}
	if _, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, media); err != nil {
		t.Fatal(err)
	}
	height := map[int64]int64{1280: 720, 390: 844}[v.width]
	w.do(chromedp.EmulateViewport(v.width, height), chromedp.Navigate(address))
	t.Cleanup(func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		for _, complaint := range w.complaints {
			t.Error(complaint)
		}
	})
	return w
}

// listen notes what the browser tells; it may not do anything else.
func (w *window) listen(event any) {
	complain := func(format string, args ...any) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.complaints = append(w.complaints, fmt.Sprintf(format, args...))
	}
	asked := func(address string) {
		u, err := url.Parse(address)
		switch {
		case err != nil, u.Scheme != "data" && u.Scheme != "blob" && u.Scheme != "file" && u.Hostname() != "127.0.0.1":
			complain("the page asked outside this machine: %s", address)
		}
	}
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		asked(e.Request.URL)
	case *network.EventWebSocketCreated:
		asked(e.URL)
	case *network.EventResponseReceived:
		if e.Response.Status >= 400 {
			complain("%d for %s", e.Response.Status, e.Response.URL)
		}
	case *runtime.EventExceptionThrown:
		complain("exception: %+v", e.ExceptionDetails)
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeWarning {
			for _, arg := range e.Args {
				complain("console: %s", arg.Value)
			}
		}
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError || e.Entry.Level == log.EntryLevelWarning {
			complain("console: %s %s", e.Entry.Text, e.Entry.URL)
		}
	}
}

func (w *window) do(actions ...chromedp.Action[chromedp.Void]) {
	w.t.Helper()
	if err := chromedp.Do(w.ctx, actions...); err != nil {
		w.t.Fatal(err)
	}
}

func eval[T any](w *window, expression string) T {
	w.t.Helper()
	value, err := chromedp.Run(w.ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		w.t.Fatalf("%.300s: %v", expression, err)
	}
	return value
}

// until waits for an expression to be true.
func (w *window) until(what, expression string) {
	w.t.Helper()
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		is, err := chromedp.Run(w.ctx, chromedp.Evaluate[bool]("!!("+expression+")"))
		if is {
			return
		}
		if w.ctx.Err() != nil {
			w.t.Fatal(err) // any other error is that of a document that has not come yet
		}
		if time.Now().After(deadline) {
			w.t.Fatalf("never: %s (%v)", what, err)
		}
	}
}

// inject brings axe-core along, past the page's policy, as a person's tools would come.
func (w *window) inject(axe string) {
	w.t.Helper()
	eval[bool](w, axe+"; true")
}

// accessible asks axe-core. What is in frames are pages of their own.
func (w *window) accessible(where string) {
	w.t.Helper()
	for _, violation := range eval[[]string](w, `axe.run(document, {iframes: false, resultTypes: ["violations"]}).then(result =>
		result.violations.flatMap(v => v.nodes.map(n => v.id + " at " + n.target.join(" ") + ": " + n.failureSummary.replace(/\s+/g, " "))))`) {
		w.t.Errorf("%s: %s", where, violation)
	}
}

func (w *window) photograph(name string) {
	folder := os.Getenv("SCREENSHOTS")
	if folder == "" {
		return
	}
	picture, err := chromedp.Run(w.ctx, chromedp.CaptureScreenshot())
	if err == nil {
		err = os.WriteFile(filepath.Join(folder, name+".png"), picture, fs.FileMode(0o644))
	}
	if err != nil {
		w.t.Fatal(err)
	}
}
