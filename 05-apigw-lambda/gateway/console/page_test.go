package console

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"websocket.example/05-apigw-lambda/gateway/lambda"
	"websocket.example/05-apigw-lambda/gateway/trace"
	"websocket.example/05-apigw-lambda/internal/browser"
)

// The page in Chromium.
func TestInChromium(t *testing.T) {
	chromium := browser.Start(t)
	for name, test := range map[string]func(*testing.T, context.Context){
		"a life":                       testLife,
		"a life, in Portuguese":        testPortuguese,
		"filters":                      testFilters,
		"pause and clear":              testPause,
		"by keyboard":                  testKeyboard,
		"more than one can remember":   testMany,
		"routes light up":              testRoutes,
		"posts of several requests":    testShared,
		"hostile texts on a phone":     testHostile,
		"the gateway goes and is back": testBack,
		"two people":                   testPeople,
		"a real gateway":               testRealGateway,
		"a function is invoked":        testInvoke,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // each has a tab and a feed of its own
			test(t, chromium)
		})
	}
}

// Expressions that read the page.
const (
	rows = `[...document.querySelectorAll('#journal > li')].filter(li => !li.hidden).map(li => ` +
		`['.who', '.key', '.text', '.outcome', '.why', '.work'].map(s => li.querySelector(s).textContent).join('|') + ('failed' in li.dataset ? '!' : ''))`
	steps = `[...document.querySelectorAll('details[open] .step')].map(s => s.className.replace('step ', '') + ('bad' in s.dataset ? '! ' : ' ') + s.querySelector('.label').innerText.replace(/\s+/g, ' ').trim())`
	parts = `[...document.querySelectorAll('details[open] .part')].map(p => p.querySelector('h3').textContent + ': ' + p.querySelector('pre').textContent.replace(/\s+/g, ' ').trim())`
)

func text(selector string) string {
	return fmt.Sprintf(`document.querySelector('%s').innerText.replace(/\s+/g, ' ').trim()`, selector)
}

// is is an expression for: a list has exactly these lines.
func is(list string, lines ...string) string {
	want, _ := json.Marshal(append([]string{}, lines...))
	return fmt.Sprintf(`JSON.stringify(%s) === JSON.stringify(%s)`, list, want)
}

// lines compares a list with what is wanted. A line that is wanted may end in
// "…": then only its beginning counts.
func (w *window) lines(what, list string, want ...string) {
	w.t.Helper()
	got := eval[[]string](w, list)
	for i := range max(len(got), len(want)) {
		g, v := "(nothing)", "(nothing)"
		if i < len(got) {
			g = got[i]
		}
		if i < len(want) {
			v = want[i]
		}
		if begin, open := strings.CutSuffix(v, "…"); g != v && !(open && strings.HasPrefix(g, begin)) {
			w.t.Errorf("%s, line %d is\n%s\nwant\n%s", what, i, g, v)
		}
	}
}

// unfold unfolds the row with a number, and folds the others.
func (w *window) unfold(n int) {
	w.t.Helper()
	w.until("it unfolds", fmt.Sprintf(`[...document.querySelectorAll('#journal details')].map((d, i) => d.open = i === %d).length > %d && document.querySelector('details[open] .inside > *')`, n, n))
}

// watchLife opens the page of a feed that tells a life.
func watchLife(t *testing.T, browser context.Context, lang string) (*window, *trace.Feed) {
	t.Helper()
	feed := &trace.Feed{}
	w := open(t, browser, serve(t, Options{Feed: feed})+"/?lang="+lang)
	tell(t, feed, life()...)
	w.until("all is there", `document.querySelectorAll('#journal > li').length === 9`)
	return w, feed
}

