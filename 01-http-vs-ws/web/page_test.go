package web

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"websocket.example/01-http-vs-ws/internal/browser"
	"websocket.example/01-http-vs-ws/link"
)

// The page in a real browser.
func TestInABrowser(t *testing.T) {
	chromium := browser.Start(t)
	for name, test := range map[string]func(*testing.T, context.Context){
		"modules":                         testModules,
		"events come and the slider acts": testEventsAndSlider,
		"in Portuguese":                   testPortuguese,
		"the server goes and comes back":  testServerGoesAndComesBack,
		"too many pages":                  testTooManyPages,
	} {
		t.Run(name, func(t *testing.T) { test(t, chromium) })
	}
}

// lively is a feed quick enough for a test, over a network with a delay.
var lively = Options{
	Rate: 20, Poll: 300 * time.Millisecond, Link: link.Settings{RTT: 40 * time.Millisecond}, Seed: 1,
}

func testEventsAndSlider(t *testing.T, browser context.Context) {
	_, server := serve(t, lively)
	w := open(t, browser, server.URL+"/?lang=en")
	w.until("all lanes count events", counted(10))
	if lang := eval[string](w, `document.documentElement.lang`); lang != "en" {
		t.Errorf("the language is %q", lang)
	}
	if title := eval[string](w, text("h1")); title != "The same news, four ways to hear it" {
		t.Errorf("the title is %q", title)
	}

	// Nothing is quicker than half a round trip, and polling waits besides.
	// How much slower it is depends on how busy this machine is, above all in
	// the first moments.
	for _, name := range []string{"short-poll", "long-poll", "sse", "websocket"} {
		p50 := lane(name, "p50")
		w.until("p50 of "+name+" is that of a round trip of 40 ms", p50+" >= 19 && "+p50+" <= 500")
	}
	w.until("short polling every 300 ms is slower", lane("short-poll", "p50")+" > 50 + "+lane("websocket", "p50"))

	// The slider, by keyboard, acts at once.
	w.do(chromedp.Focus(chromedp.CSS("#rtt")), chromedp.KeyEvent(kb.PageUp+kb.PageUp))
	w.until("the slider is at 240 ms", text("#rtt-value")+`.startsWith('240')`)
	w.until("the server holds that", `document.documentElement.dataset.rtt === '240'`)
	w.until("the statistics start anew", text("#status")+`.includes('start anew')`)
	w.until("WebSocket takes half the new round trip", lane("websocket", "n")+` >= 5 && `+lane("websocket", "p50")+` >= 115`)

	// The way up. A new connection costs a round trip more.
	w.press("#send")
	w.until("three times are shown", `document.querySelectorAll('#sent tbody tr:first-child [data-way]').length === 3`)
	sent := eval[[]string](w, `[...document.querySelectorAll('#sent tbody tr:first-child [data-way]')].map(cell => cell.innerText.replace(/\s+/g, ' '))`)
	took := eval[[]float64](w, `[...document.querySelectorAll('#sent tbody tr:first-child [data-way] b')].map(b => Number(b.innerText.replace(/[^0-9.]/g, '')))`)
	if took[0] < 470 || took[1] < 230 || took[2] < 230 || !strings.Contains(sent[0], "1st") || !strings.Contains(sent[1], "no. 2") {
		t.Errorf("at a round trip of 240 ms the way up took %q", sent)
	}

	for _, faults := range eval[[]string](w, `[...document.querySelectorAll('.faults')].map(p => p.innerText)`) {
		if faults != "lost 0 · twice 0 · out of order 0" {
			t.Errorf("a lane says: %s", faults)
		}
	}
	phone(w)
	w.quietNetwork()
}

// phone makes the window a phone, and nothing may be wider than it.
func phone(w *window) {
	w.t.Helper()
	w.do(chromedp.EmulateViewport(390, 844))
	w.until("the page is as wide as a phone", `innerWidth === 390`)
	if width := eval[int](w, `document.documentElement.scrollWidth`); width > 390 {
		w.t.Errorf("the page is %d pixels wide on a phone of 390", width)
	}
}

