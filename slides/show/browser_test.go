package show

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/log"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"websocket.example/slides/internal/browsertest"
)

// A window is a tab of a browser, and what went wrong in it.
type window struct {
	*testing.T
	ctx context.Context
}

// open opens a tab. Whatever the console complains of fails the test.
func open(t *testing.T, browser context.Context, address string) window {
	t.Helper()
	ctx, cancel := chromedp.NewContext(browser)
	t.Cleanup(cancel)
	w := window{t, ctx}
	var mu sync.Mutex
	var complaints []string
	err := chromedp.Listen(ctx, func(event any) {
		mu.Lock()
		defer mu.Unlock()
		switch e := event.(type) {
		case *runtime.EventExceptionThrown:
			complaints = append(complaints, fmt.Sprint(e.ExceptionDetails.Text, e.ExceptionDetails.Exception))
		case *log.EventEntryAdded:
			complaints = append(complaints, e.Entry.Text+" "+e.Entry.URL)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		mu.Lock()
		defer mu.Unlock()
		if len(complaints) > 0 {
			t.Errorf("the console says:\n%s", strings.Join(complaints, "\n"))
		}
	})
	w.do(chromedp.EmulateViewport(1280, 720), chromedp.Navigate(address))
	return w
}

func (w window) do(actions ...chromedp.Action[chromedp.Void]) {
	w.Helper()
	if err := chromedp.Do(w.ctx, actions...); err != nil {
		w.Fatal(err)
	}
}

func (w window) press(keys string) {
	w.Helper()
	w.do(chromedp.KeyEvent(keys))
}

func (w window) until(expression string) {
	w.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		is, err := chromedp.Run(w.ctx, chromedp.Evaluate[bool]("!!("+expression+")"))
		if is {
			return
		}
		if w.ctx.Err() != nil || time.Now().After(deadline) {
			state, _ := chromedp.Run(w.ctx, chromedp.Evaluate[string](`location.hash + ", focus on " + document.activeElement?.outerHTML.slice(0, 80)`))
			w.Fatalf("never: %s (%v)\n%s", expression, err, state)
		}
	}
}

// at waits for a slide to be the one that is shown, and spoken.
func (w window) at(id string) {
	w.Helper()
	w.until(fmt.Sprintf(`document.querySelector(".current")?.id === %q && location.hash === "#" + %[1]q &&
		document.activeElement.id === %[1]q + "-heading" &&
		document.querySelectorAll(".slide:not([inert])").length === 1`, id))
}

