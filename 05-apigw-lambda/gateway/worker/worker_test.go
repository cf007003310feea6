package worker

import (
	"runtime"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestWorkIsDoneAtOnceAndGoroutinesAreUsedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := NewPool()
		var done atomic.Int32
		work := func() {
			time.Sleep(time.Millisecond)
			done.Add(1)
		}
		before := runtime.NumGoroutine()
		for range 3 { // three at once need three goroutines, and the next three the same
			for range 3 {
				p.Go(work)
			}
			time.Sleep(2 * time.Millisecond)
			if n := runtime.NumGoroutine() - before; n != 3 {
				t.Errorf("%d goroutines, not 3", n)
			}
		}
		if n := done.Load(); n != 9 {
			t.Errorf("%d pieces of work were done, not 9", n)
		}
		time.Sleep(keep)
		synctest.Wait()
		if n := runtime.NumGoroutine() - before; n != 0 {
			t.Errorf("%d goroutines are left", n)
		}
	})
}
