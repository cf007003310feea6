package check

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"websocket.example/02-handshake/handshake"
	"websocket.example/03-raw-server/deflate"
	"websocket.example/03-raw-server/frame"
	"websocket.example/03-raw-server/server"
	"websocket.example/03-raw-server/wsconn"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patient is for machines that are busy: what must come may come late.
const patient = 6 * time.Second

// reference starts this repository's server until the test ends.
func reference(t *testing.T, options deflate.Options) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &server.Server{
		Compress: true,
		Conn:     wsconn.Options{Deflate: options},
		Handler: func(c *wsconn.Conn, _ *handshake.Handshake) wsconn.Handler {
			return func(op frame.Opcode, message []byte) error { return c.Write(context.Background(), op, message) }
		},
	}
	ended := make(chan error)
	go func() { ended <- s.Serve(l) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patient)
		defer cancel()
		if err := s.Shutdown(ctx); err != nil {
			t.Error(err)
		}
		<-ended
	})
	return "ws://" + l.Addr().String()
}

// wantAll wants every case to be ok but those that need not be.
func wantAll(t *testing.T, r *Report, absent ...string) {
	t.Helper()
	for i := range r.Results {
		x := &r.Results[i]
		switch {
		case x.Verdict == OK:
		case x.Verdict == NotOffered && slices.Contains(absent, x.ID):
		default:
			t.Errorf("%s %s: %s", x.ID, English.Say(x.Title), x.Verdict)
			if x.Finding != nil {
				var b bytes.Buffer
				View{Language: English}.failure(&b, x)
				t.Log(b.String())
			}
		}
	}
	t.Logf("%d cases in %v", len(r.Results), r.Took)
}

// This repository's server is all ok.
func TestLessonOfReference(t *testing.T) {
	r, err := Run(t.Context(), reference(t, deflate.Options{}), Options{Strict: true, Limit: patient})
	if err != nil {
		t.Fatal(err)
	}
	wantAll(t, r)
	if len(r.Results) != len(lesson) || r.Stopped != 0 || !r.Passed() {
		t.Errorf("%d cases, stopped after %d", len(r.Results), r.Stopped)
	}
}

// heavy is what takes the race detector long, and shows it nothing new.
var heavy = []string{"6", "8.1.1*", "8.1.2*", "8.1.3*", "8.1.4*", "8.1.5*", "8.2"}

func TestFullOfReference(t *testing.T) {
	for _, row := range []struct {
		name    string
		options deflate.Options
		o       Options
		absent  []string
	}{
		{"takeover", deflate.Options{}, Options{Large: 1 << 20}, nil},
		{"no takeover", deflate.Options{NoServerTakeover: true, NoClientTakeover: true}, Options{Only: []string{"7", "8"}, Large: 1 << 20}, []string{"8.9.1", "8.9.2"}},
		{"small windows", deflate.Options{ServerWindowBits: 9, ClientWindowBits: 8}, Options{Only: []string{"7", "8"}, Large: 1 << 20}, []string{"8.5.23", "8.5.24", "8.9.1"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			o := row.o
			o.Full, o.Strict, o.Limit = true, true, patient
			if raceOn {
				o.Skip = heavy
			}
			r, err := Run(t.Context(), reference(t, row.options), o)
			if err != nil {
				t.Fatal(err)
			}
			wantAll(t, r, row.absent...)
		})
	}
}

// A server without compression passes, and is told what was not graded.
func TestNotOffered(t *testing.T) {
	r, err := Run(t.Context(), reference(t, deflate.Options{}), Options{Full: true, Only: []string{"7.1.1", "5.1.1"}, Limit: patient})
	if err != nil {
		t.Fatal(err)
	}
	wantAll(t, r)
	m := &mutant{}
	r, err = Run(t.Context(), m.start(t), Options{Full: true, Only: []string{"7", "8.1", "8.3"}, Limit: patient})
	if err != nil {
		t.Fatal(err)
	}
	if !r.Passed() || r.Count(NotOffered) == 0 || r.Count(NotOffered)+r.Count(OK) != len(r.Results) {
		t.Errorf("%d not offered, %d ok, of %d", r.Count(NotOffered), r.Count(OK), len(r.Results))
	}
}

