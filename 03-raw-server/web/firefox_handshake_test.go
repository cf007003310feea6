package web

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	handshakes "websocket.example/02-handshake/web"
	"websocket.example/03-raw-server/internal/firefox"
)

// explained is true when the page of step 2 has explained a handshake.
const explained = `document.body.dataset.state === 'done'`

// failed is what the console says about a handshake that did.
func failed(url string) string {
	return "can’t establish a connection to the server at ws" + strings.TrimPrefix(url, "http") + "/chat?id="
}

// attempt presses a button and waits for the story.
func attempt(b *firefox.Firefox, name string) {
	b.Click(`#tries [data-name="` + name + `"]`)
	b.Until("attempt "+name+" has its story", explained+` && document.querySelector('#tries [aria-pressed=true]').dataset.name === '`+name+`'`)
}

// The page of step 2, which explains to Firefox the handshakes that it has
// made. It is tested here and not there, because it takes this step's client
// to drive Firefox.
func testAttempts(t *testing.T, b *firefox.Firefox) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	page := handshakes.NewPage(handshakes.Options{})
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error)
	go func() { served <- page.Serve(ctx, listener) }()
	t.Cleanup(func() {
		cancel()
		if err := <-served; err != nil {
			t.Error(err)
		}
		page.Close()
	})
	url := "http://" + listener.Addr().String()
	b.Open(url + "/?lang=en")
	b.Until("the first attempt has its story", explained)

	// What Firefox really sends, in its own order and spelling.
	request := b.Eval(text("#request"))
	for _, want := range []string{
		"GET /chat?id=", "Host: 127.0.0.1:", "Upgrade: websocket", "Origin: " + url, "Sec-WebSocket-Version: 13",
		"Sec-WebSocket-Extensions: permessage-deflate", "User-Agent: Mozilla/5.0", "Firefox/",
		"Only browsers send it, and a page cannot forge it.",
	} {
		if !strings.Contains(request, want) {
			t.Errorf("the request lacks %q:\n%s", want, request)
		}
	}
	if n := b.Eval(`document.querySelectorAll('#proof-sum span').length`); n != "20" {
		t.Errorf("the SHA-1 has %s bytes", n)
	}

	for _, row := range []struct{ name, events, verdict, answer, here string }{
		{"plain", "Open. Subprotocol: none.", "Accepted with 101", "HTTP/1.1 101", "has computed the same"},
		{"chat", `Open. Subprotocol: "chat".`, "Accepted with 101", "Sec-WebSocket-Protocol: chat", "has computed the same"},
		{"soap", "Open. Subprotocol: none.", "Accepted with 101", "HTTP/1.1 101", "has computed the same"}, // Chromium closes
		{"401", "Closed with code 1006", "Refused with 401 Unauthorized.", "WWW-Authenticate", ""},
		{"403", "Closed with code 1006", "Refused with 403 Forbidden.", "HTTP/1.1 403", ""},
		{"302", "Closed with code 1006", "Refused with 302 Found.", "Location: chat", ""},
		{"proof", "Closed with code 1006", "a wrong proof, on purpose", "HTTP/1.1 101", "and the server said"},
		{"plain", "Open.", "Accepted with 101", "HTTP/1.1 101", ""},
	} {
		attempt(b, row.name)
		for selector, want := range map[string]string{"#events": row.events, "#verdict": row.verdict, "#answer": row.answer, "#proof-here": row.here} {
			b.Until(row.name+": "+selector+" says "+want, text(selector)+".includes(`"+want+"`)")
		}
		if strings.HasPrefix(row.events, "Closed") { // the console knows no more than the page
			b.Complaint(failed(url))
		}
	}
}

func testAttemptsInPortuguese(t *testing.T, b *firefox.Firefox) {
	page := handshakes.NewPage(handshakes.Options{})
	server := httptest.NewServer(http.StripPrefix("/02/live", page))
	t.Cleanup(func() {
		page.Close()
		server.Close()
	})
	b.Open(server.URL + "/02/live/?lang=pt-BR")
	b.Until("the first attempt has its story", explained)
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
		if got := b.Eval(text(selector)); !strings.Contains(got, want) {
			t.Errorf("%s is %q, want %q", selector, got, want)
		}
	}
	if lang := b.Eval(`document.documentElement.lang`); lang != "pt-BR" {
		t.Errorf("the language is %q", lang)
	}
	attempt(b, "403")
	if got := b.Eval(text("#verdict")); !strings.Contains(got, "Recusado com 403 Forbidden.") {
		t.Errorf("the verdict is %q", got)
	}
	b.Complaint(failed(server.URL + "/02/live"))
}
