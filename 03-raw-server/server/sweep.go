package server

import (
	"context"
	"time"

	"websocket.example/03-raw-server/frame"
	"websocket.example/03-raw-server/wsconn"
)

// One sweeper looks after all connections, because a timer for each would
// cost more memory than all the rest that an idle one needs.

// sweep looks at every connection now and then: whether it moved since, and
// what is to be done if not.
func (s *Server) sweep(stop chan struct{}) {
	ping, idle := s.Ping, s.Idle
	if ping <= 0 {
		ping = 30 * time.Second
	}
	if idle <= 0 {
		idle = 2 * time.Minute
	}
	every := max(min(time.Second, ping, idle), 10*time.Millisecond)
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			s.look(rounds(ping, every), rounds(idle, every))
		case <-stop:
			return
		}
	}
}

// rounds is how many sweeps a duration is.
func rounds(d, every time.Duration) uint32 { return uint32(min(max(d/every, 1), 1<<31)) }

// look makes one round. What may have to wait is done elsewhere.
func (s *Server) look(ping, idle uint32) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range s.conns {
		if frames := e.conn.Frames(); frames != e.frames {
			e.frames, e.quiet = frames, 0
			continue
		}
		e.quiet++
		switch {
		case e.quiet == 1:
			e.conn.Kick() // its end may have come with its last bytes
		case e.quiet >= idle:
			e.quiet = 0
			go e.conn.Close(frame.GoingAway, "nothing came for too long") // Each learns of it
		case e.quiet%ping == 0:
			go ask(e.conn)
		}
	}
}

// ask sends a ping; whether its pong comes is seen at the next rounds.
func ask(c *wsconn.Conn) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	_ = c.Ping(ctx, nil) // if it fails, Each learns of it
}
