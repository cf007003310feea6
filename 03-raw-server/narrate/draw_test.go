package narrate

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"websocket.example/03-raw-server/frame"
	"websocket.example/03-raw-server/wsconn"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares a text with a file in testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".txt")
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
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

// watch has bytes watched as one side's, and returns the frames.
func watch(t *testing.T, terms Terms, fromClient bool, wire []byte) (seen []Frame) {
	t.Helper()
	w := Watch(terms, func(f Frame) {
		f.At = 0
		seen = append(seen, f)
	})
	for len(wire) > 0 {
		h, n, err := frame.Parse(wire)
		if err != nil {
			t.Fatalf("% x: %v", wire, err)
		}
		wire = wire[n:]
		payload := bytes.Clone(wire[:min(uint64(len(wire)), h.Length)])
		wire = wire[len(payload):]
		if h.Masked {
			frame.Mask(payload, h.Key, 0)
		}
		w.Header(!fromClient, h)
		for part := range bytes.SplitSeq(payload, nil) { // in the smallest parts
			w.Payload(!fromClient, part)
		}
	}
	w.End()
	return seen
}

// The RFC's own examples, and what else a header may look like.
var drawn = []struct {
	name       string
	fromClient bool
	wire       string
}{
	// RFC 6455, section 5.7.
	{"unmasked-text", false, "\x81\x05Hello"},
	{"masked-text", true, "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"},
	{"fragments", false, "\x01\x03Hel\x80\x02lo"},
	{"unmasked-ping", false, "\x89\x05Hello"},
	{"masked-pong", true, "\x8a\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"},
	{"binary-256", false, "\x82\x7e\x01\x00" + strings.Repeat("\x00\x01\x02\xff", 64)},
	{"binary-65536", false, "\x82\x7f\x00\x00\x00\x00\x00\x01\x00\x00" + strings.Repeat("\xfe", 65536)},

	{"empty", false, "\x81\x00"},
	{"masked-empty", true, "\x81\x80\x01\x02\x03\x04"},
	{"masked-126", true, "\x82\xfe\x00\x7e\x01\x02\x03\x04" + strings.Repeat("\x01\x02\x03\x04\x05\x06\x07", 18)},
	{"masked-65536", true, "\x82\xff\x00\x00\x00\x00\x00\x01\x00\x00\x01\x02\x03\x04" + strings.Repeat("\x01\x02\x03\x04", 16384)},
	{"close", false, "\x88\x0b\x03\xe9at\xc3\xa9 logo"},

	{"unmasked-client", true, "\x81\x05Hello"},
	{"masked-server", false, "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"},
	{"reserved-opcode", false, "\x83\x00"},
	{"reserved-bits", false, "\xb1\x00"},
	{"not-shortest", false, "\x81\x7e\x00\x05Hello"},
	{"not-utf8", false, "\x81\x05He\xff\xfe!"},
	{"close-1005", false, "\x88\x02\x03\xed"},
}

func TestDraw(t *testing.T) {
	for _, row := range drawn {
		t.Run(row.name, func(t *testing.T) {
			var got strings.Builder
			for _, f := range watch(t, Terms{Conn: 1, Role: wsconn.Server, Start: time.Now()}, row.fromClient, []byte(row.wire)) {
				got.WriteString(Line(f) + "\n" + Draw(f) + "\n")
			}
			golden(t, row.name, got.String())
		})
	}
}

// Whatever is drawn, its lines are as long as their row, and its bits are
// those of the frame.
func FuzzDraw(f *testing.F) {
	for _, row := range drawn {
		f.Add([]byte(row.wire), row.fromClient)
	}
	f.Fuzz(func(t *testing.T, wire []byte, fromClient bool) {
		h, n, err := frame.Parse(wire)
		if err != nil || h.Length > 1<<20 {
			return
		}
		payload := bytes.Clone(wire[n:][:min(uint64(len(wire[n:])), h.Length)])
		if h.Masked {
			frame.Mask(payload, h.Key, 0)
		}
		var seen []Frame
		w := Watch(Terms{Role: wsconn.Server, Start: time.Now()}, func(f Frame) { seen = append(seen, f) })
		w.Header(!fromClient, h)
		w.Payload(!fromClient, payload)
		w.End()
		if len(seen) != 1 {
			t.Fatalf("%d frames: %+v", len(seen), seen)
		}
		drawing := Draw(seen[0])
		var bits []byte
		for l := range strings.Lines(drawing) {
			l = strings.TrimSuffix(l, "\n")
			digits := strings.NewReplacer("|", "", " ", "").Replace(l)
			if strings.HasPrefix(l, "|") && strings.Trim(digits, "01") == "" && len(digits)*2+1 == len(l) {
				bits = append(bits, digits...)
			}
		}
		for i, digit := range bits {
			if i/8 < n && wire[i/8]>>(7-i%8)&1 != digit-'0' {
				t.Fatalf("bit %d of % x is drawn as %c:\n%s", i, wire[:n], digit, drawing)
			}
		}
		if len(bits) < 8*n {
			t.Fatalf("%d bits of %d bytes of header are drawn:\n%s", len(bits), n, drawing)
		}
		if l := Line(seen[0]); strings.ContainsAny(l, "\n\r\x1b") {
			t.Fatalf("a line that acts on the terminal: %q", l)
		}
	})
}
