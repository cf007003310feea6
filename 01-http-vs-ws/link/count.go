package link

import (
	"crypto/tls"
	"net"
	"sync/atomic"
)

// A Counter counts what a server's sockets carry: TCP payload, so the bytes
// of HTTP, WebSocket and TLS, but not the headers of TCP and IP below them.
type Counter struct {
	Requests    atomic.Int64 // HTTP requests, counted by whoever serves them
	Connections atomic.Int64
	Up          atomic.Int64 // bytes from client to server
	Down        atomic.Int64 // bytes from server to client
	Writes      atomic.Int64 // how often the server wrote: answers, events, comments, pings
}

// Count wraps a listener so that every connection it accepts is counted.
func Count(l net.Listener, c *Counter) net.Listener {
	return &countingListener{l, c}
}

type countingListener struct {
	net.Listener
	counter *Counter
}

func (l *countingListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	l.counter.Connections.Add(1)
	return &countingConn{conn, l.counter}, nil
}

// countingConn embeds the interface, not *net.TCPConn: the shortcuts that
// net/http and io.Copy take past Read and Write (ReadFrom, WriteTo) are
// hidden, so no byte goes uncounted.
type countingConn struct {
	net.Conn
	counter *Counter
}

// CounterOf returns the counter of a connection that a counting listener
// accepted, below TLS if need be.
func CounterOf(conn net.Conn) *Counter {
	if secure, is := conn.(*tls.Conn); is {
		conn = secure.NetConn()
	}
	return conn.(*countingConn).counter
}

func (c *countingConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.counter.Up.Add(int64(n))
	return n, err
}

func (c *countingConn) Write(b []byte) (int, error) {
	// Before it is written, so that whoever has received it finds it counted.
	c.counter.Down.Add(int64(len(b)))
	c.counter.Writes.Add(1)
	n, err := c.Conn.Write(b)
	c.counter.Down.Add(int64(n - len(b)))
	return n, err
}
