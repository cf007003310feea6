package frame

import "fmt"

// An Opcode says what a frame is. It has four bits, and the highest of them
// tells control frames from data frames.
//
// RFC 6455, sections 5.2 and 11.8.
type Opcode byte

// The opcodes that mean something. The others are reserved.
const (
	Continuation Opcode = 0x0 // the next part of a message
	Text         Opcode = 0x1 // a message, or its first part: UTF-8
	Binary       Opcode = 0x2 // a message, or its first part: any bytes
	Close        Opcode = 0x8 // the end, with a reason
	Ping         Opcode = 0x9 // are you there?
	Pong         Opcode = 0xA // I am
)

// IsControl tells Close, Ping, Pong and the reserved ones beside them from
// frames that carry data.
func (o Opcode) IsControl() bool { return o&0x8 != 0 }

// IsReserved says that the RFC gives the opcode no meaning.
func (o Opcode) IsReserved() bool {
	return o > Binary && o < Close || o > Pong
}

// String names the opcode as the RFC does.
func (o Opcode) String() string {
	switch o {
	case Continuation:
		return "continuation"
	case Text:
		return "text"
	case Binary:
		return "binary"
	case Close:
		return "close"
	case Ping:
		return "ping"
	case Pong:
		return "pong"
	}
	return fmt.Sprintf("reserved 0x%X", byte(o))
}
