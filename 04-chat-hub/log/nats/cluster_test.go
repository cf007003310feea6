package nats

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"websocket.example/04-chat-hub/log"
	"websocket.example/04-chat-hub/log/logtest"
)

// A member is a nats-server, of a cluster if it has routes, in a process of
// its own.
type member struct {
	Name        string
	Dir         string
	Port        int
	ClusterPort int
	Routes      []string

	owner *testing.T // it ends with this test, whoever starts it again
	cmd   *exec.Cmd
}

// serveMember is what that process does.
func serveMember() error {
	var m member
	if err := json.Unmarshal([]byte(os.Getenv(argumentKey)), &m); err != nil {
		return err
	}
	o := &server.Options{
		ServerName: m.Name, Host: "127.0.0.1", Port: m.Port,
		JetStream: true, StoreDir: m.Dir, SyncAlways: true, NoLog: true, NoSigs: true,
	}
	if len(m.Routes) > 0 {
		o.Cluster = server.ClusterOpts{Name: "chat", Host: "127.0.0.1", Port: m.ClusterPort}
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
		m := &member{Name: fmt.Sprint("n", i+1), Dir: t.TempDir(), Port: freePort(t), ClusterPort: freePort(t), owner: t}
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
	m.cmd, _ = start(m.owner, "server", string(argument))
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

// lead makes a member the leader of a stream.
func (m *member) lead(t *testing.T, s *Store, stream string) {
	t.Helper()
	logtest.Eventually(t, func() error {
		info, err := s.js.Stream(t.Context(), stream)
		if err != nil || info.CachedInfo().Cluster.Leader == m.Name {
			return err
		}
		stepDown := fmt.Sprintf(`{"placement": {"preferred": %q}}`, m.Name)
		if _, err := s.nc.Request("$JS.API.STREAM.LEADER.STEPDOWN."+stream, []byte(stepDown), try); err != nil {
			return err
		}
		return fmt.Errorf("%s does not lead %s", m.Name, stream)
	})
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

// TestCluster runs the suite on three servers, and then does them harm, once
// or for as long as the flag -chaos says.
func TestCluster(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("three servers and an election take some 15 s; run without -short")
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
	o.MaxPerRoom = 10_000_000
	end := time.Now().Add(*chaosFor)
	for round := 0; round == 0 || time.Now().Before(end); round++ {
		h := harms[round%len(harms)]
		if !t.Run(fmt.Sprintf("round %d, %s", round+1, h.name), func(t *testing.T) { chaos(t, c, o, h) }) {
			break
		}
	}
	if *chaosFor > 0 { // it takes an election that fails
		t.Run("without a leader", func(t *testing.T) { leaderless(t, c, o) })
	}
}

// leaderless is about what a server says of the history while there is no
// leader: what it has itself, which may be less than was acknowledged.
func leaderless(t *testing.T, c cluster, o Options) {
	s := open(t, o)
	for _, m := range c[1:] {
		m.kill(t)
	}
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		ctx, cancel := context.WithTimeout(t.Context(), try)
		info, err := s.js.Stream(ctx, logStream)
		cancel()
		if err == nil && info.CachedInfo().Cluster.Leader == "" {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("the only server has not said anything: %v", err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), try)
	defer cancel()
	if info, err := s.leaderInfo(ctx, s.epoch.Load()); err == nil {
		t.Errorf("it was taken for the leader: %+v", info.Cluster)
	}
}
