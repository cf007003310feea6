package check

import (
	"encoding/binary"

	"websocket.example/03-raw-server/frame"
)

// A shot is a frame to be sent, right or wrong. Who we are decides whether it
// is masked.
type shot struct {
	frame.Header
	payload []byte
	claim   bool // Header.Length stands; otherwise it is that of the payload
	wrong   bool // masked where it must not be, and not where it must
	keyed   bool // Header.Key stands
	cut     int  // only so many bytes of it are sent; 0 is all
	pack    bool // the payload is compressed as agreed
}

func text(s string) shot         { return data(frame.Text, []byte(s)) }
func bin(b []byte) shot          { return data(frame.Binary, b) }
func ping(s string) shot         { return data(frame.Ping, []byte(s)) }
func pong(s string) shot         { return data(frame.Pong, []byte(s)) }
func more(s string) shot         { return data(frame.Continuation, []byte(s)).open() }
func last(s string) shot         { return data(frame.Continuation, []byte(s)) }
func opcode(o frame.Opcode) shot { return data(o, nil) }
func closing(body []byte) shot   { return data(frame.Close, body) }
func data(o frame.Opcode, p []byte) shot {
	return shot{Header: frame.Header{Fin: true, Opcode: o}, payload: p}
}

// code is a close frame, with any code whatsoever.
func code(c frame.CloseCode, reason string) shot {
	return closing(append(binary.BigEndian.AppendUint16(nil, uint16(c)), reason...))
}

// open is the frame without FIN: more of its message follows.
func (s shot) open() shot { s.Fin = false; return s }

func (s shot) rsv(bits byte) shot { s.RSV = bits; return s }

func (s shot) form(f frame.LengthForm) shot { s.Form = f; return s }

// claims is the frame with a length that its payload does not have.
func (s shot) claims(length uint64) shot { s.Length, s.claim = length, true; return s }

func (s shot) wrongMask() shot { s.wrong = true; return s }

func (s shot) key(k [4]byte) shot { s.Key, s.keyed = k, true; return s }

// firstBytes is the frame up to its byte n.
func (s shot) firstBytes(n int) shot { s.cut = n; return s }

// packed is the frame with its payload compressed, as a whole message.
func (s shot) packed() shot { s.pack = true; return s }

// wire is the frame as bytes.
func (s shot) wire(t *talk) (frame.Header, []byte) {
	h, payload := s.Header, s.payload
	if s.pack {
		payload = t.pmd.compress(payload)
		h.RSV |= frame.RSV1
	}
	if !s.claim {
		h.Length = uint64(len(payload))
	}
	h.Masked = t.client != s.wrong
	if h.Masked && !s.keyed {
		h.Key = t.nextKey()
	}
	if !h.Masked {
		h.Key = [4]byte{}
	}
	b := frame.Append(make([]byte, 0, frame.MaxHeaderSize+len(payload)), h)
	n := len(b)
	b = append(b, payload...)
	if h.Masked {
		frame.Mask(b[n:], h.Key, 0)
	}
	if s.cut > 0 {
		b = b[:min(s.cut, len(b))]
	}
	return h, b
}

// inParts is a message in fragments of so many bytes.
func inParts(o frame.Opcode, payload []byte, size int) []shot {
	var shots []shot
	for at := 0; at == 0 || at < len(payload); at += size {
		end := min(at+size, len(payload))
		s := data(frame.Continuation, payload[at:end])
		if at == 0 {
			s.Opcode = o
		}
		s.Fin = end == len(payload)
		shots = append(shots, s)
	}
	return shots
}

// cutAt is a message in fragments that end at these bytes.
func cutAt(o frame.Opcode, payload []byte, cuts ...int) []shot {
	var shots []shot
	from := 0
	for _, to := range append(cuts, len(payload)) {
		s := data(frame.Continuation, payload[from:to])
		if len(shots) == 0 {
			s.Opcode = o
		}
		s.Fin = false
		shots = append(shots, s)
		from = to
	}
	shots[len(shots)-1].Fin = true
	return shots
}
