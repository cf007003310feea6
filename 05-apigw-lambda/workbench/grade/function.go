package grade

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"time"

	"websocket.example/05-apigw-lambda/gateway/api"
	"websocket.example/05-apigw-lambda/gateway/lambda"
)

// environments is how many a function has. They take turns, so that no two
// events in a row meet the same one: on AWS nobody chooses, and what one has
// in a variable the other has not.
const environments = 2

// A call is one invocation of the function.
type call struct {
	route, connection string // of the event; route is "" if it is none of API Gateway's
	began             time.Time
	ended             bool
	result            lambda.Result
	err               error
}

// seen is a function that is watched.
type seen struct {
	stand *stand
	build func() (lambda.Function, error)

	// Guarded by the stand's lock.
	environments []lambda.Function
	only         lambda.Function // the one environment for all, or nil
	turn         int
}

// Invoke implements lambda.Function.
func (f *seen) Invoke(ctx context.Context, payload []byte) (lambda.Result, error) {
	c, run := f.begin(payload)
	result, err := lambda.Result{Payload: []byte(`{"statusCode":200}`)}, error(nil)
	if run != nil {
		result, err = run.Invoke(ctx, payload)
	}
	f.stand.mu.Lock()
	defer f.stand.mu.Unlock()
	c.result, c.err, c.ended = result, err, true
	return result, err
}

// begin notes the call, and chooses who runs it: nobody, if it is one that
// AWS would have lost.
func (f *seen) begin(payload []byte) (*call, lambda.Function) {
	var e struct {
		RequestContext struct{ RouteKey, ConnectionID string }
	}
	_ = json.Unmarshal(payload, &e) // what is no event has no route
	f.stand.mu.Lock()
	defer f.stand.mu.Unlock()
	c := &call{route: e.RequestContext.RouteKey, connection: e.RequestContext.ConnectionID, began: time.Now()}
	f.stand.calls = append(f.stand.calls, c)
	if c.route == api.Disconnect && f.stand.lost[c.connection] {
		return c, nil
	}
	if f.only != nil {
		return c, f.only
	}
	f.turn++
	return c, f.environments[f.turn%environments]
}

// start makes the environments.
func (f *seen) start() error {
	for range environments {
		run, err := f.build()
		if err != nil {
			return err
		}
		f.environments = append(f.environments, run)
	}
	return nil
}

// alone gives all calls to one new environment, until the function that it
// returns is called.
func (f *seen) alone() (end func(), err error) {
	run, err := f.build()
	if err != nil {
		return nil, err
	}
	set := func(only lambda.Function) {
		f.stand.mu.Lock()
		defer f.stand.mu.Unlock()
		f.only = only
	}
	set(run)
	return func() {
		set(nil)
		_ = closeFunction(run) // a process that does not end is killed
	}, nil
}

// Close implements io.Closer.
func (f *seen) Close() error {
	var errs []error
	for _, run := range f.environments {
		errs = append(errs, closeFunction(run))
	}
	return errors.Join(errs...)
}

func closeFunction(run lambda.Function) error {
	if c, is := run.(io.Closer); is {
		return c.Close()
	}
	return nil
}

// said is what the function returned, as API Gateway reads it.
type said struct {
	StatusCode   *json.Number
	Body         string
	ErrorMessage string
}

func (c call) said() (s said) {
	_ = json.Unmarshal(c.result.Payload, &s) // what is no object says nothing
	return s
}

// since is what the function was called for since then, and what it posted.
func (s *stand) since(at time.Time) (calls []call, posts []post) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.look()
	for _, c := range s.calls {
		if !c.began.Before(at) {
			calls = append(calls, *c)
		}
	}
	for _, p := range s.posts {
		if !p.at.Before(at) {
			posts = append(posts, p)
		}
	}
	return calls, posts
}

// count is how many calls have begun, and whether all of them are over.
func (s *stand) count() (begun int, idle bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.calls {
		if !c.ended {
			return len(s.calls), false
		}
	}
	return len(s.calls), true
}

// rest waits until so many calls have begun, and all are over. Of those that
// do not begin in a while the gateway had none to make: no route leads there.
func (s *stand) rest(ctx context.Context, begun int) {
	for start := time.Now(); ctx.Err() == nil; time.Sleep(2 * time.Millisecond) {
		if n, idle := s.count(); idle && (n >= begun || time.Since(start) > noCall) {
			return
		}
	}
}

// noCall is when a call that has not begun will not.
const noCall = 3 * time.Second
