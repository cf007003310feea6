package wsconn

import (
	"testing"

	"go.uber.org/goleak"
)

// No goroutine outlives its connection. And no test depends on how quick the
// machine is: what ends in time ends long before this.
func TestMain(m *testing.M) {
	linger = patience
	goleak.VerifyTestMain(m)
}
