package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"websocket.example/02-handshake/handshake"
	"websocket.example/03-raw-server/frame"
	"websocket.example/03-raw-server/wsconn"
	"websocket.example/05-apigw-lambda/internal/browser"
	"websocket.example/05-apigw-lambda/internal/dynalite"
)

// A guest is a client of the chat.
type guest struct {
	*wsconn.Conn
	t *testing.T
}

func dial(t *testing.T, url string) *guest {
	t.Helper()
	c, err := wsconn.Dial(t.Context(), url, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close(frame.NormalClosure, "") })
	return &guest{c, t}
}

// refused is the status of a handshake.
func refused(t *testing.T, url string) int {
	t.Helper()
	c, err := wsconn.Dial(t.Context(), url, nil)
	if err == nil {
		c.Abort()
		return http.StatusSwitchingProtocols
	}
	var no *handshake.RefusedError
	if !errors.As(err, &no) {
		t.Fatal(err)
	}
	return no.Response.Status
}

func (g *guest) send(text string) {
	g.t.Helper()
	if err := g.Write(g.t.Context(), frame.Text, []byte(text)); err != nil {
		g.t.Fatal(err)
	}
}

// want reads until a message has all of these in it.
func (g *guest) want(parts ...string) string {
	g.t.Helper()
	ctx, cancel := context.WithTimeout(g.t.Context(), 30*time.Second)
	defer cancel()
	var seen []string
next:
	for {
		_, b, err := g.Read(ctx)
		if err != nil {
			g.t.Fatalf("nothing with %q came: %v\n%s", parts, err, strings.Join(seen, "\n"))
		}
		seen = append(seen, string(b))
		for _, part := range parts {
			if !strings.Contains(string(b), part) {
				continue next
			}
		}
		return string(b)
	}
}

// buildFunctions builds the binaries that are deployed, beside the template.
func buildFunctions(t *testing.T) {
	t.Helper()
	b, err := exec.CommandContext(t.Context(), "go", "run", "./deploy/build", "-arch", runtime.GOARCH, "-os", runtime.GOOS).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, b)
	}
}

// The chat in two tabs, with no AWS: the functions in this process, and as the
// built binaries with a table.
func TestTwoTabs(t *testing.T) {
	chromium := browser.Start(t)
	t.Run("in this process", func(t *testing.T) {
		host, _ := startProgram(t, "-addr", "127.0.0.1:0").address(t)
		twoTabs(t, chromium, host)
	})
	t.Run("the built binaries", func(t *testing.T) {
		if runtime.GOOS != "linux" {
			t.Skip("they are built for Linux")
		}
		url := dynalite.Start(t, ".").URL
		buildFunctions(t)
		host, _ := startProgram(t, "-addr", "127.0.0.1:0", "-exec", "-dynamodb", url).address(t)
		twoTabs(t, chromium, host)
	})
}

func twoTabs(t *testing.T, browser context.Context, host string) {
	ana := open(t, browser, "http://"+host+"/chat/?lang=en&room=sala&name=Ana")
	bia := open(t, browser, "http://"+host+"/chat/?lang=pt-BR&room=sala&name=Bia")
	const people = `document.querySelectorAll('#members li').length === 2`
	ana.until("both are in the room", people)
	bia.until("both are in the room", people)
	for i, w := range []*tab{ana, bia, ana} {
		text := fmt.Sprintf("message %d: olá <b>", i)
		w.until("one can write", `!document.querySelector('#text').disabled`)
		w.do(chromedp.SetValue(chromedp.CSS("#text"), text), chromedp.Focus(chromedp.CSS("#text")), chromedp.KeyEvent(kb.Enter))
		for _, reader := range []*tab{ana, bia} {
			reader.until("it is read", fmt.Sprintf(`[...document.querySelectorAll('#messages li')].filter(li => li.textContent.includes(%q)).length === 1`, text))
		}
	}
	// Whoever comes later sees what was said, and who leaves is seen to.
	late := open(t, browser, "http://"+host+"/chat/?lang=en&room=sala&name=Caio")
	late.until("the history is there", `document.querySelector('#messages').textContent.includes('message 0')`)
	ana.until("somebody came", `document.querySelectorAll('#members li').length === 3`)
	late.close()
	ana.until("and went", people)
}
