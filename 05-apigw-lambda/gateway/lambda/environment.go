package lambda

import (
	"fmt"
	"net"
	"strconv"
	"sync"
	"time"
)

// An environment is where one function handles one invocation at a time. Its
// life:
//
//	starting --next--> idle --event--> busy --response or error--> answered --next--> idle
//
// and from anywhere to ended. What moves it are the process, through the
// Runtime API; the pool, which gives it invocations; and clocks.
type environment struct {
	of     *Environments
	number int
	child  *child // its process

	mu         sync.Mutex
	state      state
	invocation *invocation
	asking     net.Conn    // where the process has asked for the next event
	clock      *time.Timer // of the state it is in
	began      time.Time   // when the process, or the invocation, began
	restarted  bool        // the first start failed
	fresh      bool        // nothing has been invoked yet
	init       time.Duration
	initError  []byte // what the process said of a start that failed
	extension  bool   // someone wants a SIGTERM before the end
	frozen     bool
	rests      int // how often it has come to rest: a clock of an earlier one is out of date
	late       after
	warnings   []string // for the next Result
	api        runtimeAPI
}

type state int

const (
	starting state = iota
	idle
	busy
	answered
	ended
)

// The Runtime API's names for them, as they stand in its errors.
func (s state) String() string {
	return [...]string{"RuntimeStarted", "RuntimeReady", "RuntimeRunning", "RuntimeResponseSent", "RuntimeExited"}[s]
}

// run starts the process and waits for its end. A start that fails is tried
// once more, as part of the invocation, as AWS does.
func (e *environment) run() {
	defer stayOnThread()()
	if err := e.api.listen(e); err != nil {
		e.end(outcome{err: fmt.Errorf("lambda: %w", err)})
		return
	}
	defer e.api.close()
	for {
		c, err := e.launch()
		if err != nil {
			e.end(outcome{err: fmt.Errorf("lambda: %s cannot be started: %w", e.of.function.ResourceID, err)})
			return
		}
		why := c.wait()
		if !e.exited(why) {
			return
		}
	}
}

// launch starts a process.
func (e *environment) launch() (*child, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.state == ended {
		return nil, ErrClosed
	}
	now := time.Now()
	c, err := startChild(e, now)
	if err != nil {
		return nil, err
	}
	e.child, e.began, e.fresh = c, now, true
	limit := e.of.options.Init
	if e.restarted {
		limit = timeout(e.of.function)
	}
	e.clock = time.AfterFunc(limit, func() { e.initTimeout(c) })
	return c, nil
}

// initTimeout ends a start that takes too long.
func (e *environment) initTimeout(c *child) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.state != starting || e.child != c {
		return
	}
	c.initTimedOut = true
	c.kill()
}

// exited is told that the process has ended. It says whether to start it
// again.
func (e *environment) exited(why string) (again bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.clock.Stop()
	c := e.child
	switch e.state {
	case starting:
		took := time.Since(e.began)
		phase, status, kind := "init", "error", "\tError Type: Runtime.ExitError"
		if e.restarted {
			phase = "invoke"
		}
		if c.initTimedOut {
			status, kind = "timeout", ""
		}
		c.output.lambda(fmt.Sprintf("INIT_REPORT Init Duration: %.2f ms\tPhase: %s\tStatus: %s%s\n",
			float64(took)/float64(time.Millisecond), phase, status, kind))
		if !e.restarted {
			e.restarted = true
			return true
		}
		c.output.begin(e.invocation.id, true)
		if c.initTimedOut {
			e.timedOut()
		} else {
			payload := e.initError
			if payload == nil {
				payload = exitFailure(e.invocation.id, why).payload()
			}
			e.answer(payload, unhandled, "error", took)
		}
	case busy:
		c.output.lambda("RequestId: " + e.invocation.id + " Error: " + why + "\nRuntime.ExitError\n")
		e.answer(exitFailure(e.invocation.id, why).payload(), unhandled, "error\tError Type: Runtime.ExitError", time.Since(e.began))
	case answered: // a panic, which lambda-go tells first
		c.output.lambda("RequestId: " + e.late.id + " Error: " + why + "\nRuntime.ExitError\n")
	case idle:
		e.warn("", "the process ended between two invocations: "+why)
	}
	e.endLocked(outcome{err: ErrClosed})
	return false
}

// take is given an invocation while idle. It refuses if the process has ended
// meanwhile.
func (e *environment) take(inv *invocation) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.state != idle {
		return false
	}
	e.clock.Stop()
	e.thaw()
	e.invocation = inv
	return e.deliver() || e.lost()
}

// lost says that an event could not be given to an idle process: it is ending.
func (e *environment) lost() bool {
	e.invocation = nil
	e.child.kill()
	return false
}