func testLife(t *testing.T, browser context.Context) {
	w, _ := watchLife(t, browser, "en")
	const denied = "its policy denies execute-api:Invoke on arn:aws:execute-api:us-east-1:123456789012:local12345/prod/$connect"
	const hello = `{"action":"send","room":"lobby","id":"7","text":"hello, <b>Bruno</b>"}`
	const said = `{"type":"message","room":"lobby","id":"7","from":"Ana","text":"hello, <b>Bruno</b>","cursor":"1111001","at":"2026-01-02T03:04:05.678Z"}`
	w.lines("the list", rows,
		"L0SM9c|→ $connect|/prod?token=secret|101||ChatFunction #1 · cold start · 40 ms",
		"ZZqWec|→ $connect|/prod?token=old|403|"+denied+"|!",
		"L0SM9c|→ send|"+hello+`|200|$request.body.action is "send"|ChatFunction #1 · 4.1 ms · ⚠ warning`,
		"R1kmxc|← POST|"+said+"|200||",
		"ZZqWec|← POST|"+said+"|410|the connection is gone, or never was|!",
		"L0SM9c|← POST|"+said+"|200||",
		`R1kmxc|→ $default|hello|failed|the function failed: {"errorMessage":"nil map","errorType":"Panic"}|ChatFunction #2 · 0.85 ms!`,
		`L0SM9c|→ ping|{"action":"ping"}|200|$request.body.action is "ping"|MOCK · 0.045 ms`,
		"R1kmxc|× $disconnect||1001|going away|ChatFunction #1 · 1.9 ms",
	)

	w.unfold(0)
	w.lines("the handshake", steps,
		"c-g GET /prod?token=secret",
		"g-f asks AuthorizerFunction", "f-g authorizer: 200 · its policy allows it · 3.1 ms",
		"g-f ChatFunction · event, $connect", "f cold start of environment 1", "f-g 200 · 40 ms",
		"g-c 101 Switching Protocols, chat.v1")
	w.lines("the handshake's parts", parts,
		`The authorizer's answer: { "principalId": "Ana" }`, `The event: { "body": "", …`, `The answer: { "statusCode": 200 }`, "The log · 40 ms: START RequestId: 7c1f…")

	w.unfold(1)
	w.lines("the refusal", steps, "c-g GET /prod?token=old", "g-f asks AuthorizerFunction", "f-g! authorizer: 403 · "+denied+" · 0.9 ms", "g-c! 403 "+denied)

	w.unfold(2)
	w.lines("the message", steps,
		"c-g "+hello+" 70 bytes", `g send $request.body.action is "send"`, "g-f event, send",
		"f-c POST 200 R1kmxc "+said[:90]+"…"+"", "f-c! POST 410 ZZqWec the connection is gone, or never was "+said[:90]+"…", "f-c POST 200 L0SM9c "+said[:90]+"…",
		"f-g 200 · 4.1 ms")
	w.lines("the message's parts", parts,
		`The client's frame: { "action": "send", "room": "lobby", "id": "7", "text": "hello, <b>Bruno</b>" }`,
		`The event: { "body": "{\"action\":…`, `The answer: { "statusCode": 200 }`, "The log · 4.1 ms: START connection ZZqWec9xvHcCJtw= is gone END")
	if got := eval[string](w, text("details[open] .warning")); !strings.HasPrefix(got, "Warning: goroutines were still busy") {
		t.Errorf("the warning is %q", got)
	}
	if got := eval[string](w, text("details[open] .facts")); got != `Connection L0SM9cOFvHcCIhw= Request m1 Why $request.body.action is "send"` {
		t.Errorf("the facts are %q", got)
	}

	w.unfold(6)
	w.lines("the failure", steps,
		"c-g hello 5 bytes", "g $default $request.body.action can't be evaluated: the message is not JSON", "g-f event, $default",
		`f-g! the function failed: {"errorMessage":"nil map","errorType":"Panic"} · 0.85 ms`, `g-c {"message": "Internal server error", …`)
	w.unfold(7)
	w.lines("the mock", steps, `c-g {"action":"ping"} 17 bytes`, `g ping $request.body.action is "ping"`, "g-f event, ping", "f-g 200 · 0.045 ms", `g-c {"type":"pong"}`)
	if got := eval[string](w, text("details[open] .lanes")); got != "Client API Gateway MOCK" {
		t.Errorf("the lifelines are %q", got)
	}
	w.unfold(8)
	if got := eval[string](w, text("details[open] .step:nth-child(2)")); got != "API Gateway to function: event, $disconnect" {
		t.Errorf("a screen reader is told %q", got)
	}
	w.lines("the end", steps, "g closed: 1001 going away", "g-f event, $disconnect", "f-g 200 · 1.9 ms")
	w.quietNetwork()
}

