package bench

import (
	"bytes"
	"encoding/binary"
	"errors"
	"testing"
)

// serverFrame is an unmasked one.
func serverFrame(first byte, payload string) []byte {
	b := []byte{first}
	switch n := len(payload); {
	case n < 126:
		b = append(b, byte(n))
	case n < 1<<16:
		b = binary.BigEndian.AppendUint16(append(b, 126), uint16(n))
	default:
		b = binary.BigEndian.AppendUint64(append(b, 127), uint64(n))
	}
	return append(b, payload...)
}

// Whatever the pieces are that it comes in, the count is the same.
func TestCounter(t *testing.T) {
	long := string(bytes.Repeat([]byte("x"), 70_000))
	hub := bytes.Join([][]byte{
		serverFrame(0x81, `{"type":"joined","room":"b"}`),
		serverFrame(0x81, `{"type":"members","room":"b"}`),
		serverFrame(0x81, `{"type":"message","room":"b"}`),
		serverFrame(0x89, ""),
		serverFrame(0x81, `{"type":"message","text":"`+long[:200]+`\n\n"}`),
		serverFrame(0x81, `{"type":"ack","id":"1"}`),
		serverFrame(0x81, `{"type":"message","text":"`+long+`"}`),
		serverFrame(0x81, `{}`),
	}, nil)
	chat := bytes.Join([][]byte{
		serverFrame(0x81, "one"),
		serverFrame(0x81, "two\nthree\nfour"),
		serverFrame(0x01, "five\nsix, which "),
		serverFrame(0x89, ""),
		serverFrame(0x00, "goes on\nseven"),
		serverFrame(0x80, ""),
		serverFrame(0x81, long+"\n"+long),
	}, nil)
	for _, row := range []struct {
		name  string
		joins bool
		wire  []byte
		want  count
	}{
		{"hub", false, hub, count{messages: 3, joined: 1, pings: 1}},
		{"chat", true, chat, count{messages: 9, pings: 1}},
	} {
		for piece := 1; piece < 400; piece++ {
			c := counter{joins: row.joins}
			var sum count
			for rest := row.wire; len(rest) > 0; {
				n := min(piece, len(rest))
				got, err := c.read(rest[:n])
				if err != nil {
					t.Fatal(err)
				}
				sum.messages += got.messages
				sum.joined += got.joined
				sum.pings += got.pings
				rest = rest[n:]
			}
			if sum != row.want {
				t.Fatalf("%s in pieces of %d: %+v, want %+v", row.name, piece, sum, row.want)
			}
		}
	}
}

func TestCounterClosed(t *testing.T) {
	var c counter
	if _, err := c.read(serverFrame(0x88, "\x03\xe8")); !errors.Is(err, errClosed) {
		t.Errorf("%v", err)
	}
}

func TestAppendFrame(t *testing.T) {
	for _, n := range []int{0, 125, 126, 500} {
		payload := bytes.Repeat([]byte("x"), n)
		b := appendFrame(nil, opText, payload)
		if b[0] != 0x81 || b[1]&0x80 == 0 || !bytes.HasSuffix(b, payload) {
			t.Errorf("%d: % x", n, b[:8])
		}
	}
}
