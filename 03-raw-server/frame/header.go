// Package frame is RFC 6455, section 5, as a codec: bytes to frame headers
// and back, masking, close payloads, and the rules of what may be sent. It
// does no I/O and keeps no state, so every line of it can be tried alone.
//
//	header.go   a header is a value; Parse and Append are a pair
//	opcode.go   what a frame is
//	close.go    why a connection ends
//	mask.go     masking, plainly; mask_fast.go the same, faster
//	check.go    which headers break which rule
//	utf8.go     text is checked as it arrives
package frame

import (
	"encoding/binary"
	"errors"
)

// A Header is what stands in front of a frame's payload.
//
//	 0                   1                   2                   3
//	 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//	+-+-+-+-+-------+-+-------------+-------------------------------+
//	|F|R|R|R| opcode|M| Payload len |    Extended payload length    |
//	|I|S|S|S|  (4)  |A|     (7)     |           (16/64)             |
//	|N|V|V|V|       |S|             |  (if payload len is 126/127)  |
//	| |1|2|3|       |K|             |                               |
//	+-+-+-+-+-------+-+-------------+ - - - - - - - - - - - - - - - +
//	|   Extended payload length continued, if payload len is 127    |
//	+ - - - - - - - - - - - - - - - +-------------------------------+
//	|                               |Masking-key, if MASK set to 1  |
//	+-------------------------------+-------------------------------+
//	| Masking-key (continued)       |          Payload Data         |
//	+-------------------------------- - - - - - - - - - - - - - - - +
//
// RFC 6455, section 5.2.
type Header struct {
	Fin    bool       // the last frame of its message
	RSV    byte       // the three reserved bits, as RSV1, RSV2 and RSV3
	Opcode Opcode     // what the payload is
	Masked bool       // the payload is masked: always from a client, never from a server
	Key    [4]byte    // the masking key, if Masked
	Length uint64     // of the payload in bytes
	Form   LengthForm // how the length was written, if not in the shortest way
}

// The reserved bits, as they stand in the first byte.
const (
	RSV1 byte = 0x40 // permessage-deflate: the message is compressed (RFC 7692, section 6)
	RSV2 byte = 0x20
	RSV3 byte = 0x10
)

// MaxHeaderSize is the longest a header can be: 2 bytes, 8 of length, 4 of key.
const MaxHeaderSize = 14

// LengthForm is how a length is written. The zero value is the shortest way,
// the only one that the RFC allows; the others are for those who break it,
// and for those who must notice.
type LengthForm byte

// The forms.
const (
	Shortest LengthForm = iota
	In16Bits            // 126 and two bytes, for a length below 126
	In64Bits            // 127 and eight bytes, for a length below 65,536
)

const (
	finBit  = 0x80
	rsvBits = 0x70
	opBits  = 0x0f
	maskBit = 0x80
	lenBits = 0x7f

	len16 = 126 // the next two bytes are the length
	len64 = 127 // the next eight are

	max7  = 125
	max16 = 1<<16 - 1
)

// ErrShort says that a header is not complete yet.
var ErrShort = errors.New("frame: the header is not complete")

// Parse reads the header at the start of b, and says how many bytes it took.
// It returns ErrShort if b ends inside the header, and no other error: it
// takes whatever the bits say. Check judges.
func Parse(b []byte) (h Header, n int, err error) {
	if len(b) < 2 {
		return Header{}, 0, ErrShort
	}
	// snippet: parse
	h.Fin = b[0]&finBit != 0
	h.RSV = b[0] & rsvBits
	h.Opcode = Opcode(b[0] & opBits)
	h.Masked = b[1]&maskBit != 0
	n = 2
	switch length := b[1] & lenBits; length {
	case len16:
		if len(b) < 4 {
			return Header{}, 0, ErrShort
		}
		h.Length = uint64(binary.BigEndian.Uint16(b[2:]))
		// end snippet: parse
		if h.Length <= max7 {
			h.Form = In16Bits
		}
		n = 4
	case len64:
		if len(b) < 10 {
			return Header{}, 0, ErrShort
		}
		h.Length = binary.BigEndian.Uint64(b[2:])
		if h.Length <= max16 {
			h.Form = In64Bits
		}
		n = 10
	default:
		h.Length = uint64(length)
	}
	if h.Masked {
		if len(b) < n+4 {
			return Header{}, 0, ErrShort
		}
		h.Key = [4]byte(b[n:])
		n += 4
	}
	return h, n, nil
}

// Append writes the header to the end of b. It writes what it is told, also
// what breaks the RFC; only the shortest form of a length is its own choice.
func Append(b []byte, h Header) []byte {
	first := h.RSV&rsvBits | byte(h.Opcode)&opBits
	if h.Fin {
		first |= finBit
	}
	var second byte
	if h.Masked {
		second = maskBit
	}
	switch {
	case h.Form == In64Bits || h.Length > max16:
		b = append(b, first, second|len64)
		b = binary.BigEndian.AppendUint64(b, h.Length)
	case h.Form == In16Bits || h.Length > max7:
		b = append(b, first, second|len16)
		b = binary.BigEndian.AppendUint16(b, uint16(h.Length))
	default:
		b = append(b, first, second|byte(h.Length))
	}
	if h.Masked {
		b = append(b, h.Key[:]...)
	}
	return b
}

// Size is how many bytes Append will write.
func (h Header) Size() int {
	n := 2
	switch {
	case h.Form == In64Bits || h.Length > max16:
		n += 8
	case h.Form == In16Bits || h.Length > max7:
		n += 2
	}
	if h.Masked {
		n += 4
	}
	return n
}