func testPortuguese(t *testing.T, browser context.Context) {
	w, _ := watchLife(t, browser, "pt-BR")
	for expression, want := range map[string]string{
		`document.documentElement.lang`:                        "pt-BR",
		`document.title`:                                       "API Gateway ao vivo",
		text("#language"):                                      "English",
		`document.querySelector('#language').search`:           "?lang=en",
		text("#count"):                                         "9 na lista",
		text(".route[data-route=\"$connect\"]"):                "→ $connect 1 ƒ ChatFunction mão única consulta AuthorizerFunction",
		text(".route[data-route=ping]"):                        "⇄ ping 1 MOCK mão dupla",
		text(".route[data-route=weather]"):                     "→ weather HTTP_PROXY https://weather.example/now mão única pede uma API key",
		text(".route[data-route=empty]"):                       "→ empty nada por trás mão única",
		text("#journal > li:nth-child(3) .why"):                `$request.body.action é "send"`,
		text("#journal > li:nth-child(3) .work"):               "ChatFunction #1 · 4,1 ms · ⚠ aviso",
		text("#journal > li:nth-child(5) .why"):                "a conexão acabou, ou nunca existiu",
		text("#journal > li:nth-child(7) .outcome"):            "falhou",
		`document.querySelector('#filters').ariaLabel`:         "O que é mostrado",
		`document.querySelector('#connection').ariaLabel`:      "Conexão",
		`[...document.querySelectorAll('h1, h2')].length + ''`: "4",
	} {
		if got := eval[string](w, expression); got != want {
			t.Errorf("%s is %q, want %q", expression, got, want)
		}
	}
	w.unfold(6)
	w.lines("the failure", steps,
		"c-g hello 5 bytes", "g $default $request.body.action não pôde ser avaliada: a mensagem não é JSON", "g-f evento, $default",
		`f-g! a função falhou: {"errorMessage":"nil map","errorType":"Panic"} · 0,85 ms`, `g-c {"message": "Internal server error", …`)
	w.quietNetwork()
}

// choose chooses an option as somebody does.
func (w *window) choose(selector, value string) {
	w.t.Helper()
	eval[string](w, fmt.Sprintf(`{ const e = document.querySelector('%s'); e.value = %q; e.dispatchEvent(new Event('input', { bubbles: true })); '' }`, selector, value))
}

func testFilters(t *testing.T, browser context.Context) {
	w, feed := watchLife(t, browser, "en")
	keys := strings.Replace(rows, `['.who', '.key', '.text', '.outcome', '.why', '.work']`, `['.who', '.key']`, 1)
	w.choose("#connection", ana)
	w.until("Ana's are left", is(keys, "L0SM9c|→ $connect", "L0SM9c|→ send", "L0SM9c|← POST", "L0SM9c|→ ping")+` && `+text("#count")+` === '4 of 9'`)
	w.choose("#route", "send")
	w.until("only what she sent", is(keys, "L0SM9c|→ send"))
	w.choose("#connection", bruno)
	w.until("nothing is left", is(keys)+` && `+text("#empty")+` === 'Nothing of what happened fits the filters.'`)
	tell(t, feed, trace.Event{Kind: trace.Message, Connection: bruno, Request: "m9", Text: "x"}, trace.Event{Kind: trace.Routed, Connection: bruno, Request: "m9", Route: "send", Why: "x"})
	w.until("what comes is held against them as well", is(keys, "R1kmxc|→ send"))
	w.choose("#connection", "")
	w.choose("#route", "@connections")
	w.until("the posts", is(keys, "R1kmxc|← POST", "ZZqWec|← POST!", "L0SM9c|← POST"))
	w.choose("#route", "")
	w.click("#errors")
	w.until("the errors", is(keys, "ZZqWec|→ $connect!", "ZZqWec|← POST!", "R1kmxc|→ $default!"))
	w.quietNetwork()
}

