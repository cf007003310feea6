//go:build unix

package nats

import (
	"math/rand/v2"
	"syscall"
	"testing"
	"time"
)

func init() { harms = append(harms, frozen) }

// A server that hangs and comes back is what a partition looks like to the
// others, and worse to itself: it still believes that it leads.
var frozen = harm{name: "the leader freezes and thaws", deaf: true, do: func(s *scene) {
	leader := s.cluster.leader(s.T, s.hubs[0], logStream)
	leader.signal(s.T, syscall.SIGSTOP)
	time.Sleep(time.Second + rand.N(15*time.Second))
	leader.signal(s.T, syscall.SIGCONT)
}}

func (m *member) signal(t *testing.T, s syscall.Signal) {
	t.Helper()
	if err := m.cmd.Process.Signal(s); err != nil {
		t.Fatal(err)
	}
}
