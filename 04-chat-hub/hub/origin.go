package hub

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// checkOrigin keeps foreign pages from using the chat with their visitors'
// browsers: a browser lets any page connect anywhere, and says which one it is.
//
// RFC 6455, section 10.2.
func (h *Hub) checkOrigin(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	if origin == "" || slices.Contains(h.o.Origins, "*") {
		return true
	}
	if slices.ContainsFunc(h.o.Origins, func(o string) bool { return strings.EqualFold(o, origin) }) {
		return true
	}
	u, err := url.Parse(origin)
	return err == nil && strings.EqualFold(u.Host, r.Host)
}
