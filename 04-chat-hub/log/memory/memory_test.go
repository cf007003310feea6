package memory_test

import (
	"testing"

	"go.uber.org/goleak"

	"websocket.example/04-chat-hub/log"
	"websocket.example/04-chat-hub/log/logtest"
	"websocket.example/04-chat-hub/log/memory"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestConformance(t *testing.T) {
	s := memory.NewServer()
	s.MaxPerRoom, s.Lease = logtest.MaxPerRoom, logtest.Lease
	logtest.Run(t, logtest.Chat{
		Open: func(*testing.T) log.Store { return s.Open() },
		Kill: func(t log.Store) { t.(*memory.Store).Die() },
	})
}
