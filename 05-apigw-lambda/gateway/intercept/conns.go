package intercept

import (
	"bufio"
	"context"
	"net"
	"sync"
)

// A bounded listener has so many connections and no more: the next waits
// until one is closed.
type bounded struct {
	net.Listener
	slots chan struct{}
	done  chan struct{}
	once  sync.Once
}

func newBounded(l net.Listener, n int) *bounded {
	return &bounded{Listener: l, slots: make(chan struct{}, n), done: make(chan struct{})}
}

func (b *bounded) Accept() (net.Conn, error) {
	select {
	case b.slots <- struct{}{}:
	case <-b.done:
		return nil, net.ErrClosed
	}
	c, err := b.Listener.Accept()
	if err != nil {
		<-b.slots
		return nil, err
	}
	return &slot{Conn: c, release: sync.OnceFunc(func() { <-b.slots })}, nil
}

func (b *bounded) Close() error {
	b.once.Do(func() { close(b.done) })
	return b.Listener.Close()
}

// A slot is one of its connections.
type slot struct {
	net.Conn
	release func()
}

func (s *slot) Close() error {
	defer s.release()
	return s.Conn.Close()
}

func (s *slot) CloseWrite() error { return closeWrite(s.Conn) }

// An early connection has bytes that were read before it was taken over.
type early struct {
	net.Conn
	buffered *bufio.Reader
}

func (e *early) Read(b []byte) (int, error) {
	if e.buffered.Buffered() > 0 {
		return e.buffered.Read(b)
	}
	return e.Conn.Read(b)
}

func (e *early) CloseWrite() error { return closeWrite(e.Conn) }

// closeWrite says that nothing more is written, where that can be said.
func closeWrite(c net.Conn) error {
	if half, can := c.(interface{ CloseWrite() error }); can {
		return half.CloseWrite()
	}
	return c.Close()
}

// A queue is a listener whose connections come from elsewhere.
type queue struct {
	addr  net.Addr
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

func newQueue(addr net.Addr) *queue {
	return &queue{addr: addr, conns: make(chan net.Conn), done: make(chan struct{})}
}

// put hands over a connection, or closes it when nobody takes it any more.
func (q *queue) put(ctx context.Context, c net.Conn) error {
	select {
	case q.conns <- c:
		return nil
	case <-q.done:
	case <-ctx.Done():
	}
	c.Close()
	return net.ErrClosed
}

func (q *queue) Accept() (net.Conn, error) {
	select {
	case c := <-q.conns:
		return c, nil
	case <-q.done:
		return nil, net.ErrClosed
	}
}

func (q *queue) Close() error {
	q.once.Do(func() { close(q.done) })
	return nil
}

func (q *queue) Addr() net.Addr { return q.addr }
