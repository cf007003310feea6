package wsconn

import (
	"fmt"

	"websocket.example/03-raw-server/frame"
)

// A piece is a part of a message, as it arrives.
type piece struct {
	bytes []byte // unmasked, and checked if it is text
	last  bool   // the message is complete with it
}

// step takes the next piece of a message from the input. It answers control
// frames on its way. Without an error and without a piece, it needs more
// input.
//
// RFC 6455, section 5.4: MUST take fragmented messages, and control frames
// between their fragments. RFC 6455, section 6.2: how a message is received.
func (c *Conn) step() (p piece, ok bool, err error) {
	for {
		if c.inFrame {
			return c.payload()
		}
		var unread []byte
		if c.in != nil {
			unread = c.in.unread()
		}
		h, n, short := frame.Parse(unread)
		if short != nil {
			return piece{}, false, nil //nolint:nilerr // it is no error that more has to come
		}
		broken := c.check(h)
		end := n + int(h.Length)
		if broken == nil && h.Opcode.IsControl() && len(unread) < end { // at most 125 bytes, all at once
			return piece{}, false, nil
		}
		if c.show != nil {
			c.show.Header(false, h)
		}
		if broken != nil {
			return piece{}, false, broken
		}
		if h.Opcode.IsControl() {
			c.in.r += end
			body := unread[n:end]
			if h.Masked {
				frame.Mask(body, h.Key, 0)
			}
			if c.show != nil {
				c.show.Payload(false, body)
			}
			c.frames.Add(1)
			if err := c.control(h.Opcode, body); err != nil {
				return piece{}, false, err
			}
			continue
		}
		c.in.r += n
		c.begin(h)
	}
}

// check judges a header before anything is done for its frame.
func (c *Conn) check(h frame.Header) error {
	s := frame.State{FromClient: c.role == Server, InMessage: c.inside}
	if c.pmd != nil {
		s.RSV = frame.RSV1
	}
	if broken := frame.Check(h, s); broken != nil {
		return broken
	}
	if h.Opcode.IsControl() {
		return nil
	}
	if most := c.opts.maxFrame(); h.Length > most {
		return tooBig("frame", most)
	}
	received := c.received
	if h.Opcode != frame.Continuation {
		received = 0
	}
	if most := c.opts.maxMessage(); h.Length > most || received+h.Length > most {
		return tooBig("message", most)
	}
	return nil
}

func tooBig(what string, most uint64) error {
	return &frame.Error{
		Code: frame.MessageTooBig, Section: "10.4",
		Reason: fmt.Sprintf("a %s of more than %d bytes", what, most),
	}
}

// begin takes over a data frame's header.
func (c *Conn) begin(h frame.Header) {
	if h.Opcode != frame.Continuation {
		c.opcode = h.Opcode
		c.packed = h.RSV&frame.RSV1 != 0 // RFC 7692, section 6.2: the first frame says it for the message
		c.received = 0
		c.text = frame.UTF8{}
	}
	c.inFrame, c.inside = true, true
	c.fin, c.left, c.key, c.keyAt = h.Fin, h.Length, h.Key, 0
}

// payload takes what there is of the current frame's payload.
func (c *Conn) payload() (p piece, ok bool, err error) {
	if c.left > 0 {
		if c.in == nil || c.in.r == c.in.w {
			return piece{}, false, nil
		}
		part := c.in.unread()
		if uint64(len(part)) > c.left {
			part = part[:c.left]
		}
		c.in.r += len(part)
		if err := c.accept(part); err != nil {
			return piece{}, false, err
		}
		p.bytes = part
	}
	p.last, err = c.finish()
	return p, true, err
}

// accept unmasks and checks a part of a payload, wherever it stands.
func (c *Conn) accept(part []byte) error {
	if c.role == Server {
		frame.Mask(part, c.key, int(c.keyAt))
		c.keyAt = uint8((int(c.keyAt) + len(part)) & 3)
	}
	if c.show != nil {
		c.show.Payload(false, part)
	}
	c.left -= uint64(len(part))
	before := c.received
	c.received += uint64(len(part))
	if before>>16 != c.received>>16 {
		c.frames.Add(1) // a long frame on its way is a sign of life as well
	}
	// RFC 6455, section 8.1: text that is not UTF-8 fails the connection, and
	// there is no need to wait for the rest of it.
	if c.opcode == frame.Text && !c.packed && !c.text.Next(part) {
		return notUTF8
	}
	return nil
}

// finish ends the frame if its payload is complete, and the message with it
// if it is the last.
func (c *Conn) finish() (last bool, err error) {
	if c.left > 0 {
		return false, nil
	}
	c.inFrame = false
	c.frames.Add(1)
	if !c.fin {
		return false, nil
	}
	c.inside = false
	c.lately = 0
	if c.received > readSize {
		c.lately = uint32(min(c.received, mostRead))
	}
	if c.opcode == frame.Text && !c.packed && !c.text.Done() {
		return true, notUTF8
	}
	return true, nil
}

var notUTF8 = &frame.Error{Code: frame.InvalidPayload, Section: "8.1", Reason: "a text message that is not UTF-8"}

// control answers a control frame.
func (c *Conn) control(op frame.Opcode, body []byte) error {
	switch op {
	case frame.Ping: // RFC 6455, section 5.5.2: MUST send a Pong with the same bytes
		return c.send(frame.Pong, body)
	case frame.Close:
		code, reason, err := frame.ParseClose(body)
		if err != nil {
			return err
		}
		return &CloseError{Code: code, Reason: string(reason)}
	}
	return nil // RFC 6455, section 5.5.3: a response to a Pong is not expected
}
