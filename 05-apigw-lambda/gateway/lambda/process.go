package lambda

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"
	"time"

	"websocket.example/05-apigw-lambda/gateway/api"
)

// ErrClosed says that the function has been closed.
var ErrClosed = errors.New("lambda: the function is closed")

// Environments are the execution environments of one function: processes,
// each with one invocation at a time. There are as many as there have been
// invocations at once, until they are unused for a while.
type Environments struct {
	function *api.Function
	options  Options
	arn      string

	command []string
	task    string // its working directory
	private string // unzipped code, home folder; removed at Close

	mu       sync.Mutex
	closed   bool
	made     int
	all      map[*environment]bool
	idle     []*environment // the last one used last, so that the others grow old
	answered int            // those that have only to ask for the next event
	waiting  []*invocation  // for these, at most as many

	running sync.WaitGroup // processes, and what goes with them
}

// An invocation is one call, from its caller to an environment and back.
type invocation struct {
	id      string
	payload []byte
	done    chan outcome // has room for one
}

type outcome struct {
	Result
	err error
}

// Process returns a function that runs as its own process, through the Lambda
// Runtime API: a compiled bootstrap, or a Node.js handler. It is not started
// before it is invoked.
func Process(f *api.Function, o Options) (_ *Environments, err error) {
	e := &Environments{function: f, options: o.withDefaults(), arn: o.ARN(f), all: make(map[*environment]bool)}
	if e.private, err = os.MkdirTemp("", "lambda-"); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			os.RemoveAll(e.private)
		}
	}()
	switch {
	case isProvided(f.Runtime):
		if e.task, err = unpacked(f, e.private); err != nil {
			return nil, err
		}
		program, err := bootstrap(f, e.task)
		if err != nil {
			return nil, err
		}
		e.command = []string{program}
	case isNode(f.Runtime):
		if e.task, err = unpacked(f, e.private); err != nil {
			return nil, err
		}
		if e.command, err = nodeCommand(f, e.private); err != nil {
			return nil, err
		}
	default:
		return nil, fmt.Errorf("%s: the runtime %q does not run here: only provided.al2023, provided.al2 and nodejs do", f.ResourceID, f.Runtime)
	}
	return e, nil
}

// Invoke runs the function once, in an environment that is free, or in a new
// one.
func (e *Environments) Invoke(ctx context.Context, payload []byte) (Result, error) {
	if ctx.Err() != nil {
		return Result{}, context.Cause(ctx)
	}
	inv := &invocation{id: newRequestID(), payload: payload, done: make(chan outcome, 1)}
	waits, err := e.place(inv, true)
	if err != nil {
		return Result{}, err
	}
	if waits {
		settle := time.NewTimer(e.options.Settle)
		defer settle.Stop()
		select {
		case o := <-inv.done:
			return o.Result, o.err
		case <-ctx.Done():
			if e.withdraw(inv) {
				return Result{}, context.Cause(ctx)
			}
		case <-settle.C:
			if e.withdraw(inv) {
				if _, err := e.place(inv, false); err != nil {
					return Result{}, err
				}
			}
		}
	}
	select {
	case o := <-inv.done:
		return o.Result, o.err
	case <-ctx.Done():
		return Result{}, context.Cause(ctx) // the function runs on
	}
}

// place gives an invocation to an environment, or puts it in the queue for
// one that is just about to be free.
func (e *Environments) place(inv *invocation, mayWait bool) (waits bool, err error) {
	for {
		e.mu.Lock()
		switch n := len(e.idle); {
		case e.closed:
			err = ErrClosed
		case n > 0:
			free := e.idle[n-1]
			e.idle = e.idle[:n-1]
			e.mu.Unlock()
			if free.take(inv) {
				return false, nil
			}
			continue // it has just ended
		case mayWait && len(e.waiting) < e.answered:
			e.waiting = append(e.waiting, inv)
			waits = true
		case len(e.all) < e.options.concurrency(e.function):
			e.start(inv)
		default:
			err = ErrThrottled
		}
		e.mu.Unlock()
		return waits, err
	}
}

// withdraw takes an invocation out of the queue, unless it has left that.
func (e *Environments) withdraw(inv *invocation) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	i := slices.Index(e.waiting, inv)
	if i < 0 {
		return false
	}
	e.waiting = slices.Delete(e.waiting, i, i+1)
	return true
}

// start makes a new environment for an invocation. The lock is held.
func (e *Environments) start(inv *invocation) {
	e.made++
	env := &environment{of: e, number: e.made, invocation: inv}
	e.all[env] = true
	e.running.Go(env.run)
}

// hasAnswered says that an environment will soon be free.
func (e *Environments) hasAnswered() {
	e.mu.Lock()
	e.answered++
	e.mu.Unlock()
}

// release says that an environment which had answered is free. It gets what
// it has to do next, or nil.
func (e *Environments) release(env *environment) *invocation {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.answered--
	if len(e.waiting) > 0 {
		inv := e.waiting[0]
		e.waiting = slices.Delete(e.waiting, 0, 1)
		return inv
	}
	e.idle = append(e.idle, env)
	return nil
}

// retire takes an environment out of use if nobody is about to use it.
func (e *Environments) retire(env *environment) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	i := slices.Index(e.idle, env)
	if i < 0 {
		return false
	}
	e.idle = slices.Delete(e.idle, i, i+1)
	return true
}

// remove says that an environment is no more. Whoever waited for it gets
// another.
func (e *Environments) remove(env *environment, answered bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.all[env] {
		return
	}
	delete(e.all, env)
	if i := slices.Index(e.idle, env); i >= 0 {
		e.idle = slices.Delete(e.idle, i, i+1)
	}
	if answered {
		e.answered--
	}
	if !e.closed && len(e.waiting) > e.answered {
		inv := e.waiting[0]
		e.waiting = slices.Delete(e.waiting, 0, 1)
		e.start(inv)
	}
}

// Close ends all environments and waits for them. Invocations under way fail
// with ErrClosed.
func (e *Environments) Close() error {
	e.mu.Lock()
	e.closed = true
	var all []*environment
	for env := range e.all {
		all = append(all, env)
	}
	waiting := e.waiting
	e.waiting = nil
	e.mu.Unlock()
	for _, inv := range waiting {
		inv.done <- outcome{err: ErrClosed}
	}
	for _, env := range all {
		env.close()
	}
	e.running.Wait()
	return os.RemoveAll(e.private)
}
