package narrate

import (
	"strings"
	"testing"
	"time"

	"websocket.example/03-raw-server/deflate"
	"websocket.example/03-raw-server/frame"
	"websocket.example/03-raw-server/wsconn"
)

func server(more ...func(*Terms)) Terms {
	t := Terms{Conn: 7, Role: wsconn.Server, Start: time.Now()}
	for _, change := range more {
		change(&t)
	}
	return t
}

func compressed(t *Terms) {
	t.Deflate = &deflate.Params{ServerMaxWindowBits: 15, ClientMaxWindowBits: 15}
}

// Each row is what one side sends, and what its lines end with.
func TestWatch(t *testing.T) {
	for _, row := range []struct {
		name       string
		terms      Terms
		fromClient bool
		wire       string
		want       []string
	}{
		{"a ping between fragments", server(), false, "\x01\x03Hel\x89\x01?\x80\x02lo", []string{`"Hel"`, `"?"`, `"lo"`}},
		{"a character cut through", server(), false, "\x01\x01\xc3\x80\x01\xa9", []string{`"\xc3"`, `"\xa9"`}},
		{"a binary ping", server(), false, "\x89\x02\xff\x00", []string{`ff 00`}},
		{"an empty binary", server(), false, "\x82\x00", []string{`empty`}},
		{"a close without a code", server(), false, "\x88\x00", []string{`no code`}},
		{"a close without a reason", server(), false, "\x88\x02\x03\xe8", []string{`1000 normal closure`}},
		{"a long text", server(), false, "\x81\x32" + strings.Repeat("é", 25), []string{`"` + strings.Repeat("é", 24) + `" …`}},
		{"text cut within a character", server(), false, "\x81\x33a" + strings.Repeat("é", 25), []string{`"a` + strings.Repeat("é", 23) + `" …`}},
		{"what would act on a terminal", server(), false, "\x81\x04\x1b[2J", []string{`"\x1b[2J"`}},
		{"cut off", server(), false, "\x81\x05He", []string{`"He" …  cut off after 2 B`}},
		{"an unfinished character", server(), false, "\x81\x01\xc3", []string{`BREAKS RFC 6455, section 8.1: a text message that is not UTF-8 (close 1007)`}},
		{"too long", server(func(t *Terms) { t.MaxMessage = 5 }), false, "\x01\x03Hel\x80\x03lo!", []string{`"Hel"`, `BREAKS RFC 6455, section 10.4: a message of more than 5 B (close 1009)`}},
		{"nothing after a breach", server(), false, "\x83\x00\x81\x02Hi", []string{`BREAKS RFC 6455, section 5.2: the opcode 0x3 is reserved (close 1002)`}},
		{"a continuation of nothing", server(), false, "\x80\x02Hi", []string{`BREAKS RFC 6455, section 5.4: a continuation of nothing (close 1002)`}},
		{"a close of one byte", server(), false, "\x88\x01\x03", []string{`BREAKS RFC 6455, section 5.5.1: a close frame of one byte: a code has two (close 1002)`}},

		// RFC 7692, section 7.2.3: "Hello" compressed, in one frame, in two, and again with the first one's window.
		{"compressed", server(compressed), false, "\xc1\x07\xf2\x48\xcd\xc9\xc9\x07\x00", []string{`deflated f2 48 cd c9 c9 07 00, inflated 5 B: "Hello"`}},
		{"compressed fragments", server(compressed), false, "\x41\x03\xf2\x48\xcd\x80\x04\xc9\xc9\x07\x00", []string{`deflated f2 48 cd`, `deflated c9 c9 07 00, inflated 5 B: "Hello"`}},
		{"compressed twice", server(compressed), false, "\xc1\x07\xf2\x48\xcd\xc9\xc9\x07\x00\xc1\x05\xf2\x00\x11\x00\x00", []string{`inflated 5 B: "Hello"`, `deflated f2 00 11 00 00, inflated 5 B: "Hello"`}},
		{"not compressed though it may be", server(compressed), false, "\x81\x05Hello", []string{`"Hello"`}},
		{"compressed though it may not be", server(), false, "\xc1\x07\xf2\x48\xcd\xc9\xc9\x07\x00", []string{`BREAKS RFC 6455, section 5.2: a reserved bit is set (100) that no extension has given a meaning (close 1002)`}},
		{"not compressed at all", server(compressed), false, "\xc1\x03\xff\xff\xff", []string{`BREAKS RFC 6455, section 8.1: a compressed message that can't be decompressed (close 1007)`}},
	} {
		t.Run(row.name, func(t *testing.T) {
			seen := watch(t, row.terms, row.fromClient, []byte(row.wire))
			if len(seen) != len(row.want) {
				t.Fatalf("%d frames, want %d: %+v", len(seen), len(row.want), seen)
			}
			for i, f := range seen {
				if l := Line(f); !strings.HasSuffix(l, row.want[i]) || !strings.Contains(l, "#7 ") {
					t.Errorf("frame %d:\n%s\nwant ... %s", i, l, row.want[i])
				}
			}
		})
	}
}

// The two directions do not disturb each other, and a client's end is told
// the other way round.
func TestDirections(t *testing.T) {
	for _, role := range []wsconn.Role{wsconn.Server, wsconn.Client} {
		var got []string
		w := Watch(Terms{Role: role}, func(f Frame) {
			got = append(got, map[bool]string{true: "client", false: "server"}[f.FromClient]+" "+string(f.Payload))
		})
		fromClient := role == wsconn.Client // what "sent" is for a frame of the client
		w.Header(fromClient, frame.Header{Opcode: frame.Text, Masked: true, Length: 2})
		w.Payload(fromClient, []byte("a"))
		w.Header(!fromClient, frame.Header{Fin: true, Opcode: frame.Ping, Length: 1})
		w.Payload(!fromClient, []byte("p"))
		w.Payload(fromClient, []byte("b"))
		w.End()
		if strings.Join(got, ", ") != "server p, client ab" {
			t.Errorf("role %d: %q", role, got)
		}
	}
}

// A long payload is not kept.
func TestKeepsTheStart(t *testing.T) {
	const n = 3 << 20
	seen := watch(t, server(), false, []byte("\x82\x7f\x00\x00\x00\x00\x00\x30\x00\x00"+strings.Repeat("x", n)))
	if f := seen[0]; len(f.Payload) != keep || f.Came != n || f.CutOff() {
		t.Errorf("%d bytes of %d are kept", len(f.Payload), f.Came)
	}
}
