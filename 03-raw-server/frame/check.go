package frame

import "fmt"

// An Error says which rule the other side broke, and with which code the
// connection is to be closed.
type Error struct {
	Code    CloseCode
	Section string // of RFC 6455
	Reason  string
}

func (e *Error) Error() string {
	return fmt.Sprintf("%s (RFC 6455, section %s)", e.Reason, e.Section)
}

// State is what the receiver of a frame knows when its header arrives.
type State struct {
	FromClient bool // who sent it
	InMessage  bool // a message has begun and not ended
	RSV        byte // the reserved bits that an extension has given a meaning
}

// Check says which rule a header breaks, nil if none.
func Check(h Header, s State) *Error {
	broken := func(section, format string, args ...any) *Error {
		return &Error{ProtocolError, section, fmt.Sprintf(format, args...)}
	}
	switch {
	case h.Masked && !s.FromClient: // RFC 6455, section 5.1: a server MUST NOT mask
		return broken("5.1", "a masked frame from a server")
	case !h.Masked && s.FromClient: // RFC 6455, section 5.1: a client MUST mask
		return broken("5.1", "an unmasked frame from a client")
	case h.Opcode.IsReserved(): // RFC 6455, section 5.2: an unknown opcode fails the connection
		return broken("5.2", "the opcode 0x%X is reserved", byte(h.Opcode))
	case h.RSV&^s.RSV != 0: // RFC 6455, section 5.2: MUST be 0 unless an extension is negotiated
		return broken("5.2", "a reserved bit is set (%03b) that no extension has given a meaning", h.RSV>>4)
	case h.Form != Shortest: // RFC 6455, section 5.2: the minimal number of bytes MUST be used
		return broken("5.2", "the length %d is not written in the shortest way", h.Length)
	case h.Length>>63 != 0: // RFC 6455, section 5.2: the most significant bit MUST be 0
		return broken("5.2", "the highest bit of a 64-bit length is set")
	}
	if h.Opcode.IsControl() {
		switch {
		case h.Length > max7: // RFC 6455, section 5.5: 125 bytes or less
			return broken("5.5", "a %s frame of %d bytes: at most 125 are allowed", h.Opcode, h.Length)
		case !h.Fin: // RFC 6455, section 5.5: MUST NOT be fragmented
			return broken("5.5", "a %s frame that is a fragment", h.Opcode)
		case h.RSV != 0: // RFC 7692, section 6.1: extensions of messages leave control frames alone
			return broken("5.2", "a reserved bit is set on a %s frame", h.Opcode)
		}
		return nil
	}
	switch {
	case h.Opcode == Continuation && !s.InMessage: // RFC 6455, section 5.4
		return broken("5.4", "a continuation of nothing")
	case h.Opcode != Continuation && s.InMessage: // RFC 6455, section 5.4: fragments MUST NOT be interleaved
		return broken("5.4", "a new %s message inside another", h.Opcode)
	case h.Opcode == Continuation && h.RSV != 0: // RFC 7692, section 6.1: only the first frame has RSV1
		return broken("5.2", "a reserved bit is set on a continuation frame")
	}
	return nil
}
