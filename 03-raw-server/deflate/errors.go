package deflate

import (
	"errors"
	"fmt"
)

// ErrTooBig says that a message has more bytes than it may, once it is
// decompressed.
var ErrTooBig = errors.New("deflate: the message is longer than the limit")

// An Error says which rule of RFC 7692 an offer, an answer or a message
// breaks.
type Error struct {
	Section string // of RFC 7692
	Reason  string
}

func (e *Error) Error() string {
	return fmt.Sprintf("%s: %s (RFC 7692, section %s)", Name, e.Reason, e.Section)
}

func broken(section, format string, args ...any) *Error {
	return &Error{section, fmt.Sprintf(format, args...)}
}
