package hub

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"net/netip"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"
	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/time/rate"

	"websocket.example/04-chat-hub/log"
)

// Options are what a hub needs and what it allows. What is zero has the
// default that is named; a negative number is no limit.
type Options struct {
	Store log.Store // the only thing that must be there

	// Origins are the foreign origins whose pages may connect, such as
	// "https://example.com"; "*" allows all. A page may always connect to the
	// host it came from, and so may what is no browser and names no origin.
	Origins []string
	// Welcome may refuse a client before the upgrade, with 403 and the
	// error's text, or give it the only name it may use. A token belongs into
	// a header, such as Sec-WebSocket-Protocol: URLs are logged.
	Welcome func(*http.Request) (name string, err error)
	// Protocols are the subprotocols that the hub speaks, if it is asked.
	Protocols []string

	Conns        int           // at a time, no limit
	Rooms        int           // for one connection, 16
	Rate         rate.Limit    // messages a second from one connection, 100
	Burst        int           // and so many at once, 200
	Addresses    AddressLimits // for all connections from one address
	Behind       int           // bytes that a member may be behind, 1 MiB
	WriteTimeout time.Duration // for a socket that is full, 10 s
	Ping         time.Duration // how often; who is silent for two of them is dead; 25 s
	NoCompress   bool          // permessage-deflate is not agreed to

	Registry prometheus.Registerer // of the metrics, none if nil
	Log      *slog.Logger          // slog.Default
}

func (o *Options) setDefaults() {
	set(&o.Rooms, 16)
	set(&o.Rate, 100)
	set(&o.Burst, 200)
	set(&o.Behind, 1<<20)
	set(&o.WriteTimeout, 10*time.Second)
	set(&o.Ping, 25*time.Second)
	if o.Log == nil {
		o.Log = slog.Default()
	}
}

func set[T comparable](v *T, d T) {
	var zero T
	if *v == zero {
		*v = d
	}
}

// A Hub serves the chat's connections. It is an http.Handler.
type Hub struct {
	o         Options
	m         *metrics
	upgrader  websocket.Upgrader
	addresses *addresses
	ctx       context.Context // of all work
	cancel    context.CancelFunc
	work      sync.WaitGroup // rooms and the sweeper
	tick      atomic.Int64   // the sweeper's clock

	mu       sync.Mutex
	conns    map[*conn]struct{}
	open     int // connections, and those that are in their handshake
	rooms    map[string]*room
	stopping bool
	empty    chan struct{} // closed when the last connection has gone
}

// New makes a hub. Shutdown ends it; the store is closed by its owner, later.
func New(o Options) *Hub {
	o.setDefaults()
	h := &Hub{
		o: o, m: newMetrics(o.Registry), addresses: newAddresses(o.Addresses),
		conns: map[*conn]struct{}{}, rooms: map[string]*room{}, empty: make(chan struct{}),
	}
	h.upgrader = websocket.Upgrader{
		HandshakeTimeout: 5 * time.Second,
		ReadBufferSize:   0, // see hijacker
		// Not used after the handshake, but without a pool it would stay.
		WriteBufferPool:   &sync.Pool{},
		Subprotocols:      o.Protocols,
		EnableCompression: !o.NoCompress,
		CheckOrigin:       h.checkOrigin,
	}
	h.ctx, h.cancel = context.WithCancel(context.Background())
	h.work.Add(1)
	go h.sweep()
	return h
}

// ServeHTTP upgrades a connection and returns.
func (h *Hub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	from, why := h.admit(remote(r))
	if why != "" {
		h.m.upgrades.WithLabelValues(why).Inc()
		w.Header().Set("Retry-After", "5")
		http.Error(w, why+": try again later", http.StatusServiceUnavailable)
		return
	}
	name := ""
	if h.o.Welcome != nil {
		var err error
		if name, err = h.o.Welcome(r); err != nil {
			h.depart(from)
			h.m.upgrades.WithLabelValues("unwelcome").Inc()
			http.Error(w, err.Error(), http.StatusForbidden)
			return
		}
	}
	taker := &hijacker{ResponseWriter: w}
	ws, err := h.upgrader.Upgrade(taker, r, nil)
	if err != nil { // it is answered
		h.depart(from)
		h.m.upgrades.WithLabelValues("refused").Inc()
		return
	}
	h.m.upgrades.WithLabelValues("ok").Inc()
	c := h.newConn(ws, taker.in, from, name)
	h.mu.Lock()
	h.conns[c] = struct{}{}
	late := h.stopping
	h.mu.Unlock()
	h.m.connections.Inc()
	go c.read()
	if late {
		c.close(websocket.CloseServiceRestart, comeBack(time.Second))
	}
}

