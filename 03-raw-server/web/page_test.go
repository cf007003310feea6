package web

import (
	"context"
	"fmt"
	"net"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// The page in Chromium, served both ways.
func TestInChromium(t *testing.T) {
	browser := startChromium(t)
	for name, test := range map[string]func(*testing.T, context.Context){
		"a message in English":           testEnglish,
		"a message in Portuguese":        testPortuguese,
		"everything else":                testEverythingElse,
		"by keyboard":                    testKeyboard,
		"the server goes and comes back": testServerGoesAndComesBack,
		"too many pages":                 testFullPages,
	} {
		t.Run(name, func(t *testing.T) { test(t, browser) })
	}
}

// Expressions that read the page. From is client or server.
func text(selector string) string {
	return fmt.Sprintf(`document.querySelector('%s').innerText.replace(/\s+/g, ' ').trim()`, selector)
}

// bits are those of a field, in all its parts.
func bits(from, field string) string {
	return fmt.Sprintf(`[...document.querySelectorAll('[data-from="%s"] .diagram [data-field="%s"] .bits')].map(e => e.textContent).join('')`, from, field)
}

// column is a column of the table, without its bits: wire, key, payload or letter.
func column(from, name string) string {
	return fmt.Sprintf(`[...document.querySelectorAll('[data-from="%s"] tbody .%s')].map(e => (e.querySelector('b') ?? e).textContent).join(' ')`, from, name)
}

// shown is an expression for: a frame of an opcode is drawn.
func shown(from, opcode string) string {
	return fmt.Sprintf(`document.querySelector('.panel[data-from="%s"]').dataset.opcode === '%s'`, from, opcode)
}

// frames is an expression for the conversation so far.
const frames = `[...document.querySelectorAll('#strip button')].map(b => b.innerText.replace(/\s+/g, ' ').trim()).join(', ')`

const connected = `document.querySelector('#strip .opened')`

// checkHello looks at the drawing of "Hello", masked and not.
func checkHello(t *testing.T, eval func(expression string) string) {
	t.Helper()
	for expression, want := range map[string]string{
		bits("client", "fin"):      "1",
		bits("client", "rsv1"):     "0",
		bits("client", "opcode"):   "0001",
		bits("client", "mask"):     "1",
		bits("client", "len"):      "0000101",
		column("client", "letter"): "text H e l l o",
		bits("server", "fin"):      "1",
		bits("server", "opcode"):   "0001",
		bits("server", "mask"):     "0",
		bits("server", "len"):      "0000101",
		bits("server", "key"):      "",
		bits("server", "payload"):  "0100100001100101011011000110110001101111",
	} {
		if got := eval(expression); got != strings.TrimPrefix(want, "text ") {
			t.Errorf("%s is %q, want %q", expression, got, want)
		}
	}
	// Whatever the key is, the table has to come out right.
	var key, wire [5]byte
	scan := func(text string, into *[5]byte) {
		t.Helper()
		if _, err := fmt.Sscanf(text, "%x %x %x %x %x", &into[0], &into[1], &into[2], &into[3], &into[4]); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
	scan(eval(column("client", "key")), &key)
	scan(eval(column("client", "wire")), &wire)
	var plain, drawn, keyBits string
	for i := range wire {
		plain += string(wire[i] ^ key[i])
		drawn += fmt.Sprintf("%08b", wire[i])
		if i < 4 {
			keyBits += fmt.Sprintf("%08b", key[i])
		}
	}
	if plain != "Hello" || key[0] != key[4] || eval(bits("client", "key")) != keyBits || eval(bits("client", "payload")) != drawn {
		t.Errorf("on the wire % x, key % x: that is %q", wire, key, plain)
	}
}

func testEnglish(t *testing.T, browser context.Context) {
	base, _ := attach(t, Options{}, nil)
	w := open(t, browser, base+"/?lang=en")
	w.until("the page is connected", connected)
	w.do(chromedp.Focus(chromedp.CSS("#message")), chromedp.KeyEvent(kb.Enter))
	w.until("the answer is drawn", shown("server", "text"))
	checkHello(t, func(expression string) string { return eval[string](w, expression) })
	for expression, want := range map[string]string{
		`document.documentElement.lang`:    "en",
		text("h1"):                         "One message, bit by bit",
		text("#status"):                    "The server has answered with 5 bytes.",
		frames:                             "↑ text 5, ↓ text 5",
		text(`[data-from="client"] .said`): "Hello",
	} {
		if got := eval[string](w, expression); got != want {
			t.Errorf("%s is %q, want %q", expression, got, want)
		}
	}
	// The browser itself says that this is what it sent.
	w.mu.Lock()
	if len(w.sent) != 1 || w.sent[0] != "Hello" {
		t.Errorf("the browser sent %q", w.sent)
	}
	w.mu.Unlock()
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
	base := behindHTTP(t, Options{}) // as in the slides
	w := open(t, browser, base+"/?lang=pt-BR")
	w.until("the page is connected", connected)
	w.do(chromedp.Clear(chromedp.CSS("#message")), chromedp.SendKeys(chromedp.CSS("#message"), "Olá €"), chromedp.KeyEvent(kb.Enter))
	w.until("the answer is drawn", shown("server", "text"))
	w.do(chromedp.Focus(chromedp.CSS(`[data-from="client"] button[data-field="mask"]`)))
	for expression, want := range map[string]string{
		`document.documentElement.lang`:              "pt-BR",
		text("h1"):                                   "Uma mensagem, bit a bit",
		text("#language"):                            "English",
		text("#status"):                              "O servidor respondeu com 8 bytes.",
		text(`[data-from="client"] .explain`):        "MASK = 1 O payload está mascarado. Tudo o que um cliente manda tem que estar. RFC 6455, seção 5.1",
		column("client", "letter"):                   "O l á └ ␣ € └ └",
		column("client", "payload"):                  "4f 6c c3 a1 20 e2 82 ac",
		column("server", "payload"):                  "4f 6c c3 a1 20 e2 82 ac",
		bits("client", "len"):                        "0001000",
		text(`[data-from="server"] .said`):           "Olá €",
		`document.querySelector('#language').search`: "?lang=en",
	} {
		if got := eval[string](w, expression); got != want {
			t.Errorf("%s is %q, want %q", expression, got, want)
		}
	}
	phone(w)
	w.click("#language")
	w.until("the page is in English", `document.documentElement.lang === 'en' && `+connected)
	w.quietNetwork()
}

func testEverythingElse(t *testing.T, browser context.Context) {
	base, _ := attach(t, Options{}, nil)
	w := open(t, browser, base+"/?lang=en")
	w.until("the page is connected", connected)

	// Lengths.
	w.click("#send-126")
	w.until("16 bits of length", bits("client", "ext")+` === '0000000001111110' && `+bits("server", "ext")+` === '0000000001111110'`)
	w.click("#send-65536")
	w.until("64 bits of length", bits("client", "ext")+` === '`+fmt.Sprintf("%064b", 65536)+`' && `+bits("server", "ext")+` === '`+fmt.Sprintf("%064b", 65536)+`'`)
	if got := eval[string](w, text(`[data-from="client"] .facts`)); !strings.HasPrefix(got, "text · 14 bytes of header + 65,536 bytes of payload = 65,550 bytes") {
		t.Errorf("the facts are %q", got)
	}
	w.click(`[data-from="client"] .bytes button`)
	w.until("all bytes that were kept are shown", `document.querySelectorAll('[data-from="client"] tbody tr').length === 256`)

	// A ping, and the browser's own answer.
	w.click("#ping")
	w.until("the pong is drawn", shown("client", "pong")+` && `+shown("server", "ping"))
	if got := eval[string](w, text(`[data-from="client"] .said`)); got != "are you there?" {
		t.Errorf("the pong says %q", got)
	}

	// Fragments: the first is drawn, any other can be chosen.
	w.click("#fragments")
	w.until("the last fragment is there", frames+`.endsWith('↑ text 5, ↓ text … 1, ↓ ping 10, ↓ continuation … 2, ↓ continuation 2, ↑ pong 10')`)
	if got := eval[string](w, bits("server", "fin")+"+"+bits("server", "opcode")); got != "00001" {
		t.Errorf("FIN and opcode of the first fragment are %s", got)
	}
	w.click(`#strip li:nth-last-child(2) button`)
	w.until("the last fragment is drawn", shown("server", "continuation")+` && `+bits("server", "fin")+` === '1'`)

	// Bytes in hex; first some that are none.
	w.click(`[value="hex"]`)
	w.until("the text has become bytes", `document.querySelector('#message').value === '48 65 6c 6c 6f'`)
	w.do(chromedp.SetValue(chromedp.CSS("#message"), "de ad b"))
	w.click(".main")
	w.until("the mistake is named", text("#mistake")+`.startsWith('Write bytes as pairs')`)
	w.do(chromedp.SetValue(chromedp.CSS("#message"), "DEAD beef"))
	w.click(".main")
	w.until("the bytes are drawn", shown("client", "binary")+` && `+shown("server", "binary")+` && `+column("server", "payload")+` === 'de ad be ef'`)

	// Compression is another connection.
	w.click("#compress")
	w.until("the page is connected anew", text("#status")+`.includes('permessage-deflate')`)
	w.click("#send-65536")
	w.until("a compressed message is drawn", bits("client", "rsv1")+` === '1' && `+bits("server", "rsv1")+` === '1'`)
	if got := eval[string](w, text(`[data-from="server"] .reading`)); !strings.Contains(got, "bytes that stand for 65,536 bytes: 01234567890") {
		t.Errorf("the server's message is %q", got)
	}
	w.click("#compress")
	w.until("the page is connected without it", text("#status")+`.includes('without compression')`)

	// Closing, from both sides. The next message opens a new connection.
	w.click("#close")
	w.do(chromedp.SetValue(chromedp.CSS("#code"), "1005"))
	w.click(`[value="client"]`)
	w.until("a browser may not send it", text("#status")+`.startsWith('A page may close')`)
	w.click(`[value="server"]`)
	w.until("nor may a server", text("#status")+`.startsWith('That code is not to be sent')`)
	w.do(chromedp.SetValue(chromedp.CSS("#code"), "4321"), chromedp.SetValue(chromedp.CSS("#reason"), "até logo"))
	for _, side := range []string{"client", "server"} {
		w.click(`[value="` + side + `"]`)
		w.until("both close frames are drawn", shown("client", "close")+` && `+shown("server", "close")+` && `+text("#status")+`.startsWith('Closed with 4321')`)
		if got := eval[string](w, text(`[data-from="`+side+`"] .said`)); got != "4321 até logo" {
			t.Errorf("the %s closed with %q", side, got)
		}
		w.click(".main")
		w.until("the next message is answered", shown("client", "binary")+` && `+shown("server", "binary"))
	}
	w.quietNetwork()
}

// One Tab leads into a diagram, the arrows through it, and the field that has
// the focus keeps it when the next frame comes.
func testKeyboard(t *testing.T, browser context.Context) {
	base, _ := attach(t, Options{}, nil)
	w := open(t, browser, base+"/?lang=en")
	w.until("the page is connected", connected)
	w.click("#ping")
	w.until("the ping is drawn", shown("server", "ping"))
	// The page scrolls to what has the focus: the pointer must not lie where a
	// field may come to.
	w.do(chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, 1, 1))
	w.do(chromedp.Focus(chromedp.CSS(`[data-from="server"] button[data-field="fin"]`)), chromedp.KeyEvent(kb.ArrowRight+kb.ArrowRight+kb.ArrowRight+kb.ArrowRight))
	const focused = `document.activeElement.dataset.field`
	if got := eval[string](w, focused); got != "opcode" {
		t.Errorf("four to the right of FIN is %q", got)
	}
	if got := eval[string](w, text(`[data-from="server"] .explain`)); !strings.HasPrefix(got, "opcode = 0x9 ping What the frame is.") || !strings.HasSuffix(got, "RFC 6455, section 5.5.2") {
		t.Errorf("it is explained by %q", got)
	}
	if got := eval[string](w, `document.activeElement.getAttribute('aria-label')`); !strings.HasPrefix(got, "opcode: 0x9, ping. What the frame is.") {
		t.Errorf("a screen reader says %q", got)
	}
	eval[bool](w, `document.querySelector('#send-126').click() ?? true`)
	w.until("the answer is drawn", shown("server", "text"))
	if got := eval[string](w, focused); got != "opcode" {
		t.Errorf("after the next frame the focus is on %q", got)
	}
	w.do(chromedp.KeyEvent(kb.End))
	if got := eval[string](w, focused); got != "payload" {
		t.Errorf("the last field is %q", got)
	}
	if n := eval[int](w, `document.querySelectorAll('.diagram [tabindex="0"]').length`); n != 2 {
		t.Errorf("Tab stops %d times in two diagrams", n)
	}
	w.quietNetwork()
}

const banner = `document.querySelector('#banner')`

func testServerGoesAndComesBack(t *testing.T, browser context.Context) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	base, stop := attach(t, Options{}, listener)
	w := open(t, browser, base+"/?lang=pt-BR")
	w.until("the page is connected", connected)
	w.click(".main")
	w.until("the answer is drawn", shown("server", "text"))
	w.quietNetwork()

	stop()
	w.until("the page says that the server has gone", `!`+banner+`.hidden && `+text("#banner-text")+` === 'O servidor saiu do ar.'`)
	w.until("and with which code", text("#status")+`.startsWith('Fechada com 1001')`)

	listener, err = net.Listen("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	attach(t, Options{}, listener)
	w.until("the page has recovered by itself", banner+`.hidden && `+text("#status")+`.startsWith('Conectado')`)
	w.click(".main")
	w.until("messages are answered again", shown("server", "text"))
}

func testFullPages(t *testing.T, browser context.Context) {
	base, _ := attach(t, Options{Pages: 1}, nil)
	first := dial(t, base, "/page")
	next(t, first)
	w := open(t, browser, base+"/?lang=en")
	w.until("the page says why it is not told", `!`+banner+`.hidden && `+text("#banner-text")+`.includes('As many pages are open')`)
	first.NetConn().Close()
	w.click("#retry")
	w.until("the page is connected", banner+`.hidden && `+connected)
}
