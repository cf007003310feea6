package web

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"websocket.example/02-handshake/internal/browser"
)

// The page in a real browser.
func TestInABrowser(t *testing.T) {
	chromium := browser.Start(t)
	t.Run("attempts", func(t *testing.T) { testAttempts(t, chromium) })
	t.Run("in Portuguese, behind a prefix", func(t *testing.T) { testPortuguese(t, chromium) })
	t.Run("screenshots", func(t *testing.T) { testScreenshots(t, chromium) })
}

const done = `document.body.dataset.state === 'done'`

func text(selector string) string {
	return `(document.querySelector('` + selector + `')?.innerText ?? '')`
}

// attempt presses a button and waits for the story.
func attempt(tab *browser.Tab, name string) {
	tab.Do(chromedp.Focus(chromedp.CSS(`#tries [data-name="` + name + `"]`)))
	tab.Do(chromedp.KeyEvent("\r"))
	tab.Until("attempt "+name+" has its story", done+` && document.querySelector('#tries [aria-pressed=true]').dataset.name === '`+name+`'`)
}

func testAttempts(t *testing.T, chromium context.Context) {
	url, _ := front(t, Options{})
	tab := browser.Open(t, chromium, url+"/?lang=en")
	tab.Until("the first attempt has its story", done)

	// What Chromium really sends, in its own order and spelling.
	request := browser.Eval[string](tab, text("#request"))
	for _, want := range []string{
		"GET /chat?id=", "Host: 127.0.0.1:", "Connection: Upgrade", "Upgrade: websocket", "Origin: " + url,
		"Sec-WebSocket-Version: 13", "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits", "User-Agent: Mozilla/5.0",
	} {
		if !strings.Contains(request, want) {
			t.Errorf("the request lacks %q:\n%s", want, request)
		}
	}
	if !strings.Contains(request, "Only browsers send it, and a page cannot forge it.") {
		t.Errorf("Origin is not explained:\n%s", request)
	}
	if n := browser.Eval[int](tab, `document.querySelectorAll('#proof-sum span').length`); n != 20 {
		t.Errorf("the SHA-1 has %d bytes", n)
	}

	for _, row := range []struct{ name, events, verdict, answer, here string }{
		{"plain", "Open. Subprotocol: none.", "Accepted with 101", "HTTP/1.1 101", "has computed the same"},
		{"chat", `Open. Subprotocol: "chat".`, "Accepted with 101", "Sec-WebSocket-Protocol: chat", "has computed the same"},
		{"soap", "Closed with code 1006", "Accepted with 101", "HTTP/1.1 101", "has computed the same"},
		{"401", "Closed with code 1006", "Refused with 401 Unauthorized.", "WWW-Authenticate", ""},
		{"403", "Closed with code 1006", "Refused with 403 Forbidden.", "HTTP/1.1 403", ""},
		{"302", "Closed with code 1006", "Refused with 302 Found.", "Location: chat", ""},
		{"proof", "Closed with code 1006", "a wrong proof, on purpose", "HTTP/1.1 101", "and the server said"},
		{"plain", "Open.", "Accepted with 101", "HTTP/1.1 101", ""},
	} {
		attempt(tab, row.name)
		for selector, want := range map[string]string{"#events": row.events, "#verdict": row.verdict, "#answer": row.answer, "#proof-here": row.here} {
			tab.Until(row.name+": "+selector+" says "+want, text(selector)+`.includes(`+"`"+want+"`"+`)`)
		}
	}
	// The console of the browser knows more than the page ever will.
	console := strings.Join(tab.FailedHandshakes(), "\n")
	for _, want := range []string{"Unexpected response code: 403", "HTTP Authentication failed", "Unexpected response code: 302", "Incorrect 'Sec-WebSocket-Accept' header value", "non-empty 'Sec-WebSocket-Protocol' header but no response"} {
		if !strings.Contains(console, want) {
			t.Errorf("the console lacks %q:\n%s", want, console)
		}
	}
	tab.Phone()
}

func testPortuguese(t *testing.T, chromium context.Context) {
	tab := browser.Open(t, chromium, mount(t, Options{})+"/?lang=pt-BR")
	tab.Until("the first attempt has its story", done)
	for selector, want := range map[string]string{
		"h1":                "Um pedido, e o HTTP sai de cena",
		"#language":         "English",
		"#verdict":          "Aceito com 101.",
		"#proof-here":       "Seu navegador calculou o mesmo",
		"#note":             "pacote net/http",
		"#request":          "Só navegadores mandam",
		"#rules":            "Há um Sec-WebSocket-Version, e ele é 13.",
		"[data-name=proof]": "uma prova errada",
	} {
		if got := browser.Eval[string](tab, text(selector)); !strings.Contains(got, want) {
			t.Errorf("%s is %q, want %q", selector, got, want)
		}
	}
	if lang := browser.Eval[string](tab, `document.documentElement.lang`); lang != "pt-BR" {
		t.Errorf("the language is %q", lang)
	}
	attempt(tab, "403")
	if got := browser.Eval[string](tab, text("#verdict")); !strings.Contains(got, "Recusado com 403 Forbidden.") {
		t.Errorf("the verdict is %q", got)
	}
}

// With SCREENSHOTS=folder the page is photographed for a person to look at.
func testScreenshots(t *testing.T, chromium context.Context) {
	folder := os.Getenv("SCREENSHOTS")
	if folder == "" {
		return // it is for a person, and tests nothing
	}
	url, _ := front(t, Options{})
	for _, lang := range []string{"en", "pt-BR"} {
		for _, scheme := range []string{"light", "dark"} {
			for name, width := range map[string]int64{"1280": 1280, "390": 390} {
				tab := browser.Open(t, chromium, url+"/?lang="+lang, chromedp.EmulateViewport(width, 800))
				tab.Emulate(emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
				tab.Until("the story is there", done)
				if name == "390" {
					attempt(tab, "proof")
				}
				tab.Screenshot(filepath.Join(folder, lang+"-"+scheme+"-"+name+".png"))
			}
		}
	}
}
