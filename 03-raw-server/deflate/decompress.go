package deflate

import "sync"

// A Decompressor decompresses the messages that one side of one connection
// receives. With context takeover it keeps as much of them as the window has,
// at most 32 KiB: the owner calls Release at the end. All else that it needs
// is shared with others.
type Decompressor struct {
	size   int
	before *window // nil without takeover
}

var inflaters = sync.Pool{New: func() any { return new(inflater) }}

// NewDecompressor makes the decompressor for what this side receives; server
// says which side it is.
func NewDecompressor(p Params, server bool) *Decompressor {
	takeover, bits := p.sender(!server)
	d := &Decompressor{size: 1 << bits}
	if takeover {
		d.before = &window{size: d.size}
	}
	return d
}

// Append decompresses a message to the end of dst. It must get the messages
// in the order in which they were sent, and after an error, none.
//
// A message of more than limit bytes is ErrTooBig: however much it would
// become, no more memory is taken than for the limit and 300 bytes. Whatever
// else is wrong with a message is an *Error. The least is allocated when dst
// has room for the message and 300 bytes.
//
// RFC 7692, section 7.2.2.
func (d *Decompressor) Append(dst, compressed []byte, limit int) ([]byte, error) {
	z := inflaters.Get().(*inflater)
	defer inflaters.Put(z)
	z.size, z.before = d.size, d.before
	out, err := z.run(dst, compressed, limit)
	z.before = nil
	if err == nil && d.before != nil {
		d.before.add(out[len(dst):])
	}
	return out, err
}

// Release gives back what is kept. The decompressor may not be used again.
func (d *Decompressor) Release() { d.before = nil }
