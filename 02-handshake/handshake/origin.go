package handshake

import (
	"net"
	"net/url"
	"strings"
)

// SameOrigin is the origin policy unless Options name another: a page may
// connect to the host that it came from. Browsers enforce nothing here: they
// let any page connect to any server, with the user's cookies, and leave the
// decision to the server.
//
// RFC 6455, section 10.2: a server SHOULD look at Origin unless it is meant
// for every page. The scheme is not compared, because behind a TLS proxy a
// server cannot know it.
func SameOrigin(origin string, r *Request) bool {
	u, err := url.Parse(origin)
	if err != nil || u.Host == "" || u.User != nil || u.Path != "" || u.RawQuery != "" || u.Fragment != "" {
		return false // "null" as well, which sandboxed pages send
	}
	return equalFold(withPort(u.Host, u.Scheme), withPort(r.Host(), u.Scheme))
}

// AnyOrigin is a policy for services that are meant for every page, and that
// know a user by something else than cookies.
func AnyOrigin(string, *Request) bool { return true }

// withPort writes out the port that a scheme has by itself.
func withPort(host, scheme string) string {
	if u, err := url.Parse("//" + host); err == nil && u.Port() != "" {
		return host
	}
	return net.JoinHostPort(strings.Trim(strings.TrimSuffix(host, ":"), "[]"), defaultPort(scheme))
}

func defaultPort(scheme string) string {
	if scheme == "https" || scheme == "wss" {
		return "443"
	}
	return "80"
}
