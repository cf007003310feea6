package tap

import (
	"net"
	"net/url"
	"strings"

	"websocket.example/02-handshake/handshake"
)

// A hostRewriter changes what a client says of where it is: the tap's address
// is not the server's, and some servers insist on their own name. All else
// passes as it is, and so does everything from the first request on that asks
// for another protocol, and whatever is no HTTP.
type hostRewriter struct {
	host   string // the server's, as a Host line has it
	origin string // of the server's own pages
	head   head
	body   *body
	off    bool
}

func newHostRewriter(target *url.URL) *hostRewriter {
	scheme, port := "http", "80"
	if target.Scheme == "wss" {
		scheme, port = "https", "443"
	}
	host := target.Host
	if target.Port() == port {
		host = strings.TrimSuffix(host, ":"+port)
	}
	return &hostRewriter{host: host, origin: scheme + "://" + host}
}

// rewrite returns what is to be passed on for b. A head is held until it is
// whole, unless these are the last bytes of all.
func (w *hostRewriter) rewrite(b []byte, last bool) (out []byte) {
	for len(b) > 0 && !w.off {
		if w.body != nil {
			n, _ := w.body.next(b)
			out, b = append(out, b[:n]...), b[n:]
			w.off = w.body.err != nil
			if w.body.done() {
				w.body = nil
			}
			continue
		}
		var r handshake.Request
		n, whole, err := w.head.add(b, func(b []byte) (n int, err error) {
			r, n, err = handshake.ParseRequest(b)
			return n, err
		})
		b = b[n:]
		switch {
		case whole != nil:
			out = append(out, w.renamed(r, whole)...)
			w.off = r.Header.Count("Upgrade") > 0 || r.Method == "CONNECT"
			if w.body = bodyOf(r.Header, false); w.body.done() {
				w.body = nil
			}
		case err != nil && err != handshake.ErrIncomplete: //nolint:errorlint // it is never wrapped
			w.off = true
		}
	}
	if w.off || last {
		out = append(out, w.head.b...)
		w.head = head{}
	}
	return append(out, b...)
}

// renamed is the head with its two lines changed, and no other byte.
func (w *hostRewriter) renamed(r handshake.Request, whole []byte) []byte {
	here := r.Header.Get("Host")
	var out strings.Builder
	for line := range strings.Lines(string(whole)) {
		name, value, found := strings.Cut(line, ":")
		value = strings.TrimSpace(value)
		switch {
		case found && strings.EqualFold(name, "Host"):
			line = name + ": " + w.host + "\r\n"
		case found && strings.EqualFold(name, "Origin") && sameHost(value, here):
			line = name + ": " + w.origin + "\r\n"
		}
		out.WriteString(line)
	}
	return []byte(out.String())
}

// sameHost says whether an origin is that of pages of a host.
func sameHost(origin, host string) bool {
	u, err := url.Parse(origin)
	if err != nil || u.Host == "" {
		return false
	}
	withPort := func(h string) string {
		if _, _, err := net.SplitHostPort(h); err == nil {
			return strings.ToLower(h)
		}
		if u.Scheme == "https" {
			return strings.ToLower(h) + ":443"
		}
		return strings.ToLower(h) + ":80"
	}
	return withPort(u.Host) == withPort(host)
}

// RewriteHost is the head of a request as Tap.Host changes it; what is not one
// is left as it is.
func RewriteHost(head []byte, target *url.URL) []byte {
	return newHostRewriter(target).rewrite(head, true)
}
