package deflate

import (
	"fmt"
	"sync"
)

// tail is what a message would end with if its stream was flushed: an empty
// stored block without its first bits. As every message does, none has to.
//
// RFC 7692, section 7.2.1.
var tail = [4]byte{0x00, 0x00, 0xff, 0xff}

// A Compressor compresses the messages that one side of one connection sends.
// With context takeover it keeps memory from the first message on, up to 80
// KiB: the owner calls Release at the end. Without, all it needs is shared
// with others.
type Compressor struct {
	takeover bool
	window   int
	level    int
	own      *finder // with takeover
}

var (
	finders = sync.Pool{New: func() any { return new(finder) }}
	writers = sync.Pool{New: func() any { return newWriter() }}
)

// NewCompressor makes the compressor for what this side sends; server says
// which side it is. Levels are those of Options.
func NewCompressor(p Params, server bool, level int) *Compressor {
	takeover, bits := p.sender(server)
	return &Compressor{takeover: takeover, window: 1 << bits, level: level}
}

// Append compresses a message to the end of dst. The other side must get its
// messages in the same order. There is an error only if there is no such level.
//
// RFC 7692, section 7.2.1.
func (c *Compressor) Append(dst, message []byte) ([]byte, error) {
	if c.level < 0 || c.level > maxLevel {
		return dst, fmt.Errorf("deflate: the level %d is not one of 1 to %d", c.level, maxLevel)
	}
	f := c.own
	if f == nil {
		f = finders.Get().(*finder)
		f.reset(c.window)
	}
	if c.takeover {
		c.own = f
	} else { // RFC 7692, sections 7.1.1.1 and 7.1.1.2: each message begins with an empty window
		defer finders.Put(f)
	}
	w := writers.Get().(*writer)
	defer writers.Put(w)

	w.b = dst
	for len(message) > 0 {
		part := message[:min(blockSize, len(message))]
		message = message[len(part):]
		tokens := w.tokens
		if c.level > 1 {
			tokens = f.findBest(tokens, part, c.level)
		} else {
			tokens = f.find(tokens, part)
		}
		w.block(part, tokens)
	}
	// RFC 7692, section 7.2.1: the data ends with an empty stored block, whose last 4 bytes are removed.
	w.write(storedBlock<<1, 3)
	w.align()
	dst, w.b = w.b, nil
	return dst, nil
}

// Release gives back what is kept. The compressor may not be used again.
func (c *Compressor) Release() {
	if c.own != nil {
		finders.Put(c.own)
		c.own = nil
	}
}
