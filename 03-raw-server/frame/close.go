package frame

import (
	"encoding/binary"
	"fmt"
	"unicode/utf8"
)

// A CloseCode says why a connection ends.
//
// RFC 6455, section 7.4, and the IANA registry it founded.
type CloseCode uint16

// The codes with a meaning of their own.
const (
	NormalClosure    CloseCode = 1000 // the purpose is fulfilled
	GoingAway        CloseCode = 1001 // a server goes down, a page is left
	ProtocolError    CloseCode = 1002 // the other side broke the protocol
	UnsupportedData  CloseCode = 1003 // a kind of message that is not accepted
	NoStatus         CloseCode = 1005 // never sent: a close frame came without a code
	AbnormalClosure  CloseCode = 1006 // never sent: the connection broke without a close frame
	InvalidPayload   CloseCode = 1007 // text that is not UTF-8
	PolicyViolation  CloseCode = 1008 // nothing else fits, or must not be told
	MessageTooBig    CloseCode = 1009 // more than the receiver takes
	MissingExtension CloseCode = 1010 // the client wanted an extension, the server did not
	InternalError    CloseCode = 1011 // the server could not go on
	ServiceRestart   CloseCode = 1012 // come back in a moment
	TryAgainLater    CloseCode = 1013 // overloaded
	BadGateway       CloseCode = 1014 // a gateway got a wrong answer
	TLSHandshake     CloseCode = 1015 // never sent: TLS failed
)

// MaxReason is the longest reason that fits in a close frame: 125 bytes of a
// control frame's payload, less the two of the code.
const MaxReason = max7 - 2

// Sendable says whether the code may stand in a close frame.
func (c CloseCode) Sendable() bool {
	switch {
	case c >= 3000 && c <= 4999: // RFC 6455, section 7.4.2: for libraries, and for everyone
		return true
	case c == 1004, c == NoStatus, c == AbnormalClosure: // RFC 6455, section 7.4.1: MUST NOT be sent
		return false
	}
	return c >= NormalClosure && c <= BadGateway
}

// String names the code.
func (c CloseCode) String() string {
	if name, ok := closeNames[c]; ok {
		return fmt.Sprintf("%d %s", uint16(c), name)
	}
	return fmt.Sprintf("%d", uint16(c))
}

var closeNames = map[CloseCode]string{
	NormalClosure: "normal closure", GoingAway: "going away", ProtocolError: "protocol error",
	UnsupportedData: "unsupported data", NoStatus: "no status", AbnormalClosure: "abnormal closure",
	InvalidPayload: "invalid payload", PolicyViolation: "policy violation", MessageTooBig: "message too big",
	MissingExtension: "missing extension", InternalError: "internal error", ServiceRestart: "service restart",
	TryAgainLater: "try again later", BadGateway: "bad gateway", TLSHandshake: "TLS handshake",
}

// ParseClose reads the payload of a close frame. An empty one has the code
// NoStatus. The reason is a part of the payload, not a copy.
func ParseClose(payload []byte) (CloseCode, []byte, error) {
	switch len(payload) {
	case 0:
		return NoStatus, nil, nil
	case 1: // RFC 6455, section 5.5.1: the body MUST begin with a 2-byte code
		return 0, nil, &Error{ProtocolError, "5.5.1", "a close frame of one byte: a code has two"}
	}
	code, reason := CloseCode(binary.BigEndian.Uint16(payload)), payload[2:]
	if !code.Sendable() { // RFC 6455, section 7.4
		return 0, nil, &Error{ProtocolError, "7.4", fmt.Sprintf("a close frame with the code %d, which is not to be sent", uint16(code))}
	}
	if !utf8.Valid(reason) { // RFC 6455, section 5.5.1: the reason is UTF-8
		return 0, nil, &Error{InvalidPayload, "5.5.1", "a close reason that is not UTF-8"}
	}
	return code, reason, nil
}

// AppendClose writes the payload of a close frame. NoStatus writes nothing. A
// reason that is too long is cut between two characters.
func AppendClose(b []byte, code CloseCode, reason string) []byte {
	if code == NoStatus {
		return b
	}
	if len(reason) > MaxReason {
		cut := MaxReason
		for cut > 0 && !utf8.RuneStart(reason[cut]) {
			cut--
		}
		reason = reason[:cut]
	}
	b = binary.BigEndian.AppendUint16(b, uint16(code))
	return append(b, reason...)
}
