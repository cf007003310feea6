// Package narrate tells what was seen on a connection: each frame as a line
// of text, or drawn bit by bit as RFC 6455 draws it.
//
//	frame.go    what is known of one frame
//	watch.go    from what a connection shows to frames; names what breaks a rule
//	line.go     a frame as a line
//	draw.go     a frame as a drawing
//	printer.go  a terminal that is told everything
package narrate

import (
	"time"

	"websocket.example/03-raw-server/frame"
)

// A Frame is what was seen of one frame.
type Frame struct {
	At         time.Duration // since whoever watches began
	Conn       int           // the number of its connection
	FromClient bool          // who sent it
	Header     frame.Header

	Payload []byte // the first bytes of the payload, unmasked
	Came    uint64 // how many bytes of it came in all: less than Header.Length if it was cut off

	Kind       frame.Opcode // of a data frame: what its message is, Text or Binary
	Compressed bool         // its message is compressed (RFC 7692)
	Message    *Message     // that message decompressed, with its last frame

	Broken *frame.Error // the rule that it breaks, nil if none
}

// A Message is a compressed message after decompression.
type Message struct {
	Bytes  []byte // the first of them
	Length int
	Lost   string // why there are none, "" if there are
}

// CutOff says that the connection ended inside the frame, or that the rest
// of it was not looked at.
func (f *Frame) CutOff() bool { return f.Came < f.Header.Length }

// Wire is the frame as it was on the wire: its header, and as much of its
// payload as was kept, masked if it was.
func (f *Frame) Wire() (header, payload []byte) {
	payload = append(payload, f.Payload...)
	if f.Header.Masked {
		frame.Mask(payload, f.Header.Key, 0)
	}
	return frame.Append(nil, f.Header), payload
}
