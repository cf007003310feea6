package app_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"websocket.example/05-apigw-lambda/app"
	"websocket.example/05-apigw-lambda/store/memory"
)

// Conversations are in testdata, one line for what happens:
//
//	ana +            connects
//	ana > {...}      sends a message
//	ana < {...}      has been told this; * is any string, $name the same one everywhere
//	ana & {...}      the same, in any order with other lines of this kind beside it
//	ana -            disconnects, and $disconnect comes
//	ana !            disconnects, and nobody is told
//	announce {...}   the text and the id of an announcement, to all rooms
//	wait 10m
//
// In a request $epochX is a cursor of the history of $new, with the number X.
// At the end, and at each +, > and -, nobody has been told anything else.
func TestConversations(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no conversations", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { newTalk(t).play(file) })
		})
	}
}

type talk struct {
	*testing.T
	app   *app.App
	mu    sync.Mutex
	lines map[string][]string // what each connection was told
	since map[string]time.Time
	known map[string]string // what $names stand for
	where string
}

func newTalk(t *testing.T) *talk {
	k := &talk{T: t, lines: map[string][]string{}, since: map[string]time.Time{}, known: map[string]string{}}
	k.app = app.New(memory.New(), k, app.Options{Rooms: 3, Log: slog.New(slog.DiscardHandler)})
	return k
}

func (k *talk) Post(_ context.Context, connection string, frame []byte) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if _, there := k.since[connection]; !there {
		return app.ErrGone
	}
	k.lines[connection] = append(k.lines[connection], string(frame))
	return nil
}

func (k *talk) play(file string) {
	f, err := os.Open(file)
	if err != nil {
		k.Fatal(err)
	}
	defer f.Close()
	var unordered []string
	n := 0
	for scan := bufio.NewScanner(f); scan.Scan(); {
		n++
		line := strings.TrimSpace(scan.Text())
		who, rest, _ := strings.Cut(line, " ")
		what, body, _ := strings.Cut(rest, " ")
		if what != "&" {
			k.anyOrder(unordered)
			unordered = nil
		}
		k.where = fmt.Sprintf("%s:%d", file, n)
		switch {
		case line == "" || who == "#":
		case who == "announce":
			k.quiet()
			var a struct{ ID, Text string }
			if err := json.Unmarshal([]byte(rest), &a); err != nil {
				k.Fatal(k.where, err)
			}
			if _, err := k.app.Announce(k.Context(), a.ID, "", a.Text); err != nil {
				k.Error(k.where, err)
			}
		case who == "wait":
			d, err := time.ParseDuration(rest)
			if err != nil {
				k.Fatal(k.where, err)
			}
			time.Sleep(d)
		case what == "+":
			k.quiet()
			k.since[who] = time.Now()
		case what == "-", what == "!":
			k.quiet()
			delete(k.since, who)
			if what == "-" {
				if err := k.app.Disconnect(k.Context(), who); err != nil {
					k.Error(k.where, err)
				}
			}
		case what == ">":
			k.quiet()
			time.Sleep(time.Millisecond) // API Gateway's clock
			c := app.Client{Connection: who, Since: k.since[who], Asked: time.Now()}
			if err := k.app.Handle(k.Context(), c, []byte(k.fill(body))); err != nil {
				k.Error(k.where, err)
			}
		case what == "<":
			k.told(who, body)
		case what == "&":
			unordered = append(unordered, who+" "+body)
		default:
			k.Fatalf("%s: what is %q?", k.where, line)
		}
	}
	k.anyOrder(unordered)
	k.quiet()
}

// quiet demands that nobody was told what was not read.
func (k *talk) quiet() {
	k.Helper()
	for who, lines := range k.lines {
		for _, line := range lines {
			k.Errorf("before %s, %s was told %s", k.where, who, line)
		}
		delete(k.lines, who)
	}
}

func (k *talk) told(who, wanted string) {
	k.Helper()
	lines := k.lines[who]
	if len(lines) == 0 {
		k.Fatalf("%s: %s was not told %s", k.where, who, wanted)
	}
	if !k.fits(lines[0], wanted) {
		k.Fatalf("%s: %s was told\n%s, wanted\n%s", k.where, who, lines[0], wanted)
	}
	k.lines[who] = lines[1:]
}

func (k *talk) anyOrder(all []string) {
	k.Helper()
	for _, one := range all {
		who, wanted, _ := strings.Cut(one, " ")
		at := slices.IndexFunc(k.lines[who], func(line string) bool { return k.fits(line, wanted) })
		if at < 0 {
			k.Fatalf("before %s: %s was not told\n%s, but\n%s", k.where, who, wanted, strings.Join(k.lines[who], "\n"))
		}
		k.lines[who] = slices.Delete(k.lines[who], at, at+1)
	}
}

var placeholder = regexp.MustCompile(`\$\w+`)

// fill puts what is known into a request.
func (k *talk) fill(body string) string {
	return placeholder.ReplaceAllStringFunc(body, func(name string) string {
		if epoch, seq, ok := strings.Cut(name, "epoch"); ok && epoch == "$" { // of the last room that was joined
			return strings.TrimSuffix(k.known["$new"], "10") + seq
		}
		value, ok := k.known[name]
		if !ok {
			k.Fatalf("%s: nobody knows %s", k.where, name)
		}
		return value
	})
}

// fits compares two JSON objects, of which one may have "*" and "$name".
func (k *talk) fits(got, wanted string) bool {
	var a, b any
	if json.Unmarshal([]byte(got), &a) != nil || json.Unmarshal([]byte(wanted), &b) != nil {
		k.Fatalf("%s: not JSON: %s or %s", k.where, got, wanted)
	}
	found := map[string]string{}
	if !k.same(a, b, found) {
		return false
	}
	for name, value := range found {
		k.known[name] = value
	}
	return true
}

func (k *talk) same(got, wanted any, found map[string]string) bool {
	switch wanted := wanted.(type) {
	case map[string]any:
		m, ok := got.(map[string]any)
		if !ok || len(m) != len(wanted) {
			return false
		}
		for key := range wanted {
			if !k.same(m[key], wanted[key], found) {
				return false
			}
		}
		return true
	case []any:
		l, ok := got.([]any)
		return ok && slices.EqualFunc(l, wanted, func(a, b any) bool { return k.same(a, b, found) })
	case string:
		s, ok := got.(string)
		switch {
		case !ok:
			return false
		case wanted == "*":
			return true
		case strings.HasPrefix(wanted, "$"):
			if known, ok := k.known[wanted]; ok {
				return s == known
			}
			found[wanted] = s
			return true
		}
		return s == wanted
	default:
		return got == wanted
	}
}
