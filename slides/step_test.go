package main

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"websocket.example/slides/content"
	"websocket.example/slides/internal/browsertest"
)

// The pages of the stage, in one browser.
func TestStage(t *testing.T) {
	d, err := content.Deck("en")
	if err != nil {
		t.Fatal(err)
	}
	ids := ids(d)
	chromium := browsertest.Start(t)
	t.Run("in step", func(t *testing.T) { inStep(t, chromium, ids) })
	t.Run("late after a restart", func(t *testing.T) { lateAfterARestart(t, chromium, ids) })
	t.Run("the clock", func(t *testing.T) { theClock(t, chromium) })
}

// The deck, the presenter view, the phone that is the remote and the audience
// stay in step: whoever of the first three moves, after a reload, and after
// the program was stopped and started again on its port.
func inStep(t *testing.T, chromium context.Context, ids []string) {
	args := []string{"-addr", "127.0.0.1:0", "-key", "a-key-for-the-test"}
	p := startProgram(t, args...)
	address := p.address(t)
	args[1] = address
	base := "http://" + address

	large, phone := viewer{"en", 1280, "light"}, viewer{"pt-BR", 390, "dark"}
	pages := []stepping{
		{open(t, chromium, large, base+"/?lang=en"), "deck"},
		{open(t, chromium, large, base+"/presenter?lang=en"), "presenter"},
		{open(t, chromium, phone, base+"/remote?key=a-key-for-the-test&lang=pt-BR"), "remote"},
		{open(t, chromium, phone, base+"/?audience&lang=pt-BR"), "audience"},
	}
	deck, presenter, remote, audience := pages[0], pages[1], pages[2], pages[3]
	for _, page := range pages {
		page.until(page.name+" is connected", `["driver", "audience", "connected"].includes(document.documentElement.dataset.step)`)
		t.Cleanup(page.forgive)
	}
	all := func(id string) {
		t.Helper()
		for _, page := range pages {
			page.at(id)
		}
	}

	deck.until("it knows the presenter's page", `document.body.dataset.presenter === "presenter?lang=en"`)
	audience.until("it knows of no such page", `document.body.dataset.presenter === undefined`)
	deck.press("ArrowRight")
	all(ids[1])
	presenter.eval(`document.getElementById("next").click()`)
	all(ids[2])
	remote.eval(`document.getElementById("next").click()`)
	all(ids[3])
	presenter.until("the presenter is told who follows", `document.getElementById("audience").textContent === "1 person follows"`)
	presenter.until("the pictures are those slides", `["now", "coming"].map(id => document.getElementById(id).contentWindow.location.hash).join() === "#`+ids[3]+`,#`+ids[4]+`"`)

	// Quick steps: nobody is taken back by what the server says of older ones.
	for range 5 {
		deck.press("ArrowRight")
	}
	all(ids[8])

	// The audience looks back, and stays there until it wants to be back.
	audience.press("ArrowLeft")
	deck.press("ArrowRight")
	deck.at(ids[9])
	audience.until("it is told", `document.querySelector(".in-step p").textContent === "Você está atrás de quem apresenta."`)
	audience.at(ids[7])
	audience.eval(`document.querySelector(".in-step button").click()`)
	all(ids[9])
	audience.until("the notice has gone", `document.querySelector(".in-step").hidden`)

	// A reload: of who follows, and of who drives while another has gone on.
	for _, page := range pages {
		page.reload()
	}
	all(ids[9])
	presenter.press("PageDown")
	all(ids[10])

	// A restart. Nobody moves the deck; its page says where it is.
	p.end(t)
	for _, page := range pages {
		page.until(page.name+" has noticed", `document.documentElement.dataset.step === "lost"`)
	}
	remote.press("PageUp") // without a connection: it counts when there is one
	startProgram(t, args...).address(t)
	for _, page := range pages {
		page.eval(`dispatchEvent(new Event("online"))`) // as when the network is back
		page.until(page.name+" is back", `["driver", "audience", "connected"].includes(document.documentElement.dataset.step)`)
	}
	all(ids[9])
	deck.press("ArrowRight")
	all(ids[10])
}

