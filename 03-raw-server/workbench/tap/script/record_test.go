package script

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"websocket.example/03-raw-server/workbench/tap"
)

const (
	asks = "GET /chat HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n"
	agrees = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
		"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n"
)

// record has pieces recorded, each with > or < before it, with keep bytes of a
// payload in one step.
func record(t *testing.T, talk []string, keep int, times bool) string {
	t.Helper()
	var out strings.Builder
	r := NewRecorder(&out, keep, times)
	now := time.Duration(0)
	f := tap.Follow(tap.FollowOptions{Conn: 1, Keep: keep, Parts: true, Now: func() time.Duration { return now }}, r.See)
	for _, piece := range talk {
		f.Feed(piece[0] == '>', []byte(piece[1:]))
		now += 1500 * time.Microsecond
	}
	f.End(true, nil, false)
	f.End(false, nil, true)
	f.Close(nil)
	if err := r.Err(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

var recorded = []struct {
	name string
	talk []string
	want string
}{
	{"a conversation", []string{
		">" + asks, "<" + agrees,
		">\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58",
		"<\xc1\x07\xf2\x48\xcd\xc9\xc9\x07\x00", "<\x89\x02\xff\x00",
		">\x88\x85\x00\x00\x00\x00\x03\xe8bye", "<\x88\x02\x03\xe8",
	}, `-- 1
@0.000 >: GET /chat HTTP/1.1
>: Host: h
>: Upgrade: websocket
>: Connection: Upgrade
>: Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==
>: Sec-WebSocket-Version: 13
>: Sec-WebSocket-Extensions: permessage-deflate
>:
@0.002 <: HTTP/1.1 101 Switching Protocols
<: Upgrade: websocket
<: Connection: Upgrade
<: Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=
<: Sec-WebSocket-Extensions: permessage-deflate
<:
@0.003 > text mask=37fa213d "Hello"
@0.005 < text rsv1 xf248cdc9c90700 # "Hello"
@0.006 < ping xff00
@0.008 > close mask=00000000 1000 "bye"
@0.009 < close 1000
@0.011 > end
@0.011 < reset
`},
	{"what breaks rules", []string{
		">" + asks, "<" + agrees,
		">\x81\x02hi", "<\x83\x80\x01\x02\x03\x04", "<\x81\x7e\x00\x01x",
		"<\x82\x7e\x00\xc8" + strings.Repeat("\x01", 140), ">\x89",
	}, `
@0.003 > text unmasked "hi" # breaks section 5.1: an unmasked frame from a client
@0.005 < 0x3 mask=01020304 # breaks section 5.1: a masked frame from a server
@0.006 < text len16 "x" # breaks section 5.2: the length 1 is not written in the shortest way
@0.008 < binary claim=200 "\x01"*125
# it ends inside the header of a frame
@0.011 >! x89
@0.011 > end
@0.011 <+ x010101010101010101010101010101
@0.011 < reset
`},
	{"another protocol", []string{">EHLO x\r\n", "<\x00\x01\xff"}, `# this is no HTTP: the request line "EHLO x" does not have three parts (syntax-start, RFC 9112, section 3)
-- 1
@0.000 >! "EHLO x\r\n"
# this is no HTTP: line 1: byte 1 is 0x00 (syntax-bytes, RFC 9110, section 5.5)
@0.002 <! x0001ff
@0.003 > end
@0.003 < reset
`},
	{"a head with odd lines", []string{">GET / HTTP/1.1\r\nA:  b \r\n\r\n"}, `-- 1
@0.000 >! "GET / HTTP/1.1\r\nA:  b \r\n\r\n"
@0.002 > end
@0.002 < reset
`},
}

func TestRecorder(t *testing.T) {
	for _, row := range recorded {
		t.Run(row.name, func(t *testing.T) {
			got := record(t, row.talk, 125, true)
			if !strings.HasSuffix(got, row.want) {
				t.Errorf("%s\nwant\n%s", got, row.want)
			}
			checkSame(t, row.talk, got)
			if strings.Contains(record(t, row.talk, 125, false), "@") {
				t.Error("times, though none are wanted")
			}
		})
	}
}

// checkSame reads a recording, and compares its bytes with those of the
// conversation.
func checkSame(t *testing.T, talk []string, text string) {
	t.Helper()
	s, err := Parse(text)
	if err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	var want, got [2][]byte
	for _, piece := range talk {
		i := side(piece[0] == '>')
		want[i] = append(want[i], piece[1:]...)
	}
	var wires [2]wire
	for i := range s {
		way := side(s[i].FromClient)
		got[way] = append(got[way], wires[way].bytes(&s[i], func() [4]byte {
			t.Errorf("line %d has no key: %s", s[i].Line, &s[i])
			return [4]byte{}
		})...)
	}
	for i := range want {
		if !bytes.Equal(got[i], want[i]) {
			t.Fatalf("direction %d:\n%q\nwas recorded as\n%q\nin\n%s", i, want[i], got[i], text)
		}
	}
}

// Whatever is said, the recording has the same bytes.
func FuzzRecorder(f *testing.F) {
	for _, row := range recorded {
		var talk []byte
		for _, piece := range row.talk {
			talk = append(append(talk, piece...), 0xfc) // between two pieces
		}
		f.Add(talk)
	}
	f.Fuzz(func(t *testing.T, all []byte) {
		var talk []string
		for _, piece := range strings.Split(string(all), "\xfc") {
			if piece != "" {
				talk = append(talk, map[bool]string{true: ">", false: "<"}[piece[0] == '>']+piece[1:])
			}
		}
		checkSame(t, talk, record(t, talk, 125, true))
	})
}

// A recording shows what the tap has shown.
func TestShow(t *testing.T) {
	for _, row := range recorded {
		var live, later strings.Builder
		now := time.Duration(0)
		f := tap.Follow(tap.FollowOptions{Conn: 1, Keep: 125, Now: func() time.Duration { return now }}, (&tap.Printer{Out: &live}).See)
		for _, piece := range row.talk {
			f.Feed(piece[0] == '>', []byte(piece[1:]))
		}
		f.End(true, nil, false)
		f.End(false, nil, true)
		f.Close(nil)
		Show(mustParse(t, record(t, row.talk, 125, false)), 125, (&tap.Printer{Out: &later}).See)
		// Where it can't be followed any more, pieces are as they came.
		if live.String() != later.String() && !strings.Contains(live.String(), "not understood") {
			t.Errorf("%s: live\n%s\nlater\n%s", row.name, live.String(), later.String())
		}
	}
}
