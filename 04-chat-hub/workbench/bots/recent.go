package bots

import (
	"bytes"
	"encoding/json"
	"sync"
)

// recent are a room's last messages, parsed. All members get the same bytes,
// one shortly after the other, and parsing JSON for each would cost more than
// the hub does.
type recent struct {
	mu     sync.Mutex
	next   int
	frames [32][]byte
	events [32]*event
}

func (r *recent) parse(message []byte) (*event, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range r.frames { // the newest first
		at := (r.next - 1 - i + len(r.frames)) % len(r.frames)
		if r.events[at] != nil && bytes.Equal(r.frames[at], message) {
			return r.events[at], nil
		}
	}
	e := new(event)
	if err := json.Unmarshal(message, e); err != nil {
		return nil, err
	}
	if bytes.HasPrefix(message, said) {
		r.frames[r.next] = append(r.frames[r.next][:0], message...)
		r.events[r.next] = e
		r.next = (r.next + 1) % len(r.frames)
	}
	return e, nil
}

// What most frames of this hub begin with. Of another one, each is parsed.
var (
	said     = []byte(`{"type":"message"`)
	presence = []byte(`{"type":"presence"`)
)
