package lambda

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"websocket.example/05-apigw-lambda/gateway/api"
)

// A script is a function that does one thing after the other.
type script struct {
	outcomes []outcome
	at       []time.Duration // when it was invoked
	begin    time.Time
}

func (s *script) Invoke(context.Context, []byte) (Result, error) {
	s.at = append(s.at, time.Since(s.begin))
	next := s.outcomes[0]
	if len(s.outcomes) > 1 {
		s.outcomes = s.outcomes[1:]
	}
	return next.Result, next.err
}

func TestAsync(t *testing.T) {
	fine := outcome{}
	fails := outcome{Result: Result{Error: unhandled, Payload: []byte(`{"errorMessage":"no"}`)}}
	busy := outcome{err: ErrThrottled}
	min := time.Minute
	tests := []struct {
		name     string
		async    *Async
		outcomes []outcome
		at       []time.Duration
		lost     string
		attempts int
	}{
		{"fine", &Async{}, []outcome{fine}, []time.Duration{0}, "", 0},
		{"fails once", &Async{}, []outcome{fails, fine}, []time.Duration{0, min}, "", 0},
		{"fails always", &Async{}, []outcome{fails}, []time.Duration{0, min, 3 * min}, `the function failed: {"errorMessage":"no"}`, 3},
		{"no retries", &Async{Retries: []time.Duration{}}, []outcome{fails}, []time.Duration{0}, "the function failed", 1},
		{"own retries", &Async{Retries: []time.Duration{time.Second}}, []outcome{fails}, []time.Duration{0, time.Second}, "the function failed", 2},
		{"throttled", &Async{}, []outcome{busy, busy, busy, fine}, []time.Duration{0, 1 * time.Second, 3 * time.Second, 7 * time.Second}, "", 0},
		{"throttled for long", &Async{MaxAge: 10 * time.Second}, []outcome{busy}, []time.Duration{0, 1 * time.Second, 3 * time.Second, 7 * time.Second}, "lambda: Rate Exceeded", 0},
		{"throttled, then fails", &Async{}, []outcome{busy, fails, fails, busy, fails}, []time.Duration{0, time.Second, time.Second + min, time.Second + 3*min, 3*time.Second + 3*min}, "the function failed", 3},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var lost []LostEvent
				f := &script{outcomes: tt.outcomes, begin: time.Now()}
				tt.async.Lost = func(l LostEvent) { lost = append(lost, l) }
				if err := tt.async.Enqueue(Named{&api.Function{Name: "f"}, f}, []byte("event")); err != nil {
					t.Fatal(err)
				}
				time.Sleep(7 * time.Hour)
				tt.async.Close()
				if len(f.at) != len(tt.at) {
					t.Fatalf("invoked at %v, want %v", f.at, tt.at)
				}
				for i, at := range tt.at {
					if f.at[i] != at {
						t.Errorf("attempt %d at %v, want %v", i, f.at[i], at)
					}
				}
				if (len(lost) > 0) != (tt.lost != "") || len(lost) > 0 && (!strings.Contains(lost[0].Reason, tt.lost) || lost[0].Attempts != tt.attempts || string(lost[0].Payload) != "event") {
					t.Errorf("lost %+v, want %q", lost, tt.lost)
				}
			})
		})
	}
}

func TestAsyncLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := Async{Limit: 2, Lost: func(l LostEvent) { t.Errorf("lost %+v", l) }}
		f := Named{&api.Function{Name: "f"}, &script{outcomes: []outcome{{Result: Result{Error: unhandled}}}, begin: time.Now()}}
		for i := range 3 {
			if err := a.Enqueue(f, nil); (err != nil) != (i == 2) {
				t.Errorf("event %d: %v", i, err)
			}
			synctest.Wait()
		}
		a.Close() // does not wait for the retries
		if err := a.Enqueue(f, nil); err == nil {
			t.Error("a closed queue takes events")
		}
	})
}
