package deflate

// In front of a dynamic block stand the lengths of its codes: those of
// literals and lengths, and those of distances, as one list in which runs are
// shortened.
//
// RFC 1951, section 3.2.7.
type header struct {
	litLens   int     // so many lengths are for literals and lengths
	distances int     // so many for distances
	list      []token // the list
	code      huffman // and what it is written with
	written   int     // how many lengths of that code are written
}

// describe makes the header, and says how many bits it has.
func (h *header) describe(litLen, distance []uint8) int {
	litLen, distance = withoutZeros(litLen, firstLength), withoutZeros(distance, 1)
	h.litLens, h.distances = len(litLen), len(distance)
	var both [litLens + distances]uint8
	list := append(append(both[:0], litLen...), distance...)

	h.list = h.list[:0]
	clear(h.code.count[:len(lengthsOrder)])
	for len(list) > 0 {
		length, run := list[0], 1
		for run < len(list) && list[run] == length {
			run++
		}
		list = list[run:]
		if length != 0 {
			h.add(int(length), 0)
			run--
		}
		for run >= 3 {
			switch {
			case length != 0:
				run -= h.repeat(repeatLast, run, 3, 6)
			case run <= 10:
				run -= h.repeat(repeatZero, run, 3, 10)
			default:
				run -= h.repeat(repeatZeroes, run, 11, 138)
			}
		}
		for range run {
			h.add(int(length), 0)
		}
	}
	h.code.build(len(lengthsOrder), 7)

	h.written = len(lengthsOrder)
	for h.written > 4 && h.code.lengths[lengthsOrder[h.written-1]] == 0 {
		h.written--
	}
	size := 5 + 5 + 4 + 3*h.written
	size += cost(h.code.count[:len(lengthsOrder)], h.code.lengths[:])
	return size + cost(h.code.count[:len(repeatBits)], repeatBits[:])
}

// repeat adds a symbol for as much of a run as it can stand for.
func (h *header) repeat(symbol, run, least, most int) int {
	n := min(run, most)
	h.add(symbol, n-least)
	return n
}

func (h *header) add(symbol, extra int) {
	h.list = append(h.list, token(symbol)|token(extra)<<16)
	h.code.count[symbol]++
}

// write writes what describe has made.
func (h *header) write(w *bitWriter) {
	w.write(uint64(h.litLens-firstLength), 5) // HLIT
	w.write(uint64(h.distances-1), 5)         // HDIST
	w.write(uint64(h.written-4), 4)           // HCLEN
	for _, symbol := range lengthsOrder[:h.written] {
		w.write(uint64(h.code.lengths[symbol]), 3)
	}
	for _, t := range h.list {
		c := h.code.codes[t.symbol()]
		w.write(c.bits()|t.extra()<<c.len(), c.len()+uint(repeatBits[t.symbol()]))
	}
}

// withoutZeros leaves out the zeros at the end, but keeps the least number.
func withoutZeros(lengths []uint8, least int) []uint8 {
	for len(lengths) > least && lengths[len(lengths)-1] == 0 {
		lengths = lengths[:len(lengths)-1]
	}
	return lengths
}
