package wsconn

import (
	"bytes"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"websocket.example/03-raw-server/frame"
)

// After a long message the next one is read to a buffer as long, which may
// become its own. Whatever comes then, in whatever pieces, comes back.
func TestAfterALongMessage(t *testing.T) {
	const seed = 6455
	rng := rand.New(rand.NewPCG(seed, 1))
	sizes := []int{
		1 << 20, 1 << 20, 125, readSize, readSize + 1, 1 << 20, 0, 100_000, 99_999, 200_000,
		mostRead - 1, mostRead, mostRead + 1, mostRead, 3 << 20, 3 << 20, 1 << 10, 1 << 20,
	}
	for _, l := range loops {
		ours, theirs := tcpWire(t)
		_ = theirs.SetDeadline(time.Now().Add(patience)) // if it fails, the test may hang
		c := New(ours, Server, nil, Agreed{})
		ended := make(chan error, 1)
		go func() { ended <- l.echo(c) }()
		v := &villain{t: t, nc: theirs, role: Client}
		for at, size := range sizes {
			message := make([]byte, size)
			for i := range message {
				message[i] = byte(i>>8) ^ byte(i) ^ byte(at)
			}
			for wire := v.frame(whole(frame.Binary), string(message)); len(wire) > 0; {
				n := min(1+rng.IntN(400_000), len(wire))
				v.write(wire[:n])
				wire = wire[n:]
				if rng.IntN(3) == 0 {
					time.Sleep(time.Millisecond) // so that the reader sees what is there, and no more
				}
			}
			back := make([]byte, len(frame.Append(nil, frame.Header{Length: uint64(size)}))+size)
			if _, err := io.ReadFull(theirs, back); err != nil {
				t.Fatalf("message %d, of %d bytes: %v", at, size, err)
			}
			if !bytes.Equal(back[len(back)-size:], message) {
				t.Errorf("message %d, of %d bytes, came back as another one", at, size)
			}
		}
		theirs.Close()
		<-ended
	}
}

// The buffer becomes the message's if the message fits, and if enough of it
// has come to be believed.
func TestTakeOver(t *testing.T) {
	for _, row := range []struct {
		what       string
		room, came int
		left       uint64
		after      int // bytes of something else that came behind it
		want       bool
	}{
		{"it fits to the byte", 1 << 16, 1 << 12, 1<<16 - 1<<12 - 10, 0, true},
		{"a byte is missing", 1 << 16, 1 << 12, 1<<16 - 1<<12 - 9, 0, false},
		{"less than a sixteenth has come", 1 << 16, 1<<12 - 1, 1 << 13, 0, false},
		{"nothing has come", 1 << 16, 0, 1 << 13, 0, false},
		{"it is complete", 1 << 16, 1 << 12, 0, 0, false},
		{"something else came behind it", 1 << 16, 1 << 12, 1 << 13, 3, false},
	} {
		const header = 10
		in := getBuffer(row.room)
		in.w = header + row.came + row.after
		in.r = in.w
		c := &Conn{in: in, left: row.left}
		part := in.b[header : header+row.came]
		copy(part, strings.Repeat("x", row.came))
		if got := c.takeOver(part); got != row.want {
			t.Errorf("%s: it is taken over: %v", row.what, got)
		}
		if row.want && (c.in != nil || !bytes.Equal(c.parts.unread(), part) || &c.parts.unread()[0] != &part[0]) {
			t.Errorf("%s: what is kept is not what came", row.what)
		}
	}
}
