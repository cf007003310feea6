package web

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"websocket.example/02-handshake/handshake"
	"websocket.example/02-handshake/narrate"
)

// Serve accepts connections until ctx ends. It reads the first request of
// each by itself, so that it can show a handshake byte for byte, wrong ones
// above all; requests for the page go on to net/http.
func (p *Page) Serve(ctx context.Context, listener net.Listener) error {
	pages := &handover{conns: make(chan net.Conn), closed: make(chan struct{}), addr: listener.Addr()}
	server := &http.Server{Handler: p, ReadHeaderTimeout: timeout, IdleTimeout: time.Minute}
	p.work.Go(func() { _ = server.Serve(pages) }) // ends with server.Close
	defer server.Close()
	defer context.AfterFunc(ctx, func() { listener.Close() })()
	defer context.AfterFunc(p.ctx, func() { listener.Close() })()
	for {
		conn, err := listener.Accept()
		switch {
		case ctx.Err() != nil || p.ctx.Err() != nil:
			return nil
		case errors.Is(err, net.ErrClosed):
			return err
		case err != nil: // such as too many open files
			time.Sleep(50 * time.Millisecond)
			continue
		}
		if !p.enter() {
			conn.Close()
			return nil
		}
		go func() {
			defer p.work.Done()
			p.meet(conn, pages)
		}()
	}
}

// timeout is how long a client may take to ask for something.
const timeout = 10 * time.Second

// meet looks at the first request and does the handshake, or hands over.
func (p *Page) meet(conn net.Conn, pages *handover) {
	defer context.AfterFunc(p.ctx, func() { _ = conn.SetReadDeadline(time.Unix(1, 0)) })()
	first, request, err := peek(conn)
	if len(first) == 0 {
		conn.Close() // browsers open connections that they may need later
		return
	}
	if err == nil && isForPage(request) {
		pages.take(&recorder{Conn: conn, first: first}, p.ctx.Done())
		return
	}
	id, what := try(request.Target)
	recorded := &recorder{Conn: conn, first: first, forge: what == "proof"}
	options := p.options()
	options.Timeout = timeout
	if err != nil {
		options.Timeout = time.Second // it has had its ten
	}
	decide := options.Decide
	options.Decide = func(ctx context.Context, h *handshake.Handshake) *handshake.Refusal {
		if u, err := h.Request.URL(); err != nil || u.Path != "/chat" {
			return &handshake.Refusal{Status: http.StatusNotFound, Body: "There is only /chat.\n"}
		}
		return decide(ctx, h)
	}
	_, err = options.Accept(p.ctx, recorded)
	p.remember(&narrate.Story{
		ID: id, Peer: conn.RemoteAddr().String(), Err: err, Forged: err == nil && what == "proof",
		Request: recorded.read, Answer: recorded.written,
	})
	if err != nil {
		conn.Close()
		return
	}
	hold(p.ctx, recorded.release(conn), p.hold)
}

// peek reads the first request. What it has read comes back even if it is
// no request.
func peek(conn net.Conn) ([]byte, handshake.Request, error) {
	_ = conn.SetReadDeadline(time.Now().Add(timeout)) // if it fails, so does reading
	const most = 16 << 10
	b := make([]byte, 0, 2048)
	for {
		if len(b) == cap(b) {
			b = append(b, 0)[:len(b)]
		}
		n, err := conn.Read(b[len(b):cap(b)])
		b = b[:len(b)+n]
		if err == nil || n > 0 {
			var request handshake.Request
			request, _, err = handshake.ParseRequest(b)
			if errors.Is(err, handshake.ErrIncomplete) && len(b) < most {
				continue
			}
			return b, request, err
		}
		return b, handshake.Request{}, err
	}
}

// isForPage says whether a request is not meant for chat, nor asks for a
// handshake anywhere.
func isForPage(r handshake.Request) bool {
	u, err := url.ParseRequestURI(r.Target)
	return err == nil && u.Path != "/chat" && !strings.Contains(strings.ToLower(r.Header.Get("Upgrade")), "websocket")
}

// A handover is a listener whose connections come from somebody else.
type handover struct {
	conns  chan net.Conn
	closed chan struct{}
	addr   net.Addr
}

func (h *handover) take(conn net.Conn, done <-chan struct{}) {
	select {
	case h.conns <- conn:
	case <-h.closed:
		conn.Close()
	case <-done:
		conn.Close()
	}
}

func (h *handover) Accept() (net.Conn, error) {
	select {
	case conn := <-h.conns:
		_ = conn.SetReadDeadline(time.Time{}) // net/http sets its own
		return conn, nil
	case <-h.closed:
		return nil, net.ErrClosed
	}
}

func (h *handover) Close() error {
	close(h.closed) // http.Server does it once
	return nil
}

func (h *handover) Addr() net.Addr { return h.addr }
