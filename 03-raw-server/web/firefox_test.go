package web

import (
	"fmt"
	"strings"
	"testing"

	"websocket.example/03-raw-server/internal/firefox"
)

// This page and that of step 2 in Firefox, in both languages.
func TestInFirefox(t *testing.T) {
	b := firefox.Start(t)
	testFrames(t, b)
	testAttempts(t, b)
	testAttemptsInPortuguese(t, b)
	b.Quiet()
}

func testFrames(t *testing.T, b *firefox.Firefox) {
	base, _ := attach(t, Options{}, nil)
	b.Open(base + "/?lang=en")
	b.Until("the page is connected", connected)
	b.Eval(`document.querySelector('#message').select()`)
	b.Keys("Hello" + firefox.Enter)
	b.Until("the answer is drawn", shown("server", "text"))
	checkHello(t, b.Eval)
	b.Eval(`document.querySelector('#send-65536').click()`)
	b.Until("64 bits of length", bits("client", "ext")+` === '`+fmt.Sprintf("%064b", 65536)+`'`)
	b.Eval(`document.querySelector('#ping').click()`)
	b.Until("the pong is drawn", shown("client", "pong"))
	b.Eval(`document.querySelector('#fragments').click()`)
	b.Until("the last fragment is there", frames+`.endsWith('↓ text … 1, ↓ ping 10, ↓ continuation … 2, ↓ continuation 2, ↑ pong 10')`)
	b.Eval(`document.querySelector('#compress').click()`)
	b.Until("the page is connected anew", text("#status")+`.includes('permessage-deflate')`)
	b.Eval(`document.querySelector('#send-65536').click()`)
	b.Until("a compressed message is drawn", bits("client", "rsv1")+` === '1' && `+bits("server", "rsv1")+` === '1'`)
	if got := b.Eval(text(`[data-from="client"] .reading`)); !strings.Contains(got, "bytes that stand for 65,536 bytes: 01234567890") {
		t.Errorf("the browser's message is %q", got)
	}

	b.Open(base + "/?lang=pt-BR")
	b.Until("the page is connected", connected)
	b.Eval(`document.querySelector('#message').select()`)
	b.Keys("Olá €" + firefox.Enter)
	b.Until("the answer is drawn", shown("server", "text"))
	for expression, want := range map[string]string{
		text("h1"):                  "Uma mensagem, bit a bit",
		text("#status"):             "O servidor respondeu com 8 bytes.",
		column("client", "payload"): "4f 6c c3 a1 20 e2 82 ac",
		column("client", "letter"):  "O l á └ ␣ € └ └",
	} {
		if got := b.Eval(expression); got != want {
			t.Errorf("%s is %q, want %q", expression, got, want)
		}
	}
}
