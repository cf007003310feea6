package tap

import (
	"bytes"
	"errors"
	"strconv"
	"strings"

	"websocket.example/02-handshake/handshake"
)

// mostHead is the longest head of an HTTP message that is followed.
const mostHead = 64 << 10

// A head is collected until it is complete, or can't become one.
type head struct {
	b     []byte
	begun bool // its first line is complete, and is one of HTTP
}

// add takes bytes from b, as many as parse needs to make up its mind, and
// returns how many it took. When the head is complete, what was taken too
// much is given back. The head is whole then, otherwise err says why it never
// will be; ErrIncomplete is "not yet".
func (h *head) add(b []byte, parse func([]byte) (int, error)) (taken int, whole []byte, err error) {
	before := len(h.b)
	taken = min(len(b), mostHead-before)
	h.b = append(h.b, b[:taken]...)
	// Only a control character, or what comes after it, ends a line or makes a
	// head impossible. With that, a head that comes byte by byte is not parsed
	// at each of them.
	err = handshake.ErrIncomplete
	if bytes.ContainsFunc(h.b[max(0, before-1):], isControl) || len(h.b) == mostHead {
		err = h.begin(parse)
	}
	if err == nil {
		n := 0
		if n, err = parse(h.b); err == nil {
			whole, taken = clone(h.b[:n]), n-before
			*h = head{}
		}
	}
	if errors.Is(err, handshake.ErrIncomplete) && len(h.b) == mostHead {
		err = errors.New("the head of a message is longer than 64 KiB")
	}
	return taken, whole, err
}

// begin looks at the first line as soon as it is there: whoever speaks another
// protocol may never send an empty one.
func (h *head) begin(parse func([]byte) (int, error)) error {
	if h.begun {
		return nil
	}
	line := h.b
	if end := bytes.IndexByte(h.b, '\n'); end >= 0 {
		line = append(clone(h.b[:end+1]), "\r\n"...)
	}
	_, err := parse(line)
	h.begun = err == nil
	return err
}

func isControl(r rune) bool { return r < ' ' || r == 0x7f }

// A body knows where the body of an HTTP message ends.
//
// RFC 9112, section 6.3.
type body struct {
	left    uint64 // bytes of it, or of the current chunk
	endless bool   // it ends with the connection
	chunked bool
	line    []byte // between chunks: the line so far
	after   bool   // the next line is the one that ends a chunk
	trailer bool   // the last chunk has come
	err     error
}

// bodyOf reads where the body of a message ends from its header lines.
func bodyOf(h handshake.Header, response bool) *body {
	coding := strings.ToLower(strings.Join(h.Values("Transfer-Encoding"), ","))
	switch length := h.Values("Content-Length"); {
	case strings.HasSuffix(strings.TrimRight(coding, " \t"), "chunked"):
		return &body{chunked: true}
	case coding != "":
		return &body{endless: true}
	case len(length) > 0:
		n, err := strconv.ParseUint(length[0], 10, 63)
		if err != nil {
			return &body{endless: true}
		}
		return &body{left: n}
	}
	return &body{endless: response}
}

func (b *body) done() bool {
	return b.err == nil && !b.endless && !b.chunked && b.left == 0
}

// next takes bytes from p: data, or the borders between chunks.
func (b *body) next(p []byte) (n int, data bool) {
	if b.endless {
		return len(p), true
	}
	if b.left > 0 {
		n = int(min(b.left, uint64(len(p))))
		b.left -= uint64(n)
		return n, true
	}
	for i, c := range p {
		if c != '\n' {
			if b.line = append(b.line, c); len(b.line) > 4<<10 {
				b.err = errors.New("a line between chunks is longer than 4 KiB")
				return i + 1, false
			}
			continue
		}
		line := strings.TrimSuffix(string(b.line), "\r")
		b.line = b.line[:0]
		b.border(line)
		return i + 1, false
	}
	return len(p), false
}

// border reads a line between chunks.
//
// RFC 9112, section 7.1.
func (b *body) border(line string) {
	switch {
	case b.trailer:
		b.chunked = line != "" // the empty line is the end
	case b.after:
		b.after = false
		if line != "" {
			b.err = errors.New("a chunk is longer than it says")
		}
	default:
		size, _, _ := strings.Cut(line, ";")
		n, err := strconv.ParseUint(strings.TrimSpace(size), 16, 63)
		if err != nil {
			b.err = errors.New("the size of a chunk is no number")
		}
		b.left, b.after, b.trailer = n, n > 0, err == nil && n == 0
	}
}
