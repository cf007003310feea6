package hub

import "sync/atomic"

// A feed is the frames that a room's members are sent, one behind the other,
// as they go onto the wire. One goroutine at a time adds to it; any number
// read, without locks and each at its own pace.
//
// It is a linked list of segments. What no reader needs any more is garbage
// by itself: the feed holds only its last segment.
type feed struct {
	last *segment
	end  atomic.Uint64 // the bytes that were ever added
}

type segment struct {
	start   uint64        // where in the feed it begins
	data    []byte        // of fixed length; what is written is never changed
	written atomic.Uint64 // how much of it
	next    atomic.Pointer[segment]
}

// A room that is quiet needs little. A busy one gets segments that are worth
// a write of their own.
const (
	smallSegment = 1 << 10
	largeSegment = 64 << 10
)

// add puts one frame at the end.
func (f *feed) add(frame []byte) {
	f.room(len(frame))
	s := f.last
	n := s.written.Load()
	copy(s.data[n:], frame)
	// Whoever sees the new length sees the bytes before it.
	s.written.Store(n + uint64(len(frame)))
	f.end.Store(s.start + n + uint64(len(frame)))
}

// snippet: unread

// unread is what follows a place, as far as its segment goes.
func (p *place) unread() []byte {
	for {
		next := p.seg.next.Load() // then this one is full
		if n := p.seg.written.Load(); n > p.at {
			return p.seg.data[p.at:n]
		}
		if next == nil {
			return nil
		}
		p.seg, p.at = next, 0
	}
}

// end snippet: unread

// room makes the last segment one that has room for n bytes.
func (f *feed) room(n int) {
	if f.last != nil && f.last.written.Load()+uint64(n) <= uint64(len(f.last.data)) {
		return
	}
	size := smallSegment
	if f.last != nil {
		size = min(2*len(f.last.data), largeSegment)
	}
	s := &segment{start: f.end.Load(), data: make([]byte, max(size, n))}
	if f.last != nil {
		f.last.next.Store(s)
	}
	f.last = s
}

// A place is how far somebody has read a feed.
type place struct {
	seg *segment
	at  uint64 // in the segment
}

// here is the place behind all that was added.
func (f *feed) here() place {
	f.room(0)
	return place{f.last, f.last.written.Load()}
}

// offset is where in the feed the place is.
func (p *place) offset() uint64 { return p.seg.start + p.at }
