// Package script keeps conversations as text files, which a person can read,
// write and compare, and a test can play.
//
//	# what stands behind a # is a comment
//	-- 1                          the name of a connection; what follows belongs to it.
//	                              Without such a line it is 1
//	>: GET /chat HTTP/1.1         a line of a head, sent by the client
//	>:                            the empty line behind it
//	<: HTTP/1.1 101 Switching Protocols
//	<:
//	> text mask=37fa213d "Hello"  a frame: opcode, flags, payload
//	@0.012 < text "Hello"         @ is when, in seconds since the beginning
//	> text more "Hel"             flags: more (no FIN), rsv1, rsv2, rsv3, len16 and len64 (a
//	> cont "lo"                   length that is not written in the shortest way), claim=N (the
//	> 0x3 unmasked                header says N bytes), unmasked, mask=KEY
//	< binary x00ff "a"*1000       payloads are made of text, text repeated, bytes,
//	< close 1000 "bye"            and for close frames a code
//	    " and more"               what is indented belongs to the line above
//	>+ x0102                      more of the last frame's payload
//	>! "GARBAGE"                  bytes as they are
//	> end                         the client sends no more; reset is an accident
//
// A client's frame without a key has any key. A close frame that is wanted
// without a reason may have any.
//
// It is the notation of wsconn's own tests with a few words more, and those
// files can be read as well: there + and ! are the client's, mask alone is
// "wrongly masked, or wrongly not", and role says who is meant.
//
//	script.go    what a line says
//	parse.go     from text; format.go to text
//	recorder.go  a sink of package tap that writes such a file
//	show.go      a file as the tap would have shown it
//	play.go      one side of it, against somebody; compare.go what is a difference
package script

import (
	"bytes"
	"time"

	"websocket.example/03-raw-server/frame"
)

// A Kind says what a step is.
type Kind byte

// The kinds.
const (
	Head  Kind = iota // a line of the head of an HTTP message: Text
	Frame             // a frame: Header, Payload
	More              // more of the last frame's payload: Payload
	Raw               // bytes as they are: Payload
	End               // the end of one direction
	Reset             // the same in bad order
	Role              // who is meant: Text is server or client
)

// A Step is a line of a script.
type Step struct {
	Conn       string // the connection it belongs to
	Kind       Kind
	FromClient bool
	Timed      bool
	At         time.Duration // if Timed

	Text    string
	Header  frame.Header // its Length is what the header says
	AnyKey  bool         // masked, and no matter with what
	Payload []byte       // unmasked
	Note    string       // the comment behind it

	Line int // in the file, from 1
}

// A Script is the steps of all connections, in their order.
type Script []Step

// Conns are the names of the connections, in the order in which they begin.
func (s Script) Conns() (names []string) {
	seen := make(map[string]bool)
	for _, step := range s {
		if !seen[step.Conn] {
			seen[step.Conn] = true
			names = append(names, step.Conn)
		}
	}
	return names
}

// bare says that a connection begins with frames: its handshake is not in the
// script.
func (s Script) bare(conn string) bool {
	var raw []byte
	for _, step := range s {
		switch {
		case step.Conn != conn:
		case step.Kind == Head:
			return false
		case step.Kind == Raw && !step.FromClient: // it may be a head that lines can't hold
			raw = append(raw, step.Payload...)
		case step.Kind == Frame:
			return !bytes.Contains(raw, []byte("HTTP/1."))
		}
	}
	return false
}

// A wire turns steps of one direction into bytes.
type wire struct {
	key    [4]byte // of the last frame
	masked bool
	at     int
}

// bytes are those of a step, with a key where it may be any.
func (w *wire) bytes(s *Step, key func() [4]byte) []byte {
	var b []byte
	switch s.Kind {
	case Head:
		return append([]byte(s.Text), "\r\n"...)
	case Raw:
		return s.Payload
	case Frame:
		h := s.Header
		if s.AnyKey {
			h.Key = key()
		}
		w.key, w.masked, w.at = h.Key, h.Masked, 0
		b = frame.Append(nil, h)
	case More:
	case End, Reset, Role:
		return nil
	}
	from := len(b)
	b = append(b, s.Payload...)
	if w.masked {
		frame.Mask(b[from:], w.key, w.at%4)
	}
	w.at += len(s.Payload)
	return b
}
