package stage

import (
	"context"
	"crypto/subtle"
	"embed"
	"net"
	"net/http"
	"net/netip"
	"strings"

	"websocket.example/02-handshake/handshake"
	"websocket.example/03-raw-server/wsconn"
)

// How many may follow: in all, and from one address other than this machine.
const (
	maxFollowers  = 1000
	maxPerAddress = 32
)

//go:embed static
var static embed.FS

// Handler serves the WebSocket, and the scripts and styles of those who use
// it. All addresses are relative: it may stand behind http.StripPrefix.
//
//	ws           follows; drives if it comes from this machine
//	ws?key=KEY   drives from elsewhere
//	ws?audience  follows, even from this machine
func (s *Stage) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /ws", s.upgrade)
	mux.Handle("GET /static/", files())
	return mux
}

// upgrade makes a follower of a request. Package handshake lets in only pages
// that came from this server: other sites may not look on, let alone drive.
func (s *Stage) upgrade(w http.ResponseWriter, r *http.Request) {
	conn, _, err := wsconn.Upgrade(w, r, &handshake.Options{
		Decide: func(context.Context, *handshake.Handshake) *handshake.Refusal { return s.full(r) },
	}, limits)
	if err != nil {
		return // it has been answered
	}
	s.follow(conn, s.role(r), host(r.RemoteAddr))
}

// role is what a page may do that asks like this.
func (s *Stage) role(r *http.Request) Role {
	if !r.URL.Query().Has("audience") && s.mayDrive(r) {
		return Driver
	}
	return Audience
}

func (s *Stage) mayDrive(r *http.Request) bool {
	key := r.URL.Query().Get("key")
	// In constant time, or the key could be guessed letter by letter.
	return IsLocal(r) || s.key != "" && subtle.ConstantTimeCompare([]byte(key), []byte(s.key)) == 1
}

// IsLocal says whether a request comes from a person at this very machine.
// A tunnel or a proxy on this machine is no such person: it brings in the
// name by which others know us, or says for whom it asks.
func IsLocal(r *http.Request) bool {
	from, err := netip.ParseAddrPort(r.RemoteAddr)
	forwarded := r.Header.Get("Forwarded") != "" || r.Header.Get("X-Forwarded-For") != ""
	return err == nil && from.Addr().Unmap().IsLoopback() && IsLoopbackHost(r.Host) && !forwarded
}

// IsLoopbackHost says whether a Host header names this machine to itself.
func IsLoopbackHost(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.Trim(host, "[]")
	ip, err := netip.ParseAddr(host)
	return strings.EqualFold(host, "localhost") || err == nil && ip.Unmap().IsLoopback()
}

// full refuses whoever is one too many. Drivers always find room.
func (s *Stage) full(r *http.Request) *handshake.Refusal {
	if s.mayDrive(r) {
		return nil
	}
	address := host(r.RemoteAddr)
	same, all := 0, 0
	s.mu.Lock()
	for f := range s.followers {
		if f.role == Audience {
			all++
		}
		if f.from == address {
			same++
		}
	}
	s.mu.Unlock()
	// Behind a tunnel on this machine, many are one address.
	ip, err := netip.ParseAddr(address)
	if all < maxFollowers && (same < maxPerAddress || err == nil && (ip.Unmap().IsLoopback() || ip.IsUnspecified())) {
		return nil
	}
	return &handshake.Refusal{
		Status: http.StatusServiceUnavailable, Header: http.Header{"Retry-After": {"10"}}, Body: "too many are following: try again later\n",
	}
}

func host(address string) string {
	name, _, err := net.SplitHostPort(address)
	if err != nil {
		return address
	}
	return name
}
