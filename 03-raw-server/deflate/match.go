package deflate

import (
	"encoding/binary"
	"math/bits"
)

// A finder finds bytes that were there before. It has the last window of what
// it was given, and for each hash of some bytes the last place where they
// were. All places are below 64 KiB, and a place that was never set is the
// first one: a guess like any other, because what is there is compared anyway.
type finder struct {
	window int
	b      []byte
	last   [1 << hashBits]uint16
	before []uint16 // for each place, the one before it with the same hash: for best only
}

const (
	hashBits = 13 // 16 KiB: they stay in the processor's first cache
	hashed   = 5  // so many bytes make a hash: shorter matches save too little
	ahead    = 8  // so many are loaded to make it

	blockSize = 32 << 10 // so much is searched at once, and becomes a block
)

func hash(v uint64) uint64 {
	return v << (64 - 8*hashed) * 0x9e3779b97f4a7c15 >> (64 - hashBits)
}

// reset forgets everything.
func (f *finder) reset(window int) {
	f.window = window
	f.b = f.b[:0]
	clear(f.last[:])
}

// add takes the next bytes, at most a block of them, and says where they are.
// If they have no room, all but the window is dropped.
func (f *finder) add(bytes []byte) (start int) {
	if most := f.window + blockSize; len(f.b)+len(bytes) > most {
		drop := len(f.b) - f.window
		f.b = f.b[:copy(f.b, f.b[drop:])]
		for i, place := range f.last {
			f.last[i] = uint16(max(0, int(place)-drop))
		}
		if f.before != nil {
			copy(f.before, f.before[drop:])
			for i, place := range f.before {
				f.before[i] = uint16(max(0, int(place)-drop))
			}
		}
	} else if need := len(f.b) + len(bytes); need > cap(f.b) {
		f.b = append(make([]byte, 0, min(most, 2*need)), f.b...)
	}
	start = len(f.b)
	f.b = append(f.b, bytes...)
	return start
}

// find makes tokens of the next bytes, at most a block of them, at the start
// of the list, which is long enough.
func (f *finder) find(list []token, bytes []byte) []token {
	s, n := f.add(bytes), 0
	b := f.b
	for i := max(1, s-ahead+1); i < s && i+ahead <= len(b); i++ { // the last bytes before had too few behind them
		f.last[hash(binary.LittleEndian.Uint64(b[i:]))] = uint16(i)
	}
	if s == 0 && len(b) > 0 { // nothing is before the first byte
		list[0] = token(b[0])
		s, n = 1, 1
	}
	for {
		literals, distance := f.next(list[n:], s)
		s += literals
		n += literals
		if distance == 0 {
			break
		}
		length := f.length(s, distance)
		n += appendMatch(list[n:], length, distance)
		s += length
		if s+ahead <= len(b) { // the end of a match often begins the next
			f.last[hash(binary.LittleEndian.Uint64(b[s-2:]))] = uint16(s - 2)
		}
	}
	for _, c := range b[s:] {
		list[n] = token(c)
		n++
	}
	list[n] = endOfBlock
	return list[:n+1]
}

// next goes from s to the next match, and writes the literals before it to
// the list. It says how many they are, and how far back the match is: 0 if
// there is none. It is a function of its own so that all it needs is in
// registers.
func (f *finder) next(list []token, s int) (literals, distance int) {
	b, n := f.b, 0
	for s+ahead <= len(b) && n < len(list) {
		v := binary.LittleEndian.Uint64(b[s : s+ahead])
		last := &f.last[hash(v)]
		place := int(*last)
		*last = uint16(s)
		// RFC 7692, sections 7.1.2.1 and 7.1.2.2: no match goes beyond the window.
		if binary.LittleEndian.Uint32(b[place:place+4]) == uint32(v) && s-place <= f.window {
			return n, s - place
		}
		list[n] = token(v & 0xff)
		n++
		s++
		// The longer there is nothing, the less is looked at: what can't be
		// compressed shall not take long.
		for skip := n / 256; skip > 0 && s < len(b); skip-- {
			list[n] = token(b[s])
			n++
			s++
		}
	}
	return n, 0
}

// length is how long the match at s is. Its first four bytes were compared.
func (f *finder) length(s, distance int) int {
	b := f.b[s:]
	a := f.b[s-distance:][:len(b)]
	n := 4
	for n+8 <= len(b) {
		if x := binary.LittleEndian.Uint64(a[n:n+8]) ^ binary.LittleEndian.Uint64(b[n:n+8]); x != 0 {
			return n + bits.TrailingZeros64(x)/8
		}
		n += 8
	}
	for n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

// appendMatch writes a match to the list, as several ones if it is long.
func appendMatch(list []token, length, distance int) (n int) {
	d := distanceToken(distance)
	for length > maxMatch {
		part := min(maxMatch, length-minMatch) // and leave enough for another
		list[n], list[n+1] = lengthTokens[part], d
		n += 2
		length -= part
	}
	list[n], list[n+1] = lengthTokens[length], d
	return n + 2
}