// admit says why there is no place for one more connection, or takes one.
func (h *Hub) admit(addr netip.Addr) (from *address, why string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case h.stopping:
		return nil, "the hub is shutting down"
	case h.o.Conns > 0 && h.open >= h.o.Conns:
		return nil, "too many connections"
	}
	from, ok := h.addresses.enter(addr)
	if !ok {
		return nil, "too many connections from this address"
	}
	h.open++
	return from, ""
}

func remote(r *http.Request) netip.Addr {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{} // not TCP
	}
	addr, _ := netip.ParseAddr(host)
	return addr.Unmap().WithZone("")
}

// forget is called when a connection has gone and nothing of it is left.
func (h *Hub) forget(c *conn) {
	h.m.connections.Dec()
	h.mu.Lock()
	delete(h.conns, c)
	h.mu.Unlock()
	h.depart(c.from)
}

// depart gives back what admit has taken.
func (h *Hub) depart(from *address) {
	h.addresses.leave(from)
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.open--; h.stopping && h.open == 0 {
		close(h.empty)
	}
}

// enter is the room with this name, which is opened if nobody is in it.
func (h *Hub) enter(ctx context.Context, name string) (*room, error) {
	h.mu.Lock()
	r := h.rooms[name]
	if r == nil {
		r = &room{
			hub: h, name: name, ready: make(chan struct{}), shards: make([]shard, runtime.GOMAXPROCS(0)),
			present: map[string]log.Presence{}, local: map[string]*member{},
		}
		var ctx context.Context
		ctx, r.stop = context.WithCancel(h.ctx)
		h.rooms[name] = r
		h.m.rooms.Inc()
		h.work.Add(1)
		go r.follow(ctx)
	}
	r.users++
	h.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, storing)
	defer cancel()
	select {
	case <-r.ready:
		return r, nil
	case <-ctx.Done():
		h.exit(r)
		return nil, ctx.Err()
	}
}

func (h *Hub) exit(r *room) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if r.users--; r.users == 0 {
		delete(h.rooms, r.name)
		h.m.rooms.Dec()
		r.stop()
	}
}

// Taken ends the membership of a name that the store has given to another
// hub, because this one was out of reach.
func (h *Hub) Taken(roomName, name string) {
	h.mu.Lock()
	r := h.rooms[roomName]
	h.mu.Unlock()
	if r == nil {
		return
	}
	if m := r.member(name); m != nil {
		m.lostName()
	}
}

// Len is the number of connections.
func (h *Hub) Len() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.conns)
}

// Ready says whether the hub takes new connections.
func (h *Hub) Ready() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return !h.stopping
}

// Shutdown takes no more connections and has all that are there leave: each
// gets close code 1012 and a delay of its own, after which to come back, so
// that they do not all come at once. It waits until they have gone; when the
// context ends it cuts off those that are left, and returns its error.
func (h *Hub) Shutdown(ctx context.Context) error {
	h.mu.Lock()
	first := !h.stopping
	h.stopping = true
	all := make([]*conn, 0, len(h.conns))
	for c := range h.conns {
		all = append(all, c)
	}
	if first && h.open == 0 {
		close(h.empty)
	}
	h.mu.Unlock()
	// A thousand clients that come back in a second are no harm.
	spread := time.Second + time.Duration(len(all))*time.Millisecond
	for _, c := range all {
		c.close(websocket.CloseServiceRestart, comeBack(spread))
	}
	var err error
	select {
	case <-h.empty:
	case <-ctx.Done():
		err = ctx.Err()
		for _, c := range all {
			c.kill()
		}
		<-h.empty
	}
	h.cancel()
	h.work.Wait()
	return err
}

// comeBack is the reason of a close frame that the page understands.
func comeBack(spread time.Duration) string {
	return fmt.Sprintf("reconnect in %d ms", 100+rand.N(spread).Milliseconds())
}
