package web

import (
	"net/url"
	"regexp"
	"strings"
)

var namedHost = regexp.MustCompile(`^[0-9A-Za-z.-]+(:[0-9]+)?$`)

// policy allows the page its own files and its WebSocket, and nothing else:
// no inline script or style, no other site, and no text that becomes markup.
func policy(host string, socket *url.URL, ancestors []string) string {
	frames := "'none'"
	if len(ancestors) > 0 {
		frames = strings.Join(ancestors, " ")
	}
	return "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
		"connect-src 'self' " + sources(host, socket) + "; " +
		"base-uri 'none'; form-action 'none'; frame-ancestors " + frames + "; " +
		"require-trusted-types-for 'script'; trusted-types 'none'"
}

// sources of the WebSocket. Not every browser takes 'self' to mean ws: as
// well, so the page's host is named; one that can't be named, such as IPv6,
// leaves only the scheme.
func sources(host string, socket *url.URL) string {
	switch {
	case socket.Host != "":
		return socket.Scheme + "://" + socket.Host
	case namedHost.MatchString(host):
		return "ws://" + host + " wss://" + host
	}
	return "ws: wss:"
}
