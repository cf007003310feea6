package wsconn

import (
	"math/bits"
	"sync"

	"websocket.example/03-raw-server/frame"
)

// A buffer holds bytes on their way in or out. Connections take one when
// there is something to hold and give it back at once after: ten thousand
// idle connections share none.
type buffer struct {
	b    []byte // all of it
	r, w int    // what is unread: b[r:w]
}

func (b *buffer) unread() []byte { return b.b[b.r:b.w] }
func (b *buffer) free() []byte   { return b.b[b.w:] }

// endsWith says whether what was read last is this.
func (b *buffer) endsWith(bytes []byte) bool {
	at := b.w - len(bytes)
	return len(bytes) > 0 && at >= 0 && &b.b[at] == &bytes[0]
}

// makeRoom moves what is unread to the front.
func (b *buffer) makeRoom() {
	if b.r > 0 {
		b.w = copy(b.b, b.b[b.r:b.w])
		b.r = 0
	}
}

// Buffers come in sizes of 4 KiB, 8 KiB, ... 16 MiB; a larger one is made
// for its use and not kept.
const (
	smallest = 12 // 2^12 = 4 KiB
	largest  = 24 // 2^24 = 16 MiB
)

var pools [largest - smallest + 1]sync.Pool

// readSize is how much is read from a socket at once: one read brings 32
// messages of 1 KiB with room to spare, and one write answers them.
const readSize = 64 << 10

// mostRead is how long a message may be for the next one to be read at once.
const mostRead = 2<<20 - frame.MaxHeaderSize

// getBuffer returns an empty buffer with room for at least size bytes.
func getBuffer(size int) *buffer {
	class := max(bits.Len(uint(max(size, 1)-1)), smallest)
	if class > largest {
		return &buffer{b: make([]byte, size)}
	}
	if b, ok := pools[class-smallest].Get().(*buffer); ok {
		return b
	}
	return &buffer{b: make([]byte, 1<<class)}
}

// putBuffer gives a buffer back. Nobody may use it or its bytes after.
func putBuffer(b *buffer) {
	class := bits.Len(uint(len(b.b) - 1))
	if class < smallest || class > largest || len(b.b) != 1<<class {
		return
	}
	b.r, b.w = 0, 0
	pools[class-smallest].Put(b)
}
