package deflate

import "math/bits"

// An entry says what some bits mean: from the highest bit, a value, what kind
// of value it is, how many extra bits are to be added to it, and how many bits
// stand for it all.
type entry uint32

const (
	literal entry = 1 << 15 // the value is a byte
	special entry = 1 << 14 // the value is none, but one of these:

	ended   = special | 0<<16 // the end of the block
	unknown = special | 1<<16 // a symbol that doesn't exist
	longer  = special | 2<<16 // a longer code than the table has, or none
)

func (e entry) value() int { return int(e >> 16) }
func (e entry) len() uint  { return uint(e & 31) }      // of the code and the extra bits
func (e entry) code() uint { return uint(e >> 5 & 15) } // of the code

// extra is the value of the extra bits, where v is the code and what follows.
func (e entry) extra(v uint64) int {
	return int(v & (1<<e.len() - 1) >> e.code())
}

// The entries of all symbols, but for their codes.
var litLenEntries, distanceEntries, lengthEntries = func() (litLen [288]entry, distance [32]entry, length [19]entry) {
	for i := range litLen {
		switch {
		case i < endOfBlock:
			litLen[i] = literal | entry(i)<<16
		case i == endOfBlock:
			litLen[i] = ended
		case i < litLens:
			litLen[i] = entry(lengthBase[i-firstLength])<<16 | entry(lengthExtra[i-firstLength])
		default:
			litLen[i] = unknown
		}
	}
	for i := range distance {
		distance[i] = unknown
		if i < distances {
			distance[i] = entry(distanceBase[i])<<16 | entry(distanceExtra[i])
		}
	}
	for i := range length {
		length[i] = entry(i) << 16
	}
	return litLen, distance, length
}()

// lookup is how many bits are looked up at once. Longer codes are rare.
const lookup = 10

// A decoder knows the codes of one block.
type decoder struct {
	table   [1 << lookup]entry  // of what begins with the bits of the index
	count   [maxBits + 1]uint16 // how many codes have which length
	ordered [288]entry          // in the order of their codes
}

// build makes a decoder for symbols whose codes have these lengths. It says
// whether there are such codes.
//
// RFC 1951, section 3.2.2.
func (d *decoder) build(lengths []uint8, entries []entry) bool {
	clear(d.count[:])
	for _, length := range lengths {
		if length > 0 { // most are not, and one counter would wait for itself
			d.count[length&15]++
		}
	}

	free, used := 1, uint16(0) // of the codes of a length, those that are not the start of another
	var at [maxBits + 1]uint16
	for length := 1; length <= maxBits; length++ {
		at[length] = used
		used += d.count[length]
		free = 2*free - int(d.count[length])
		if free < 0 {
			return false
		}
	}
	// RFC 1951, section 3.2.7: all is used, but a single code has one bit. With no code at all, no symbol may come.
	if free > 0 && used > d.count[1] {
		return false
	}
	for symbol, length := range lengths {
		if length > 0 {
			d.ordered[at[length&15]] = entries[symbol] + entry(length)<<5 + entry(length)
			at[length&15]++
		}
	}

	// The table for one bit more is what there is, twice, and over it the codes
	// of that length. So no code is written more than once.
	d.table[0] = longer
	c, next := uint16(0), d.ordered[:used]
	for length := 1; length <= lookup; length++ {
		half := d.table[:1<<(length-1)]
		copy(d.table[len(half):], half)
		c <<= 1
		n := d.count[length]
		for _, e := range next[:n] {
			d.table[bits.Reverse16(c)>>(16-length)&(1<<lookup-1)] = e
			c++
		}
		next = next[n:]
	}
	return true
}

// slow finds the code that v begins with, whatever its length, or returns
// unknown. It goes bit by bit: the codes of a length are numbers in a row.
func (d *decoder) slow(v uint64) entry {
	c, first, ordered := 0, 0, d.ordered[:]
	for _, count := range d.count[1:] {
		c = c<<1 | int(v&1)
		v >>= 1
		n := int(count)
		if c-first < n {
			return ordered[c-first]
		}
		ordered = ordered[n:]
		first = (first + n) << 1
	}
	return unknown
}

// The decoders of the codes that both sides know.
var fixedLitLen, fixedDistance = func() (litLen, distance *decoder) {
	litLen, distance = new(decoder), new(decoder)
	litLen.build(fixedLitLens[:], litLenEntries[:])
	distance.build(fixedDistances[:], distanceEntries[:])
	return litLen, distance
}()
