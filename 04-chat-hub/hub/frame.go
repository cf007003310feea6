package hub

import (
	"encoding/binary"

	"github.com/gorilla/websocket"
)

// appendFrame is a server's whole message in one frame: FIN set, no mask.
//
// RFC 6455, section 5.2. Step 3 is about this.
func appendFrame(b []byte, opcode byte, payload []byte) []byte {
	const fin = 0x80
	b = append(b, fin|opcode)
	switch n := len(payload); {
	case n < 126:
		b = append(b, byte(n))
	case n < 1<<16:
		b = binary.BigEndian.AppendUint16(append(b, 126), uint16(n))
	default:
		b = binary.BigEndian.AppendUint64(append(b, 127), uint64(n))
	}
	return append(b, payload...)
}

// closeFrame takes gorilla's close codes. A code that must not be sent makes
// a frame without one.
func closeFrame(code int, reason string) []byte {
	return appendFrame(nil, websocket.CloseMessage, websocket.FormatCloseMessage(code, reason))
}
