package lambda

import "time"

// rest is what happens between invocations: the process is frozen, somebody
// looks what was left undone, and after a while the environment ends.
func (e *environment) rest() {
	if e.freeze(); !e.frozen {
		e.late.used = e.child.processorTime()
	}
	e.rests++
	at := e.rests
	e.clock = time.AfterFunc(lookAfter, func() { e.look(at) })
}

// look is a little later, when nobody is in a hurry.
func (e *environment) look(at int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.state != idle || e.rests != at {
		return
	}
	e.tellLate()
	if text := e.undone(); text != "" {
		e.warn(e.late.id, text)
	}
	e.clock = time.AfterFunc(e.of.options.Idle, func() { e.expire(at) })
}

// tellLate warns of what was printed after the answer.
func (e *environment) tellLate() {
	if n := e.child.output.lateBytes(); n > 0 {
		e.warn(e.late.id, printedLate(n))
	}
}

// freeze stops the process, and thaw lets it go on.
func (e *environment) freeze() {
	if !e.of.options.KeepRunning && canFreeze {
		e.frozen = true
		e.child.freeze()
	}
}

func (e *environment) thaw() {
	if e.frozen {
		e.frozen = false
		e.child.thaw()
	}
}

// expire ends an environment that nobody has used for a while.
func (e *environment) expire(at int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.state == idle && e.rests == at && e.of.retire(e) {
		e.endLocked(outcome{})
	}
}
