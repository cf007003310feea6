package nats

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"websocket.example/04-chat-hub/chat"
	"websocket.example/04-chat-hub/log"
	"websocket.example/04-chat-hub/log/logtest"
)

// A member is a nats-server of a cluster, in a process of its own.
type member struct {
	Name        string
	Dir         string
	Port        int
	ClusterPort int
	Routes      []string
	cmd         *exec.Cmd
}

// serveMember is what that process does.
func serveMember() error {
	var m member
	if err := json.Unmarshal([]byte(os.Getenv(argumentKey)), &m); err != nil {
		return err
	}
	o := &server.Options{
		ServerName: m.Name, Host: "127.0.0.1", Port: m.Port,
		Cluster:   server.ClusterOpts{Name: "chat", Host: "127.0.0.1", Port: m.ClusterPort},
		JetStream: true, StoreDir: m.Dir, SyncAlways: true, NoLog: true, NoSigs: true,
	}
	for _, r := range m.Routes {
		u, err := url.Parse(r)
		if err != nil {
			return err
		}
		o.Routes = append(o.Routes, u)
	}
	s, err := server.NewServer(o)
	if err != nil {
		return err
	}
	s.Start()
	s.WaitForShutdown()
	return nil
}

type cluster []*member

func startCluster(t *testing.T) cluster {
	var c cluster
	var routes []string
	for i := range 3 {
		m := &member{Name: fmt.Sprint("n", i+1), Dir: t.TempDir(), Port: freePort(t), ClusterPort: freePort(t)}
		routes = append(routes, fmt.Sprintf("nats://127.0.0.1:%d", m.ClusterPort))
		c = append(c, m)
	}
	for _, m := range c {
		m.Routes = routes
		m.start(t)
	}
	return c
}

func (m *member) start(t *testing.T) {
	t.Helper()
	argument, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	m.cmd, _ = start(t, "server", string(argument))
}

func (m *member) kill(t *testing.T) {
	t.Helper()
	if err := m.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = m.cmd.Wait()
}

func (c cluster) url() string {
	var all []string
	for _, m := range c {
		all = append(all, fmt.Sprintf("nats://127.0.0.1:%d", m.Port))
	}
	return strings.Join(all, ",")
}

// leader is the member that leads a stream.
func (c cluster) leader(t *testing.T, s *Store, stream string) *member {
	t.Helper()
	var found *member
	logtest.Eventually(t, func() error {
		info, err := s.js.Stream(t.Context(), stream)
		if err != nil {
			return err
		}
		for _, m := range c {
			if found = m; m.Name == info.CachedInfo().Cluster.Leader {
				return nil
			}
		}
		return fmt.Errorf("%s has no leader", stream)
	})
	return found
}

// freePort is free now; a server that is started again needs the same one.
func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// CHAT_CHAOS=1h makes TestCluster go on killing for that long.
const chaosKey = "CHAT_CHAOS"

func TestCluster(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("three servers and an election take some 20 s; run without -short")
	}
	c := startCluster(t)
	o := testOptions()
	o.URL, o.Replicas = c.url(), 3
	began := time.Now()
	first := open(t, o)
	t.Logf("the first hub was ready after %v", time.Since(began).Round(time.Millisecond))
	first.Close()

	t.Run("conformance", func(t *testing.T) {
		logtest.Run(t, logtest.Chat{
			Open: func(t *testing.T) log.Store { return open(t, o) },
			Kill: kill,
		})
	})
	t.Run("leader killed", func(t *testing.T) {
		o.MaxPerRoom = 10_000_000
		end := time.Now()
		if d, err := time.ParseDuration(os.Getenv(chaosKey)); err == nil {
			end = end.Add(d)
		}
		for round := 0; round == 0 || time.Now().Before(end); round++ {
			room := fmt.Sprint("chaos ", round)
			c.chaos(t, o, room, func(s *Store) {
				victims := []*member{c.leader(t, s, logStream)}
				if round%4 == 3 {
					victims = c
				}
				for _, m := range victims {
					m.kill(t)
				}
				if round > 0 {
					time.Sleep(time.Duration(round%4) * time.Second)
				}
				for _, m := range victims {
					m.start(t)
				}
			})
		}
	})
}

// chaos does harm to the cluster while three hubs use it, and checks that
// every follower on every hub had everything.
func (c cluster) chaos(t *testing.T, o Options, room string, harm func(*Store)) {
	var hubs []*Store
	var followers []*logtest.Following
	for range 3 {
		hubs = append(hubs, open(t, o))
	}
	at, err := hubs[0].Head(t.Context(), room)
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range hubs {
		followers = append(followers, logtest.Follow(t, h, room, at.Cursor))
	}
	var mu sync.Mutex
	var waits []time.Duration // for each acknowledgement
	var stored atomic.Int64
	var ended atomic.Bool
	acked := make([][]chat.Cursor, 6)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var senders sync.WaitGroup
	for i := range acked {
		senders.Go(func() {
			for n := 0; !ended.Load(); n++ {
				sent := time.Now()
				r, err := hubs[i%3].Append(ctx, logtest.Post(room, fmt.Sprint("sender ", i), n))
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				waits = append(waits, time.Since(sent))
				mu.Unlock()
				acked[i] = append(acked[i], r.Cursor)
				stored.Add(1)
			}
		})
	}
	more := func(n int64) {
		for target := stored.Load() + n; stored.Load() < target && ctx.Err() == nil; {
			time.Sleep(10 * time.Millisecond)
		}
	}
	more(300)
	harm(hubs[0])
	more(300)
	ended.Store(true)
	senders.Wait()
	for i, f := range followers {
		logtest.Eventually(t, func() error {
			if err := logtest.Exactly(f, acked); err != nil {
				return fmt.Errorf("%s, hub %d: %w", room, i, err)
			}
			return nil
		})
	}
	slices.Sort(waits)
	t.Logf("%s: %d acknowledged, after %v in the middle and %v at most", room, len(waits),
		waits[len(waits)/2].Round(10*time.Microsecond), waits[len(waits)-1].Round(time.Millisecond))
	for _, h := range hubs {
		h.Close()
	}
}
