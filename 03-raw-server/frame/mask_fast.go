package frame

import (
	"crypto/subtle"
	"encoding/binary"
)

// Mask masks or unmasks b in place. The offset is the number of payload
// bytes that came before b, so that a payload can be masked in parts; the
// key starts anew with every frame.
//
// Its trick: eight words of eight bytes at a time. The conversion to an array
// lets the compiler check the bounds once for all eight. It needs no unsafe;
// on a message of 125 bytes neither this nor maskPlain is a hundredth of what
// the system call costs.
func Mask(b []byte, key [4]byte, offset int) {
	if len(b) < 16 {
		maskPlain(b, key, offset)
		return
	}
	// The key as it falls on the first bytes of b.
	rotated := [4]byte{key[offset&3], key[(offset+1)&3], key[(offset+2)&3], key[(offset+3)&3]}
	if len(b) >= 4*len(stripe{}) {
		maskLong(b, rotated)
		return
	}
	half := uint64(binary.NativeEndian.Uint32(rotated[:]))
	word := half<<32 | half
	for len(b) >= 64 {
		block := (*[64]byte)(b)
		for i := 0; i < 64; i += 8 {
			part := block[i : i+8 : i+8]
			binary.NativeEndian.PutUint64(part, binary.NativeEndian.Uint64(part)^word)
		}
		b = b[64:]
	}
	for len(b) >= 8 {
		binary.NativeEndian.PutUint64(b, binary.NativeEndian.Uint64(b)^word)
		b = b[8:]
	}
	for i := range b { // fewer than eight are left, so the key is where it was
		b[i] ^= rotated[i&3]
	}
}

// A stripe is the key, over and over. It is on the stack, and a longer one is
// hardly faster but would have the stack of its goroutine grow.
type stripe [1024]byte

// maskLong is for payloads that make it worth while to write the key out: the
// standard library's XOR of two slices uses the processor's wide registers,
// which Go code can't, and is twice as fast again.
func maskLong(b []byte, key [4]byte) {
	var s stripe
	copy(s[:], key[:])
	for n := len(key); n < len(s); n *= 2 {
		copy(s[n:], s[:n])
	}
	for len(b) > 0 {
		b = b[subtle.XORBytes(b, b, s[:]):]
	}
}
