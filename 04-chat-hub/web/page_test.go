package web

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"websocket.example/04-chat-hub/chat"
	"websocket.example/04-chat-hub/log"
)

// The page in Chromium, on the hub.
func TestInChromium(t *testing.T) {
	browser := startChromium(t)
	for name, test := range map[string]func(*testing.T, context.Context){
		"two people":                     testTwoPeople,
		"no network":                     testNoNetwork,
		"the server restarts":            testRestart,
		"a reload":                       testReload,
		"unread":                         testUnread,
		"history":                        testHistory,
		"a first visit, in Portuguese":   testFirstVisit,
		"by keyboard":                    testKeyboard,
		"drawers on a phone":             testDrawers,
		"a name that is taken":           testNameTaken,
		"another tab takes the place":    testReplaced,
		"a message that is refused":      testRefused,
		"in a frame, behind a prefix":    testFrame,
		"a hostile server":               testHostile,
		"a server that has no history":   testNoHistory,
		"what a screen reader is told":   testAloud,
		"a room with too many to show":   testCap,
		"the system's wish for darkness": testDark,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // each has tabs and a server of its own
			test(t, browser)
		})
	}
}

// Expressions that read the page.
func text(selector string) string {
	return fmt.Sprintf(`document.querySelector('%s').innerText.replace(/\s+/g, ' ').trim()`, selector)
}

const (
	connected = `document.querySelector('#dot').dataset.state === 'open' && document.querySelectorAll('#members li').length > 0`
	said      = `[...document.querySelectorAll('.message')].map(li => li.querySelector('bdi').textContent + ': ' + li.querySelector('.text').textContent + (li.dataset.state ? ' ' + li.dataset.state : ''))`
	members   = `[...document.querySelectorAll('#members .name')].map(e => e.textContent).join(' ')`
	banner    = `(document.querySelector('#banner').hidden ? '' : document.querySelector('#banner').innerText.replace(/\s+/g, ' '))`
)

// conversation is an expression for: these are the messages, and no others.
func conversation(lines ...string) string {
	list, _ := json.Marshal(lines)
	return fmt.Sprintf(`JSON.stringify(%s) === JSON.stringify(%s)`, said, list)
}

// enter opens the page for somebody in a room.
func enter(t *testing.T, browser context.Context, s *site, name, room string) *window {
	t.Helper()
	w := open(t, browser, s.url+"/?lang=en&name="+name+"&room="+room)
	w.until(name+" is in the room", connected)
	return w
}

// write types a message and sends it.
func (w *window) write(message string) {
	w.t.Helper()
	w.do(chromedp.Focus(chromedp.CSS("#text")), chromedp.KeyEvent(message+kb.Enter))
}

// post stores a message, as another hub would.
func (s *site) post(room, from, message string) {
	s.t.Helper()
	s.posts++
	_, err := s.store.Append(s.t.Context(), log.Post{Room: room, From: from, ID: fmt.Sprint("post", s.posts), Text: message})
	if err != nil {
		s.t.Fatal(err)
	}
}

func testTwoPeople(t *testing.T, browser context.Context) {
	s := serve(t, Options{})
	ana := enter(t, browser, s, "Ana", "go")
	bob := enter(t, browser, s, "Bob", "go")
	ana.until("Bob is listed", members+` === 'Ana Bob'`)
	ana.write("hello Bob")
	bob.until("Bob reads it", conversation("Ana: hello Bob"))
	ana.until("it is stored", conversation("you: hello Bob sent"))
	bob.do(chromedp.Focus(chromedp.CSS("#text")), chromedp.KeyEvent("hel"))
	ana.until("Bob is typing", `document.querySelector('#typing.on') && `+text("#typing-text")+` === 'Bob is typing'`)
	bob.do(chromedp.KeyEvent("lo" + kb.Enter))
	ana.until("Ana reads it", conversation("you: hello Bob sent", "Bob: hello")+` && !document.querySelector('#typing.on')`)
	bob.until("it is stored", conversation("Ana: hello Bob", "you: hello sent"))
	bob.click("#rooms .leave")
	ana.until("Bob is gone", members+` === 'Ana'`)
	bob.until("Bob is nowhere", text("#older")+` === 'You are in no room.'`)
	ana.quietNetwork()
	bob.quietNetwork()
}

