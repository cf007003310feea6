package stage

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"websocket.example/03-raw-server/frame"
	"websocket.example/03-raw-server/wsconn"
)

// How long a connection may be silent. A phone that has left the room says
// nothing; its TCP connection would be open for hours.
const (
	pingEvery = 20 * time.Second
	silences  = 3 // pings without any answer, then it is cut off
)

// limits of a connection. What followers send is short.
var limits = &wsconn.Options{MaxMessage: 1 << 10, WriteTimeout: 5 * time.Second, CloseTimeout: 2 * time.Second}

// A follower is a page that is connected.
type follower struct {
	conn  *wsconn.Conn
	role  Role
	from  string        // its address
	steps int           // taken by this one; of the stage's mutex
	news  chan struct{} // has room for one: see tell
}

// tell wakes the follower's writer, and never waits. The writer looks up the
// position when it writes: whoever is slow skips slides, and holds up nobody.
func (f *follower) tell() {
	select {
	case f.news <- struct{}{}:
	default: // it has not looked yet
	}
}

// follow serves one connection until it ends.
func (s *Stage) follow(c *wsconn.Conn, role Role, from string) {
	f := &follower{conn: c, role: role, from: from, news: make(chan struct{}, 1)}
	if !s.enter(f) {
		_ = c.Close(frame.GoingAway, "") // if it fails, the page has gone
		return
	}
	defer s.leave(f)
	reading, done := context.WithCancel(context.Background())
	written := make(chan struct{})
	go func() {
		defer close(written)
		s.write(reading, f)
	}()
	_ = c.Each(s.ctx, func(op frame.Opcode, message []byte) error { return s.read(f, op, message) })
	done()
	<-written
}

// read takes what a follower says.
func (s *Stage) read(f *follower, op frame.Opcode, message []byte) error {
	var said struct{ Type, Slide string }
	switch {
	case op != frame.Text || json.Unmarshal(message, &said) != nil || said.Type != "go":
		return &wsconn.CloseError{Code: frame.PolicyViolation, Reason: `all there is to say is {"type":"go","slide":ID}`}
	case f.role != Driver:
		return &wsconn.CloseError{Code: frame.PolicyViolation, Reason: "only the speaker takes steps"}
	}
	s.step(f, said.Slide)
	return nil
}

// write tells a follower the position, again and again. Browsers answer pings
// but tell no script of them; so it gets the position with every ping, and
// knows by that that the connection is alive.
func (s *Stage) write(ctx context.Context, f *follower) {
	ping := time.NewTicker(pingEvery)
	defer ping.Stop()
	heard, silent := f.conn.Frames(), 0
	for {
		var err error
		select {
		case <-ctx.Done():
			return
		case <-f.news:
		case <-ping.C:
			silent++
			if n := f.conn.Frames(); n != heard {
				heard, silent = n, 0
			}
			if silent == silences {
				f.conn.Abort()
				return
			}
			err = f.conn.Ping(context.Background(), nil)
		}
		if err == nil {
			var message []byte
			if message, err = json.Marshal(s.at(f)); err == nil {
				err = f.conn.Write(context.Background(), frame.Text, message)
			}
		}
		switch {
		case errors.Is(err, wsconn.ErrClosed): // the closing handshake has begun
			return
		case err != nil: // too slow, or gone
			f.conn.Abort()
			return
		}
	}
}
