package wsconn

import (
	"encoding/binary"
	"unicode/utf8"

	"websocket.example/03-raw-server/frame"
)

// whole takes the usual message from the input: one short frame, all of it
// there, neither compressed nor inside another message. For that one case it
// does what assemble and step do, and nothing that only the others need; of
// a header that is any different it takes nothing, and leaves it to them.
//
// Why: of the half microsecond that a message of 1 KiB costs when many come
// at once, the long way is a third.
func (c *Conn) whole() (message []byte, ok bool, err error) {
	if c.in == nil || c.inside || c.parts != nil || c.show != nil {
		return nil, false, nil
	}
	b := c.in.unread()
	if len(b) < 4 {
		return nil, false, nil
	}
	// RFC 6455, section 5.2: FIN is set, no reserved bit is, and the mask is
	// as the sender's role wants it.
	op, length, n := frame.Opcode(b[0]-0x80), int(b[1]), 2
	if op != frame.Text && op != frame.Binary {
		return nil, false, nil
	}
	if c.role == Server {
		length -= 0x80
	}
	switch {
	case length == 126:
		length, n = int(binary.BigEndian.Uint16(b[2:])), 4
		if length < 126 {
			return nil, false, nil
		}
	case length < 0 || length > 126:
		return nil, false, nil
	}
	var key [4]byte
	if c.role == Server {
		if len(b) < n+4 {
			return nil, false, nil
		}
		key = [4]byte(b[n:])
		n += 4
	}
	if len(b) < n+length || uint64(length) > min(c.opts.maxMessage(), c.opts.maxFrame()) {
		return nil, false, nil
	}
	message = b[n : n+length]
	if c.role == Server {
		frame.Mask(message, key, 0)
	}
	c.in.r += n + length
	c.frames.Add(1)
	c.lately = 0
	c.opcode = op
	if op == frame.Text && !utf8.Valid(message) { // RFC 6455, section 8.1
		return nil, false, notUTF8
	}
	return message, true, nil
}
