package narrate

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"websocket.example/03-raw-server/deflate"
	"websocket.example/03-raw-server/frame"
	"websocket.example/03-raw-server/wsconn"
)

// Terms are what a Watcher needs to know of a connection.
type Terms struct {
	Conn       int             // its number
	Role       wsconn.Role     // which end is watched
	Start      time.Time       // what Frame.At counts from
	Deflate    *deflate.Params // as agreed, nil without compression
	MaxMessage int             // longer messages break a rule; 0 is no limit
}

const (
	keep    = 256     // payload bytes of a frame, and bytes of a message
	inflate = 1 << 20 // a compressed message is kept and decompressed up to this many bytes
)

// A Watcher is a wsconn.Trace that puts together what it is shown. It judges
// every frame by the rules of RFC 6455, for itself: nothing that it says
// comes from the connection's own opinion.
type Watcher struct {
	terms Terms
	see   func(Frame)

	mu             sync.Mutex
	client, server side
}

var _ wsconn.Trace = (*Watcher)(nil)

// A side is one direction of a connection.
type side struct {
	fromClient bool
	frame      Frame // the current one
	open       bool  // its payload is not complete
	failed     bool  // a rule is broken: what follows means nothing

	inMessage  bool
	kind       frame.Opcode
	compressed bool
	received   uint64     // payload bytes of the message
	text       frame.UTF8 // of a message that is text

	packed   []byte // the compressed message so far
	tooLong  bool   // it is longer than is kept
	inflater *deflate.Decompressor
	lost     bool // a message is missing that later ones refer to
}

// Watch returns a watcher that tells see every frame, one at a time, in the
// order in which they were complete. What see is given is its own.
func Watch(terms Terms, see func(Frame)) *Watcher {
	return &Watcher{terms: terms, see: see, client: side{fromClient: true}}
}

// side is where what the watched end has sent, or received, belongs.
func (w *Watcher) side(sent bool) *side {
	if sent == (w.terms.Role == wsconn.Client) {
		return &w.client
	}
	return &w.server
}

// Header begins a frame.
func (w *Watcher) Header(sent bool, h frame.Header) {
	w.mu.Lock()
	defer w.mu.Unlock()
	s := w.side(sent)
	if s.failed {
		return
	}
	s.frame = Frame{At: time.Since(w.terms.Start), Conn: w.terms.Conn, FromClient: s.fromClient, Header: h}
	if s.frame.Broken = w.check(s, h); s.frame.Broken != nil {
		s.fail(w.see, nil)
		return
	}
	if !h.Opcode.IsControl() {
		if h.Opcode != frame.Continuation {
			s.kind, s.compressed, s.received = h.Opcode, h.RSV&frame.RSV1 != 0, 0
			s.text, s.packed, s.tooLong = frame.UTF8{}, nil, false
		}
		s.inMessage = !h.Fin
		s.received += h.Length
		s.frame.Kind, s.frame.Compressed = s.kind, s.compressed
	}
	s.open = true
	if h.Length == 0 {
		w.finish(s)
	}
}

// check is the first rule that a header breaks.
func (w *Watcher) check(s *side, h frame.Header) *frame.Error {
	state := frame.State{FromClient: s.fromClient, InMessage: s.inMessage}
	if w.terms.Deflate != nil {
		state.RSV = frame.RSV1
	}
	if broken := frame.Check(h, state); broken != nil {
		return broken
	}
	most, before := uint64(w.terms.MaxMessage), s.received
	if h.Opcode != frame.Continuation {
		before = 0
	}
	if most > 0 && !h.Opcode.IsControl() && (h.Length > most || before+h.Length > most) {
		return &frame.Error{
			Code: frame.MessageTooBig, Section: "10.4",
			Reason: fmt.Sprintf("a message of more than %s", amount(most)),
		}
	}
	return nil
}

// Payload adds to the frame that was begun last.
func (w *Watcher) Payload(sent bool, part []byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	s := w.side(sent)
	if !s.open || len(part) == 0 {
		return
	}
	f := &s.frame
	f.Came += uint64(len(part))
	f.Payload = append(f.Payload, part[:min(len(part), keep-len(f.Payload))]...)
	switch {
	case f.Header.Opcode.IsControl():
	case s.compressed:
		if s.tooLong = s.tooLong || len(s.packed)+len(part) > inflate; !s.tooLong {
			s.packed = append(s.packed, part...)
		}
	case s.kind == frame.Text && !s.text.Next(part): // RFC 6455, section 8.1
		s.fail(w.see, notUTF8)
		return
	}
	if f.Came >= f.Header.Length {
		w.finish(s)
	}
}

var notUTF8 = &frame.Error{Code: frame.InvalidPayload, Section: "8.1", Reason: "a text message that is not UTF-8"}

// finish tells of a frame whose payload is complete.
func (w *Watcher) finish(s *side) {
	s.open = false
	f := &s.frame
	switch {
	case f.Header.Opcode == frame.Close:
		_, _, err := frame.ParseClose(f.Payload)
		if broken, is := errors.AsType[*frame.Error](err); is {
			s.fail(w.see, broken)
			return
		}
	case f.Header.Opcode.IsControl() || !f.Header.Fin:
	case s.compressed:
		if broken := w.unpack(s); broken != nil {
			s.fail(w.see, broken)
			return
		}
	case s.kind == frame.Text && !s.text.Done():
		s.fail(w.see, notUTF8)
		return
	}
	w.see(*f)
}

// unpack decompresses the message that is complete.
func (w *Watcher) unpack(s *side) *frame.Error {
	m := &Message{}
	s.frame.Message = m
	packed := s.packed
	s.packed = nil
	if s.tooLong {
		s.lost = true
	}
	if s.lost {
		m.Lost = "too long to be shown here"
		return nil
	}
	if s.inflater == nil {
		s.inflater = deflate.NewDecompressor(*w.terms.Deflate, s.fromClient)
	}
	plain, err := s.inflater.Append(nil, packed, inflate)
	switch {
	case errors.Is(err, deflate.ErrTooBig):
		s.lost = true
		m.Lost = "too long to be shown here"
		return nil
	case err != nil:
		return &frame.Error{Code: frame.InvalidPayload, Section: "8.1", Reason: "a compressed message that can't be decompressed"}
	}
	m.Length = len(plain)
	m.Bytes = append(m.Bytes, plain[:min(len(plain), keep)]...)
	if u := (frame.UTF8{}); s.kind == frame.Text && !(u.Next(plain) && u.Done()) {
		return notUTF8
	}
	return nil
}

// fail tells of a frame that breaks a rule. Nothing after it is looked at.
func (s *side) fail(see func(Frame), broken *frame.Error) {
	if broken != nil {
		s.frame.Broken = broken
	}
	s.open, s.failed = false, true
	see(s.frame)
}

// End tells of frames that are not complete and will not be.
func (w *Watcher) End() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, s := range []*side{&w.client, &w.server} {
		if s.open {
			s.fail(w.see, nil)
		}
		s.failed = true
		if s.inflater != nil {
			s.inflater.Release()
			s.inflater = nil
		}
		s.packed = nil
	}
}
