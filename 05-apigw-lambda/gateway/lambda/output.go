package lambda

import (
	"os"
	"sync"
)

// An output is what a process prints, and what Lambda adds to it.
type output struct {
	of     *Environments
	number int
	in     *os.File // the process's end
	out    *os.File
	ended  chan struct{}
	look   func([]byte) int // reads without waiting

	mu   sync.Mutex
	id   string // of the invocation, or of the one before
	tail []byte // of this invocation
	over bool   // it has been answered
	late int    // bytes printed since
	buf  []byte
}

func newOutput(of *Environments, number int) (*output, error) {
	out, in, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	return &output{of: of, number: number, in: in, out: out, ended: make(chan struct{}), buf: make([]byte, 32<<10)}, nil
}

// started reads from now on.
func (o *output) started() {
	o.in.Close() // the process has its own
	o.look = lookInto(o.out)
	go func() {
		defer close(o.ended)
		o.follow()
	}()
}

// close reads what is left. Whoever holds the pipe beyond the process's end
// is not waited for.
func (o *output) close() {
	o.drain()
	o.out.Close()
	if o.look != nil {
		<-o.ended
	}
}

// drain takes what has been printed up to now. Where that cannot be known, the
// last lines of an invocation may be counted as the next one's.
func (o *output) drain() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.drainLocked()
}

func (o *output) drainLocked() {
	for range 32 { // 1 MiB: a process that never stops printing must not keep us here
		if o.look == nil {
			return
		}
		n := o.look(o.buf)
		if n <= 0 {
			return
		}
		if o.over {
			o.late += n
		}
		o.add(o.buf[:n])
	}
}

// begin is the start of an invocation. What was printed while the process
// started is part of its first one's log.
func (o *output) begin(id string, fresh bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !fresh {
		o.drainLocked()
		o.tail = o.tail[:0]
	}
	o.id, o.over, o.late = id, false, 0
	o.add([]byte(startLine(id)))
}

// finish is its end. It returns the last of its log.
func (o *output) finish(lines string) string {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.drainLocked()
	o.add([]byte(lines))
	o.over = true
	return string(o.tail)
}

// lambda adds a line of Lambda's.
func (o *output) lambda(line string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.drainLocked()
	o.add([]byte(line))
}

func (o *output) add(p []byte) {
	o.of.options.log(Entry{o.of.function.Name, o.number, o.id, p})
	if o.tail = append(o.tail, p...); len(o.tail) > tailLength {
		o.tail = append(o.tail[:0], o.tail[len(o.tail)-tailLength:]...)
	}
}

// lateBytes says how much was printed after the answer, once.
func (o *output) lateBytes() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.drainLocked()
	n := o.late
	o.late = 0
	return n
}
