package web

import (
	"slices"
	"strings"

	"websocket.example/02-handshake/handshake"
)

// origin is the policy of all connections. On the way it takes the offer of
// compression out of the request of a page that wants to see its messages as
// they are: "echo?compress=off". No browser can be told not to offer it, and
// the policy is asked before extensions are chosen.
func (p *Page) origin(origin string, r *handshake.Request) bool {
	if u, err := r.URL(); err == nil && u.Query().Get("compress") == "off" {
		r.Header = slices.DeleteFunc(slices.Clone(r.Header), func(f handshake.Field) bool {
			return strings.EqualFold(f.Name, "Sec-WebSocket-Extensions")
		})
	}
	return p.options.Origin(origin, r)
}
