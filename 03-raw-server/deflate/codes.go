package deflate

import "encoding/binary"

// coded decompresses a block of codes: for each, it looks up what the next
// bits mean.
//
// All that it needs at every symbol is in local variables, and what it asks at
// every symbol is asked once for several: there is room for three literals and
// a match, and 56 bits are enough for two literals of ten and a length.
func (z *inflater) coded(litLen, distance *decoder) error {
	b, next, waiting, n := z.b, z.next, z.waiting, z.n
	out, at := z.out, z.at
	for {
		if next > len(b)-8 {
			z.next = next
			if err := z.last(); err != nil {
				return err
			}
			b, next = z.b, z.next
		}
		if len(out)-at < room {
			z.at = at
			if err := z.grow(room); err != nil {
				return err
			}
			out = z.out
		}
		waiting |= binary.LittleEndian.Uint64(b[next:next+8]) << (n & 63)
		next += int(63-n) / 8
		n |= 56

		e := litLen.table[waiting%(1<<lookup)]
		if e&literal != 0 {
			waiting >>= e.len()
			n -= e.len()
			out[at] = byte(e.value())
			at++
			e = litLen.table[waiting%(1<<lookup)]
			if e&literal != 0 {
				waiting >>= e.len()
				n -= e.len()
				out[at] = byte(e.value())
				at++
				e = litLen.table[waiting%(1<<lookup)]
			}
		}
		if e == longer {
			e = litLen.slow(waiting)
		}
		length := e.value() + e.extra(waiting)
		waiting >>= e.len()
		n -= e.len()
		if e&literal != 0 {
			out[at] = byte(e.value())
			at++
			continue
		}
		if e&special != 0 {
			z.next, z.waiting, z.n, z.at = next, waiting, n, at
			if e.value() == ended.value() {
				return nil
			}
			return broken("7.2.2", "no code for a literal or a length")
		}

		if n < maxBits+13 {
			if next > len(b)-8 {
				z.next = next
				if err := z.last(); err != nil {
					return err
				}
				b, next = z.b, z.next
			}
			waiting |= binary.LittleEndian.Uint64(b[next:next+8]) << (n & 63)
			next += int(63-n) / 8
			n |= 56
		}
		e = distance.table[waiting%(1<<lookup)]
		if e == longer {
			e = distance.slow(waiting)
		}
		if e&special != 0 {
			return broken("7.2.2", "no code for a distance")
		}
		back := e.value() + e.extra(waiting)
		waiting >>= e.len()
		n -= e.len()

		if back > at-z.begin || back > z.size {
			k := z.old(out, at, back, length)
			if k == 0 {
				return broken("7.2.2", "a match with what is not in the window")
			}
			at += k
			length -= k
		}
		at = repeat(out, at, back, length)
	}
}

// old is repeat for the start of a match that lies before the message. It
// says how many bytes that were, 0 if there is no such match.
func (z *inflater) old(out []byte, at, back, length int) (n int) {
	if back > z.size {
		return 0
	}
	for gone := back - (at - z.begin); n < length && n < gone; {
		piece := z.before.back(gone - n)
		if len(piece) == 0 {
			return 0
		}
		k := min(length-n, len(piece))
		if k+15 <= len(piece) {
			for i := 0; i < k; i += 16 {
				*(*[16]byte)(out[at+n+i : at+n+i+16]) = *(*[16]byte)(piece[i : i+16])
			}
		} else {
			copy(out[at+n:], piece[:k])
		}
		n += k
	}
	return n
}

// repeat writes to out[at:] what is so far back, and says where that ends. The
// bytes behind it are written as well, up to 15: there is room.
func repeat(out []byte, at, back, length int) int {
	end := at + length
	if back < 16 { // it repeats what it writes
		for ; at < end; at++ {
			out[at] = out[at-back]
		}
		return end
	}
	for ; at < end; at += 16 {
		*(*[16]byte)(out[at : at+16]) = *(*[16]byte)(out[at-back : at-back+16])
	}
	return end
}