// echoClient connects again and again, as Listen wants it.
func echoClient(ctx context.Context, url string, o *wsconn.DialOptions) error {
	for {
		c, err := wsconn.Dial(ctx, url, o)
		var refused *handshake.RefusedError
		switch {
		case errors.As(err, &refused) && refused.Response.Status == http.StatusGone:
			return nil
		case ctx.Err() != nil || errors.As(err, new(*net.OpError)):
			return err
		case err != nil:
			continue // the answer to the handshake was wrong: that is a case too
		}
		_ = c.Each(ctx, func(op frame.Opcode, message []byte) error { return c.Write(ctx, op, message) })
	}
}

// grade runs clients against Listen.
func grade(t *testing.T, o Options, clients int, client func(ctx context.Context, url string) error) *Report {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var work sync.WaitGroup
	for range clients {
		work.Go(func() {
			if err := client(t.Context(), "ws://"+l.Addr().String()); err != nil && clients == 1 {
				t.Error(err)
			}
		})
	}
	r, err := Listen(t.Context(), l, o)
	work.Wait()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// This repository's client is all ok, one connection after the other and
// several at once.
func TestClient(t *testing.T) {
	compressing := &wsconn.DialOptions{Compress: true}
	client := func(ctx context.Context, url string) error { return echoClient(ctx, url, compressing) }
	t.Run("lesson", func(t *testing.T) {
		r := grade(t, Options{Strict: true, Limit: patient}, 1, client)
		wantAll(t, r)
		if r.Missing != 0 || r.Stopped != 0 || len(r.Results) != len(Cases(Options{}, true)) {
			t.Errorf("%d graded, %d missing, stopped after %d", len(r.Results), r.Missing, r.Stopped)
		}
	})
	t.Run("full", func(t *testing.T) {
		o := Options{Full: true, Strict: true, Limit: patient, Large: 1 << 20}
		if raceOn {
			o.Skip = heavy
		}
		r := grade(t, o, 8, client)
		wantAll(t, r)
		if r.Missing != 0 {
			t.Errorf("%d missing", r.Missing)
		}
	})
	t.Run("without compression", func(t *testing.T) {
		r := grade(t, Options{Full: true, Only: []string{"8.1", "2.1"}, Limit: patient}, 1, func(ctx context.Context, url string) error {
			return echoClient(ctx, url, nil)
		})
		if r.Count(NotOffered) != len(r.Results)-8 || r.Missing != 0 {
			t.Errorf("%d not offered of %d", r.Count(NotOffered), len(r.Results))
		}
	})
}

func TestNobodyThere(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := "ws://" + l.Addr().String()
	l.Close()
	if _, err := Run(t.Context(), address, Options{}); err == nil || !strings.Contains(err.Error(), "nobody answers at "+address) {
		t.Error(err)
	}
	plain := &http.Server{Handler: http.NotFoundHandler()}
	l, err = net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error)
	go func() { ended <- plain.Serve(l) }()
	defer func() { plain.Close(); <-ended }()
	if _, err := Run(t.Context(), "ws://"+l.Addr().String(), Options{}); err == nil || !strings.Contains(err.Error(), "404 Not Found instead of 101") {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	l, err = net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Listen(ctx, l, Options{}); err == nil || err.Error() != "no client has come" {
		t.Error(err)
	}
}

// A client that leaves in the middle is graded for what it came for.
func TestClientLeaves(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() {
		defer cancel() // Ctrl-C
		c, err := wsconn.Dial(ctx, "ws://"+l.Addr().String(), nil)
		if err == nil {
			_ = c.Each(ctx, func(op frame.Opcode, message []byte) error { return c.Write(ctx, op, message) })
		}
		done <- err
	}()
	go func() {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}()
	r, err := Listen(ctx, l, Options{Limit: patient})
	if err != nil || len(r.Results) != 1 || r.Missing != len(lesson)-1 || r.Passed() {
		t.Errorf("%v, %+v", err, r)
	}
}

func TestChoice(t *testing.T) {
	ids := func(o Options) (ids []string) {
		for _, c := range Cases(o, false) {
			ids = append(ids, c.ID)
		}
		return ids
	}
	for _, row := range []struct {
		o    Options
		want string
	}{
		{Options{Stage: 1}, "echo again empty binary characters"},
		{Options{Only: []string{"ping-1*"}}, "ping-125 ping-126"},
		{Options{Only: []string{"RFC 6455:5.4"}, Skip: []string{"fragments*", "Stage"}}, "byte-by-byte long-in-pieces two-in-one one-and-a-half ping-between after-fragments stray-continuation message-within close-within"},
		{Options{Only: []string{"strict"}}, "length-not-shortest length-top-bit close-not-utf8 fail-fast"},
		{Options{Full: true, Only: []string{"2.3", "5.7.2"}, Skip: []string{"2.3.4"}}, "2.3.1 2.3.2 2.3.3 2.3.5 2.3.6 5.7.2"},
	} {
		if got := strings.Join(ids(row.o), " "); got != row.want {
			t.Errorf("%+v: %s, want %s", row.o, got, row.want)
		}
	}
	if err := (Options{Only: []string{"4.2"}}).Unknown(); err == nil || !strings.Contains(err.Error(), `"4.2" names no case`) {
		t.Error(err)
	}
	if err := (Options{Full: true, Only: []string{"4.2"}, Skip: []string{"9"}}).Unknown(); err != nil {
		t.Error(err)
	}
}

// Every case, group, finding and hint has its text in both languages, and no
// text is there for nothing.
func TestCatalogs(t *testing.T) {
	used := map[string]bool{}
	want := func(x Text) {
		used[x.Key] = true
		for _, value := range x.Values {
			if inner, is := value.(Text); is {
				used[inner.Key] = true
			}
		}
		for _, l := range languages {
			if text := l.Say(x); strings.Contains(text, "[no text") || strings.ContainsAny(strings.ReplaceAll(text, "{fatal: true}", ""), "{}") {
				t.Errorf("%s, in %s: %s", x.Key, l.Tag, text)
			}
		}
	}
	seen := map[string]bool{}
	for _, c := range append(Cases(Options{}, false), append(Cases(Options{Full: true}, false), Cases(Options{Full: true}, true)...)...) {
		want(c.Title)
		for _, l := range languages {
			for i, hint := range l.Hints(c, HintLevels) {
				used[hintKey(c, i+1)] = true // of step 02 there are others
				if strings.HasPrefix(hint, "[no text") {
					t.Errorf("%s: %s", l.Tag, hint)
				}
			}
		}
		if g := c.Group(); g != "" {
			want(say("group." + g))
			want(say("chapter."+strings.Split(g, ".")[0], "n", 1))
		} else {
			if seen[c.ID] || c.Stage < 1 || c.Stage > Stages || c.Needs != "" && !seen[c.Needs] {
				t.Errorf("%+v", c)
			}
			seen[c.ID] = true
			want(say("stage." + c.ID[:0] + string(rune('0'+c.Stage))))
		}
		if len(c.steps) == 0 && c.opening == nil || c.Level == "" || c.Section == "" {
			t.Errorf("%+v", c)
		}
	}
	for key := range English.texts {
		if Portuguese.texts[key] == "" {
			t.Errorf("pt-BR has no %s", key)
		}
		prefix, _, _ := strings.Cut(key, ".")
		if slices.Contains([]string{"full", "lesson", "group", "chapter", "utf8", "frames", "empty", "hint", "size"}, prefix) && !used[key] && key != "chapter" && key != "hint" && key != "chapter.line" && key != "chapter.count" && key != "size.b" {
			t.Errorf("nothing says %s", key)
		}
		for _, gap := range gaps(English.texts[key]) {
			if !strings.Contains(Portuguese.texts[key], gap) {
				t.Errorf("%s: pt-BR lacks %s", key, gap)
			}
		}
	}
	if len(English.texts) != len(Portuguese.texts) {
		t.Errorf("%d texts in en, %d in pt-BR", len(English.texts), len(Portuguese.texts))
	}
}

func gaps(text string) (all []string) {
	for {
		from := strings.Index(text, "{")
		to := strings.Index(text, "}")
		if from < 0 || to < from {
			return all
		}
		all = append(all, text[from:to+1])
		text = text[to+1:]
	}
}

func TestJSON(t *testing.T) {
	m := &mutants[slices.IndexFunc(mutants, func(m mutant) bool { return m.name == "masks its replies" })]
	r, err := Run(t.Context(), m.start(t), Options{Limit: patient})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := (View{Language: English, Hints: 3}).JSON(&out, r); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Passed  bool
		Stopped int `json:"stopped_after_stage"`
		Cases   []struct {
			ID, Verdict string
			Finding     *struct {
				Key, Text, Section string
				Wanted             string `json:"wanted_hex"`
				Caret              *int
				Hints              []string
				Log                []struct {
					Sent bool
					Hex  string
				}
			}
		}
	}
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if got.Passed || got.Stopped != 1 || len(got.Cases) != 5 || got.Cases[0].Verdict != "failed" || got.Cases[1].Verdict != "skipped" {
		t.Fatalf("%s", out.Bytes())
	}
	f := got.Cases[0].Finding
	if f.Key != "frame.masked" || f.Wanted != "810548656c6c6f" || *f.Caret != 1 || len(f.Hints) != 3 || len(f.Log) != 2 || !f.Log[0].Sent || f.Log[0].Hex != "818537fa213d7f9f4d5158" {
		t.Errorf("%+v", f)
	}
}