// Nothing is lost and nothing doubled, whoever writes while there is no network.
func testNoNetwork(t *testing.T, browser context.Context) {
	s := serve(t, Options{})
	ana := enter(t, browser, s, "Ana", "go")
	bob := enter(t, browser, s, "Bob", "go")
	ana.write("one")
	bob.until("it works", conversation("Ana: one"))
	s.lines.cut()
	ana.until("Ana is told", banner+`.startsWith('The connection is gone.')`)
	ana.write("two")
	ana.write("three")
	s.post("go", "Zoe", "from elsewhere")
	ana.until("they wait", conversation("you: one sent", "you: two sending", "you: three sending"))
	s.lines.mend()
	eval[string](ana, `(document.querySelector('#retry').click(), '')`) // unless she is back already
	ana.until("all is there", conversation("you: one sent", "Zoe: from elsewhere", "you: two sent", "you: three sent")+` && `+banner+` === ''`)
	bob.until("Bob comes back by himself", conversation("Ana: one", "Zoe: from elsewhere", "Ana: two", "Ana: three"))
	if got := eval[string](ana, text("#status")); got != "Connected again." {
		t.Errorf("a screen reader is told %q", got)
	}
}

func testRestart(t *testing.T, browser context.Context) {
	s := serve(t, Options{})
	head, err := s.store.Head(t.Context(), "go")
	if err != nil {
		t.Fatal(err)
	}
	since := chat.Cursor{Epoch: head.Cursor.Epoch}
	ana := enter(t, browser, s, "Ana", "go")
	for i := range 3 {
		ana.write(fmt.Sprint("before ", i))
		s.stop()
		ana.write(fmt.Sprint("while ", i))
		s.start()
	}
	ana.until("all is stored", `!document.querySelector('[data-state="sending"]')`)
	page, err := s.store.After(t.Context(), "go", since, 100)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, m := range page.Messages {
		got = append(got, m.Text)
	}
	if want := []string{"before 0", "while 0", "before 1", "while 1", "before 2", "while 2"}; !slices.Equal(got, want) {
		t.Errorf("stored are %q", got)
	}
	ana.until("and shown", conversation("you: before 0 sent", "you: while 0 sent", "you: before 1 sent", "you: while 1 sent", "you: before 2 sent", "you: while 2 sent"))
}

// What a tab wrote and has not seen stored survives its reload.
func testReload(t *testing.T, browser context.Context) {
	s := serve(t, Options{})
	ana := enter(t, browser, s, "Ana", "go")
	ana.write("before")
	ana.until("it is stored", conversation("you: before sent"))
	s.stop()
	ana.write("unsent")
	ana.until("it waits", conversation("you: before sent", "you: unsent sending"))
	ana.do(chromedp.Reload())
	ana.until("it still waits", conversation("you: unsent sending"))
	s.post("go", "Zoe", "meanwhile")
	s.start()
	ana.until("all is there", conversation("you: before sent", "Zoe: meanwhile", "you: unsent sent"))
	ana.do(chromedp.Reload()) // takes its own place, whether the hub knows that the old tab is gone or not
	ana.until("as before", conversation("you: before sent", "Zoe: meanwhile", "you: unsent sent"))
}

func testUnread(t *testing.T, browser context.Context) {
	s := serve(t, Options{})
	s.post("go", "Zoe", "old")
	s.post("js", "Zoe", "old")
	ana := enter(t, browser, s, "Ana", "go")
	ana.do(chromedp.SendKeys(chromedp.CSS("#join-room"), "js"+kb.Enter))
	ana.until("Ana is in both", text("#room-name")+` === 'js' && `+conversation("Zoe: old"))
	s.post("go", "Zoe", "new one")
	s.post("go", "Zoe", "new two")
	ana.until("two are unread", `document.querySelector('#rooms .badge').textContent === '2' && document.title === '(2) js · Chat'`)
	ana.click("#rooms .go")
	ana.until("the line stands above them", `document.querySelector('.divider + .message .text').textContent === 'new one' && document.title === 'go · Chat'`)
	ana.write("I see")
	ana.until("and goes", `!document.querySelector('.divider')`)
	ana.quietNetwork()
}

