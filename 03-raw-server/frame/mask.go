package frame

// Masking is an exclusive or with a key of four bytes, over and over. It is
// no encryption: the key travels in the header. It keeps a client's bytes
// unpredictable, so that no page can write something onto the wire that a
// proxy takes for HTTP.
//
// RFC 6455, sections 5.3 and 10.3.

// maskPlain is masking as the RFC says it. Mask does the same, faster.
func maskPlain(b []byte, key [4]byte, offset int) {
	// snippet: mask
	// RFC 6455, section 5.3: octet i XOR key octet (i MOD 4)
	for i := range b {
		b[i] ^= key[(offset+i)%4]
	}
	// end snippet: mask
}