func testPortuguese(t *testing.T, browser context.Context) {
	page, _ := serve(t, lively)
	server := httptest.NewServer(http.StripPrefix("/01/live", page)) // as the slides do
	t.Cleanup(server.Close)
	w := open(t, browser, server.URL+"/01/live/?lang=pt-BR")
	w.until("all lanes count events", counted(5))
	for selector, want := range map[string]string{
		"h1":          "A mesma notícia, quatro jeitos de ficar sabendo",
		"#language":   "English",
		"#cost-title": "Quanto custa",
		".how":        "pergunta a cada 300 ms e leva o que juntou",
		"#rtt-value":  "40 ms",
	} {
		if got := strings.ReplaceAll(eval[string](w, text(selector)), "\u00a0", " "); got != want {
			t.Errorf("%s is %q, want %q", selector, got, want)
		}
	}
	if lang := eval[string](w, `document.documentElement.lang`); lang != "pt-BR" {
		t.Errorf("the language is %q", lang)
	}

	// Figures that are frozen by the space bar stay as they are, and go on.
	w.do(chromedp.KeyEvent(" "))
	w.until("the picture is frozen", `document.querySelector('#pause').ariaPressed === 'true'`)
	n := eval[float64](w, lane("websocket", "n"))
	w.do(chromedp.KeyEvent(" "))
	w.until("the figures go on", lane("websocket", "n")+" > "+eval[string](w, "String("+lane("websocket", "n")+")"))
	if scrolled := eval[float64](w, `scrollY`); scrolled != 0 {
		t.Errorf("the space bar scrolled the page by %v", scrolled)
	}
	if after := eval[float64](w, lane("websocket", "n")); after <= n {
		t.Errorf("n went from %v to %v", n, after)
	}

	// Silence shows what it costs to wait: polling goes on asking.
	w.press("#quiet")
	w.until("short polling has an idle cost", costOfLane("idle", "short-poll")+`.includes('kB')`)
	if idle := eval[string](w, costOfLane("idle", "websocket")); idle != "0\u00a0B" {
		t.Errorf("WebSocket spends %s a minute on waiting", idle)
	}
	w.until("the lane says so", text(".costs")+`.includes('esperar custa')`)
	w.press("#quiet")
	w.until("events are counted again", counted(3))

	phone(w)

	// The link leads to the other language.
	w.press("#language")
	w.until("the page is in English", `document.documentElement.lang === 'en' && `+text("h1")+`.startsWith('The same news')`)
	w.quietNetwork()
}

func costOfLane(what, name string) string { return text(`[data-cost="` + what + ` ` + name + `"]`) }

// accept makes the browser one that has been set to these languages.
func accept(languages string) chromedp.Action[chromedp.Void] {
	return func(ctx context.Context, target *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, target, emulation.SetUserAgentOverride, emulation.SetUserAgentOverrideParams{
			UserAgent: "Mozilla/5.0", AcceptLanguage: languages,
		})
		return chromedp.Void{}, err
	}
}

func testServerGoesAndComesBack(t *testing.T, browser context.Context) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	start := func(listener net.Listener) (stop func()) {
		page, err := New(lively)
		if err != nil {
			t.Fatal(err)
		}
		server := &httptest.Server{Listener: listener, Config: &http.Server{Handler: page}}
		server.Start()
		return func() {
			page.Close()
			server.Close()
		}
	}

	stop := start(listener)
	w := open(t, browser, "http://"+address, accept("pt-PT,en")) // Portuguese of any kind is nearer than English
	w.until("all lanes count events", counted(3))
	w.quietNetwork()

	stop()
	const banner = `document.querySelector('#banner')`
	w.until("the page says that the server has gone",
		`!`+banner+`.hidden && `+banner+`.innerText.includes('O servidor saiu do ar.')`)

	listener, err = net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer start(listener)()
	w.until("the page has recovered by itself", banner+`.hidden && `+counted(3))
}

func testTooManyPages(t *testing.T, browser context.Context) {
	options := lively
	options.Sessions = 1
	_, server := serve(t, options)
	first := openTab(t, server)
	w := open(t, browser, server.URL, accept("de,fr")) // neither is there: English it is
	w.until("the page says why it has no session",
		`!document.querySelector('#banner').hidden && `+text("#banner-text")+`.includes('As many pages are open')`)
	_ = first.conn.Close()
	eval[chromedp.Void](w, `document.querySelector('#retry').click()`) // unless the page was quicker by itself
	w.until("the page has a session", `document.querySelector('#banner').hidden && `+counted(1))
}
