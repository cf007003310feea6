package handshake

import (
	"net/url"
	"strings"
)

// RequestRules are what a server asks of a client's request, in the order in
// which it looks. The first that is broken decides the answer.
var RequestRules = []Rule{
	{"request-http", "RFC 6455, section 4.1", "The version is HTTP/1.1 or higher.", requestHTTP},
	{"request-method", "RFC 6455, section 4.1", "The method is GET.", requestMethod},
	{"request-target", "RFC 6455, section 4.2.1", "The target is a path or a whole http URL, without a fragment.", requestTarget},
	{"request-host", "RFC 6455, section 4.2.1", "There is one Host.", requestHost},
	{"request-body", "RFC 9112, section 6", "The request has no body.", requestBody},
	{"request-upgrade", "RFC 6455, section 4.2.1", "Upgrade names websocket.", requestUpgrade},
	{"request-connection", "RFC 6455, section 4.2.1", "Connection names Upgrade.", requestConnection},
	{"request-version", "RFC 6455, section 4.2.1", "There is one Sec-WebSocket-Version, and it is 13.", requestVersion},
	{"request-key", "RFC 6455, section 4.2.1", "There is one Sec-WebSocket-Key: 16 bytes in base64.", requestKey},
	{"request-origin", "RFC 6454, section 7.3", "There is at most one Origin.", requestOrigin},
	{"request-subprotocols", "RFC 6455, section 4.1", "Subprotocols are tokens, each offered once.", requestSubprotocols},
	{"request-extensions", "RFC 6455, section 9.1", "Extensions are written as the grammar says.", requestExtensions},
}

func requestHTTP(x Exchange) *Error {
	// RFC 6455, section 4.1: the HTTP version MUST be at least 1.1.
	if p := x.Request.Proto; !strings.HasPrefix(p, "HTTP/1.") || p == "HTTP/1.0" {
		return breach(505, "", "the request is %s, and only HTTP/1.1 can be upgraded", show(p))
	}
	return nil
}

func requestMethod(x Exchange) *Error {
	// RFC 6455, section 4.1: the method of the request MUST be GET.
	if m := x.Request.Method; m != "GET" {
		e := breach(405, "", "the method is %s and must be GET", show(m))
		e.bodiless = m == "HEAD"
		return e.with("Allow", "GET")
	}
	return nil
}

func requestTarget(x Exchange) *Error {
	target := x.Request.Target
	// RFC 6455, section 3: fragment identifiers MUST NOT be used.
	if strings.Contains(target, "#") {
		return breach(400, "", "the target %s has a fragment", show(target))
	}
	if strings.HasPrefix(target, "/") {
		if _, err := url.PathUnescape(target); err != nil {
			return breach(400, "", "the target %s has a %% that stands for nothing", show(target))
		}
		return nil
	}
	// RFC 6455, section 4.2.1: ... or an absolute HTTP/HTTPS URI.
	u, err := url.Parse(target)
	if err != nil || u.Host == "" || !isOneOf(u.Scheme, "http", "https", "ws", "wss") {
		return breach(400, "", "the target %s is neither a path nor a whole URL", show(target))
	}
	return nil
}

func requestHost(x Exchange) *Error {
	// RFC 9112, section 3.2: to any request that lacks Host, or has two of
	// them, or an invalid one, a server MUST answer 400.
	switch n := x.Request.Header.Count("Host"); {
	case n == 0:
		return breach(400, "Host", "it is missing")
	case n > 1:
		return breach(400, "Host", "it comes %d times", n)
	}
	if host := x.Request.Header.Get("Host"); !isHost(host) {
		return breach(400, "Host", "%s is not a host", show(host))
	}
	return nil
}

// isHost says whether s is a host with or without a port.
func isHost(s string) bool {
	name, port, _ := strings.Cut(s, ":")
	if isMadeOf(name, plainHost) && isMadeOf(port, "0123456789") {
		return name != "" // as nearly always, and nothing is allocated
	}
	u, err := url.Parse("ws://" + s)
	return err == nil && u.Host == s && u.Hostname() != ""
}

const plainHost = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_"

