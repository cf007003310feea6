package bench

import (
	"context"
	"net"
	"time"

	"websocket.example/02-handshake/handshake"
	"websocket.example/03-raw-server/deflate"
	"websocket.example/03-raw-server/frame"
	"websocket.example/03-raw-server/server"
	"websocket.example/03-raw-server/wsconn"
)

// Own are the servers of step 03 itself.
var Own = []Peer{Raw, RawPlain, Limit, RawPatient}

const module = "websocket.example/03-raw-server"

// Raw is this repository's server, all of it: limits, UTF-8, the closing
// handshake, pings to whoever is silent. A handler that answers with Write is
// how it is meant to be used.
var Raw = Peer{
	Name: "raw", Module: module, How: "server.Server, Write in the handler",
	Compresses: true, TakesOver: true,
	Serve: func(l net.Listener, d Deflate) error { return newRaw(d).Serve(l) },
}

func newRaw(d Deflate) *server.Server {
	return &server.Server{
		Handler: func(c *wsconn.Conn, _ *handshake.Handshake) wsconn.Handler {
			return func(op frame.Opcode, message []byte) error {
				return c.Write(context.Background(), op, message)
			}
		},
		Handshake: handshake.Options{Origin: handshake.AnyOrigin},
		Compress:  d != Off,
		Conn: wsconn.Options{Deflate: deflate.Options{
			NoServerTakeover: d == NoTakeover, NoClientTakeover: d == NoTakeover,
		}},
	}
}

// RawPlain is the same server where it can't watch the socket, as with TLS and
// on Windows: every connection has a goroutine and waits with a buffer, and
// every write sets a deadline. The difference is what wsconn/watch_unix.go and
// wsconn/poller_linux.go are worth.
var RawPlain = Peer{
	Name: "raw-plain", Module: module, How: "the same, on connections that can't be watched",
	Compresses: true, TakesOver: true,
	Serve: func(l net.Listener, d Deflate) error { return newRaw(d).Serve(plainListener{l}) },
}

type plainListener struct{ net.Listener }

func (l plainListener) Accept() (net.Conn, error) {
	nc, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return plainConn{nc}, nil
}

// plainConn hides that there is a *net.TCPConn.
type plainConn struct{ net.Conn }

// RawPatient asks the silent every 10 minutes, not every 30 s. With a million
// connections that is 1,700 pings in a second instead of 33,000.
var RawPatient = Peer{
	Name: "raw-patient", Module: module, How: "server.Server with Ping: 10 * time.Minute",
	Compresses: true, TakesOver: true, OnlyIdle: true,
	Serve: func(l net.Listener, d Deflate) error {
		s := newRaw(d)
		s.Ping, s.Idle = 10*time.Minute, 30*time.Minute
		return s.Serve(l)
	},
}
