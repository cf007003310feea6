package nats

import (
	"errors"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"websocket.example/04-chat-hub/log/logtest"
)

// A server that answers and stores nothing, as one that is cut off from the
// rest of its cluster, is left for another one, by all hubs at once.
func TestElsewhere(t *testing.T) {
	t.Parallel()
	servers := map[string]*server.Server{}
	o := testOptions()
	const patience = 2 * time.Second
	o.patience = patience
	for range 2 {
		s, err := server.NewServer(&server.Options{
			Host: "127.0.0.1", Port: -1, JetStream: true, StoreDir: t.TempDir(), NoLog: true, NoSigs: true,
		})
		if err != nil {
			t.Fatal(err)
		}
		s.Start()
		t.Cleanup(func() { shutdown(s) })
		if !s.ReadyForConnections(10 * time.Second) {
			t.Fatal("a server does not start")
		}
		servers[s.ClientURL()] = s
		o.URL += s.ClientURL() + ","
	}
	o.URL = o.URL[:len(o.URL)-1]
	s := open(t, o)
	first := s.nc.ConnectedUrl()
	o.patience = time.Hour
	patient := open(t, o)
	for patient.nc.ConnectedUrl() != first {
		_ = patient.nc.ForceReconnect()
		time.Sleep(10 * time.Millisecond)
	}
	began := time.Now()
	if err := servers[first].DisableJetStream(); err != nil {
		t.Fatal(err)
	}
	logtest.Eventually(t, func() error {
		if now := s.nc.ConnectedUrl(); now == first || now == "" {
			return errors.New("it is still there")
		}
		return nil
	})
	if took := time.Since(began); took < patience-o.Lease {
		t.Errorf("after %v already", took)
	}
	logtest.Eventually(t, func() error {
		if now := patient.nc.ConnectedUrl(); now == first || now == "" {
			return errors.New("the other hub has not come along")
		}
		return nil
	})
	logtest.Append(t, s, "elsewhere", "Ana", 1) // it works there
}
