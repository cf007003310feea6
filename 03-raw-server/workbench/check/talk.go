package check

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"time"

	"websocket.example/03-raw-server/frame"
)

// A talk is one connection after its handshake, and the record of it. It has
// one goroutine, and one more while something long is written.
type talk struct {
	nc     net.Conn
	client bool          // we are the client
	limit  time.Duration // how long to wait for what must come
	pmd    *pmd          // what was agreed about compression, nil if nothing

	start   time.Time
	log     []Event
	writing sync.WaitGroup
	in      []byte // what came and was not taken yet
	chunk   []byte // where it is read to
	end     error  // the other side has ended the stream; nil while it has not
	inside  bool   // it has begun a message and not ended it
	keys    int    // how many masking keys were used
	sent    []sentKey
	came    []frame.Header // of all frames that were taken
}

// An Event is one thing that was seen on the connection.
type Event struct {
	At      time.Duration
	Sent    bool
	Note    string        // what it was, if not a frame: the key of a text
	Line    string        // of the handshake
	Header  *frame.Header // of a frame, as far as it can be read
	Wire    []byte        // the first bytes as they were on the wire
	Size    int           // how many there were in all
	Payload []byte        // the first bytes of the payload, unmasked
	Came    int           // how many bytes of the payload there were
}

// kept is how many bytes of a frame stand in the record.
const kept = 64

// A sentKey is how a frame was masked.
type sentKey struct {
	key    [4]byte
	length int
}

func newTalk(ctx context.Context, nc net.Conn, client bool, limit time.Duration, rest []byte) (t *talk, end func()) {
	t = &talk{nc: nc, client: client, limit: limit, start: time.Now(), in: rest}
	stop := context.AfterFunc(ctx, func() { nc.Close() })
	return t, func() {
		stop()
		nc.Close()
		t.writing.Wait()
		t.pmd.release()
	}
}

// nextKey is a masking key. A client's must be unpredictable (RFC 6455,
// section 5.3); a checker's had better be the same in every run, with four
// bytes that differ, so that it can be seen what became of them.
func (t *talk) nextKey() [4]byte {
	key := [4]byte{0x37, 0xfa, 0x21, 0x3d}
	for i := range key {
		key[i] ^= byte(t.keys * (17 + 2*i))
	}
	t.keys++
	return key
}

// note puts a frame, or what there is of it, into the record.
func (t *talk) note(sent bool, wire []byte) {
	e := Event{At: time.Since(t.start), Sent: sent, Wire: append([]byte(nil), wire[:min(len(wire), kept)]...), Size: len(wire)}
	if h, n, err := frame.Parse(wire); err == nil {
		e.Header, e.Came = &h, len(wire)-n
		e.Payload = append([]byte(nil), wire[n:min(len(wire), n+kept)]...)
		if h.Masked {
			frame.Mask(e.Payload, h.Key, 0)
		}
	}
	t.log = append(t.log, e)
}

func (t *talk) remark(sent bool, note string) {
	t.log = append(t.log, Event{At: time.Since(t.start), Sent: sent, Note: note})
}

// pause is long enough for what was written to be read alone.
const pause = 2 * time.Millisecond

// write sends shots: all in one write, or in pieces of so many bytes. With a
// negative number there is no pause between the pieces.
func (t *talk) write(piece int, shots ...shot) {
	var all []byte
	for _, s := range shots {
		h, wire := s.wire(t)
		t.sent = append(t.sent, sentKey{h.Key, len(s.payload)})
		if len(t.log) < 1000 {
			t.note(true, wire)
		}
		all = append(all, wire...)
	}
	t.writing.Wait()
	_ = t.nc.SetWriteDeadline(time.Now().Add(10 * t.limit)) // if it fails, so does writing
	if len(all) <= 16<<10 {
		t.push(all, piece)
		return
	}
	t.writing.Go(func() { t.push(all, piece) }) // the other side may want to write before it has read all
}

// push writes. Whether that works is seen in what comes, or does not.
func (t *talk) push(b []byte, piece int) {
	if piece == 0 {
		_, _ = t.nc.Write(b)
		return
	}
	pauses := 64
	if piece < 0 {
		piece, pauses = -piece, 0
	}
	for len(b) > 0 {
		n := min(piece, len(b))
		if _, err := t.nc.Write(b[:n]); err != nil {
			return
		}
		if b = b[n:]; pauses > 0 {
			time.Sleep(pause)
			pauses--
		}
	}
}