func testPause(t *testing.T, browser context.Context) {
	w, feed := watchLife(t, browser, "en")
	w.click("#pause")
	tell(t, feed, trace.Event{Kind: trace.Posted, Connection: ana, Method: "DELETE", Status: 204}, trace.Event{Kind: trace.Posted, Connection: ana, Method: "GET", Status: 200})
	w.until("they wait", text("#count")+` === '9 shown · paused, 2 events waiting' && `+text("#pause")+` === 'Go on' && document.querySelectorAll('#journal > li').length === 9`)
	w.click("#clear")
	w.until("nothing is left", text("#count")+` === '0 shown · paused, 0 events waiting' && `+text("#empty")+` === 'Nothing yet. Connect, and send a message.'`)
	tell(t, feed, trace.Event{Kind: trace.Posted, Connection: ana, Method: "DELETE", Status: 204})
	w.until("one waits", text("#count")+`.endsWith('1 events waiting')`)
	w.click("#pause")
	w.until("it is shown", is(rows, "L0SM9c|← DELETE||204||")+` && `+text("#count")+` === '1 shown'`)
	w.quietNetwork()
}

func testKeyboard(t *testing.T, browser context.Context) {
	w, _ := watchLife(t, browser, "en")
	w.do(chromedp.KeyEvent(kb.Tab))
	if got := eval[string](w, `document.activeElement.className + getComputedStyle(document.activeElement).top`); got != "skip0px" {
		t.Errorf("first is %q", got)
	}
	w.do(chromedp.KeyEvent(kb.Enter + kb.Tab))
	const focused = `document.activeElement.innerText.replace(/\s+/g, ' ')`
	if got := eval[string](w, focused); !strings.Contains(got, "$connect /prod?token=secret 101") {
		t.Errorf("behind the skip link comes %q", got)
	}
	w.do(chromedp.KeyEvent(kb.ArrowDown + kb.ArrowDown + kb.Enter))
	w.until("the third unfolds", `document.querySelector('#journal > li:nth-child(3) details .part') && document.activeElement.closest('li:nth-child(3)')`)
	w.do(chromedp.KeyEvent(kb.Tab)) // what scrolls can be reached
	if got := eval[string](w, `document.activeElement.localName`); got != "pre" {
		t.Errorf("then comes a %s", got)
	}
	w.media("prefers-reduced-motion", "reduce")
	if got := eval[string](w, `getComputedStyle(document.querySelector('.route')).transitionDuration`); got != "0s" {
		t.Errorf("routes fade for %s", got)
	}
	w.quietNetwork()
}

// A page does not grow for ever, and stays at the end unless one reads above.
func testMany(t *testing.T, browser context.Context) {
	w, feed := watchLife(t, browser, "en")
	post := func(from, to int) {
		for i := from; i < to; i++ {
			tell(t, feed, trace.Event{Kind: trace.Posted, Connection: ana, Method: "POST", Status: 200, Text: fmt.Sprint("post ", i)})
			if i%500 == 499 {
				time.Sleep(50 * time.Millisecond) // not faster than a browser reads
			}
		}
	}
	const ends = `document.querySelector('#journal > li:first-child .text').textContent + ' to ' + document.querySelector('#journal > li:last-child .text').textContent`
	const atEnd = `(j => j.scrollTop + j.clientHeight >= j.scrollHeight - 2)(document.querySelector('#journal'))`
	post(0, 2000)
	w.until("the last 500 are there", ends+` === 'post 1500 to post 1999' && document.querySelectorAll('#journal > li').length === 500 && `+text("#count")+` === '500 shown' && `+atEnd)
	w.until("somebody scrolls up", `document.querySelector('#journal').scrollTop = 5000, !document.querySelector('#latest').hidden`)
	post(2000, 2010)
	w.until("they come, and the place is kept", ends+` === 'post 1510 to post 2009' && !(`+atEnd+`)`)
	w.click("#latest")
	w.until("the end is in sight", atEnd+` && document.querySelector('#latest').hidden`)
	w.quietNetwork()
}