// The page is whole: every placeholder is filled, and the data can be read.
func TestHTML(t *testing.T) {
	m := &mutants[slices.IndexFunc(mutants, func(m mutant) bool { return m.name == "RSV3 unread" })]
	r, err := Run(t.Context(), m.start(t), Options{Limit: patient})
	if err != nil {
		t.Fatal(err)
	}
	r.Peer = `ws://x/</script><b>"&`
	var out bytes.Buffer
	if err := (View{Language: Portuguese}).HTML(&out, r); err != nil {
		t.Fatal(err)
	}
	page := out.String()
	for _, not := range []string{"/*DATA*/", "/*STYLE*/", "/*SCRIPT*/", `lang="LANG"`, "</script><b>", "[no text", "https://", "http://"} {
		if strings.Contains(page, not) {
			t.Errorf("it has %s in it", not)
		}
	}
	_, rest, _ := strings.Cut(page, `type="application/json">`)
	text, _, _ := strings.Cut(rest, "</script>")
	var data pageData
	if err := json.Unmarshal([]byte(text), &data); err != nil {
		t.Fatal(err)
	}
	if data.Lang != "pt-BR" || data.Peer != r.Peer || len(data.Parts) != 4 || data.Parts[3].Name[1] != "Etapa 4: o que se recusa" {
		t.Errorf("%+v", data)
	}
	c := data.Parts[3].Groups[0].Cases[3]
	if c.ID != "rsv3" || c.Verdict != Failed || len(c.Why) != 2 || c.Wanted != "880203ea" || c.Caret != 1 || len(c.Log) != 2 {
		t.Errorf("%+v", c)
	}
}
