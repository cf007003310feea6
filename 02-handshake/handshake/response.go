package handshake

import (
	"strconv"
	"strings"
)

// A Response is the head of an HTTP response, as it stands on the wire:
//
//	HTTP/1.1 101 Switching Protocols
//	Upgrade: websocket
//	...
type Response struct {
	Proto  string // "HTTP/1.1"
	Status int    // 101
	Reason string // "Switching Protocols", or any other text, or none
	Header Header
}

// ParseResponse reads a response from the front of b and returns how many
// bytes it has. Bytes after it are the body, or after a 101 the first
// frames. It does not judge: ResponseRules do.
//
// The error is ErrIncomplete or an *Error.
func ParseResponse(b []byte) (Response, int, error) {
	start, header, n, err := parseHead(b)
	if err != nil {
		return Response{}, 0, asClient(err)
	}
	// RFC 9112, section 4: HTTP-version SP status-code SP [ reason-phrase ]
	proto, rest, _ := strings.Cut(start, " ")
	code, reason, found := strings.Cut(rest, " ")
	if !found {
		return Response{}, 0, badSyntax("syntax-start", 0, "the status line %s does not have a version, a status and a space after it", show(start))
	}
	if err := parseVersion(proto); err != nil {
		return Response{}, 0, badSyntax("syntax-start", 0, "%v", err)
	}
	status, err := strconv.ParseUint(code, 10, 16)
	if err != nil || len(code) != 3 || status < 100 {
		return Response{}, 0, badSyntax("syntax-start", 0, "the status %s is not a number from 100 to 999", show(code))
	}
	return Response{proto, int(status), reason, header}, n, nil
}

// asClient takes the status out of an error: a client answers nothing.
func asClient(err error) error {
	if e, is := err.(*Error); is { //nolint:errorlint // the parser never wraps it
		e.Status = 0
	}
	return err
}

// Append writes the response as ParseResponse reads it. It judges nothing.
func (r *Response) Append(b []byte) []byte {
	b = append(append(b, r.Proto...), ' ')
	b = append(strconv.AppendInt(b, int64(r.Status), 10), ' ')
	b = append(append(b, r.Reason...), "\r\n"...)
	return append(r.Header.Append(b), "\r\n"...)
}
