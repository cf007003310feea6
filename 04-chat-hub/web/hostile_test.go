package web

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/gorilla/websocket"
)

// A villain is a server that says what a hub never would. It answers each
// action with what the script has for it.
type villain map[string][]any

func (v villain) serve(t *testing.T) (url string) {
	t.Helper()
	mux := http.NewServeMux()
	mux.Handle("/", Handler(Options{}))
	mux.HandleFunc("/ws", func(w http.ResponseWriter, r *http.Request) {
		c, err := (&websocket.Upgrader{}).Upgrade(w, r, nil)
		if err != nil {
			return
		}
		defer c.Close()
		var request struct{ Action, ID string }
		for c.ReadJSON(&request) == nil {
			for _, event := range v[request.Action] {
				if text, raw := event.(string); raw {
					_ = c.WriteMessage(websocket.TextMessage, []byte(strings.ReplaceAll(text, "$ID", request.ID)))
				} else {
					_ = c.WriteJSON(event)
				}
			}
		}
	})
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s.URL
}

type event = map[string]any

// What people have tried on chats, as a name and as a text.
var hostile = []string{
	`<script>pwned = 1</script>`,
	`<img src=x onerror="pwned = 1">`,
	`<svg/onload=pwned=1>`,
	`<iframe srcdoc="<script>parent.pwned = 1</script>"></iframe>`,
	`"><b onmouseover=pwned=1 autofocus onfocus=pwned=1 tabindex=1>x`,
	`' onclick='pwned = 1`,
	`javascript:pwned=1`,
	`<a href="javascript:pwned=1">click</a>`,
	`</p></li></ol><style>*{display:none}</style>`,
	`<template id=enter><form action=//evil.test>`,
	`{{constructor.constructor('pwned=1')()}} ${pwned=1} {name} {n}`,
	`$&$1$$ %s \u003cscript\u003e &lt;b&gt; &#60;i&#62;`,
	`__proto__`, `constructor`, `toString`, `hasOwnProperty`,
	"\u202eetirw ot woh\u202c", "\u2067\u2067\u2067open", "a\u0000b\u001b[31mc\u200b\ufeff",
	"שלום לכולם (RTL) 123", "مرحبا <b>", "👩‍💻🏳️‍🌈👍🏽", "🎉", "Z" + strings.Repeat("\u0335\u0321", 200),
	strings.Repeat("W", 2000), "line\n\n\n\nline\t\ttab", " ",
}

