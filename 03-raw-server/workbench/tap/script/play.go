package script

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"
	"sync"
	"time"

	"websocket.example/02-handshake/handshake"
	"websocket.example/03-raw-server/frame"
	"websocket.example/03-raw-server/workbench/tap"
)

// A Player plays one side of a script against somebody, and compares what it
// hears with what the other side says in the script.
type Player struct {
	Client bool // which side it plays

	// Connect makes the next connection: as a client it dials, as a server it
	// accepts.
	Connect func(ctx context.Context) (net.Conn, error)

	// Target is the server's URL, for a client: Host and Origin of its requests
	// are those of the target.
	Target *url.URL

	Wait time.Duration // how long the other side may take for an answer; 0 is 5 s

	// See is shown what is said, as it is said. Nil is nobody.
	See tap.Sink

	mu sync.Mutex // one event at a time
}

// A Difference is where the other side does not keep to the script.
type Difference struct {
	Conn   string
	Line   int    // of the script; 0 is behind its end
	Wanted string // as a script has it, or in words
	Came   string
}

// mostKept is the longest payload that can be compared.
const mostKept = 64 << 20

// Play plays all connections of a script in the order of its lines. On one
// that differs it stops, and goes on with the others. The error is that
// nothing could be played at all.
func (p *Player) Play(ctx context.Context, s Script) (played int, differences []Difference, err error) {
	conns := make(map[string]*talk)
	defer func() {
		for _, c := range conns {
			c.close()
		}
	}()
	skip := p.notMeant(s)
	for i := range s {
		step := &s[i]
		if skip[step.Conn] || step.Kind == Role {
			continue
		}
		c := conns[step.Conn]
		if c == nil {
			if c, err = p.begin(ctx, len(conns)+1, s.bare(step.Conn)); err != nil {
				return played, differences, fmt.Errorf("connection %s: %w", step.Conn, err)
			}
			conns[step.Conn] = c
			played++
		}
		if c.over {
			continue
		}
		if d := c.step(ctx, step); d != nil {
			differences = append(differences, *d)
			c.over = true
			reset(c.nc)
		}
		if err := ctx.Err(); err != nil {
			return played, differences, err
		}
	}
	for _, name := range s.Conns() {
		if c := conns[name]; c != nil && !c.over {
			if d := c.finish(ctx); d != nil {
				d.Conn = name
				differences = append(differences, *d)
			}
		}
	}
	return played, differences, nil
}

// notMeant are the connections whose role is the other side's: "role server"
// says that the server is tested, so a client plays.
func (p *Player) notMeant(s Script) map[string]bool {
	skip := make(map[string]bool)
	for _, step := range s {
		if step.Kind == Role && (step.Text == "server") != p.Client {
			skip[step.Conn] = true
		}
	}
	return skip
}

// A talk is a connection that is played.
type talk struct {
	player *Player
	nc     net.Conn
	wait   time.Duration
	bare   bool
	over   bool

	script *shown      // what the script says
	wanted []tap.Event // of the other side, not compared yet
	real   *tap.Follower
	heard  *queue // of the other side
	spare  []byte // heard and without borders, not compared yet
	wire   wire   // ours
	head   []byte // ours, until it is whole
	asked  handshake.Request
	gone   chan struct{} // closed when the other side is read to its end

	sentClose, heardClose bool
	ended                 bool // our side
}

// begin opens a connection.
func (p *Player) begin(ctx context.Context, number int, bare bool) (*talk, error) {
	nc, err := p.Connect(ctx)
	if err != nil {
		return nil, err
	}
	c := &talk{player: p, nc: nc, wait: p.Wait, bare: bare, heard: newQueue(), gone: make(chan struct{})}
	if c.wait == 0 {
		c.wait = 5 * time.Second
	}
	start := time.Now()
	options := tap.FollowOptions{Conn: number, Keep: mostKept, Bare: bare, Now: func() time.Duration { return time.Since(start) }}
	c.real = tap.Follow(options, c.hear)
	c.script = &shown{Follower: tap.Follow(options, c.want)}
	var rest []byte
	if bare {
		if rest, err = c.shake(ctx); err != nil {
			nc.Close()
			return nil, err
		}
	}
	go c.read(rest)
	return c, nil
}

// shake does the handshake that the script has left out.
func (c *talk) shake(ctx context.Context) (rest []byte, err error) {
	if !c.player.Client {
		h, err := (&handshake.Options{Origin: handshake.AnyOrigin}).Accept(ctx, c.nc)
		if err != nil {
			return nil, err
		}
		return h.Rest, nil
	}
	o := &handshake.DialOptions{}
	request, err := handshake.NewRequest(c.player.Target, o)
	if err != nil {
		return nil, err
	}
	h, err := o.Ask(ctx, c.nc, request)
	if err != nil {
		return nil, err
	}
	return h.Rest, nil
}

