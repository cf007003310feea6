package hub

import (
	"net/netip"
	"sync"

	"golang.org/x/time/rate"
)

// AddressLimits bound what comes from one IP address, and from the /64 of an
// IPv6 one, which is what one customer has. Zero is no limit: behind a proxy
// or in an office many people are one address.
type AddressLimits struct {
	Conns int        // at a time
	Rate  rate.Limit // messages a second
	Burst int        // and so many at once, twice the rate if zero
	// Loopback is whether they hold for this machine too.
	Loopback bool
}

// addresses counts. It knows an address only while somebody is there from it.
type addresses struct {
	limits AddressLimits
	mu     sync.Mutex
	all    map[netip.Prefix]*address
}

type address struct {
	conns int
	limit *rate.Limiter
}

func newAddresses(l AddressLimits) *addresses {
	set(&l.Burst, int(2*l.Rate))
	return &addresses{limits: l, all: map[netip.Prefix]*address{}}
}

func (a *addresses) counts(addr netip.Addr) bool {
	l := &a.limits
	return (l.Conns > 0 || l.Rate > 0) && addr.IsValid() && (l.Loopback || !addr.IsLoopback())
}

func customer(addr netip.Addr) netip.Prefix {
	bits := 32
	if addr.Is6() {
		bits = 64
	}
	p, _ := addr.Prefix(bits)
	return p
}

func (a *addresses) enter(addr netip.Addr) bool {
	if !a.counts(addr) {
		return true
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	of := a.all[customer(addr)]
	if of == nil {
		of = &address{}
		if a.limits.Rate > 0 {
			of.limit = rate.NewLimiter(a.limits.Rate, a.limits.Burst)
		}
		a.all[customer(addr)] = of
	}
	if a.limits.Conns > 0 && of.conns >= a.limits.Conns {
		return false
	}
	of.conns++
	return true
}

func (a *addresses) leave(addr netip.Addr) {
	if !a.counts(addr) {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	of := a.all[customer(addr)]
	if of.conns--; of.conns == 0 {
		delete(a.all, customer(addr))
	}
}

// allow says whether one more message is within the address's rate.
func (a *addresses) allow(addr netip.Addr) bool {
	if a.limits.Rate <= 0 || !a.counts(addr) {
		return true
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	of := a.all[customer(addr)]
	return of == nil || of.limit.Allow()
}
