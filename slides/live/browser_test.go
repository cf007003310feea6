package live

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"websocket.example/slides/internal/browsertest"
)

// Two people on stage talk, in two windows of the deck.
func TestChatInABrowser(t *testing.T) {
	chromium := browsertest.Start(t)
	h := open(t, Start(t.Context(), Options{Join: "http://192.0.2.7:8000/live/chat/", QR: "../pictures/chat.en.light.png"}))
	address := h.url + "/live/chat/?lang=pt-BR"
	w := window{t, chromium}
	var complaints complaints
	if err := chromedp.Listen(chromium, complaints.listen); err != nil {
		t.Fatal(err)
	}
	w.do(chromedp.Navigate(address))
	w.until("both are in the room", `people().length === 2 && people().every((d) => d.querySelectorAll("#members li").length === 2)`)
	w.until("it is in Portuguese", `people().every((d) => d.documentElement.lang === "pt-BR")`)
	w.until("the audience is invited", `document.querySelector("aside code").textContent === "http://192.0.2.7:8000/live/chat/"
		&& document.querySelector("aside img").naturalWidth > 0`)

	// Markup stays text, whoever types it.
	w.eval(`people()[0].querySelector("#text").focus()`)
	w.do(chromedp.KeyEvent("oi <b>Bia</b>"), chromedp.KeyEvent(kb.Enter))
	w.until("the other one reads it", `people()[1].querySelector("#messages").innerText.includes("oi <b>Bia</b>")
		&& people()[1].querySelector("#messages").innerText.includes("Ana")`)
	w.eval(`people()[1].querySelector("#text").focus()`)
	w.do(chromedp.KeyEvent("oi Ana"), chromedp.KeyEvent(kb.Enter))
	w.until("and answers", `people()[0].querySelector("#messages").innerText.includes("oi Ana")`)

	ctx, cancel := chromedp.NewContext(chromium) // the presenter's second window
	defer cancel()
	if err := chromedp.Do(ctx); err != nil { // without a time limit: the window ends with the first context it sees
		t.Fatal(err)
	}
	second := window{t, ctx}
	second.do(chromedp.Navigate(address))
	second.until("four are in the room", `people().length === 2 && people().every((d) => d.querySelectorAll("#members li").length === 4)`)
	second.until("each by a name of their own", `people().map((d) => d.querySelector("#me-name").textContent).join() === "Ana 2,Bia 2"`)
	complaints.mu.Lock()
	defer complaints.mu.Unlock()
	for _, text := range complaints.list {
		t.Errorf("the console says: %s", text)
	}
}

// A number that is changed changes the bill, and the drawing.
func TestCostInABrowser(t *testing.T) {
	w := window{t, browsertest.Start(t)}
	h := start(t)
	w.do(chromedp.Navigate(h.url + "/live/cost/?lang=en"))
	w.until("it is drawn", `document.querySelector("figure img").naturalWidth > 0`)
	w.eval(`window.before = document.querySelector(".bills b").innerText; document.querySelector("[name=users]").select()`)
	w.do(chromedp.KeyEvent("7000"))
	w.until("the bill is another", `document.querySelector(".bills b").innerText !== before
		&& document.querySelector("figure img").src.includes("users=7000") && location.search.includes("users=7000")`)
	w.eval(`document.querySelector("[name=hours]").select()`)
	w.do(chromedp.KeyEvent("25"))
	w.until("nonsense is pointed at", `document.querySelector("[name=hours]:invalid") && !location.search.includes("hours=25")`)
}

// A window of the browser.
type window struct {
	t   *testing.T
	ctx context.Context
}

// patience is for what never comes.
const patience = 20 * time.Second

func (w window) do(actions ...chromedp.Action[chromedp.Void]) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, actions...); err != nil {
		w.t.Fatal(err)
	}
}

func (w window) eval(script string) {
	w.t.Helper()
	w.do(chromedp.Evaluate[chromedp.Void](peopleScript + script))
}

const peopleScript = `var people = () => [...document.querySelectorAll("iframe")].map((f) => f.contentDocument);`

// until waits for an expression to be true.
func (w window) until(what, expression string) {
	w.t.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		is, err := chromedp.Run(w.ctx, chromedp.Evaluate[bool](peopleScript+"!!("+expression+")"))
		if is {
			return
		}
		if w.ctx.Err() != nil {
			w.t.Fatal(err) // any other error is that of a document that has not come yet
		}
		if time.Now().After(deadline) {
			text, _ := chromedp.Run(w.ctx, chromedp.Evaluate[string](peopleScript+
				`[document, ...people()].map((d) => d.body.innerText.replace(/\s+/g, " ")).join(" | ")`))
			w.t.Fatalf("never: %s\n%v\n%s", what, err, text)
		}
	}
}

// complaints are what the console says.
type complaints struct {
	mu   sync.Mutex
	list []string
}

func (c *complaints) listen(event any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		c.list = append(c.list, e.ExceptionDetails.Text)
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError || e.Entry.Level == log.EntryLevelWarning {
			c.list = append(c.list, e.Entry.Text+" "+e.Entry.URL)
		}
	}
}
