package omission

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

var config = Config{Duration: 10 * time.Second, Rate: 100, Every: 5 * time.Second, Stall: time.Second}

// In virtual time the two loops can be predicted to the request: the server
// stalls twice, for a second each, in ten seconds at 100 requests a second.
func TestTheLoopsDiffer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		ask := func() error { // as the server answers
			phase := (time.Since(start) + config.Every/2) % config.Every
			if phase < config.Stall && time.Since(start) > config.Every/2 {
				time.Sleep(config.Stall - phase)
			}
			return nil
		}
		ctx, cancel := context.WithDeadline(t.Context(), start.Add(config.Duration))
		defer cancel()
		done := make(chan struct{})
		go func() {
			defer close(done)
			plain, corrected := closedLoop(ctx, config, start, ask)
			// 1000 less those that two stalls swallowed; one slow answer for each.
			if n, over := plain.TotalCount(), slowCount(plain); n < 795 || n > 810 || over != 2 {
				t.Errorf("closed loop: %d requests, %d of them slow", n, over)
			}
			if n := corrected.TotalCount(); n < 990 || n > 1010 {
				t.Errorf("corrected: %d requests", n)
			}
		}()
		open := openLoop(ctx, config, start, ask)
		<-done
		if n, over := open.TotalCount(), slowCount(open); n < 999 || n > 1001 || over < 195 || over > 200 {
			t.Errorf("open loop: %d requests, %d of them slow", n, over)
		}
		if longest := open.Max(); longest < 980_000 || longest > 1_001_000 {
			t.Errorf("open loop: the longest took %d µs", longest)
		}
	})
}

// Over real HTTP: the same picture, with no figure that a busy machine could spoil.
func TestMeasure(t *testing.T) {
	c := Config{Duration: 1500 * time.Millisecond, Rate: 100, Every: time.Second, Stall: 500 * time.Millisecond}
	r, err := Measure(t.Context(), c, nil)
	if err != nil {
		t.Fatal(err)
	}
	if r.Closed.TotalCount() >= r.Open.TotalCount() {
		t.Errorf("the closed loop made %d requests, the open loop %d", r.Closed.TotalCount(), r.Open.TotalCount())
	}
	var text strings.Builder
	Text(&text, c, r)
	for _, want := range []string{"closed loop, corrected", "stalls for 500ms every 1s", fmt.Sprint(r.Open.TotalCount())} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("the text lacks %q:\n%s", want, text.String())
		}
	}
}