func testHostile(t *testing.T, browser context.Context) {
	var messages []any
	joined := event{"type": "joined", "room": "go", "name": "Ana", "members": hostile, "count": len(hostile) + 1e6, "cursor": "1110"}
	for i, text := range hostile {
		cursor := fmt.Sprintf("1111%03d", i)
		messages = append(messages, event{
			"type": "message", "room": "go", "cursor": cursor, "id": text, "from": text, "text": text,
			"at": []any{"2026-01-02T03:04:05.678Z", "never", "-1", 7, nil, text}[i%6],
		})
	}
	script := villain{
		"join":    {joined},
		"history": append(messages, `{"type":"history","room":"go","messages":[]}`, `{"type":"typing","room":"go","name":"<img src=x onerror=pwned=1>"}`),
		"send": {`{"type":"error","id":"$ID","code":"<b>","message":"<img src=x onerror=pwned=1>"}`, `{"type":"error","id":"$ID","code":"toString"}`,
			`{"type":"error","code":"__proto__"}`, `null`, `[]`, `{"type":"__proto__"}`, `{"type":"joined","room":"nowhere"}`, `{`},
		"ping": {`{"type":"pong"}`},
	}
	w := open(t, browser, script.serve(t)+"/?lang=en&room=go&name="+`Ana`)
	w.until("all are there", fmt.Sprintf(`document.querySelectorAll('.message').length === %d`, len(hostile)))
	for selector, what := range map[string]string{".message .text": "texts", ".message .author bdi": "names"} {
		got := eval[[]string](w, `[...document.querySelectorAll('`+selector+`')].map(e => e.textContent)`)
		for i, want := range hostile {
			if got[i] != want {
				t.Errorf("%s: %q became %q", what, want, got[i])
			}
		}
	}
	w.write("hello")
	w.until("it failed", `document.querySelector('.failure span').textContent === 'The server refused it.'`)
	w.until("somebody types", text("#typing-text")+` === '<img src=x onerror=pwned=1> is typing'`)
	const elements = `[...new Set([...document.querySelectorAll('#messages *, #members *, #typing-text *')].map(e => e.localName))].sort().join(' ')`
	if got := eval[string](w, elements); got != "bdi button div li p path span svg symbol time use" && got != "bdi button div li p span svg time use" {
		t.Errorf("there are elements of %q", got)
	}
	if eval[bool](w, `'pwned' in window`) {
		t.Error("the page is pwned")
	}
	w.do(chromedp.EmulateViewport(390, 844))
	w.until("the page is a phone's", `innerWidth === 390`)
	if width := eval[int](w, `document.documentElement.scrollWidth`); width > 390 {
		t.Errorf("the page is %d pixels wide on a phone of 390", width)
	}
	// The policy is the second wall: markup that were made of text would not run.
	const wall = `(() => { try { document.body.innerHTML = '<img src=x onerror=pwned=1>'; return 'no wall' } catch (e) { return e.name } })()`
	if got := eval[string](w, wall); got != "TypeError" {
		t.Errorf("text became markup: %s", got)
	}
	w.mu.Lock()
	for _, complaint := range w.complaints { // that one is ours
		if !strings.Contains(complaint, "TrustedHTML") {
			t.Errorf("the console says: %s", complaint)
		}
	}
	w.complaints = nil
	w.mu.Unlock()
	w.quietNetwork()
}

// Step 5 may have no history: then nobody is promised older messages.
func testNoHistory(t *testing.T, browser context.Context) {
	script := villain{
		"join":    {event{"type": "joined", "room": "go", "name": "Ana", "members": []string{"Ana"}, "count": 1, "cursor": "1110"}},
		"history": {`{"type":"error","code":"unknown_action","message":"no action \"history\""}`, `{"type":"message","room":"go","cursor":"1111","id":"7","from":"Bob","text":"hello","at":"2026-01-02T03:04:05.678Z"}`},
	}
	w := open(t, browser, script.serve(t)+"/?lang=en&room=go&name=Ana")
	w.until("what comes is shown, and nothing above it", conversation("Bob: hello")+` && `+text("#older")+` === ''`)
	w.quietNetwork()
}

// A page does not grow for ever. What it forgot is asked for again.
func testCap(t *testing.T, browser context.Context) {
	said := make([]any, 1100)
	for i := range said {
		said[i] = event{"type": "message", "room": "go", "cursor": fmt.Sprintf("111%04d", i), "id": "7", "from": "Bob", "text": fmt.Sprint(i), "at": "2026-01-02T03:04:05.678Z"}
	}
	script := villain{
		"join":    append([]any{event{"type": "joined", "room": "go", "name": "Ana", "members": []string{"Ana"}, "count": 1, "cursor": "1110"}}, said...),
		"history": {event{"type": "history", "room": "go", "messages": said[:100]}},
	}
	w := open(t, browser, script.serve(t)+"/?lang=en&room=go&name=Ana")
	const loaded = `document.querySelectorAll('.message').length`
	const first = `document.querySelector('.message .text').textContent`
	w.until("the newest 1000 are shown", loaded+` === 1000 && `+first+` === '100'`)
	w.until("the others come back", `document.querySelector('#log').scrollTop = 0, `+loaded+` === 1100 && `+first+` === '0'`)
	w.quietNetwork()
}