// errTime says that what was waited for did not come in time.
var errTime = errors.New("nothing came")

// fill reads some of what comes until then.
func (t *talk) fill(until time.Time) error {
	if t.end != nil {
		return t.end
	}
	if err := t.nc.SetReadDeadline(until); err != nil {
		t.ended(err)
		return t.end
	}
	if t.chunk == nil {
		t.chunk = make([]byte, 16<<10)
	}
	n, err := t.nc.Read(t.chunk)
	t.in = append(t.in, t.chunk[:n]...)
	if n == len(t.chunk) && n < 256<<10 {
		t.chunk = make([]byte, 4*n)
	}
	switch {
	case n > 0 || err == nil:
		return nil
	case errors.Is(err, os.ErrDeadlineExceeded):
		return errTime
	}
	t.ended(err)
	return t.end
}

func (t *talk) ended(err error) {
	t.end = err
	if errors.Is(err, io.EOF) {
		t.remark(false, "log.closed")
	} else {
		t.remark(false, "log.reset")
	}
}

// header waits for the next frame's header, and leaves it where it is.
func (t *talk) header(until time.Time) (h frame.Header, n int, err error) {
	for {
		if h, n, err = frame.Parse(t.in); err == nil {
			return h, n, nil
		}
		if err := t.fill(until); err != nil {
			return h, 0, err
		}
	}
}

// take waits for a frame to be complete, and takes it. Its payload is
// unmasked. If it is not complete in time, all that there is of it is taken.
func (t *talk) take(h frame.Header, n int, until time.Time) (payload []byte, err error) {
	for err == nil && uint64(len(t.in)-n) < h.Length {
		err = t.fill(until)
	}
	all := n + int(min(h.Length, uint64(len(t.in)-n)))
	if len(t.log) < 1000 {
		t.note(false, t.in[:all])
	}
	payload = t.in[n:all:all]
	t.in = t.in[all:]
	if h.Masked {
		frame.Mask(payload, h.Key, 0)
	}
	if !h.Opcode.IsControl() {
		t.inside = !h.Fin
	}
	t.came = append(t.came, h)
	return payload, err
}

// settle waits for whatever else may come, for a short time, and says what
// there is.
func (t *talk) settle() []byte {
	until := time.Now().Add(t.limit / 10)
	for len(t.in) < 4<<20 && t.fill(until) == nil {
	}
	return t.in
}

// illegal names what is wrong with the header of a frame that came.
func (t *talk) illegal(h frame.Header, n int) *Finding {
	s := frame.State{FromClient: !t.client, InMessage: t.inside}
	if t.pmd != nil {
		s.RSV = frame.RSV1
	}
	broken := frame.Check(h, s)
	if broken == nil {
		return nil
	}
	var key string
	switch {
	case h.Masked && t.client:
		key = "frame.masked"
	case !h.Masked && !t.client:
		key = "frame.unmasked"
	case h.Opcode.IsReserved():
		key = "frame.opcode"
	case h.RSV&^s.RSV != 0:
		key = "frame.rsv"
	case h.Form != frame.Shortest:
		key = "frame.form"
	case h.Length>>63 != 0:
		key = "frame.top-bit"
	case h.Opcode.IsControl() && h.Length > 125:
		key = "frame.control-long"
	case h.Opcode.IsControl() && !h.Fin:
		key = "frame.control-fragment"
	case h.RSV != 0:
		key = "frame.rsv-place"
	case h.Opcode == frame.Continuation:
		key = "frame.stray"
	default:
		key = "frame.within"
	}
	var name any = h.Opcode
	if h.Opcode.IsReserved() {
		name = hexNumber(uint64(h.Opcode))
	}
	f := found(key, "opcode", name, "length", int(h.Length&0xffffffff)).in(rfc(broken.Section))
	t.settle()
	f.Came = append([]byte(nil), t.in[:min(len(t.in), kept)]...)
	right := h
	right.Masked = !t.client
	right.Form = frame.Shortest
	if key == "frame.masked" || key == "frame.form" {
		payload := append([]byte(nil), t.in[n:min(len(t.in), n+int(min(h.Length, kept)))]...)
		if h.Masked {
			frame.Mask(payload, h.Key, 0)
		}
		f.Wanted = append(frame.Append(nil, right), payload...)
	}
	_, _ = t.take(h, n, time.Now()) // for the record
	return f
}

// soon is when what must come must have come.
func (t *talk) soon() time.Time { return time.Now().Add(t.limit) }
