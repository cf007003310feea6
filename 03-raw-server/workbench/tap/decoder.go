package tap

import (
	"errors"
	"time"

	"websocket.example/03-raw-server/deflate"
	"websocket.example/03-raw-server/frame"
	"websocket.example/03-raw-server/narrate"
)

const (
	// leastKept is the least of a payload that is kept: all of a control frame.
	leastKept = 125
	// usuallyKept is how much is, unless Options say more.
	usuallyKept = 4 << 10
)

// A Decoder follows the frames of one direction. It is fed bytes, in pieces of
// any size, and tells what they are; however they are cut, it tells the same.
// It holds no more than it keeps of a frame, and of a compressed message.
//
// It judges, and goes on: a frame that breaks a rule has borders all the same.
// Only one can't be followed, whose length has its highest bit set.
type Decoder struct {
	fromClient bool
	rsv        byte            // the bits that mean something
	deflate    *deflate.Params // as agreed, nil without
	keep       int             // bytes of a payload
	parts      bool            // tell all bytes of those that are longer
	tell       func(Event)

	header []byte // of a header that is not complete
	frame  narrate.Frame
	open   bool // its payload is not complete
	early  bool // it is told already
	part   []byte
	begun  bool // a part of it is told
	lost   bool // nothing more can be followed

	inMessage  bool
	closed     bool // a close frame came
	kind       frame.Opcode
	compressed bool
	wrong      bool // of the message: its text is not UTF-8, once is enough
	text       frame.UTF8

	packed   []byte // the compressed message so far
	tooLong  bool
	inflater *deflate.Decompressor
	blind    string // why later messages can't be decompressed
}

// DecoderOptions are what a Decoder needs to know.
type DecoderOptions struct {
	FromClient bool
	Deflate    *deflate.Params // as agreed in the handshake, nil without compression
	AnyRSV     bool            // an extension is agreed on of which nothing is known
	Keep       int             // how much of a payload is kept; 0 is 4 KiB
	Parts      bool            // tell all bytes of longer frames, in parts of that size
}

// NewDecoder makes a decoder. At and Conn of its events are left to tell.
func NewDecoder(o DecoderOptions, tell func(Event)) *Decoder {
	d := &Decoder{fromClient: o.FromClient, deflate: o.Deflate, keep: kept(o.Keep), parts: o.Parts, tell: tell}
	if o.Deflate != nil {
		d.rsv = frame.RSV1
	}
	if o.AnyRSV {
		d.rsv = frame.RSV1 | frame.RSV2 | frame.RSV3
	}
	return d
}

func kept(keep int) int {
	if keep == 0 {
		return usuallyKept
	}
	return max(keep, leastKept)
}

// Feed takes the next bytes.
func (d *Decoder) Feed(b []byte) {
	for len(b) > 0 {
		switch {
		case d.lost:
			d.say(Event{Kind: Bytes, Raw: clone(b)})
			return
		case d.open:
			n := int(min(d.frame.Header.Length-d.frame.Came, uint64(len(b))))
			d.payload(b[:n])
			b = b[n:]
		default:
			d.header = append(d.header, b[0])
			b = b[1:]
			if h, _, err := frame.Parse(d.header); err == nil {
				d.header = d.header[:0]
				d.begin(h)
			}
		}
	}
}

// begin takes the header of a frame.
func (d *Decoder) begin(h frame.Header) {
	d.frame = narrate.Frame{FromClient: d.fromClient, Header: h, Broken: d.check(h)}
	d.open, d.early, d.begun = true, false, false
	f := &d.frame
	switch {
	case h.Opcode.IsControl():
	case h.Opcode.IsReserved(): // it means nothing to the message around it either
		f.Kind = h.Opcode
	default:
		if h.Opcode != frame.Continuation {
			d.kind, d.compressed = h.Opcode, d.deflate != nil && h.RSV&frame.RSV1 != 0
			d.text, d.wrong, d.packed, d.tooLong = frame.UTF8{}, false, nil, false
		} else if !d.inMessage {
			d.kind, d.compressed, d.wrong = frame.Continuation, false, false
		}
		if h.Opcode != frame.Continuation || d.inMessage {
			d.inMessage = !h.Fin
		}
		f.Kind, f.Compressed = d.kind, d.compressed
	}
	// A frame that breaks a rule and is long may never be complete: who gets
	// it fails the connection. It is told now.
	if f.Broken != nil && h.Length > uint64(d.keep) {
		d.early = true
		d.see()
	}
	if h.Length>>63 != 0 {
		d.lose("a length of more than 63 bits has no end")
		return
	}
	if h.Length == 0 {
		d.finish()
	}
}

// check is the first rule that a header breaks.
func (d *Decoder) check(h frame.Header) *frame.Error {
	broken := frame.Check(h, frame.State{FromClient: d.fromClient, InMessage: d.inMessage, RSV: d.rsv})
	if broken == nil && d.closed && !h.Opcode.IsControl() {
		// RFC 6455, section 5.5.1: MUST NOT send any more data frames after a close frame
		return &frame.Error{Code: frame.ProtocolError, Section: "5.5.1", Reason: "a " + h.Opcode.String() + " frame after a close frame"}
	}
	if h.Opcode == frame.Close {
		d.closed = true
	}
	return broken
}

