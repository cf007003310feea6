package cluster

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// size is how many servers there are, and hubs.
const size = 3

// history is the stream that package log/nats keeps the messages in.
const history = "CHAT"

// A stage is all that runs: three servers, the links between them, and three
// hubs.
type stage struct {
	servers [size]*process
	links   [size][size]*link // from one server to another
	hubs    [size]*process
	urls    []string // of the hubs' WebSockets
	nc      *nats.Conn
	js      jetstream.JetStream
}

// newStage starts everything, with its files in a folder.
func newStage(ctx context.Context, dir string) (_ *stage, err error) {
	s := &stage{}
	defer func() {
		if err != nil {
			s.close()
		}
	}()
	var members [size]member
	var addrs []string
	for i := range members {
		m := &members[i]
		m.Name = fmt.Sprint("server-", i+1)
		m.Dir = filepath.Join(dir, m.Name)
		if err := os.Mkdir(m.Dir, 0o700); err != nil {
			return nil, err
		}
		if m.Port, err = freePort(); err != nil {
			return nil, err
		}
		if m.ClusterPort, err = freePort(); err != nil {
			return nil, err
		}
		addrs = append(addrs, fmt.Sprintf("127.0.0.1:%d", m.Port))
	}
	for i, m := range members {
		for j, other := range members {
			to := fmt.Sprintf("127.0.0.1:%d", other.ClusterPort)
			if i != j {
				if s.links[i][j], err = newLink(to); err != nil {
					return nil, err
				}
				to = s.links[i][j].addr()
			} // a route to itself counts as well: it is how a server knows that there are three
			m.Routes = append(m.Routes, "nats://"+to)
		}
		argument, err := json.Marshal(m)
		if err != nil {
			return nil, err
		}
		s.servers[i] = &process{name: m.Name, args: []string{"server", string(argument)}, log: logFile(dir, m.Name)}
	}
	if err := together(s.servers[:], (*process).start); err != nil {
		return nil, err
	}
	for i := range s.hubs {
		port, err := freePort()
		if err != nil {
			return nil, err
		}
		addr, name := fmt.Sprintf("127.0.0.1:%d", port), fmt.Sprint("hub-", i+1)
		s.urls = append(s.urls, "ws://"+addr+"/ws")
		// The name in the URL is for users.
		nats := "nats://" + name + ":x@" + strings.Join(addrs, ",nats://"+name+":x@")
		s.hubs[i] = &process{name: name, args: []string{"hub", "-addr", addr, "-nats", nats, "-replicas", fmt.Sprint(size), "-v"}, log: logFile(dir, name)}
	}
	err = together(s.hubs[:], func(p *process) error { return startHub(ctx, p) })
	if err != nil {
		return nil, err
	}
	s.nc, err = nats.Connect("nats://"+strings.Join(addrs, ",nats://"),
		nats.MaxReconnects(-1), nats.ReconnectWait(100*time.Millisecond), nats.PingInterval(2*time.Second))
	if err != nil {
		return nil, err
	}
	s.js, err = jetstream.New(s.nc)
	return s, err
}

// startHub starts a hub and waits until it serves.
func startHub(ctx context.Context, p *process) error {
	if err := p.start(); err != nil {
		return err
	}
	text, err := p.line(ctx, time.Minute)
	if err == nil && !strings.HasPrefix(text, "Chat at ") {
		err = fmt.Errorf("%s says %q", p.name, text)
	}
	return err
}

// leader is the number of the server that leads the history.
func (s *stage) leader(ctx context.Context) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, recovery)
	defer cancel()
	for {
		info, err := s.js.Stream(ctx, history)
		if err == nil {
			for i, p := range s.servers {
				if cluster := info.CachedInfo().Cluster; cluster != nil && cluster.Leader == p.name {
					return i, nil
				}
			}
			err = errors.New("it has none")
		}
		select {
		case <-ctx.Done():
			return 0, fmt.Errorf("the history's leader: %w", err)
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// at says which hubs are connected to a server.
func (s *stage) at(ctx context.Context, server int) (is [size]bool, err error) {
	p := s.servers[server]
	if _, err := io.WriteString(p.in, "who\n"); err != nil {
		return is, err
	}
	text, err := p.line(ctx, 5*time.Second)
	for i, hub := range s.hubs {
		is[i] = strings.Contains(","+text+",", ","+hub.name+",")
	}
	return is, err
}

// isolate cuts a server off from the others, and mend brings it back.
func (s *stage) isolate(server int) {
	s.eachLink(func(from, to int, l *link) {
		if from == server || to == server {
			l.cut()
		}
	})
}

func (s *stage) mend(reset bool) {
	s.eachLink(func(_, _ int, l *link) { l.mend(reset) })
}

func (s *stage) eachLink(do func(from, to int, l *link)) {
	for i, row := range s.links {
		for j, l := range row {
			if l != nil {
				do(i, j, l)
			}
		}
	}
}

// alive fails if one has ended that nobody has killed.
func (s *stage) alive() error {
	var all []error
	for _, p := range append(s.servers[:], s.hubs[:]...) {
		all = append(all, p.alive())
	}
	return errors.Join(all...)
}

// close ends everything: first the hubs, which say goodbye.
func (s *stage) close() {
	if s.nc != nil {
		s.nc.Close()
	}
	s.mend(false)
	for _, group := range [][size]*process{s.hubs, s.servers} {
		_ = together(group[:], func(p *process) error {
			if p != nil {
				p.stop()
			}
			return nil
		})
	}
	s.eachLink(func(_, _ int, l *link) { l.close() })
}

// freePort is a port for a server that is killed and comes back to it: one
// that systems do not give to outgoing connections meanwhile.
func freePort() (int, error) {
	for range 100 {
		port := 20_000 + rand.IntN(10_000)
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err == nil {
			return port, l.Close()
		}
	}
	return 0, errors.New("no port is free between 20000 and 30000")
}
