package main

import (
	"cmp"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"os"
	"slices"
	"strings"

	"websocket.example/slides/stage"
)

// A venue is where this program can be reached.
type venue struct {
	lan    bool
	here   string   // 127.0.0.1:8000
	port   string   //
	host   string   // for the audience
	others []string // which it might be instead
	key    string
}

// venue finds the address for the audience.
func (s *settings) venue(at net.Addr) (*venue, error) {
	_, port, err := net.SplitHostPort(at.String())
	if err != nil {
		return nil, err
	}
	n := &venue{lan: s.lan, here: at.String(), port: port, host: s.host, key: s.key}
	if !s.lan {
		return n, nil
	}
	n.here = net.JoinHostPort("127.0.0.1", port)
	if s.host != "" {
		return n, nil
	}
	list := rank(candidates(), routed())
	if len(list) == 0 {
		return nil, fmt.Errorf("-listen-lan: this machine is in no network: connect it to one, or name its address with -host")
	}
	n.host = list[0].String()
	for _, other := range list[1:] {
		n.others = append(n.others, other.String())
	}
	return n, nil
}

func (n *venue) audience() string { return "http://" + net.JoinHostPort(n.host, n.port) }

func (n *venue) remote(key string) string { return n.audience() + "/remote?key=" + key }

// join is where the audience chats; nowhere if it is not let in.
func (n *venue) join() string {
	if !n.lan {
		return ""
	}
	return n.audience() + "/live/chat/"
}

// A candidate is an address of this machine.
type candidate struct {
	on   string // name of the interface
	line bool   // it leads to one other machine, as VPNs do
	ip   netip.Addr
}

func candidates() (list []candidate) {
	interfaces, err := net.Interfaces()
	if err != nil {
		return nil
	}
	for _, i := range interfaces {
		addresses, err := i.Addrs()
		if err != nil || i.Flags&net.FlagUp == 0 || i.Flags&net.FlagLoopback != 0 {
			continue
		}
		for _, a := range addresses {
			if prefix, err := netip.ParsePrefix(a.String()); err == nil {
				list = append(list, candidate{i.Name, i.Flags&net.FlagPointToPoint != 0, prefix.Addr().Unmap()})
			}
		}
	}
	return list
}

// routed is the address from which this machine speaks to the world. Nothing
// is sent: UDP has no handshake.
func routed() netip.Addr {
	conn, err := net.Dial("udp4", "192.0.2.1:9") // RFC 5737: an address for documentation
	if err != nil {
		return netip.Addr{}
	}
	defer conn.Close()
	from, err := netip.ParseAddrPort(conn.LocalAddr().String())
	if err != nil {
		return netip.Addr{}
	}
	return from.Addr()
}

// virtual interfaces lead to containers, machines inside of this one, and
// VPNs; no phone is there.
var virtual = []string{
	"docker", "br-", "veth", "virbr", "vmnet", "vboxnet", "vethernet", "podman", "cni", "lxc", "lxd",
	"tun", "tap", "utun", "wg", "tailscale", "zt", "ppp", "awdl", "llw",
}

// rank puts the address first that phones will most likely reach.
func rank(list []candidate, routed netip.Addr) (addresses []netip.Addr) {
	rate := func(c candidate) (points int) {
		name := strings.ToLower(c.on)
		if !c.line && !slices.ContainsFunc(virtual, func(prefix string) bool { return strings.HasPrefix(name, prefix) }) {
			points += 8
		}
		if c.ip.Is4() { // shorter to type, and every phone has one
			points += 4
		}
		if c.ip == routed {
			points += 2
		}
		if c.ip.IsPrivate() {
			points++
		}
		return points
	}
	list = slices.DeleteFunc(slices.Clone(list), func(c candidate) bool { return !c.ip.IsGlobalUnicast() })
	slices.SortStableFunc(list, func(a, b candidate) int { return cmp.Compare(rate(b), rate(a)) })
	for _, c := range list {
		addresses = append(addresses, c.ip)
	}
	return addresses
}

// guard answers only those who ask for this machine by its own address. A
// page elsewhere can give its own name any address, this one too (DNS
// rebinding), and would then be of our origin to a browser; but it can't make
// a name out of a number.
func (n *venue) guard(next http.Handler) http.Handler {
	self, _ := os.Hostname() // without one there is one name less
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := r.Host
		if host, _, err := net.SplitHostPort(name); err == nil {
			name = host
		}
		name = strings.Trim(name, "[]")
		_, notIP := netip.ParseAddr(name)
		own := func(other string) bool { return other != "" && strings.EqualFold(name, other) }
		switch {
		case stage.IsLoopbackHost(r.Host):
		case n.lan && (notIP == nil || own(n.host) || own(self) || own(self+".local")):
		default:
			http.Error(w, "This is not the address of these slides: open the one that the program has printed.", http.StatusMisdirectedRequest)
			return
		}
		if !stage.IsLocal(r) && fromHere(r) {
			// A tunnel: whoever is at its other end is a stranger to all.
			r = r.Clone(r.Context())
			r.RemoteAddr = "[::]:0"
		}
		next.ServeHTTP(w, r)
	})
}

func fromHere(r *http.Request) bool {
	from, err := netip.ParseAddrPort(r.RemoteAddr)
	return err == nil && from.Addr().Unmap().IsLoopback()
}