func testRoutes(t *testing.T, browser context.Context) {
	w, feed := watchLife(t, browser, "en")
	const lit = `[...document.querySelectorAll('.route.lit')].map(r => r.dataset.route)`
	w.until("they go out again", lit+`.length === 0`)
	eval[string](w, `(window.seen = new Set(), new MutationObserver(() => `+lit+`.forEach(r => seen.add(r))).observe(document.querySelector('#routes'), { subtree: true, attributes: true }), '')`)
	tell(t, feed,
		trace.Event{Kind: trace.Message, Connection: ana, Request: "x1", Text: "x"},
		trace.Event{Kind: trace.Routed, Connection: ana, Request: "x1", Route: "send", Why: "x"},
		trace.Event{Kind: trace.Message, Connection: ana, Request: "x2", Text: "x"},
		trace.Event{Kind: trace.Routed, Connection: ana, Request: "x2", Why: `$request.body.action is "x", and there is no such route and no $default`},
		trace.Event{Kind: trace.Invoked, Connection: ana, Request: "x3", Route: "$connect"},
	)
	w.until("exactly two were lit", `[...seen].sort().join() === '$connect,send'`)
	w.until("they are counted", text(".route[data-route=send] .count")+` === '2' && `+text(".route[data-route=\"$connect\"] .count")+` === '2'`)
	w.until("what has no route is an error", `(r => r.length > 1 && r.at(-2).endsWith('→ no route|x|failed|$request.body.action is "x", and there is no such route and no $default|!'))(`+rows+`)`)

	w.do(chromedp.Reload()) // what was before is counted, and does not light up
	w.until("all is back", `document.querySelectorAll('#journal > li').length === 12 && document.querySelectorAll('.route.lit').length === 0`)
	w.quietNetwork()
}

// Nobody says which of several requests has made a post.
func testShared(t *testing.T, browser context.Context) {
	feed := &trace.Feed{}
	w := open(t, browser, serve(t, Options{Feed: feed})+"/?lang=en")
	for _, request := range []string{"a", "b"} {
		tell(t, feed, trace.Event{Kind: trace.Message, Connection: ana, Request: request, Text: request}, of("send", "ChatFunction", ana, request, trace.Event{Kind: trace.Invoked}))
	}
	tell(t, feed, trace.Event{Kind: trace.Posted, Connection: bruno, Method: "POST", Status: 200, Text: "post"})
	for _, request := range []string{"a", "b"} {
		tell(t, feed, of("send", "ChatFunction", ana, request, trace.Event{Kind: trace.Answered, Status: 200, Micros: 100}))
	}
	tell(t, feed, trace.Event{Kind: trace.Posted, Connection: bruno, Method: "POST", Status: 200, Text: "alone"})
	w.until("all is there", `document.querySelectorAll('#journal > li').length === 4`)
	for n := range 2 {
		w.unfold(n)
		w.lines("the steps", steps, "c-g "+string(rune('a'+n))+" 0 bytes", "g-f event, send", "f-c POST 200 R1kmxc post", "f-g 200 · 0.1 ms")
		if got := eval[string](w, text("details[open] .inside > .small")); got != "Several requests ran at once: the posts may be another's." {
			t.Errorf("it says %q", got)
		}
	}
	w.quietNetwork()
}

func testHostile(t *testing.T, browser context.Context) {
	feed := &trace.Feed{}
	w := open(t, browser, serve(t, Options{Feed: feed})+"/?lang=pt-BR")
	w.do(chromedp.EmulateViewport(390, 844))
	hostile := []string{`<img src=x onerror="pwned = 1">`, `<script>pwned = 1</script>`, strings.Repeat("W", 2000), "{name} $& ${pwned=1}", "\u202eetirw", "__proto__", "a\u0000b"}
	for i, s := range hostile {
		r := fmt.Sprint("r", i)
		payload, _ := json.Marshal(s)
		tell(t, feed,
			trace.Event{Kind: trace.Message, Connection: s, Request: r, Text: s, Size: 1},
			trace.Event{Kind: trace.Routed, Connection: s, Request: r, Route: s, Why: s},
			trace.Event{Kind: trace.Invoked, Connection: s, Request: r, Route: s, Function: s, Integration: s, Payload: payload},
			trace.Event{Kind: trace.Answered, Connection: s, Request: r, Route: s, Function: s, Payload: payload, Error: s, Log: s, Warnings: []string{s}},
		)
	}
	w.until("all are there", fmt.Sprintf(`document.querySelectorAll('#journal > li').length === %d`, len(hostile)))
	eval[string](w, `(document.querySelectorAll('#journal summary').forEach(s => s.click()), '')`)
	w.until("all unfold", fmt.Sprintf(`document.querySelectorAll('.part.log pre').length === %d`, len(hostile)))
	got := eval[[]string](w, `[...document.querySelectorAll('.part.log pre')].map(e => e.textContent)`)
	for i, want := range hostile {
		if got[i] != want {
			t.Errorf("%q became %q", want, got[i])
		}
	}
	if eval[bool](w, `'pwned' in window || document.querySelectorAll('main img, main script').length > 0`) {
		t.Error("text became markup")
	}
	if width := eval[int](w, `document.documentElement.scrollWidth`); width > 390 {
		t.Errorf("the page is %d pixels wide on a phone of 390", width)
	}
	w.quietNetwork()
}

