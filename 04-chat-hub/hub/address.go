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
	of    netip.Prefix
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

// enter counts one connection more, unless it is one too many. Where nothing
// is counted the address is nil.
func (a *addresses) enter(addr netip.Addr) (from *address, ok bool) {
	if !a.counts(addr) {
		return nil, true
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	of := customer(addr)
	from = a.all[of]
	if from == nil {
		from = &address{of: of}
		if a.limits.Rate > 0 {
			from.limit = rate.NewLimiter(a.limits.Rate, a.limits.Burst)
		}
		a.all[of] = from
	}
	if a.limits.Conns > 0 && from.conns >= a.limits.Conns {
		return nil, false
	}
	from.conns++
	return from, true
}

func (a *addresses) leave(from *address) {
	if from == nil {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if from.conns--; from.conns == 0 {
		delete(a.all, from.of)
	}
}

// allow says whether one more message is within the address's rate.
func (a *addresses) allow(from *address) bool {
	return from == nil || from.limit == nil || from.limit.Allow()
}