// What is above is loaded when one gets near, and nobody loses their place.
func testHistory(t *testing.T, browser context.Context) {
	s := serve(t, Options{})
	for i := range 150 {
		s.post("go", "Zoe", fmt.Sprint("line ", i))
	}
	const loaded = `document.querySelectorAll('.message').length`
	const top = `document.querySelector('#log').scrollTop`
	const of = `[...document.querySelectorAll('.message')].find(li => li.querySelector('.text').textContent === 'line 100').getBoundingClientRect().top`
	ana := enter(t, browser, s, "Ana", "go")
	ana.until("the newest are there", loaded+` === 50 && `+top+` > 100`)
	before := eval[float64](ana, top+` = 1, `+of)
	ana.until("older ones are", loaded+` > 50`)
	if after := eval[float64](ana, of); after < before-1 || after > before+1 {
		t.Errorf("line 100 stood at %v, now at %v", before, after)
	}
	s.post("go", "Zoe", "line 150")
	ana.until("a new one is offered", text("#latest")+` === '1 new message'`)
	ana.until("all are loaded", top+` = 0, `+loaded+` === 151 && `+text("#older")+` === 'The room begins here.'`)
	const lines = `[...document.querySelectorAll('.text')].every((e, i) => e.textContent === 'line ' + i)`
	if !eval[bool](ana, lines) {
		t.Error("they are not in their order")
	}
	ana.click("#latest")
	ana.until("the newest is in view", `document.querySelector('#latest').hidden`)
	ana.quietNetwork()
}

func testFirstVisit(t *testing.T, browser context.Context) {
	s := serve(t, Options{})
	w := open(t, browser, s.url+"/?lang=pt-BR")
	w.until("it asks", `document.querySelector('#welcome').open`)
	for expression, want := range map[string]string{
		`document.documentElement.lang`:                            "pt-BR",
		text("#welcome-title"):                                     "Um chat que não perde nada",
		text("#welcome-language"):                                  "English",
		`document.querySelector('#room').value`:                    "recepção",
		`document.querySelector('#text').placeholder`:              "Escreva uma mensagem",
		`document.querySelector('#rename').ariaLabel`:              "Mudar de nome",
		`document.querySelector('#welcome-language').search`:       "?lang=en",
		`document.querySelector('#rooms-panel').ariaLabel`:         "Salas",
		`document.activeElement.id`:                                "name",
		`String(document.querySelector('#app').checkVisibility())`: "true",
	} {
		if got := eval[string](w, expression); got != want {
			t.Errorf("%s is %q, want %q", expression, got, want)
		}
	}
	w.do(chromedp.KeyEvent("  José  da  Silva " + kb.Enter))
	w.until("José is there, in his name's normal form", connected+` && `+members+` === 'José da Silva' && !document.querySelector('#welcome').open`)
	w.write("olá")
	w.until("it is stored", conversation("você: olá sent"))
	w.click("#language")
	w.until("the page is in English, and José the same", `document.documentElement.lang === 'en' && `+connected+` && `+conversation("you: olá sent"))
	w.quietNetwork()

	other := open(t, browser, s.url+"/?lang=en") // another tab remembers his name, which is taken
	other.until("it asks for another name", `document.querySelector('#welcome').open && `+text("#welcome-error")+` === 'Somebody else in recepção has the name José da Silva.'`)
	eval[string](other, `(localStorage.clear(), sessionStorage.clear(), '')`)
}