// The page comes back by itself, and shows nothing twice.
func testBack(t *testing.T, browser context.Context) {
	feed := &trace.Feed{}
	handler := Handler(Options{Feed: feed, API: chatAPI()})
	start := func(address string) *httptest.Server {
		l, err := net.Listen("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		s := &httptest.Server{Listener: l, Config: &http.Server{Handler: handler}}
		s.Start()
		return s
	}
	s := start("127.0.0.1:0")
	w := open(t, browser, s.URL+"/?lang=en")
	tell(t, feed, life()...)
	w.until("all is there", `document.querySelectorAll('#journal > li').length === 9`)
	s.CloseClientConnections()
	s.Close()
	w.until("it says so", text("#status")+` === 'The gateway does not answer. The page tries again by itself.'`)
	s = start(s.Listener.Addr().String())
	t.Cleanup(func() {
		s.CloseClientConnections()
		s.Close()
	})
	w.until("it is back", text("#status")+` === 'The gateway is back.'`)
	tell(t, feed, trace.Event{Kind: trace.Posted, Connection: ana, Method: "GET", Status: 200})
	w.until("what is new is there, and nothing twice", `document.querySelectorAll('#journal > li').length === 10`)
}

// The chat may be any page that stands beside this one.
func testPeople(t *testing.T, browser context.Context) {
	mux := http.NewServeMux()
	mux.Handle("/console/", http.StripPrefix("/console", Handler(Options{Feed: &trace.Feed{}, API: chatAPI(), Chat: "../chat/"})))
	mux.HandleFunc("/chat/", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(w, "<!doctype html><title>chat</title>")
	})
	s := httptest.NewServer(mux)
	t.Cleanup(func() {
		s.CloseClientConnections()
		s.Close()
	})
	const frames = `[...document.querySelectorAll('iframe')].map(f => f.title + ' ' + decodeURIComponent(f.contentWindow.location.pathname + f.contentWindow.location.search) + ' ' + f.contentDocument.title)`
	w := open(t, browser, s.URL+"/console/?lang=pt-BR")
	w.until("one person", is(frames, "Chat da primeira pessoa /chat/?lang=pt-BR&room=recepção chat"))
	w.click(".beside button")
	w.until("two people in one room", is(frames, "Chat da primeira pessoa /chat/?lang=pt-BR&room=recepção chat", "Chat da segunda pessoa /chat/?lang=pt-BR&room=recepção&name=Bruno chat")+
		` && document.querySelector('.beside button').ariaPressed === 'true'`)
	w.click(".beside button")
	w.until("one again", `document.querySelectorAll('iframe').length === 1`)
	w.do(chromedp.Navigate(s.URL + "/console/?lang=en&room=go&name=Ana"))
	w.until("as the address says", is(frames, "Chat of the first person /chat/?lang=en&room=go&name=Ana chat"))
	w.quietNetwork()
}

func testInvoke(t *testing.T, browser context.Context) {
	w := open(t, browser, serve(t, Options{Feed: &trace.Feed{}, Invoke: map[string]lambda.Function{"AnnounceFunction": say{}}})+"/?lang=en")
	w.until("it is there", `document.querySelector('.invoke summary')`)
	w.click(".invoke summary")
	w.click("#invoke")
	w.until("it is done", text(".invoke [role=status]")+` === '1.5 ms · #1 · cold start {} START announced to 2 END'`)
	w.quietNetwork()
	w.do(chromedp.Focus(chromedp.CSS("#payload")), chromedp.KeyEvent("x"))
	w.click("#invoke")
	w.until("it is refused", text(".invoke [role=status]")+` === 'The payload is not JSON, or larger than 6 MB.'`)
}
