package deflate

import "encoding/binary"

// A bitWriter appends bits, the first of them lowest.
//
// RFC 1951, section 3.1.1.
type bitWriter struct {
	b       []byte
	waiting uint64 // for a byte to be whole
	n       uint   // how many bits wait
}

func (w *bitWriter) write(v uint64, n uint) {
	w.waiting |= v << w.n
	for w.n += n; w.n >= 8; w.n -= 8 {
		w.b = append(w.b, byte(w.waiting))
		w.waiting >>= 8
	}
}

// align fills up the byte that has begun with zeros.
func (w *bitWriter) align() {
	w.write(0, -w.n&7)
}

// A bitReader reads the bits of a message and of the tail, the first of them
// lowest.
//
// RFC 1951, section 3.1.1.
type bitReader struct {
	b       []byte
	next    int    // the next byte of b
	waiting uint64 // bits that were read already
	n       uint   // how many they are; what is above them will come again

	end  [8 + 7 + len(tail) + 16]byte // the last bytes, the tail, and zeros
	over int                          // where in end the zeros begin, 0 as long as b is not end
}

// refill reads so much that at least 56 bits wait. Eight bytes are loaded at
// once, and as many of them counted as fit.
func (r *bitReader) refill() error {
	if r.next > len(r.b)-8 {
		if err := r.last(); err != nil {
			return err
		}
	}
	r.waiting |= binary.LittleEndian.Uint64(r.b[r.next:]) << r.n
	r.next += int(63-r.n) / 8
	r.n |= 56
	return nil
}

var errTruncated = broken("7.2.2", "the message ends in the middle of a block")

// last goes over to a copy of the last bytes, behind which the tail is, and so
// many zeros that nobody has to ask at every bit whether it exists. It keeps
// what was read already, because a stored block goes back.
func (r *bitReader) last() error {
	if r.over > 0 {
		return errTruncated
	}
	from := max(0, r.next-8)
	n := copy(r.end[:], r.b[from:])
	r.over = n + copy(r.end[n:], tail[:])
	r.b, r.next = r.end[:], r.next-from
	return nil
}

func (r *bitReader) skip(n uint) {
	r.waiting >>= n & 63
	r.n -= n
}

// left is how many bits follow, less than none if more were read than follow.
func (r *bitReader) left() int {
	if r.over > 0 {
		return 8*(r.over-r.next) + int(r.n)
	}
	return 8*(len(r.b)-r.next+len(tail)) + int(r.n)
}

// bytes takes at most n bytes, when no part of a byte waits. There are less if
// they don't lie in one piece, and none if there are no more.
func (r *bitReader) bytes(n int) []byte {
	r.next -= int(r.n / 8)
	r.waiting, r.n = 0, 0
	if r.next == len(r.b) && r.over == 0 {
		_ = r.last() // the first time, there is no error
	}
	b := r.b[r.next:]
	if r.over > 0 {
		b = r.b[min(r.next, r.over):r.over]
	}
	b = b[:min(n, len(b))]
	r.next += len(b)
	return b
}
