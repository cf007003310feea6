package server

import (
	"errors"
	"net"
	"syscall"

	"websocket.example/03-raw-server/frame"
	"websocket.example/03-raw-server/wsconn"
)

// served is a connection, and what the sweeper knows of it.
type served struct {
	conn   *wsconn.Conn
	at     int    // its place in Server.conns
	frames uint32 // what Conn.Frames said at the last sweep
	quiet  uint32 // how many sweeps ago it last moved
}

func (s *Server) open(l net.Listener) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopping {
		return false
	}
	if s.listeners == nil {
		s.listeners = make(map[net.Listener]bool)
		s.pending = make(map[net.Conn]bool)
		s.refused = make(map[net.Conn]bool)
		s.Conn.Kicked = true // by the sweeper
		s.sweeping = make(chan struct{})
		go s.sweep(s.sweeping)
		if s.Plain != nil {
			s.web = startWeb(s.Plain, s.dismiss)
		}
	}
	s.listeners[l] = true
	return true
}

func (s *Server) isStopping() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stopping
}

// maxRefused is how many connections at once are told that they are too many.
// With more, the polite answer would cost what the limit was to save.
const maxRefused = 100

// admit counts a new connection in, and returns what is to be done with it.
func (s *Server) admit(nc net.Conn) func(net.Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.stopping:
		return hangUp
	case s.MaxConns <= 0 || len(s.conns)+len(s.pending) < s.MaxConns:
		s.pending[nc] = true
		return s.welcome
	case len(s.refused) < maxRefused:
		s.refused[nc] = true
		return s.refuse
	}
	return hangUp
}

func hangUp(nc net.Conn) { nc.Close() }

// accepted notes that a handshake is done: Shutdown now has the connection
// closed in good order.
func (s *Server) accepted(nc net.Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pending[nc] = false
}

// dismiss counts out a connection whose handshake failed.
func (s *Server) dismiss(nc net.Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.pending, nc)
	delete(s.refused, nc)
	s.checkEmpty()
}

// keep counts a connection from pending to served, and has it go on.
func (s *Server) keep(nc net.Conn, c *wsconn.Conn, handle wsconn.Handler) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.pending, nc)
	e := &served{conn: c, at: len(s.conns)}
	s.conns = append(s.conns, e)
	c.Serve(handle, func(err error) {
		if s.Ended != nil {
			s.Ended(c, err)
		}
		s.forget(e)
	})
	if s.stopping { // Shutdown came during the handshake
		go c.Close(frame.GoingAway, "the server is shutting down") // Each learns of it
	}
}

// forget counts a connection out.
func (s *Server) forget(e *served) {
	s.mu.Lock()
	defer s.mu.Unlock()
	last := len(s.conns) - 1
	s.conns[e.at] = s.conns[last]
	s.conns[e.at].at = e.at
	s.conns[last] = nil
	s.conns = s.conns[:last]
	s.checkEmpty()
}

// checkEmpty tells Shutdown when nobody is left.
func (s *Server) checkEmpty() {
	if s.stopping && len(s.conns)+len(s.pending)+len(s.refused) == 0 {
		select {
		case <-s.empty:
		default:
			close(s.empty)
		}
	}
}

func isOutOfFiles(err error) bool {
	return errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE)
}
