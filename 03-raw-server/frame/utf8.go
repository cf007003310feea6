package frame

import "unicode/utf8"

// UTF8 checks text that arrives in parts. It says no at the first byte that
// can't be right, not at the end of the message, and keeps at most three
// bytes: the start of a character that the parts were cut through. The zero
// value is ready for a new text.
//
// RFC 6455, sections 5.6 and 8.1.
type UTF8 struct {
	begun [utf8.UTFMax]byte // a character that is not complete
	n     int
}

// Next says whether the text may still be UTF-8 with b at its end.
func (u *UTF8) Next(b []byte) bool {
	for u.n > 0 && len(b) > 0 { // first complete the character that was begun
		u.begun[u.n] = b[0]
		u.n++
		b = b[1:]
		switch part := u.begun[:u.n]; {
		case !startsRune(part):
			return false
		case utf8.FullRune(part):
			u.n = 0
		}
	}
	// All but an incomplete character at the end is checked in one go: the
	// standard library does eight bytes of ASCII at a time.
	cut := len(b) - incomplete(b)
	if !utf8.Valid(b[:cut]) {
		return false
	}
	if cut < len(b) {
		u.n = copy(u.begun[:], b[cut:])
		return startsRune(u.begun[:u.n])
	}
	return true
}

// Done says whether the text may end here.
func (u *UTF8) Done() bool { return u.n == 0 }

// incomplete is how many bytes at the end of b begin a character that needs
// more of them.
func incomplete(b []byte) int {
	for n := 1; n <= min(utf8.UTFMax-1, len(b)); n++ {
		if tail := b[len(b)-n:]; utf8.RuneStart(tail[0]) {
			if tail[0] >= utf8.RuneSelf && !utf8.FullRune(tail) {
				return n
			}
			return 0
		}
	}
	return 0
}

// startsRune says whether b is a character, or can become one with more
// bytes. utf8.FullRune is true of what is complete and of what is wrong, so
// what is not "full" may still become a character.
func startsRune(b []byte) bool {
	if !utf8.FullRune(b) {
		return true
	}
	r, size := utf8.DecodeRune(b)
	return r != utf8.RuneError || size > 1
}