func isMadeOf(s, bytes string) bool { return strings.Trim(s, bytes) == "" }

func requestBody(x Exchange) *Error {
	// RFC 9112, section 6: these two say that a body follows. After a
	// handshake frames follow, and nobody may be in doubt about which.
	h := x.Request.Header
	if h.Count("Transfer-Encoding") > 0 {
		return breach(400, "Transfer-Encoding", "a handshake has no body")
	}
	if n := h.Count("Content-Length"); n > 1 || n == 1 && h.Get("Content-Length") != "0" {
		return breach(400, "Content-Length", "a handshake has no body")
	}
	return nil
}

// snippet: rule-upgrade
func requestUpgrade(x Exchange) *Error {
	// RFC 6455, section 4.2.1: an Upgrade header field containing
	// the value "websocket", in any case.
	h := x.Request.Header
	if !h.hasToken("Upgrade", "websocket") {
		e := breach(426, "Upgrade", "it does not name websocket")
		return e.with("Upgrade", "websocket")
	}
	return nil
}

// end snippet: rule-upgrade

func requestConnection(x Exchange) *Error {
	// RFC 6455, section 4.2.1: a Connection header field that includes the
	// token "Upgrade", in any case. For years Firefox sent "keep-alive, Upgrade".
	if !x.Request.Header.hasToken("Connection", "upgrade") {
		return breach(400, "Connection", "it does not name Upgrade")
	}
	return nil
}

func requestVersion(x Exchange) *Error {
	const name = "Sec-WebSocket-Version"
	// RFC 6455, section 11.3.5: it MUST NOT come more than once in a request.
	switch n := x.Request.Header.Count(name); {
	case n == 0:
		return breach(400, name, "it is missing")
	case n > 1:
		return breach(400, name, "it comes %d times", n)
	}
	// RFC 6455, section 4.4: a server that does not speak the client's
	// version MUST answer with all those that it speaks.
	if v := x.Request.Header.Get(name); v != "13" {
		return breach(426, name, "it is %s, and 13 is the only one spoken here", show(v)).
			with(name, "13").with("Upgrade", "websocket")
	}
	return nil
}

func requestKey(x Exchange) *Error {
	const name = "Sec-WebSocket-Key"
	// RFC 6455, section 11.3.1: it MUST NOT come more than once in a request.
	switch n := x.Request.Header.Count(name); {
	case n == 0:
		return breach(400, name, "it is missing")
	case n > 1:
		return breach(400, name, "it comes %d times", n)
	}
	// RFC 6455, section 4.2.1: a value that, when decoded, is 16 bytes in length.
	key := x.Request.Header.Get(name)
	switch n := keyBytes(key); {
	case n < 0:
		return breach(400, name, "%s is not base64", show(key))
	case n != 16:
		return breach(400, name, "%s stands for %d bytes and must stand for 16", show(key), n)
	}
	return nil
}

func requestOrigin(x Exchange) *Error {
	// RFC 6454, section 7.3: a client MUST NOT send more than one Origin.
	if n := x.Request.Header.Count("Origin"); n > 1 {
		return breach(400, "Origin", "it comes %d times", n)
	}
	return nil
}

func requestSubprotocols(x Exchange) *Error {
	const name = "Sec-WebSocket-Protocol"
	list, err := x.Request.Subprotocols()
	if err != nil {
		return breach(400, name, "%v", err)
	}
	// RFC 6455, section 4.1: the elements MUST all be unique strings.
	if twice := repeated(list); twice != "" {
		return breach(400, name, "%s is offered twice", twice)
	}
	return nil
}

func requestExtensions(x Exchange) *Error {
	// RFC 6455, section 9.1: whoever receives a value that does not conform
	// to the grammar MUST fail the connection.
	if _, err := x.Request.Extensions(); err != nil {
		return breach(400, "Sec-WebSocket-Extensions", "%v", err)
	}
	return nil
}

func repeated(list []string) string {
	for i, s := range list {
		if isOneOf(s, list[:i]...) {
			return s
		}
	}
	return ""
}

func isOneOf(s string, list ...string) bool {
	for _, element := range list {
		if s == element {
			return true
		}
	}
	return false
}
