package lambda

import (
	"fmt"
	"time"
)

// What is left undone when a function has answered is seen by what the process
// does, not by what it is: a goroutine that only waits looks like any other.
//
//   - It prints after the answer.
//   - It takes its time before it asks for the next event.
//   - Frozen, it has threads that were running just then. Idle ones all wait in
//     the kernel. As the runtime's own are busy for an instant after asking for
//     the next event, such a process is let go on for a millisecond, and counts
//     as busy if it takes half of that.
//   - Frozen, it has connections on which something has come in: somebody had
//     asked and not awaited the answer.
//   - Not frozen, it uses processor time.
//
// The last three are Linux's /proc. All are looked at once, lookAfter the next
// event has been asked for; with invocations closer together nobody looks.
const (
	lookAfter = 20 * time.Millisecond
	slowNext  = 250 * time.Millisecond // from the answer to the request for the next event; a busy machine needs some of it
	probe     = time.Millisecond
	busyShare = probe / 2
	busyIdle  = lookAfter / 4 // processor time of an idle process that is not frozen
)

// after is what happened after an answer.
type after struct {
	id     string // of the invocation
	answer time.Time
	used   time.Duration // processor time when it was idle, if it is not frozen
}

func printedLate(bytes int) string {
	return fmt.Sprintf("%d bytes were printed after the answer: something was still running, and on AWS is frozen there", bytes)
}

func tookLong(d time.Duration) string {
	return fmt.Sprintf("it went on for %v after the answer: that time is billed, and the environment takes no event meanwhile", d.Round(time.Millisecond))
}

// undone tells what an idle process had not done when it answered.
func (e *environment) undone() string {
	c := e.child
	if !e.frozen {
		if used := c.processorTime() - e.late.used; used > busyIdle {
			return fmt.Sprintf("it used %v of processor time in the %v after the invocation: AWS freezes it there", used.Round(time.Millisecond), lookAfter)
		}
		return ""
	}
	if n := c.unreadNow(e.api.address()); n > 0 {
		return fmt.Sprintf("answers came in on %d connections after the invocation: wait for what you ask for before you return, a frozen function does not read it", n)
	}
	if c.running() && c.usesProbe() {
		return "goroutines or threads were still running after the answer: AWS freezes them until the next invocation, or for ever"
	}
	return ""
}

// unreadEvery is how often connections are looked at: it takes milliseconds
// where a system has many, and what a function forgets it forgets again.
const unreadEvery = time.Second

func (c *child) unreadNow(api string) int {
	if now := time.Now(); now.Sub(c.unreadTime) >= unreadEvery {
		c.unreadTime = now
		return c.unread(api)
	}
	return 0
}

// usesProbe lets the frozen process go on for a moment, and says whether it
// had anything to do.
func (c *child) usesProbe() bool {
	before := c.processorTime()
	c.thaw()
	time.Sleep(probe)
	c.freeze()
	return c.processorTime()-before > busyShare
}
