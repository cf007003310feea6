package page

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"websocket.example/03-raw-server/frame"
	"websocket.example/03-raw-server/wsconn"
)

// What is remembered for pages that are opened late, or behind.
const (
	mostLines = 50_000
	mostBytes = 32 << 20
	batch     = 256 << 10 // bytes of one message to a page
)

// writeTimeout is how long a page may not read what it is told.
const writeTimeout = 10 * time.Second

// A feed is the last of what was seen. Each page reads it at its own pace, so
// the feed is all the memory that pages need, however slow they are.
type feed struct {
	mu    sync.Mutex
	lines [][]byte
	first int           // the number of lines[0]
	bytes int           // of all lines
	more  chan struct{} // closed when there is more
}

func (f *feed) init() { f.more = make(chan struct{}) }

// add remembers a line, and forgets old ones.
func (f *feed) add(line []byte) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.lines = append(f.lines, line)
	f.bytes += len(line)
	for len(f.lines) > mostLines || f.bytes > mostBytes && len(f.lines) > 1 {
		f.bytes -= len(f.lines[0])
		f.lines[0] = nil
		f.lines = f.lines[1:]
		f.first++
	}
	close(f.more)
	f.more = make(chan struct{})
}

// next returns the lines from a number on as one message, how many were
// forgotten before, and the number to go on with. Without lines it returns
// what to wait for.
func (f *feed) next(from int) (message []byte, missed, to int, wait <-chan struct{}) {
	f.mu.Lock()
	defer f.mu.Unlock()
	missed = max(0, f.first-from)
	from += missed
	to = from
	for ; to < f.first+len(f.lines) && len(message) < batch; to++ {
		message = append(append(message, ','), f.lines[to-f.first]...)
	}
	if to == from {
		return nil, missed, to, f.more
	}
	message[0] = '['
	return append(message, ']'), missed, to, nil
}

// gather is how long lines are gathered for one message: nobody sees faster,
// and a message for each line would keep a page busy with messages.
const gather = 40 * time.Millisecond

// tell writes to a page until the context ends. Each message is an array.
func (f *feed) tell(ctx context.Context, c *wsconn.Conn, target string) {
	write := func(message []byte) bool {
		ctx, cancel := context.WithTimeout(ctx, writeTimeout)
		defer cancel()
		return c.Write(ctx, frame.Text, message) == nil // if not, whoever reads the connection learns of it
	}
	hello, err := json.Marshal([]map[string]string{{"kind": "hello", "target": target}})
	if err != nil || !write(hello) {
		return
	}
	for at := 0; ; {
		message, missed, to, wait := f.next(at)
		at = to
		if missed > 0 && !write(fmt.Appendf(nil, `[{"kind":"missed","count":%d}]`, missed)) {
			return
		}
		if wait == nil {
			if !write(message) {
				return
			}
			continue
		}
		select {
		case <-wait:
			time.Sleep(gather)
		case <-ctx.Done():
			return
		}
	}
}