func testKeyboard(t *testing.T, browser context.Context) {
	s := serve(t, Options{})
	s.post("js", "Zoe", "hello")
	s.post("go", "Zoe", "hello")
	w := open(t, browser, s.url+"/?lang=en&room=js")
	w.until("it asks", `document.querySelector('#welcome').open`)
	w.do(chromedp.KeyEvent("Ana" + kb.Tab + kb.Enter))
	w.until("Ana is there", connected)
	const focused = `document.activeElement.id || document.activeElement.className`
	w.do(chromedp.KeyEvent(kb.Tab))
	// Once through the whole page.
	var order []string
	for range 14 {
		order = append(order, eval[string](w, focused))
		w.do(chromedp.KeyEvent(kb.Tab))
	}
	for _, want := range []string{"skip", "go", "quiet leave", "join-room", "rename", "language", "log", "text", "main"} {
		if !slices.Contains(order, want) {
			t.Errorf("Tab does not get to %q: %q", want, order)
		}
	}
	w.do(chromedp.Focus(chromedp.CSS("#join-room")), chromedp.KeyEvent("go"+kb.Enter))
	w.until("a room is joined, and one may write", text("#room-name")+` === 'go' && `+focused+` === 'text' && `+connected)
	w.do(chromedp.KeyEvent("two"), chromedp.KeyEvent(kb.Enter, chromedp.KeyModifiers(8)), chromedp.KeyEvent("lines"+kb.Enter))
	w.until("both are sent", conversation("Zoe: hello", "you: two\nlines sent"))
	w.do(chromedp.KeyEvent(kb.ArrowUp, chromedp.KeyModifiers(1)))
	w.until("Alt and an arrow is another room", text("#room-name")+` === 'js'`)
	w.do(chromedp.Focus(chromedp.CSS("#rename")), chromedp.KeyEvent(kb.Enter))
	w.until("it asks for a name", `document.querySelector('#welcome').open && `+focused+` === 'name'`)
	w.do(chromedp.KeyEvent(kb.Escape))
	w.until("or not", `!document.querySelector('#welcome').open && `+focused+` === 'rename'`)
	w.do(chromedp.KeyEvent(kb.Enter + "Eva" + kb.Enter))
	w.until("she is Eva", members+` === 'Eva' && !document.querySelector('#welcome').open`)
	eval[string](w, `(localStorage.clear(), sessionStorage.clear(), '')`)
	w.quietNetwork()
}

func testDrawers(t *testing.T, browser context.Context) {
	s := serve(t, Options{})
	s.post("go", "Zoe", strings.Repeat("longword", 40))
	w := enter(t, browser, s, "Ana", "go")
	w.do(chromedp.EmulateViewport(390, 844))
	w.until("the page is a phone's", `innerWidth === 390 && document.querySelector('#rooms-panel').inert && document.querySelector('#members-panel').inert`)
	if width := eval[int](w, `document.documentElement.scrollWidth`); width > 390 {
		t.Errorf("the page is %d pixels wide on a phone of 390", width)
	}
	for _, name := range []string{"rooms", "members"} {
		w.do(chromedp.Focus(chromedp.CSS("#open-"+name)), chromedp.KeyEvent(kb.Enter))
		w.until(name+" are open", fmt.Sprintf(`document.querySelector('#%s-panel').contains(document.activeElement) && document.querySelector('.room').inert`, name))
		w.do(chromedp.KeyEvent(kb.Escape))
		w.until(name+" are closed", fmt.Sprintf(`document.activeElement.id === 'open-%[1]s' && document.querySelector('#%[1]s-panel').inert`, name))
	}
	w.click("#open-rooms")
	w.until("they have come", `document.querySelector('#rooms-panel').getBoundingClientRect().left === 0`)
	w.click("#rooms .go")
	w.until("a choice closes it", `document.querySelector('#shade').hidden`)
	w.quietNetwork()
}

func testNameTaken(t *testing.T, browser context.Context) {
	s := serve(t, Options{})
	if err := s.store.Claim(t.Context(), "go", "Ana"); err != nil {
		t.Fatal(err)
	}
	w := open(t, browser, s.url+"/?lang=en&name=ana&room=go")
	const taken = "Somebody else in go has the name ana."
	w.until("another name is asked for", `document.querySelector('#welcome').open && `+text("#welcome-error")+` === '`+taken+`'`)
	w.click("#welcome-cancel")
	w.until("the banner says so too", banner+` === 'You are not in this room. Somebody else has your name there. Try again' && document.querySelector('#text').disabled`)
	w.click("#retry")
	w.until("it is asked again", `document.querySelector('#welcome').open && `+text("#welcome-error")+` === '`+taken+`'`)
	w.do(chromedp.KeyEvent("Eva" + kb.Enter))
	w.until("Eva is there", connected+` && `+members+` === 'Ana Eva'`)
	w.quietNetwork()
}

