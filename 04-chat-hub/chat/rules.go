package chat

import (
	"fmt"
	"unicode"

	"golang.org/x/text/secure/precis"
)

// Name brings a nickname to its normal form: composed characters, one space
// between words, none around them. It refuses controls, invisible characters
// and the ones that turn the direction of writing, with which a name could
// show itself as another's.
//
// RFC 8266, section 2.
func Name(s string) (string, *Error) {
	if len(s) > MaxName {
		return "", tooLong("name", MaxName)
	}
	name, err := precis.Nickname.String(s)
	if err != nil || name == "" {
		return "", &Error{BadRequest, "a name has letters, digits, signs and single spaces, and nothing invisible", ""}
	}
	if len(name) > MaxName { // the normal form may be longer
		return "", tooLong("name", MaxName)
	}
	return name, nil
}

// NameKey is the same for names that count as one: Ana and ANA can't both be
// in a room. (Letters of different scripts that look alike still can.)
//
// RFC 8266, section 2.4.
func NameKey(name string) string {
	key, err := precis.Nickname.CompareKey(name)
	if err != nil {
		return name // not a name at all; Name has refused it
	}
	return key
}

// checkRoom: rooms are compared byte by byte, so nothing invisible may make
// two of what looks like one.
func checkRoom(s string) (string, *Error) {
	switch {
	case s == "":
		return "", &Error{BadRequest, "the field room is empty", ""}
	case len(s) > MaxRoom:
		return "", tooLong("room", MaxRoom)
	case s[0] == ' ' || s[len(s)-1] == ' ':
		return "", &Error{BadRequest, "a room's name has no space at its ends", ""}
	}
	for _, r := range s {
		if r != ' ' && !unicode.IsPrint(r) {
			return "", &Error{BadRequest, fmt.Sprintf("a room's name has no %U: only what can be seen", r), ""}
		}
	}
	return s, nil
}

// Ids and keys are made by programs, such as crypto.randomUUID.
func checkID(s string) (string, *Error)  { return checkToken("id", s) }
func checkKey(s string) (string, *Error) { return checkToken("key", s) }

func checkToken(field, s string) (string, *Error) {
	if len(s) == 0 || len(s) > MaxID {
		return "", &Error{BadRequest, fmt.Sprintf("the field %s has 1 to %d characters", field, MaxID), ""}
	}
	for _, c := range []byte(s) {
		if c <= ' ' || c > '~' {
			return "", &Error{BadRequest, "the field " + field + " is ASCII without spaces", ""}
		}
	}
	return s, nil
}

// The characters that turn the direction of writing until they are closed.
const (
	lre, rle, pdf, lro, rlo = '\u202A', '\u202B', '\u202C', '\u202D', '\u202E'
	lri, rli, fsi, pdi      = '\u2066', '\u2067', '\u2068', '\u2069'
)

// checkText refuses controls other than tab and newline, because a terminal
// obeys them, and the two overrides, because they only ever make a text read
// as what it is not. Embeddings and isolates are how Hebrew and Arabic quote
// a Latin word, and phones insert them by themselves: they may stay as long
// as each is closed, so that none turns what stands after the message.
func checkText(s string) (string, *Error) {
	switch {
	case s == "":
		return "", &Error{BadRequest, "the field text is empty", ""}
	case len(s) > MaxText:
		return "", &Error{TooLarge, fmt.Sprintf("a text has at most %d bytes of UTF-8", MaxText), ""}
	}
	embeddings, isolates := 0, 0
	for _, r := range s {
		switch {
		case r == '\n', r == '\t':
		case unicode.IsControl(r):
			return "", &Error{BadRequest, fmt.Sprintf("a text has no control characters other than tab and newline, but here is %U", r), ""}
		case r == lro, r == rlo:
			return "", &Error{BadRequest, fmt.Sprintf("a text does not override the direction of writing, but here is %U", r), ""}
		case r == lre, r == rle:
			embeddings++
		case r == pdf:
			embeddings = max(embeddings-1, 0) // one too many closes nothing
		case r == lri, r == rli, r == fsi:
			isolates++
		case r == pdi:
			isolates = max(isolates-1, 0)
		}
	}
	if embeddings+isolates > 0 {
		return "", &Error{BadRequest, "a text closes what turns its direction: an embedding with U+202C, an isolate with U+2069", ""}
	}
	return s, nil
}

func checkCursor(field string) func(string) (Cursor, *Error) {
	return func(s string) (Cursor, *Error) {
		c, err := ParseCursor(s)
		if err != nil {
			return Cursor{}, &Error{BadRequest, "the field " + field + " must be a cursor that a server gave", ""}
		}
		return c, nil
	}
}

func tooLong(field string, limit int) *Error {
	return &Error{BadRequest, fmt.Sprintf("a %s has at most %d bytes of UTF-8", field, limit), ""}
}
