package handshake

import (
	"cmp"
	"fmt"
	"net/http"
	"strconv"
)

// An Error is what the other side did wrong: the rule that was broken, and
// what a server answers to it. Find it with errors.As.
//
// (What this side does wrong, such as a URL that makes no sense, is a plain
// error; a server that declines in good order is a *RefusedError.)
type Error struct {
	Rule    string // ID of the rule, such as "request-key"
	Section string // where it is written, such as "RFC 6455, section 4.2.1"
	Field   string // the header line it is about, if it is about one
	Reason  string // what is wrong with it

	// What the server answers; zero in a client.
	Status int
	Header http.Header
	Body   string // empty is the error itself, as text, unless Header has a Content-Type

	bodiless bool // the request was HEAD, whose answers have no body
}

func (e *Error) Error() string {
	text := "handshake: "
	if e.Field != "" {
		text += e.Field + ": "
	}
	return text + e.Reason + " (" + e.Rule + ", " + e.Section + ")"
}

// breach is an Error without its rule, which Rule.Apply fills in.
func breach(status int, field, format string, args ...any) *Error {
	return &Error{Status: status, Field: field, Reason: fmt.Sprintf(format, args...)}
}

// with adds a header line to the answer.
func (e *Error) with(name, value string) *Error {
	if e.Header == nil {
		e.Header = make(http.Header)
	}
	e.Header[name] = []string{value} // as the RFC spells it, not as Set would
	return e
}

// Response is the server's answer to the breach, with its body. On a
// connection that ends with it, closing is true.
func (e *Error) Response(closing bool) (Response, string) {
	r := Response{Proto: "HTTP/1.1", Status: e.Status, Reason: http.StatusText(e.Status)}
	body := e.Body
	for _, f := range sorted(e.Header) {
		if !framing(f.Name) {
			r.Header.Add(f.Name, f.Value)
		}
	}
	if r.Header.Count("Content-Type") == 0 {
		r.Header.Add("Content-Type", "text/plain; charset=utf-8")
		r.Header.Add("X-Content-Type-Options", "nosniff") // the body quotes what the client sent
		body = cmp.Or(body, strconv.Itoa(r.Status)+" "+r.Reason+"\n"+e.Error()+"\n")
	}
	// RFC 9110, section 7.8: whoever sends Upgrade also names it in Connection.
	upgrade := r.Header.Count("Upgrade") > 0
	switch {
	case closing && upgrade:
		r.Header.Add("Connection", "close, Upgrade")
	case closing:
		r.Header.Add("Connection", "close")
	case upgrade:
		r.Header.Add("Connection", "Upgrade")
	}
	r.Header.Add("Content-Length", strconv.Itoa(len(body)))
	if e.bodiless {
		body = "" // RFC 9110, section 9.3.2: what HEAD gets has the length of a body and no body
	}
	return r, body
}

// A RefusedError is a server that answered in good order, and not with 101.
type RefusedError struct {
	Response Response
	Body     []byte // as much of it as DialOptions.MaxBodyBytes allows
}

func (e *RefusedError) Error() string {
	return fmt.Sprintf("handshake: the server answered %d %s", e.Response.Status, e.Response.Reason)
}
