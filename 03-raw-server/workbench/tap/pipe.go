package tap

import (
	"context"
	"errors"
	"io"
	"net"
	"sync"
)

// pieceSize is how much is read at once, and the most that is held of what one
// side has sent: the next piece is read when this one is written.
const pieceSize = 32 << 10

// join passes everything on in both directions, until both have ended or one
// has failed, or until the context ends. It returns what failed.
func (t *Tap) join(ctx context.Context, client, server net.Conn, f *Follower) error {
	var once sync.Once
	var reason error
	abort := func(err error) {
		once.Do(func() {
			reason = err
			// A side that is gone in bad order is gone for the other as well.
			reset(client)
			reset(server)
		})
	}
	defer context.AfterFunc(ctx, func() { abort(errors.New("the tap is closed")) })()
	change := func(b []byte, _ bool) []byte { return b }
	if t.Host {
		change = newHostRewriter(t.target).rewrite
	}
	var both sync.WaitGroup
	both.Go(func() {
		if err := pass(client, server, true, f, change); err != nil {
			abort(err)
		}
	})
	both.Go(func() {
		if err := pass(server, client, false, f, func(b []byte, _ bool) []byte { return b }); err != nil {
			abort(err)
		}
	})
	both.Wait()
	once.Do(func() {}) // the context can't be the reason any more
	return reason
}

// pass passes on what one side sends, and its end. What is passed is told
// first: so a question is told before its answer.
func pass(from, to net.Conn, fromClient bool, f *Follower, change func(b []byte, last bool) []byte) error {
	piece := make([]byte, pieceSize)
	for {
		n, err := from.Read(piece)
		if b := change(piece[:n], err != nil); len(b) > 0 {
			f.Feed(fromClient, b)
			if _, err := to.Write(b); err != nil {
				return err
			}
		}
		switch {
		case err == nil:
		case errors.Is(err, io.EOF):
			f.End(fromClient, nil, false)
			closeWrite(to)
			return nil
		case errors.Is(err, io.ErrUnexpectedEOF): // many end TLS without its close_notify
			f.End(fromClient, errors.New("without the close_notify of TLS"), false)
			closeWrite(to)
			return nil
		default:
			f.End(fromClient, err, true)
			return err
		}
	}
}

// closeWrite ends one direction. Where that is not possible without the other,
// both end. If it fails the side is gone, and reading from it fails as well.
func closeWrite(nc net.Conn) {
	if half, can := nc.(interface{ CloseWrite() error }); can {
		_ = half.CloseWrite()
		return
	}
	nc.Close()
}

// reset closes a connection in a way that its other side sees as an accident.
func reset(nc net.Conn) {
	under := nc
	if wrapped, is := nc.(interface{ NetConn() net.Conn }); is { // TLS
		under = wrapped.NetConn()
	}
	if tcp, is := under.(*net.TCPConn); is {
		_ = tcp.SetLinger(0) // if it fails, it is closed in good order
	}
	under.Close()
}
