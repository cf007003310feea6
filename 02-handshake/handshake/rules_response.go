package handshake

// ResponseRules are what a client asks of a server's 101, in the order in
// which it looks. If one is broken, the client MUST fail the connection.
// (Any other status is no breach: then the server has refused.)
var ResponseRules = []Rule{
	{"response-http", "RFC 6455, section 4.2.2", "The version is HTTP/1.1 or higher.", responseHTTP},
	{"response-status", "RFC 6455, section 4.1", "The status is 101.", responseStatus},
	{"response-upgrade", "RFC 6455, section 4.1", "Upgrade is websocket.", responseUpgrade},
	{"response-connection", "RFC 6455, section 4.1", "Connection names Upgrade.", responseConnection},
	{"response-accept", "RFC 6455, section 4.1", "There is one Sec-WebSocket-Accept, and it belongs to the key.", responseAccept},
	{"response-extensions", "RFC 6455, section 4.1", "Only extensions that were offered.", responseExtensions},
	{"response-subprotocol", "RFC 6455, section 4.1", "At most one subprotocol, and one that was offered.", responseSubprotocol},
}

// ResponseAdvice are rules that a server can break without doing harm: a
// client carries on, and an inspector mentions it.
var ResponseAdvice = []Rule{
	{"response-length", "RFC 9110, section 8.6", "A 101 has no Content-Length: it has no body.", responseLength},
	{"response-coding", "RFC 9112, section 6.1", "A 101 has no Transfer-Encoding: it has no body.", responseCoding},
}

func responseHTTP(x Exchange) *Error {
	// RFC 6455, section 4.2.2: a Status-Line as in "HTTP/1.1 101 Switching Protocols".
	if e := requestHTTP(Exchange{Request: &Request{Proto: x.Response.Proto}}); e != nil {
		return breach(0, "", "the answer is %s, and only HTTP/1.1 can be upgraded", show(x.Response.Proto))
	}
	return nil
}

func responseStatus(x Exchange) *Error {
	// RFC 6455, section 4.1: any other status is handled as HTTP says.
	if s := x.Response.Status; s != 101 {
		return breach(0, "", "the status is %d", s)
	}
	return nil
}

func responseUpgrade(x Exchange) *Error {
	// RFC 6455, section 4.1: if Upgrade is missing, or is not "websocket" in
	// any case, the client MUST fail the connection. Not a list, unlike in
	// the request: the server has chosen.
	switch h := x.Response.Header; {
	case h.Count("Upgrade") == 0:
		return breach(0, "Upgrade", "it is missing")
	case h.Count("Upgrade") > 1:
		return breach(0, "Upgrade", "it comes %d times", h.Count("Upgrade"))
	case !equalFold(h.Get("Upgrade"), "websocket"):
		return breach(0, "Upgrade", "it is %s and must be websocket", show(h.Get("Upgrade")))
	}
	return nil
}

func responseConnection(x Exchange) *Error {
	// RFC 6455, section 4.1: if Connection is missing, or does not contain
	// the token "Upgrade" in any case, the client MUST fail the connection.
	if !x.Response.Header.hasToken("Connection", "upgrade") {
		return breach(0, "Connection", "it does not name Upgrade")
	}
	return nil
}

func responseAccept(x Exchange) *Error {
	const name = "Sec-WebSocket-Accept"
	want := Accept(x.Request.Header.Get("Sec-WebSocket-Key"))
	// RFC 6455, section 4.1: if it is missing, or is anything else,
	// the client MUST fail the connection.
	// RFC 6455, section 11.3.3: it MUST NOT come more than once.
	h := x.Response.Header
	switch got := h.Get(name); {
	case h.Count(name) != 1:
		return breach(0, name, "it comes %d times", h.Count(name))
	case got != want:
		return breach(0, name, "it is %s and must be %q", show(got), want)
	}
	return nil
}

func responseExtensions(x Exchange) *Error {
	const name = "Sec-WebSocket-Extensions"
	lines := x.Response.Header.Values(name)
	// RFC 6455, section 11.3.2: it MUST NOT come more than once in a response.
	if len(lines) > 1 {
		return breach(0, name, "it comes %d times", len(lines))
	}
	list, err := ParseExtensions(lines...)
	if err != nil {
		return breach(0, name, "%v", err)
	}
	// RFC 6455, section 4.1: an extension that was not in the client's
	// request: the client MUST fail the connection.
	offers, _ := x.Request.Extensions()
	for _, e := range list {
		if !offered(offers, e.Name) {
			return breach(0, name, "%s was not offered", e.Name)
		}
	}
	return nil
}

func responseSubprotocol(x Exchange) *Error {
	const name = "Sec-WebSocket-Protocol"
	// RFC 6455, section 11.3.4: it MUST NOT come more than once in a response.
	switch n := x.Response.Header.Count(name); {
	case n == 0:
		return nil
	case n > 1:
		return breach(0, name, "it comes %d times", n)
	}
	// RFC 6455, section 4.1: a subprotocol that was not in the client's
	// request: the client MUST fail the connection.
	chosen := x.Response.Header.Get(name)
	offers, _ := x.Request.Subprotocols()
	switch {
	case !isToken(chosen):
		return breach(0, name, "%s is not one token", show(chosen))
	case !isOneOf(chosen, offers...):
		return breach(0, name, "%s was not offered", chosen)
	}
	return nil
}

func responseLength(x Exchange) *Error {
	// RFC 9110, section 8.6: a server MUST NOT send Content-Length with a 1xx.
	if x.Response.Header.Count("Content-Length") > 0 {
		return breach(0, "Content-Length", "a 101 has no body: frames follow")
	}
	return nil
}

func responseCoding(x Exchange) *Error {
	// RFC 9112, section 6.1: a server MUST NOT send Transfer-Encoding with a 1xx.
	if x.Response.Header.Count("Transfer-Encoding") > 0 {
		return breach(0, "Transfer-Encoding", "a 101 has no body: frames follow")
	}
	return nil
}
