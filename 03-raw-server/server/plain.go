package server

import (
	"bytes"
	"errors"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"websocket.example/02-handshake/handshake"
)

// A server may have a page on the same port. Its requests are left to
// net/http, connection by connection.

// replay is a connection whose first bytes have been read already.
type replay struct {
	net.Conn
	first []byte
}

func (r *replay) Read(b []byte) (int, error) {
	if len(r.first) == 0 {
		return r.Conn.Read(b)
	}
	n := copy(b, r.first)
	r.first = r.first[n:]
	return n, nil
}

// CloseWrite is that of the connection below.
func (r *replay) CloseWrite() error {
	if half, can := r.Conn.(interface{ CloseWrite() error }); can {
		return half.CloseWrite()
	}
	return errors.ErrUnsupported
}

// sortOut reads the head of the first request, and returns a connection that
// begins with it. If it does not ask for WebSocket, the connection is handed
// to net/http for good, and nil is returned.
func (s *Server) sortOut(nc net.Conn) *replay {
	// As much as the handshake would read: a cookie may be long.
	most := max(s.Handshake.MaxHeaderBytes, 8<<10)
	head := make([]byte, 0, 4<<10)
	_ = nc.SetReadDeadline(time.Now().Add(10 * time.Second)) // if it fails, so does reading
	for !bytes.Contains(head, []byte("\r\n\r\n")) && len(head) < most {
		if len(head) == cap(head) {
			head = slices.Grow(head, len(head))
		}
		n, err := nc.Read(head[len(head):cap(head)])
		head = head[:len(head)+n]
		if err != nil {
			break
		}
	}
	_ = nc.SetReadDeadline(time.Time{})
	again := &replay{nc, head}
	request, _, err := handshake.ParseRequest(head)
	if err != nil || asksForWebSocket(&request) {
		return again // the handshake has the better answer to what is wrong
	}
	select {
	case s.web.accepted <- again:
	case <-s.web.closed:
		nc.Close()
		s.dismiss(nc)
	}
	return nil
}

func asksForWebSocket(r *handshake.Request) bool {
	for _, f := range r.Header {
		if strings.EqualFold(f.Name, "Upgrade") || strings.EqualFold(f.Name, "Sec-WebSocket-Key") {
			return true
		}
	}
	return false
}

// web is a net/http server, and the listener that brings it connections which
// somebody else has accepted.
type web struct {
	http.Server
	accepted chan net.Conn
	closed   chan struct{}
}

func startWeb(handler http.Handler, ended func(net.Conn)) *web {
	w := &web{accepted: make(chan net.Conn), closed: make(chan struct{})}
	w.Handler, w.ReadHeaderTimeout, w.IdleTimeout = handler, 10*time.Second, time.Minute
	w.ConnState = func(nc net.Conn, state http.ConnState) {
		if again, is := nc.(*replay); is && (state == http.StateClosed || state == http.StateHijacked) {
			ended(again.Conn)
		}
	}
	go w.take()
	return w
}

func (w *web) take() { _ = w.Serve(w) } // until Server.Close

func (w *web) Accept() (net.Conn, error) {
	select {
	case nc := <-w.accepted:
		return nc, nil
	case <-w.closed:
		return nil, net.ErrClosed
	}
}

// stop closes every connection.
func (w *web) stop() {
	close(w.closed)
	_ = w.Server.Close()
}

// Close is that of the listener, which net/http calls; stop ends it.
func (w *web) Close() error   { return nil }
func (w *web) Addr() net.Addr { return &net.TCPAddr{} }
