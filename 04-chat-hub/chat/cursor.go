package chat

import (
	"cmp"
	"errors"
	"strconv"
)

// A Cursor is a place in a chat's history: all that was stored up to it has
// been seen. To a client it is opaque, but grows: of two cursors the later
// one is the greater string.
//
// A history that is lost and begun anew counts from 1 again. Its epoch, the
// moment it began, keeps an old cursor from pointing into it.
type Cursor struct {
	Epoch uint64 // nanoseconds since 1970
	Seq   uint64 // the message's number in the history
}

// IsZero says whether it is no place at all.
func (c Cursor) IsZero() bool { return c == Cursor{} }

// Compare is negative if c comes before d, positive if after.
func (c Cursor) Compare(d Cursor) int {
	return cmp.Or(cmp.Compare(c.Epoch, d.Epoch), cmp.Compare(c.Seq, d.Seq))
}

// String is the cursor as clients keep it: two numbers in base 36, each
// behind a digit that counts its digits. A longer number then compares as
// the greater one, as text too, and nothing needs to stand between the two.
func (c Cursor) String() string {
	b := make([]byte, 0, 28)
	return string(appendNumber(appendNumber(b, c.Epoch), c.Seq))
}

// ParseCursor reads what String wrote, and nothing else.
func ParseCursor(s string) (Cursor, error) {
	epoch, s, ok1 := parseNumber(s)
	seq, s, ok2 := parseNumber(s)
	if !ok1 || !ok2 || s != "" {
		return Cursor{}, errors.New("not a cursor")
	}
	return Cursor{epoch, seq}, nil
}

// MarshalText and UnmarshalText make it a string in JSON.
func (c Cursor) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText is the inverse of MarshalText.
func (c *Cursor) UnmarshalText(b []byte) (err error) {
	*c, err = ParseCursor(string(b))
	return err
}

const digits = "0123456789abcdefghijklmnopqrstuvwxyz"

func appendNumber(b []byte, n uint64) []byte {
	at := len(b)
	b = strconv.AppendUint(append(b, '0'), n, 36)
	b[at] = digits[len(b)-at-1]
	return b
}

func parseNumber(s string) (n uint64, rest string, ok bool) {
	if s == "" {
		return 0, "", false
	}
	// A number of 64 bits has 1 to 13 digits: what is outside fails below.
	size, err := strconv.ParseUint(s[:1], 36, 8)
	if err != nil || len(s) < 1+int(size) {
		return 0, "", false
	}
	if n, err = strconv.ParseUint(s[1:1+size], 36, 64); err != nil {
		return 0, "", false
	}
	// One number, one spelling: no leading zeros, no capitals.
	return n, s[1+size:], s[:1+size] == string(appendNumber(nil, n))
}
