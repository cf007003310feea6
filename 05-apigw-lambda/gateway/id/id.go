// Package id makes the IDs of connections, messages and requests, of the shape
// that API Gateway gives them: 15 letters of base64url and a "=", such as
// R1kmxc2VNjMCFIA=. Code that forgets to encode the "=" in a URL, or that
// expects a UUID, fails here as it would on AWS.
package id

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"
)

const size = 11 // bytes; 15 letters and the padding

// New makes an ID that nobody can guess: whoever knows a connection's could,
// on AWS, still do nothing without a signature.
func New() string {
	var b [size]byte
	_, _ = rand.Read(b[:]) // never fails
	return base64.URLEncoding.EncodeToString(b[:])
}

// Valid says whether a text has the shape of an ID.
func Valid(s string) bool {
	if len(s) != 16 {
		return false
	}
	var b [12]byte
	n, err := base64.URLEncoding.Decode(b[:], []byte(s))
	return err == nil && n == size
}

// UUID is the other kind: that of x-amzn-requestid.
func UUID() string {
	var b [16]byte
	_, _ = rand.Read(b[:])
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80 // RFC 9562, section 5.4: version 4
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// Hex is n random bytes in hexadecimal.
func Hex(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b)
	return fmt.Sprintf("%x", b)
}