// deliver answers the request for the next event with the invocation. It is
// false if nobody is there to read it.
func (e *environment) deliver() bool {
	conn := e.asking
	e.asking = nil
	if conn == nil { // it has hung up
		return false
	}
	inv := e.invocation
	now := time.Now()
	limit := timeout(e.of.function)
	if !e.fresh {
		e.tellLate()
	}
	e.child.output.begin(inv.id, e.fresh)
	e.state, e.began = busy, now
	e.clock = time.AfterFunc(limit, func() { e.overdue(inv) })
	_ = conn.SetWriteDeadline(now.Add(limit)) // it fails only if the write does
	if err := writeEvent(conn, inv, e.of.arn, now.Add(limit)); err != nil {
		e.clock.Stop()
		e.state = idle
		return false
	}
	return true
}

// next is told that the process asks for an event.
func (e *environment) next(conn net.Conn) *apiError {
	e.mu.Lock()
	defer e.mu.Unlock()
	switch e.state {
	case starting:
		e.clock.Stop()
		e.init = time.Since(e.began)
	case answered:
		if took := time.Since(e.late.answer); took > slowNext {
			e.warn(e.late.id, tookLong(took))
		}
		if e.invocation = e.of.release(e); e.invocation == nil {
			e.state, e.asking = idle, conn
			e.rest()
			return nil
		}
	case idle: // it has lost the connection where it asked before
		e.asking = conn
		return nil
	case ended: // it has been told so, and need not be told in another way
		return nil
	default:
		return wrongState(e.state, idle)
	}
	e.asking = conn
	if !e.deliver() {
		inv := e.invocation
		e.lost()
		inv.done <- outcome{err: fmt.Errorf("lambda: the process of %s went away when it was given the event", e.of.function.ResourceID)}
	}
	return nil
}

// gone is told that a connection of the process has ended.
func (e *environment) gone(conn net.Conn) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.asking == conn {
		e.asking = nil
	}
}

// respond is told what an invocation returned, or how it failed.
func (e *environment) respond(id string, payload []byte, failed string) *apiError {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.invocation == nil || e.invocation.id != id {
		return &apiError{400, "InvalidRequestID", "Invalid request ID"}
	}
	if e.state != busy {
		return wrongState(e.state, answered)
	}
	e.answer(payload, failed, "", time.Since(e.began))
	return nil
}

// answer returns a Result to the caller. The process goes on until it asks for
// the next event.
func (e *environment) answer(payload []byte, failed, status string, took time.Duration) {
	e.clock.Stop()
	now := time.Now()
	inv := e.invocation
	r := Result{
		RequestID: inv.id, Payload: payload, Error: failed,
		Environment: e.number, Cold: e.fresh, Duration: took,
		MaxMemory: e.child.maxMemory(now), Warnings: e.warnings,
	}
	if r.Cold {
		r.Init = e.init
	}
	e.fresh, e.warnings = false, nil
	r.Log = e.child.output.finish(endLines(&r, memory(e.of.function), status))
	e.late = after{id: inv.id, answer: now}
	e.state = answered
	e.of.hasAnswered()
	inv.done <- outcome{Result: r}
}

// overdue ends an invocation that takes too long, and the process with it.
func (e *environment) overdue(inv *invocation) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.state == busy && e.invocation == inv {
		e.timedOut()
		e.endLocked(outcome{})
	}
}

func (e *environment) timedOut() {
	limit := timeout(e.of.function)
	now := time.Now()
	e.child.output.lambda(timeoutLine(e.invocation.id, limit, now) + "\n\n")
	e.answer(e.of.options.timeoutFailure(e.invocation.id, limit, now).payload(), unhandled, "timeout", limit)
}

func (e *environment) close() {
	e.end(outcome{err: ErrClosed})
}

func (e *environment) end(o outcome) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.endLocked(o)
}

// endLocked ends the environment, and the invocation that has no result yet.
func (e *environment) endLocked(o outcome) {
	if e.state == ended {
		return
	}
	was := e.state
	e.state = ended
	if e.clock != nil {
		e.clock.Stop()
	}
	if (was == starting || was == busy) && e.invocation != nil {
		e.invocation.done <- o
	}
	if e.child != nil {
		e.child.stop(e.extension, e.frozen)
	}
	e.of.remove(e, was == answered)
}

// warn tells of something, at once and with the environment's next Result.
func (e *environment) warn(id, text string) {
	e.warnings = append(e.warnings, text)
	e.of.options.warn(Warning{e.of.function.Name, e.number, id, text})
}

func writeEvent(conn net.Conn, inv *invocation, arn string, deadline time.Time) error {
	b := make([]byte, 0, 512+len(inv.payload))
	b = append(b, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nLambda-Runtime-Aws-Request-Id: "...)
	b = append(b, inv.id...)
	b = append(b, "\r\nLambda-Runtime-Deadline-Ms: "...)
	b = strconv.AppendInt(b, deadline.UnixMilli(), 10)
	b = append(b, "\r\nLambda-Runtime-Invoked-Function-Arn: "...)
	b = append(b, arn...)
	b = append(b, "\r\nLambda-Runtime-Trace-Id: "...)
	b = append(b, newTraceID(deadline)...)
	b = append(b, "\r\nContent-Length: "...)
	b = strconv.AppendInt(b, int64(len(inv.payload)), 10)
	b = append(b, "\r\n\r\n"...)
	b = append(b, inv.payload...)
	_, err := conn.Write(b)
	return err
}
