package deflate

// A window is the end of what was decompressed before: a ring, once it is
// full.
type window struct {
	size int
	b    []byte
	next int // where in b the oldest byte is, and the next will be
}

// add puts bytes behind all others.
func (w *window) add(bytes []byte) {
	if len(bytes) >= w.size {
		bytes = bytes[len(bytes)-w.size:]
		w.b, w.next = w.b[:0], 0
	}
	if n := min(len(bytes), w.size-len(w.b)); n > 0 {
		if need := len(w.b) + n; need > cap(w.b) {
			w.b = append(make([]byte, 0, min(w.size, 2*need)), w.b...)
		}
		w.b = append(w.b, bytes[:n]...)
		bytes = bytes[n:]
	}
	for len(bytes) > 0 {
		n := copy(w.b[w.next:], bytes)
		bytes = bytes[n:]
		w.next = (w.next + n) % w.size
	}
}

// back is what began so many bytes ago, as far as it lies in one piece. It is
// empty if there is no such byte.
func (w *window) back(n int) []byte {
	if w == nil || n > len(w.b) {
		return nil
	}
	if i := w.next - n; i >= 0 {
		return w.b[i:w.next]
	} else {
		return w.b[i+len(w.b):]
	}
}