func testReplaced(t *testing.T, browser context.Context) {
	s := serve(t, Options{})
	first := enter(t, browser, s, "Ana", "go")
	session := eval[string](first, `sessionStorage.getItem('chat of Ana')`)
	second := open(t, browser, s.url+"/favicon.svg")
	quoted, _ := json.Marshal(session)
	eval[string](second, fmt.Sprintf(`(sessionStorage.setItem('chat of Ana', %s), '')`, quoted)) // as when a tab is duplicated
	second.do(chromedp.Navigate(s.url + "/?lang=en&name=Ana"))
	second.until("the second tab is in", connected)
	first.until("the first says so", banner+` === 'This chat goes on in another tab or window. Use it here'`)
	first.click("#retry")
	first.until("the first is in again", connected+` && `+banner+` === ''`)
	second.until("the second says so", banner+` === 'This chat goes on in another tab or window. Use it here'`)
	first.quietNetwork()
}

func testRefused(t *testing.T, browser context.Context) {
	s := serve(t, Options{})
	w := enter(t, browser, s, "Ana", "go")
	w.do(chromedp.SetValue(chromedp.CSS("#text"), "red \x1b[31m"))
	w.write("")
	w.until("it failed", conversation("you: red \x1b[31m failed")+` && `+text("[data-state=failed] .failure span")+`.startsWith('The server refuses it: a text has no control')`)
	w.write("fine")
	w.until("others do not", conversation("you: fine sent", "you: red \x1b[31m failed"))
	w.click("[data-state=failed] .failure button")
	w.until("it fails again", conversation("you: fine sent", "you: red \x1b[31m failed"))
	w.do(chromedp.Reload())
	w.until("it is kept", connected+` && `+conversation("you: fine sent", "you: red \x1b[31m failed"))
	w.click("[data-state=failed] .failure button + button")
	w.until("it is deleted", conversation("you: fine sent"))
	w.do(chromedp.SetValue(chromedp.CSS("#text"), strings.Repeat("é", 4097)))
	w.write("")
	w.until("too long is not even sent", text("#limit")+` === '2 bytes too long'`)
	w.quietNetwork()
}

// The deck shows the page in a frame, from another port.
func testFrame(t *testing.T, browser context.Context) {
	deck := httptest.NewUnstartedServer(nil)
	t.Cleanup(deck.Close)
	s := serve(t, Options{FrameAncestors: []string{"http://" + deck.Listener.Addr().String()}})
	deck.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		if r.URL.Path == "/" { // two people on one slide
			fmt.Fprintf(w, `<link rel="icon" href="data:,"><iframe src="%[1]s/04/?name=Ana&room=go"></iframe><iframe src="%[1]s/04/?name=Bob&room=go"></iframe>`, s.url)
		}
	})
	deck.Start()
	w := open(t, browser, deck.URL)
	w.until("both frames are there", `frames.length === 2`)
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		m, err := s.store.Members(t.Context(), "go")
		if err != nil {
			t.Fatal(err)
		}
		if len(m.Claims) == 2 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("in the room are %v", m.Claims)
		}
	}
	w.quietNetwork()
}

func testAloud(t *testing.T, browser context.Context) {
	s := serve(t, Options{})
	s.post("go", "Zoe", "before")
	w := enter(t, browser, s, "Ana", "go")
	w.until("history is there", conversation("Zoe: before"))
	s.post("go", "Zoe", "aloud")
	w.until("a new message is said", `document.querySelector('#aloud').innerText.trim() === 'Zoe: aloud'`)
	for range 5 {
		s.post("go", "Zoe", "many")
	}
	w.until("many are counted", text("#aloud")+` === '5 new messages'`)
	// Nothing else may speak by itself.
	const live = `[...document.querySelectorAll('[aria-live], [role=log], [role=status], [role=alert]')].map(e => e.id).join(' ')`
	if got := eval[string](w, live); got != "limit welcome-error aloud status" {
		t.Errorf("live regions are %q", got)
	}
	w.quietNetwork()
}

func testDark(t *testing.T, browser context.Context) {
	s := serve(t, Options{})
	w := enter(t, browser, s, "Ana", "go")
	const paper = `getComputedStyle(document.documentElement).backgroundColor`
	light := eval[string](w, paper)
	w.media("prefers-color-scheme", "dark")
	if dark := eval[string](w, paper); dark == light || light != "rgb(250, 248, 244)" || dark != "rgb(19, 20, 25)" {
		t.Errorf("the paper is %s, and in the dark %s", light, dark)
	}
	w.media("prefers-reduced-motion", "reduce")
	if got := eval[string](w, `getComputedStyle(document.querySelector('.dots i')).animationName`); got != "none" {
		t.Errorf("the dots move: %s", got)
	}
}
