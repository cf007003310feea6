package nats

import (
	"testing"
	"time"
)

// A leader is believed when it alone has said the same for long enough.
func TestDoubt(t *testing.T) {
	t.Parallel()
	const enough = 20 * time.Second
	var d doubt
	began := time.Now()
	for _, row := range []struct {
		after   time.Duration
		leader  string
		settled bool
	}{
		{0, "n1", false},
		{enough - 1, "n1", false},
		{enough, "n2", false}, // another one
		{2*enough - 1, "n2", false},
		{2 * enough, "n2", true},
		{2*enough + 1, "n1", false},
	} {
		if got := d.settled(row.leader, began.Add(row.after), enough); got != row.settled {
			t.Errorf("after %v, %s: %v", row.after, row.leader, got)
		}
	}
}