// payload adds to the frame that was begun last.
func (d *Decoder) payload(part []byte) {
	f := &d.frame
	part = clone(part)
	if f.Header.Masked {
		frame.Mask(part, f.Header.Key, int(f.Came%4))
	}
	f.Came += uint64(len(part))
	f.Payload = append(f.Payload, part[:min(len(part), d.keep-len(f.Payload))]...)
	switch {
	case f.Header.Opcode.IsControl() || f.Header.Opcode.IsReserved():
	case d.compressed:
		if d.tooLong = d.tooLong || len(d.packed)+len(part) > mostInflated; !d.tooLong {
			d.packed = append(d.packed, part...)
		} else {
			d.packed = nil
		}
	case d.kind == frame.Text && !d.wrong && d.plain() && !d.text.Next(part): // RFC 6455, section 8.1
		d.wrong = true
		d.blame(notUTF8)
	}
	d.pass(part)
	if f.Came == f.Header.Length {
		d.finish()
	}
}

// plain says that payloads are what they seem: no extension changes them.
func (d *Decoder) plain() bool { return d.rsv&^frame.RSV1 == 0 }

// pass tells a long frame in parts of one size.
func (d *Decoder) pass(part []byte) {
	if !d.parts || d.frame.Header.Length <= uint64(d.keep) {
		return
	}
	for len(part) > 0 {
		n := min(len(part), d.keep-len(d.part))
		d.part = append(d.part, part[:n]...)
		part = part[n:]
		if len(d.part) == d.keep {
			d.tellPart()
		}
	}
}

func (d *Decoder) tellPart() {
	d.say(Event{Kind: Part, Data: d.part, Frame: &narrate.Frame{FromClient: d.fromClient, Header: d.frame.Header}})
	d.part, d.begun = nil, true
}

// lastPart tells what is left of a frame that is told in parts: at least one.
func (d *Decoder) lastPart() {
	if d.parts && d.frame.Header.Length > uint64(d.keep) && (len(d.part) > 0 || !d.begun) {
		d.tellPart()
	}
}

var (
	notUTF8 = &frame.Error{Code: frame.InvalidPayload, Section: "8.1", Reason: "a text message that is not UTF-8"}
	notPMD  = &frame.Error{Code: frame.InvalidPayload, Section: "8.1", Reason: "a compressed message that can't be decompressed (RFC 7692, section 7.2.2)"}
)

// blame says which rule the frame breaks, unless it has broken one before.
func (d *Decoder) blame(broken *frame.Error) {
	if d.frame.Broken == nil {
		d.frame.Broken = broken
	}
}

// finish is for a frame whose payload is complete.
func (d *Decoder) finish() {
	f := &d.frame
	d.open = false
	switch {
	case f.Header.Opcode == frame.Close && f.Header.Length <= leastKept:
		_, _, err := frame.ParseClose(f.Payload)
		if broken, is := errors.AsType[*frame.Error](err); is {
			d.blame(broken)
		}
	case f.Header.Opcode.IsControl() || f.Header.Opcode.IsReserved() || !f.Header.Fin:
	case d.compressed:
		d.unpack()
	case d.kind == frame.Text && !d.wrong && d.plain() && !d.text.Done():
		d.blame(notUTF8)
	}
	d.lastPart()
	if !d.early {
		d.see()
	}
	d.frame = narrate.Frame{}
}

// see tells the frame.
func (d *Decoder) see() {
	f := d.frame
	f.Payload = clone(f.Payload)
	d.say(Event{Kind: Framed, Frame: &f})
}

// lose says that what follows has no borders any more.
func (d *Decoder) lose(why string) {
	d.lastPart()
	d.open, d.lost = false, true
	d.say(Event{Kind: Lost, Text: why})
	d.release()
}

// End tells of what is not complete and will not be.
func (d *Decoder) End() {
	if len(d.header) > 0 {
		d.say(Event{Kind: Lost, Text: "it ends inside the header of a frame"})
		d.say(Event{Kind: Bytes, Raw: d.header})
		d.header = nil
	}
	if d.open {
		d.open = false
		d.lastPart()
		if !d.early {
			d.see()
		}
	}
	d.lost = true
	d.release()
}

func (d *Decoder) release() {
	d.packed = nil
	if d.inflater != nil {
		d.inflater.Release()
		d.inflater = nil
	}
}

func (d *Decoder) say(e Event) {
	e.FromClient = d.fromClient
	d.tell(e)
}

// stamp writes the time and the number into an event, and into its frame.
func (e *Event) stamp(at time.Duration, conn int) {
	e.At, e.Conn = at, conn
	if e.Frame != nil {
		e.Frame.At, e.Frame.Conn = at, conn
	}
}

func clone(b []byte) []byte { return append([]byte(nil), b...) }
