package handshake

import (
	"testing"

	"go.uber.org/goleak"
)

// No goroutine outlives its handshake.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
