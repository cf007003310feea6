package cluster

import (
	"net"
	"sync"
)

// A link is a TCP proxy between two servers, and a cable that can be cut.
//
// As long as it is cut, neither a byte nor the end of a connection gets
// through, and nobody is told. That is what TCP makes of a lost network: it
// keeps what it can't deliver. When the link is mended, either all that waited
// arrives, or the connections are reset, as by a firewall that has forgotten
// them.
type link struct {
	listener net.Listener
	to       string
	work     sync.WaitGroup

	mu     sync.Mutex
	gate   chan struct{} // closed while bytes get through
	cutNow bool
	closed bool
	conns  map[net.Conn]struct{}
}

func newLink(to string) (*link, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	k := &link{listener: l, to: to, gate: make(chan struct{}), conns: map[net.Conn]struct{}{}}
	close(k.gate)
	k.work.Go(k.accept)
	return k, nil
}

func (l *link) addr() string { return l.listener.Addr().String() }

func (l *link) accept() {
	for {
		near, err := l.listener.Accept()
		if err != nil {
			return
		}
		l.work.Go(func() { l.carry(near) })
	}
}

// carry takes one connection to the other side.
func (l *link) carry(near net.Conn) {
	defer l.drop(near)
	if !l.add(near) {
		return
	}
	l.wait()
	far, err := net.Dial("tcp", l.to)
	if err != nil {
		return
	}
	defer l.drop(far)
	if !l.add(far) {
		return
	}
	var back sync.WaitGroup
	back.Go(func() { l.pump(near, far) })
	l.pump(far, near)
	back.Wait()
}

// pump ends both when one has ended: routes know no half of a connection.
func (l *link) pump(to, from net.Conn) {
	b := make([]byte, 32<<10)
	for {
		n, err := from.Read(b)
		l.wait()
		if err == nil {
			_, err = to.Write(b[:n])
		}
		if err != nil {
			to.Close()
			from.Close()
			return
		}
	}
}

func (l *link) wait() {
	l.mu.Lock()
	gate := l.gate
	l.mu.Unlock()
	<-gate
}

func (l *link) add(c net.Conn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.closed {
		l.conns[c] = struct{}{}
	}
	return !l.closed
}

func (l *link) drop(c net.Conn) {
	c.Close()
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.conns, c)
}

// cut cuts it.
func (l *link) cut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.cutNow && !l.closed {
		l.cutNow, l.gate = true, make(chan struct{})
	}
}

// mend mends it; reset has all connections end that it had.
func (l *link) mend(reset bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if reset {
		l.reset()
	}
	if l.cutNow {
		l.cutNow = false
		close(l.gate)
	}
}

// reset is called with the mutex held.
func (l *link) reset() {
	for c := range l.conns {
		if tcp, is := c.(*net.TCPConn); is {
			_ = tcp.SetLinger(0) // else it is an end, which does as well
		}
		c.Close()
	}
}

// close ends it, and all that it does.
func (l *link) close() {
	l.listener.Close()
	l.mu.Lock()
	l.closed = true
	l.mu.Unlock()
	l.mend(true)
	l.work.Wait()
}
