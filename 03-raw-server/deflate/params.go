package deflate

import "websocket.example/02-handshake/handshake"

// Name is the extension's name in Sec-WebSocket-Extensions.
//
// RFC 7692, section 7.
const Name = "permessage-deflate"

// The parameters. "Server" and "client" say whose compressor is meant: the
// first two forbid it to refer to earlier messages, the others bound how far
// back it may refer.
const (
	serverNoContextTakeover = "server_no_context_takeover" // RFC 7692, section 7.1.1.1
	clientNoContextTakeover = "client_no_context_takeover" // RFC 7692, section 7.1.1.2
	serverMaxWindowBits     = "server_max_window_bits"     // RFC 7692, section 7.1.2.1
	clientMaxWindowBits     = "client_max_window_bits"     // RFC 7692, section 7.1.2.2
)

// A window is a power of two, and these are the powers.
const (
	minBits = 8  // 256 bytes
	maxBits = 15 // 32 KiB, all that DEFLATE can refer to
)

// Options are the wishes of one side, before it knows the other. The zero
// value allows everything: context takeover, and windows of 32 KiB.
//
// Context takeover finds more to refer to, and costs both sides memory for as
// long as the connection lives: a window to decompress, and rather more to
// compress.
type Options struct {
	NoServerTakeover bool // the server's messages are compressed each on its own
	NoClientTakeover bool // the client's are
	ServerWindowBits int  // the server's window at most: 8 to 15, 0 is 15
	ClientWindowBits int  // the client's window at most: 8 to 15, 0 is 15
	Level            int  // 1 is fastest, 9 smallest, 0 is 1
	MinSize          int  // messages of fewer bytes are sent as they are, 0 is 256
}

// Params is what both sides have agreed on. All of it binds both: one as the
// sender, the other as the receiver.
type Params struct {
	ServerNoContextTakeover bool
	ClientNoContextTakeover bool
	ServerMaxWindowBits     int // 8 to 15
	ClientMaxWindowBits     int // 8 to 15
}

// sender is what the params say to the compressor of one side, and to the
// decompressor of the other.
func (p Params) sender(server bool) (takeover bool, bits int) {
	if server {
		return !p.ServerNoContextTakeover, windowOr15(p.ServerMaxWindowBits)
	}
	return !p.ClientNoContextTakeover, windowOr15(p.ClientMaxWindowBits)
}

// windowOr15 keeps the bits of a window within what there is. Zero is "not said".
func windowOr15(bits int) int {
	if bits == 0 {
		return maxBits
	}
	return min(max(bits, minBits), maxBits)
}

// windowBits reads the value of a window's parameter: 8 to 15 without leading
// zeros. Quotation marks are gone already: the grammar took them away.
//
// RFC 7692, sections 7.1.2.1 and 7.1.2.2.
func windowBits(value string) (int, bool) {
	switch {
	case len(value) == 1 && (value[0] == '8' || value[0] == '9'):
		return int(value[0] - '0'), true
	case len(value) == 2 && value[0] == '1' && value[1] >= '0' && value[1] <= '5':
		return 10 + int(value[1]-'0'), true
	}
	return 0, false
}

// said is an offer or an answer, as it was read. No bits are "not said".
type said struct {
	serverNoTakeover, clientNoTakeover bool
	serverBits, clientBits             int
	clientBitsOffered                  bool // client_max_window_bits, with a value or without
}

// read takes an offer or an answer apart. What it returns as an error is
// invalid in both; one thing more is invalid in an answer.
func read(e handshake.Extension) (said, error) {
	var s said
	seen := make(map[string]bool, len(e.Params))
	for _, p := range e.Params {
		if seen[p.Name] { // RFC 7692, section 7.1: MUST NOT have several parameters of one name
			return said{}, broken("7.1", "%s comes twice", p.Name)
		}
		seen[p.Name] = true
		n, isBits := windowBits(p.Value)
		switch p.Name {
		case serverNoContextTakeover:
			if p.Value != "" { // RFC 7692, section 7.1.1.1: has no value
				return said{}, broken("7.1.1.1", "%s with the value %q", p.Name, p.Value)
			}
			s.serverNoTakeover = true
		case clientNoContextTakeover:
			if p.Value != "" { // RFC 7692, section 7.1.1.2: has no value
				return said{}, broken("7.1.1.2", "%s with the value %q", p.Name, p.Value)
			}
			s.clientNoTakeover = true
		case serverMaxWindowBits:
			if !isBits { // RFC 7692, section 7.1.2.1: MUST be 8 to 15
				return said{}, broken("7.1.2.1", "%s with the value %q, not 8 to 15", p.Name, p.Value)
			}
			s.serverBits = n
		case clientMaxWindowBits:
			if !isBits && p.Value != "" { // RFC 7692, section 7.1.2.2: if there is a value, it MUST be 8 to 15
				return said{}, broken("7.1.2.2", "%s with the value %q, not 8 to 15", p.Name, p.Value)
			}
			s.clientBits, s.clientBitsOffered = n, true
		default: // RFC 7692, section 7.1: MUST NOT have a parameter that is not defined
			return said{}, broken("7.1", "the parameter %q is not defined", p.Name)
		}
	}
	return s, nil
}
