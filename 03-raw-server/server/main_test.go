package server

import (
	"testing"

	"go.uber.org/goleak"
)

// No goroutine outlives its server.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