// Who comes new to a program that was started again is told where the talk is,
// by the page of a driver.
func lateAfterARestart(t *testing.T, chromium context.Context, ids []string) {
	p := startProgram(t, "-addr", "127.0.0.1:0")
	address := p.address(t)
	deck := stepping{open(t, chromium, viewer{"en", 1280, "light"}, "http://"+address+"/?lang=en#"+ids[4]), "deck"}
	t.Cleanup(deck.forgive)
	deck.until("it is connected", `document.documentElement.dataset.step === "driver"`)
	p.end(t)
	startProgram(t, "-addr", address).address(t)
	late := stepping{open(t, chromium, viewer{"en", 390, "light"}, "http://"+address+"/?audience&lang=en"), "audience"}
	t.Cleanup(late.forgive)
	late.at(ids[4]) // the deck has come back by itself
	deck.at(ids[4])
}

// The clock keeps what was used over a reload, and says in words how the talk
// is doing.
func theClock(t *testing.T, chromium context.Context) {
	address := startProgram(t, "-addr", "127.0.0.1:0").address(t)
	p := stepping{open(t, chromium, viewer{"en", 1280, "light"}, "http://"+address+"/presenter?lang=en"), "presenter"}
	p.until("it is connected", `document.documentElement.dataset.step === "connected"`)
	said := func(what, want string) {
		t.Helper()
		p.until("the clock says "+want, `document.getElementById("`+what+`").textContent.includes("`+want+`")`)
	}
	said("pace", "The clock stands still")
	p.eval(`document.getElementById("start").click()`)
	said("pace", "On time.")
	// As if it had begun long ago: the deck is at its first slide still.
	p.eval(`localStorage.setItem("slides.presenter.time", JSON.stringify({since: null, block: "opening", used: {opening: 3_725_000}}))`)
	p.reload()
	said("elapsed", "1:02:05")
	said("pace", "minutes behind: What it is should be shorter.")
	said("start", "Go on")
	p.eval(`document.getElementById("reset").click()`)
	said("elapsed", "0:00")
	said("start", "Start")

	// The arithmetic, without a page.
	for _, row := range []struct {
		name, call, want string
	}{
		{"at the beginning", `pace(blocks, slides, 0, 0)`, `{"state":"ontime","id":"a","left":10}`},
		{"at the end of the first half", `pace(blocks, slides, 0, 5.9)`, `{"state":"ontime","id":"a","left":5}`},
		{"two minutes late", `pace(blocks, slides, 0, 7.2)`, `{"state":"behind","id":"a","left":3,"n":2}`},
		{"very late", `pace(blocks, slides, 1, 60)`, `{"state":"behind","id":"a","left":0,"n":50}`},
		{"early", `pace(blocks, slides, 3, 4)`, `{"state":"ahead","id":"c","left":20,"n":6}`},
		{"a block that is cut", `pace(blocks, slides, 2, 10)`, `{"state":"cut","id":"b"}`},
		{"in no block", `pace(blocks, slides, 4, 10)`, `{"state":"none"}`},
		{"time of a block", `timer(t => { t.enter("a"); t.start(); now = 5; t.enter("b"); now = 8; t.pause(); now = 9; t.start(); now = 10; return [t.used("a"), t.used("b"), t.elapsed(), t.running] })`, `[5,4,9,true]`},
		{"what another window sees", `timer(t => { t.enter("a"); t.start(); now = 7; const other = new Timer(kept, () => now); return [other.elapsed(), other.running] })`, `[7,true]`},
		{"after a reset", `timer(t => { t.enter("a"); t.start(); now = 7; t.reset(); return [t.elapsed(), t.begun] })`, `[0,false]`},
		{"what somebody else has kept", `timer(() => { kept.setItem("slides.presenter.time", "{"); return new Timer(kept).elapsed() })`, `0`},
	} {
		got := eval[string](p.window, `(async () => {
			const { pace } = await import("/stage/static/pace.js");
			const { Timer } = await import("/stage/static/timer.js");
			const blocks = [{id: "a", minutes: 10}, {id: "b", minutes: 0}, {id: "c", minutes: 20}];
			const slides = ["a", "a", "b", "c", ""].map(block => ({block}));
			let now = 0, text = null;
			const kept = {getItem: () => text, setItem: (_, value) => { text = value; }};
			const timer = (f) => f(new Timer(kept, () => now));
			return JSON.stringify(`+row.call+`);
		})()`)
		if got != row.want {
			t.Errorf("%s: %s, want %s", row.name, got, row.want)
		}
	}
}

