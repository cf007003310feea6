package tap

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	narrate02 "websocket.example/02-handshake/narrate"
	"websocket.example/03-raw-server/frame"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares a text with a file in testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".txt")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

// A conversation with one of everything that can be printed.
var everything = []string{
	">GET /a HTTP/1.1\r\n\r\n", "<HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
	">" + asksDeflate, "<" + agreesDeflate,
	">" + hello,
	"<\xc1\x07\xf2\x48\xcd\xc9\xc9\x07\x00",
	"<\x41\x03\xf2\x48\xcd\x89\x02hi\x80\x04\xc9\xc9\x07\x00",
	"<" + says("{\"a\":  \"b\\n\"}"), "<" + says("42[\"chat\", {}]"), "<" + says("[1, 2"), "<" + says("17"),
	"<" + says(strings.Repeat("Olá ", 30)), "<" + says("\x1b[2J"), "<" + says("Ol\xc3"), "<" + says(""),
	"<\x82\x7e\x00\xc8" + strings.Repeat("\x00\xff", 100),
	">\x81\x02hi", ">\x83\x80\x01\x02\x03\x04",
	"<\xc1\x03\xff\xff\xff", "<\xc1\x02\x00\x00",
	">\x88\x85\x00\x00\x00\x00\x03\xe8bye", ">\x88\x80\x00\x00\x00\x00", "<\x88\x02\x03\xe8",
	">\x89\x85\x00\x00\x00\x00he", "<\x82\xff\x80\x00\x00\x00\x00\x00\x00\x00abcdefg",
}

// says is a text frame of a server.
func says(text string) string {
	h := frame.Header{Fin: true, Opcode: frame.Text, Length: uint64(len(text))}
	return string(frame.Append(nil, h)) + text
}

// see has everything seen by a sink, at even times.
func see(sink Sink) {
	var now time.Duration
	f := Follow(FollowOptions{Conn: 7, Now: func() time.Duration { now += 1234 * time.Microsecond; return now }}, sink)
	f.Tell(Event{Kind: Opened, Text: "127.0.0.1:4711"})
	for _, piece := range everything {
		f.Feed(piece[0] == '>', []byte(piece[1:]))
	}
	f.End(true, nil, false)
	f.Close(os.ErrClosed)
}

func TestPrinter(t *testing.T) {
	for name, p := range map[string]*Printer{
		"plain":   {Explain: ExplainNone},
		"json":    {Explain: ExplainNone, Form: AsJSON, Max: 40},
		"compact": {Explain: ExplainNone, Form: AsCompact, Max: 40},
		"hex":     {Explain: ExplainNone, Form: AsHex, Max: 8},
		"bits":    {Explain: ExplainNone, Bits: true, Max: 20},
		"explain": {Peer: "ws://server.example", Language: narrate02.Portuguese},
	} {
		t.Run(name, func(t *testing.T) {
			var out strings.Builder
			p.Out = &out
			see(p.See)
			golden(t, name, out.String())
			if strings.ContainsAny(out.String(), "\x1b\r") || regexp.MustCompile(`(?m) $`).MatchString(out.String()) {
				t.Error("there is something in it that acts on a terminal, or a space at the end of a line")
			}
			var coloured strings.Builder
			p.Out, p.Colour, p.explained = &coloured, true, false
			see(p.See)
			bare := regexp.MustCompile("\x1b\\[[0-9;]*m").ReplaceAllString(coloured.String(), "")
			strip := func(s string) string { return regexp.MustCompile(`(?m) +$`).ReplaceAllString(s, "") }
			if bare == coloured.String() || strip(bare) != out.String() {
				t.Errorf("with colours:\n%s", bare)
			}
		})
	}
}

// Handshakes are explained as often as asked for.
func TestExplain(t *testing.T) {
	for explain, want := range map[Explain]int{"": 1, ExplainFirst: 1, ExplainAll: 2, ExplainNone: 0} {
		var out strings.Builder
		p := &Printer{Out: &out, Explain: explain}
		see(p.See)
		see(p.See)
		if n := strings.Count(out.String(), "The verdict"); n != want {
			t.Errorf("%q: %d times, want %d", explain, n, want)
		}
	}
}

// Every line is an object, and as many bytes of a payload are in it as asked
// for; what a program needs of a frame is there.
func TestJSON(t *testing.T) {
	var out bytes.Buffer
	see((&JSON{Out: &out, Max: 16}).See)
	golden(t, "lines", out.String())
	for line := range strings.Lines(out.String()) {
		var o Object
		if err := json.Unmarshal([]byte(line), &o); err != nil || o.Kind == "" || o.Conn != 7 || len(o.Hex) > 32 {
			t.Errorf("%s: %v", line, err)
		}
	}
}

func TestQuote(t *testing.T) {
	for text, want := range map[string]string{
		"Olá":           `"Olá"`,
		`{"a":1}`:       "`{\"a\":1}`",
		"{\"a\":\"`\"}": "\"{\\\"a\\\":\\\"`\\\"}\"",
		"\"\x1b[2J":     `"\"\x1b[2J"`,
		"\"\u202eabc":   `"\"\u202eabc"`,
		`a\b`:           "`a\\b`",
		"\"tab\there":   `"\"tab\there"`,
		"two\nlines":    `"two\nlines"`,
		"":              `""`,
	} {
		if got := Quote(text); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}
