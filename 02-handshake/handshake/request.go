package handshake

import (
	"net/http"
	"net/url"
	"strings"
)

// A Request is the head of an HTTP request, as it stands on the wire:
//
//	GET /chat HTTP/1.1
//	Host: server.example.com
//	...
type Request struct {
	Method string // "GET"
	Target string // "/chat?room=1", or a whole URL
	Proto  string // "HTTP/1.1"
	Header Header // Host is one of the lines
}

// ParseRequest reads a request from the front of b and returns how many
// bytes it has. Bytes after it belong to whoever comes next. It does not
// judge whether the request is a handshake: RequestRules do.
//
// The error is ErrIncomplete or an *Error.
func ParseRequest(b []byte) (Request, int, error) {
	start, header, n, err := parseHead(b)
	if err != nil {
		return Request{}, 0, err
	}
	// RFC 9112, section 3: method SP request-target SP HTTP-version
	method, rest, _ := strings.Cut(start, " ")
	target, proto, found := strings.Cut(rest, " ")
	switch {
	case !found:
		return Request{}, 0, badSyntax("syntax-start", 400, "the request line %s does not have three parts", show(start))
	case !isToken(method):
		return Request{}, 0, badSyntax("syntax-start", 400, "the method %s is not a token", show(method))
	case !isTarget(target):
		return Request{}, 0, badSyntax("syntax-start", 400, "the target %s is not made of visible ASCII characters", show(target))
	}
	if err := parseVersion(proto); err != nil {
		return Request{}, 0, badSyntax("syntax-start", 400, "%v", err)
	}
	return Request{method, target, proto, header}, n, nil
}

func isTarget(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] >= 0x7f {
			return false
		}
	}
	return s != ""
}

// Append writes the request as ParseRequest reads it. It judges nothing.
func (r *Request) Append(b []byte) []byte {
	b = append(append(b, r.Method...), ' ')
	b = append(append(b, r.Target...), ' ')
	b = append(append(b, r.Proto...), "\r\n"...)
	return append(r.Header.Append(b), "\r\n"...)
}

// Host is the host that was asked for: of the target if that is a whole URL,
// else of the Host line.
//
// RFC 9112, section 3.2.2: a server MUST ignore Host if the target has one.
func (r *Request) Host() string {
	if !strings.HasPrefix(r.Target, "/") {
		if u, err := url.Parse(r.Target); err == nil && u.Host != "" {
			return u.Host
		}
	}
	return r.Header.Get("Host")
}

// URL is the target, parsed: its Path and Query say what was asked for.
func (r *Request) URL() (*url.URL, error) { return url.ParseRequestURI(r.Target) }

// Subprotocols are those that the client offers, in its order.
func (r *Request) Subprotocols() ([]string, error) {
	return ParseTokens(r.Header.Values("Sec-WebSocket-Protocol")...)
}

// Extensions are those that the client offers, in its order.
func (r *Request) Extensions() ([]Extension, error) {
	return ParseExtensions(r.Header.Values("Sec-WebSocket-Extensions")...)
}

// FromHTTP is the request that package net/http has parsed. The order of the
// lines is lost; Host comes first, the others are sorted.
func FromHTTP(r *http.Request) Request {
	out := Request{r.Method, r.RequestURI, r.Proto, make(Header, 0, len(r.Header)+1)}
	out.Header.Add("Host", r.Host)
	out.Header.AddHTTP(r.Header)
	for _, coding := range r.TransferEncoding { // net/http has taken it out of the header
		out.Header.Add("Transfer-Encoding", coding)
	}
	return out
}
