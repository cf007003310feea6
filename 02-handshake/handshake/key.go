package handshake

import (
	"crypto/rand"
	"crypto/sha1"
	"encoding/base64"
)

// snippet: accept

// GUID is the constant that only WebSocket puts behind a key.
//
// RFC 6455, section 1.3: a server that knows it has read the RFC.
const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

// Accept is the proof that a server has read the key: the value of
// Sec-WebSocket-Accept that belongs to this Sec-WebSocket-Key.
//
// RFC 6455, section 4.2.2: the key as it was sent, not decoded,
// then the GUID, then SHA-1, then its 20 bytes in base64.
func Accept(key string) string {
	sum := sha1.Sum([]byte(key + GUID))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// end snippet: accept

// NewKey makes a key that nobody can guess.
//
// RFC 6455, section 4.1: a nonce of 16 bytes in base64, new for each
// connection.
func NewKey() string {
	var nonce [16]byte
	_, _ = rand.Read(nonce[:]) // it never fails: the program would have ended
	return base64.StdEncoding.EncodeToString(nonce[:])
}

// keyBytes is how many bytes the key stands for, or -1 if it is not base64.
func keyBytes(key string) int {
	var nonce [48]byte
	if len(key) > base64.StdEncoding.EncodedLen(len(nonce)) {
		return len(key) / 4 * 3 // too many, whatever they are
	}
	n, err := base64.StdEncoding.Decode(nonce[:], []byte(key))
	if err != nil {
		return -1
	}
	return n
}
