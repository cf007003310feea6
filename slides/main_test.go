package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"reflect"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"websocket.example/slides/content"
	"websocket.example/slides/pacing"
)

// A program runs as main does, in this process.
type program struct {
	out, errs *output
	status    chan int
	stop      context.CancelFunc
}

// output may be read while it is written.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(b)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

// startProgram starts it and ends it with the test, if that has not done so.
func startProgram(t *testing.T, args ...string) *program {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	p := &program{&output{}, &output{}, make(chan int, 1), cancel}
	go func() { p.status <- run(ctx, args, p.out, p.errs) }()
	t.Cleanup(func() {
		p.end(t)
		if t.Failed() {
			t.Logf("it said:\n%s%s", p.out, p.errs)
		}
	})
	return p
}

// end is Ctrl-C. It is clean, and takes no longer than five seconds.
func (p *program) end(t *testing.T) {
	t.Helper()
	p.stop()
	select {
	case status := <-p.status:
		p.status <- status
		if status != fine {
			t.Errorf("it ended with %d: %s", status, p.errs)
		}
	case <-time.After(5 * time.Second):
		t.Error("Ctrl-C does not end it within 5 s")
	}
}

var printed = regexp.MustCompile(`http://(127\.0\.0\.1:\d+)`)

// address waits until it serves.
func (p *program) address(t *testing.T) string {
	t.Helper()
	for range 3000 {
		if m := printed.FindStringSubmatch(p.out.String()); m != nil {
			return m[1]
		}
		select {
		case status := <-p.status:
			p.status <- status
			t.Fatalf("it ended with %d: %s", status, p.errs)
		case <-time.After(10 * time.Millisecond):
		}
	}
	t.Fatal("it does not serve")
	return ""
}

// Whoever gets something wrong reads one line that says what and how to mend
// it.
func TestMisuse(t *testing.T) {
	taken := startProgram(t, "-addr", "127.0.0.1:0").address(t)
	for args, want := range map[string]string{
		"nosuch":                          `no command is called "nosuch"`,
		"-nosuch":                         "there is no flag -nosuch",
		"-addr 8000":                      `"8000" is not host:port`,
		"-addr 127.0.0.1:99999":           "with a port up to 65535",
		"-addr :8000":                     "say so with -listen-lan",
		"-addr 0.0.0.0:8000":              "say so with -listen-lan",
		"-addr 192.0.2.7:8000":            "write 127.0.0.1:8000",
		"-addr 192.0.2.7:80 -listen-lan":  "as in -addr :80",
		"-addr " + taken:                  "is taken by another program",
		"-host 192.0.2.7":                 "give both",
		"-listen-lan -host http://x/":     "without http://",
		"-listen-lan -host x:8000":        "without a port",
		"-lang fr":                        "en and in pt-BR",
		"-key 1234":                       "8 to 64 letters",
		"-addr 127.0.0.1:0 superfluous":   `"superfluous" is not a flag`,
		"-listen-lan=perhaps -addr :8000": "choose true or false",
	} {
		var errs bytes.Buffer
		status := run(t.Context(), strings.Fields(args), io.Discard, &errs)
		line := errs.String()
		if status != misuse || !strings.Contains(line, want) || strings.Count(line, "\n") != 1 {
			t.Errorf("%s: %d %s", args, status, line)
		}
	}
}

func TestHelp(t *testing.T) {
	var out bytes.Buffer
	if status := run(t.Context(), []string{"-h"}, &out, io.Discard); status != fine || !strings.Contains(out.String(), "with every step of\nthe workshop running live") || !strings.Contains(out.String(), "-listen-lan") {
		t.Errorf("%d\n%s", status, out.String())
	}
}

// The first lines say where the talk is and what to do first, in the language
// of who has started it.
func TestFirstLines(t *testing.T) {
	for env, want := range map[string]string{
		"LANG=pt_BR.UTF-8": "Primeiro: abra no navegador", "LANG=en_GB.UTF-8": "First: open it", "LANG=": "First: open it", "LC_ALL=C LANG=pt_BR": "First: open it",
		"LC_MESSAGES=pt_PT LANG=de_DE": "Primeiro: abra", "LANG=de_DE": "First: open it",
	} {
		for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
			t.Setenv(name, "")
		}
		for pair := range strings.FieldsSeq(env) {
			name, value, _ := strings.Cut(pair, "=")
			t.Setenv(name, value)
		}
		p := startProgram(t, "-addr", "127.0.0.1:0")
		p.address(t)
		p.end(t)
		if said := p.out.String(); !strings.Contains(said, want) || strings.Count(said, "\n") != 3 {
			t.Errorf("%s: %s", env, said)
		}
	}
	p := startProgram(t, "-addr", "127.0.0.1:0", "-lang", "pt-BR")
	address := p.address(t)
	p.end(t)
	if said := p.out.String(); !strings.Contains(said, "http://"+address+"/?lang=pt-BR\nPrimeiro") {
		t.Error(said)
	}
}

// The clock's plan is that of the talk: the same blocks in the same order, as
// long as the talk is, and the same to both kinds of instructors.
func TestPlan(t *testing.T) {
	table, err := pacing.Parse(instructor)
	if err == nil {
		err = table.Check()
	}
	if err != nil {
		t.Fatal(err)
	}
	if len(table.Lengths) != 3 || table.Lengths[0] != 45 || table.Lengths[1] != 90 || table.Lengths[2] != 210 {
		t.Errorf("the lengths are %v", table.Lengths)
	}
	portuguese, err := os.ReadFile("INSTRUCTOR.pt-BR.md")
	if err != nil {
		t.Fatal(err)
	}
	if theirs, err := pacing.Parse(portuguese); err != nil || !reflect.DeepEqual(table, theirs) {
		t.Errorf("INSTRUCTOR.md has %v, INSTRUCTOR.pt-BR.md has %v, %v", table, theirs, err)
	}
	for _, lang := range content.Languages {
		d, err := content.Deck(lang)
		if err != nil {
			t.Fatal(err)
		}
		var blocks []string
		for _, slide := range d.Slides {
			if slide.Block != "" && (len(blocks) == 0 || blocks[len(blocks)-1] != slide.Block) {
				blocks = append(blocks, slide.Block)
			}
		}
		if got, want := strings.Join(blocks, " "), strings.Join(table.IDs(), " "); got != want {
			t.Errorf("the deck in %s has the blocks %s; the plan has %s", lang, got, want)
		}
	}
}