// A stepping page is one of those that are in step.
type stepping struct {
	*window
	name string
}

func (p stepping) at(id string) {
	p.t.Helper()
	p.until(p.name+" is at "+id, `(document.querySelector(".slide.current")?.id ?? document.querySelector("#notes > :not([hidden])").dataset.slide) === "`+id+`"`)
}

func (p stepping) press(key string) {
	p.t.Helper()
	p.eval(`document.body.dispatchEvent(new KeyboardEvent("keydown", {key: "` + key + `", bubbles: true}))`)
}

func (p stepping) eval(script string) {
	p.t.Helper()
	eval[bool](p.window, script+"; true")
}

func (p stepping) reload() {
	p.t.Helper()
	p.eval(`document.documentElement.dataset.step = "old"; location.reload()`)
	p.until(p.name+" has loaded again", `!["old", undefined].includes(document.documentElement.dataset.step)`)
}

// forgive what the browser says of a program that was stopped. Exceptions are
// the page's own.
func (p stepping) forgive() {
	p.close()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.complaints = slices.DeleteFunc(p.complaints, func(text string) bool { return !strings.HasPrefix(text, "exception") })
}

// Who asks by another name, or from elsewhere, gets no more than the audience.
func TestWhoGetsWhat(t *testing.T) {
	address := startProgram(t, "-addr", "127.0.0.1:0", "-key", "a-key-for-the-test").address(t)
	for _, row := range []struct {
		name, path, host, from string
		want                   int
	}{
		{"here", "/presenter", "", "", 200},
		{"here, by name", "/presenter", "localhost:8000", "", 200},
		{"another site's name (DNS rebinding)", "/", "evil.example", "", http.StatusMisdirectedRequest},
		{"another site's name, a pane", "/live/cost/", "evil.example:8000", "", http.StatusMisdirectedRequest},
		{"a number that is not ours", "/", "192.0.2.7", "", http.StatusMisdirectedRequest},
		{"through a tunnel", "/", "", "192.0.2.7", 200},
		{"through a tunnel", "/presenter", "", "192.0.2.7", 403},
		{"through a tunnel", "/live/cost/", "", "192.0.2.7", 403},
		{"through a tunnel", "/qr.svg?for=remote", "", "192.0.2.7", 403},
		{"through a tunnel", "/remote", "", "192.0.2.7", 403},
		{"through a tunnel, with a wrong key", "/remote?key=a-key", "", "192.0.2.7", 403},
		{"through a tunnel, with the key", "/remote?key=a-key-for-the-test", "", "192.0.2.7", 200},
		{"no such code", "/qr.svg", "", "", 404},
		{"no such page", "/nowhere", "", "", 404},
	} {
		request, err := http.NewRequestWithContext(t.Context(), "GET", "http://"+address+row.path, nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Host = row.host
		if row.from != "" {
			request.Header.Set("X-Forwarded-For", row.from)
		}
		client := &http.Client{Timeout: 5 * time.Second}
		response, err := client.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != row.want {
			t.Errorf("%s, %s: %d, want %d", row.name, row.path, response.StatusCode, row.want)
		}
	}
}