// read feeds what the other side sends to the follower.
func (c *talk) read(rest []byte) {
	defer close(c.gone)
	if len(rest) > 0 {
		c.real.Feed(!c.player.Client, rest)
	}
	for piece := make([]byte, 32<<10); ; {
		n, err := c.nc.Read(piece)
		if n > 0 {
			c.real.Feed(!c.player.Client, piece[:n])
		}
		if err != nil {
			c.real.End(!c.player.Client, nil, !errors.Is(err, io.EOF))
			return
		}
	}
}

// hear is told what is really said.
func (c *talk) hear(e tap.Event) {
	if c.player.See != nil {
		c.player.mu.Lock()
		c.player.See(e)
		c.player.mu.Unlock()
	}
	if e.FromClient != c.player.Client && compared(e) && !c.heard.put(e) {
		reset(c.nc) // it says far more than the script
	}
}

// want is told what the script says.
func (c *talk) want(e tap.Event) {
	if e.FromClient != c.player.Client && compared(e) {
		c.wanted = append(c.wanted, e)
	}
}

// step plays a step, or waits for it.
func (c *talk) step(ctx context.Context, s *Step) *Difference {
	c.script.see(s)
	if s.FromClient == c.player.Client {
		return c.say(s)
	}
	for len(c.wanted) > 0 {
		e := c.wanted[0]
		c.wanted = c.wanted[1:]
		if d := c.expect(ctx, e, s); d != nil {
			d.Conn, d.Line = s.Conn, s.Line
			return d
		}
	}
	return nil
}

// say sends a step.
func (c *talk) say(s *Step) *Difference {
	var err error
	switch s.Kind {
	case End:
		c.ended = true
		c.real.End(c.player.Client, nil, false)
		if half, can := c.nc.(interface{ CloseWrite() error }); can {
			_ = half.CloseWrite() // if it fails the other side has gone, and its end is compared
		}
	case Reset:
		c.ended, c.over = true, true
		reset(c.nc)
	case Head:
		c.head = append(append(c.head, s.Text...), "\r\n"...)
		if s.Text == "" {
			err = c.send(c.adapt(c.head))
			c.head = nil
		}
	case Frame, More, Raw, Role:
		if s.Kind == Frame && s.Header.Opcode == frame.Close {
			c.sentClose = true
		}
		err = c.send(c.wire.bytes(s, func() (key [4]byte) {
			_, _ = rand.Read(key[:])
			return key
		}))
	}
	if err != nil {
		return &Difference{s.Conn, s.Line, "that it can be sent: " + s.String(), err.Error()}
	}
	return nil
}

func (c *talk) send(b []byte) error {
	c.real.Feed(c.player.Client, b)
	_ = c.nc.SetWriteDeadline(time.Now().Add(c.wait)) // if it fails, so does writing
	_, err := c.nc.Write(b)
	return err
}

// adapt writes into a head what can't be as it was recorded: the server's
// name, or the proof for the key that was really sent.
func (c *talk) adapt(head []byte) []byte {
	if c.player.Client {
		return tap.RewriteHost(head, c.player.Target)
	}
	right := handshake.Accept(c.asked.Header.Get("Sec-WebSocket-Key"))
	var out strings.Builder
	for line := range strings.Lines(string(head)) {
		if name, _, found := strings.Cut(line, ":"); found && strings.EqualFold(name, "Sec-WebSocket-Accept") {
			line = name + ": " + right + "\r\n"
		}
		out.WriteString(line)
	}
	return []byte(out.String())
}

// next waits for what the other side says next.
func (c *talk) next(ctx context.Context) (tap.Event, bool) {
	ctx, cancel := context.WithTimeout(ctx, c.wait)
	defer cancel()
	return c.heard.take(ctx)
}

// finish ends a connection in good order, where the script does not say how,
// and looks whether more has come than it says.
func (c *talk) finish(ctx context.Context) *Difference {
	if c.bare && !c.sentClose && !c.ended {
		h := frame.Header{Fin: true, Opcode: frame.Close, Masked: c.player.Client}
		payload := []byte{}
		if !c.heardClose {
			payload = frame.AppendClose(nil, frame.NormalClosure, "")
			h.Length = uint64(len(payload))
		}
		_ = c.send(append(frame.Append(nil, h), payload...)) // or the other side has gone already
		for !c.heardClose {
			e, came := c.next(ctx)
			if !came || e.Kind != tap.Framed {
				return &Difference{Wanted: "a close frame", Came: c.describe(e, came)}
			}
			if e.Frame.Header.Opcode != frame.Close {
				return &Difference{Wanted: "nothing more", Came: c.describe(e, came)}
			}
			c.heardClose = true
		}
		return nil
	}
	now, cancel := context.WithCancel(ctx)
	cancel()
	if e, came := c.heard.take(now); came && e.Kind != tap.End {
		return &Difference{Wanted: "nothing more", Came: c.describe(e, true)}
	}
	return nil
}

// close ends a connection, and waits for its reader.
func (c *talk) close() {
	c.nc.Close()
	<-c.gone
}

// reset ends a connection as an accident.
func reset(nc net.Conn) {
	if tcp, is := nc.(*net.TCPConn); is {
		_ = tcp.SetLinger(0) // if it fails, it is closed in good order
	}
	nc.Close()
}