func TestInABrowser(t *testing.T) {
	chromium := browsertest.Start(t)
	mux := http.NewServeMux()
	mux.Handle("/", Handler(Options{Decks: decks(t), Panes: "live/"}))
	mux.HandleFunc("/live/", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `<!doctype html><title>inside</title><input>`)
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	address := server.URL + "/?lang=en"

	t.Run("keys and history", func(t *testing.T) {
		w := open(t, chromium, address)
		w.until(`document.querySelector(".current")?.id === "title" && document.querySelector(".number").textContent === "1 / 11"`)
		w.press(kb.ArrowRight)
		w.at("list")
		w.until(`document.title === "A list, and a link · A short talk" && document.querySelector("[role=status]").textContent === "Slide 2 of 11"`)
		w.press(" ")
		w.at("statement")
		w.press(kb.End)
		w.at("large")
		w.press(kb.ArrowRight) // nowhere to go
		w.at("large")
		w.do(chromedp.Evaluate[chromedp.Void](`history.back()`))
		w.at("statement")
		w.press(kb.PageUp)
		w.at("list")
		w.press("b")
		w.press("b")
		w.at("list")
		w.press("?")
		w.until(`document.querySelector("dialog").open`)
		w.press(kb.ArrowRight) // it is the dialog's
		w.press(kb.Escape)
		w.until(`!document.querySelector("dialog").open`)
		w.do(chromedp.Evaluate[chromedp.Void](`document.activeElement.blur()`))
		w.press("+")
		w.until(`getComputedStyle(document.documentElement).getPropertyValue("--zoom") > 1`)
		w.press("0")
		w.until(`getComputedStyle(document.documentElement).getPropertyValue("--zoom") == 1`)
		before := `matchMedia("(prefers-color-scheme: dark)").matches`
		w.press("d")
		w.until(`document.documentElement.dataset.theme === (` + before + ` ? "light" : "dark")`)
		w.press("d")
	})

	t.Run("overview", func(t *testing.T) {
		w := open(t, chromium, address+"#code")
		w.until(`document.querySelector(".current")?.id === "code"`)
		w.press("o")
		w.until(`document.activeElement.hash === "#code" && document.querySelectorAll(".face:not([inert])").length === 0`)
		w.press(kb.ArrowDown)
		w.until(`document.activeElement.hash === "#live"`) // a row below
		w.press(kb.Enter)
		w.at("live")
		w.until(`!document.documentElement.classList.contains("overview")`)
	})

	t.Run("the keyboard comes back from a pane", func(t *testing.T) {
		w := open(t, chromium, address+"#split")
		w.until(`document.querySelector("iframe").hidden`)
		w.press(kb.ArrowRight)
		w.at("figure") // the pane's is the next
		w.until(`document.querySelector("iframe").contentDocument.title === "inside"`)
		w.press(kb.ArrowRight)
		w.at("live")
		inside := chromedp.Evaluate[chromedp.Void](`document.querySelector("iframe").contentDocument.querySelector("input").focus()`)
		w.do(inside)
		w.until(`document.activeElement.localName === "iframe"`)
		w.press("o ")
		w.until(`document.querySelector("iframe").contentDocument.querySelector("input").value === "o "`)
		w.press(kb.Escape)
		w.at("live")
		w.do(inside)
		w.until(`document.activeElement.localName === "iframe"`)
		w.press(kb.PageDown) // as a presenter's remote does
		w.at("table")
	})

	t.Run("nothing has to be scrolled", func(t *testing.T) {
		w := open(t, chromium, server.URL+"/?lang=pt-BR") // whose words are longer
		w.until(`document.querySelector(".current")`)
		for _, size := range [][2]int64{{1280, 720}, {1440, 900}, {1024, 768}} {
			w.do(chromedp.EmulateViewport(size[0], size[1]))
			w.until(`document.documentElement.scrollHeight <= innerHeight && document.documentElement.scrollWidth <= innerWidth &&
				[...document.querySelectorAll(".face, .body, pre")].every(e => e.scrollHeight <= e.clientHeight + 1 && e.scrollWidth <= e.clientWidth + 1)`)
		}
		w.do(chromedp.EmulateViewport(390, 844))
		w.until(`document.documentElement.scrollWidth <= innerWidth && document.querySelector("[data-do=next]").getBoundingClientRect().right <= innerWidth`)
	})

	t.Run("a preview is a slide and nothing else", func(t *testing.T) {
		w := open(t, chromium, address+"&preview#live")
		w.until(`document.querySelector(".current")?.id === "live" && document.querySelector("iframe").hidden && document.querySelector(".bar").offsetHeight === 0`)
		w.press(kb.ArrowRight)
		w.until(`location.hash === "#live"`)
	})

	t.Run("on paper a slide is a page", func(t *testing.T) {
		w := open(t, chromium, address+"#code")
		w.until(`document.querySelector(".current")`)
		yes := true
		pdf, err := chromedp.Call(w.ctx, cdppage.PrintToPDF, cdppage.PrintToPDFParams{PreferCSSPageSize: &yes})
		if err != nil {
			t.Fatal(err)
		}
		if pages := strings.Count(string(pdf.Data), "/Type /Page\n"); pages != 11 {
			t.Errorf("%d pages, wanted 11", pages)
		}
	})

	t.Run("from a file", func(t *testing.T) {
		var b strings.Builder
		if err := Page(&b, "en", Options{Decks: decks(t), Static: true}); err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(t.TempDir(), "index.html")
		if err := os.WriteFile(file, []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
		w := open(t, chromium, "file://"+filepath.ToSlash(file)+"#figure")
		w.until(`document.querySelector(".current")?.id === "figure"`)
		w.press(kb.ArrowRight)
		w.at("live")
	})
}
