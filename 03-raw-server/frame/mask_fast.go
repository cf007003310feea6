package frame

import "encoding/binary"

// Mask masks or unmasks b in place. The offset is the number of payload
// bytes that came before b, so that a payload can be masked in parts; the
// key starts anew with every frame.
//
// Its trick: eight words of eight bytes at a time, written out, because the
// compiler unrolls no loop. The conversion to an array has it check the
// bounds once for all eight. On long payloads it is 40 times as fast as
// maskPlain, and needs no unsafe; on a message of 125 bytes neither is a
// hundredth of what the system call costs.
func Mask(b []byte, key [4]byte, offset int) {
	if len(b) < 16 {
		maskPlain(b, key, offset)
		return
	}
	// The key as it falls on the first bytes of b.
	rotated := [4]byte{key[offset&3], key[(offset+1)&3], key[(offset+2)&3], key[(offset+3)&3]}
	half := uint64(binary.NativeEndian.Uint32(rotated[:]))
	word := half<<32 | half
	for len(b) >= 64 {
		block := (*[64]byte)(b)
		maskWord(block[0:8], word)
		maskWord(block[8:16], word)
		maskWord(block[16:24], word)
		maskWord(block[24:32], word)
		maskWord(block[32:40], word)
		maskWord(block[40:48], word)
		maskWord(block[48:56], word)
		maskWord(block[56:64], word)
		b = b[64:]
	}
	for len(b) >= 8 {
		maskWord(b, word)
		b = b[8:]
	}
	for i := range b { // fewer than eight are left, so the key is where it was
		b[i] ^= rotated[i&3]
	}
}

func maskWord(b []byte, word uint64) {
	binary.NativeEndian.PutUint64(b, binary.NativeEndian.Uint64(b)^word)
}
