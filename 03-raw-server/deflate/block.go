package deflate

import (
	"encoding/binary"
	"slices"
)

// A writer writes the blocks of one message. What it knows of a message ends
// with it, so one writer serves many connections, one after the other.
type writer struct {
	bitWriter
	tokens   []token // of the block, the end of it included
	count    [symbols]uint32
	litLen   huffman
	distance huffman
	header   header
	codes    [symbols]wholeCode
}

func newWriter() *writer {
	return &writer{tokens: make([]token, blockSize+1)} // at worst all are literals
}

// A wholeCode is a code, and above bit 24 how many bits it has with the extra
// ones.
type wholeCode uint32

func (c wholeCode) bits() uint64 { return uint64(c & 0xffff) }
func (c wholeCode) code() uint   { return uint(c >> 16 & 15) }
func (c wholeCode) len() uint    { return uint(c >> 24) }

// worthwhile is how many bits a block with fixed codes has, at least, when
// codes of its own would make it smaller. It saves most of the time that a
// small message takes.
const worthwhile = 8 * 72

// block writes the bytes that the tokens stand for, in the cheapest of the
// three ways.
//
// RFC 1951, section 3.2.3.
func (w *writer) block(bytes []byte, tokens []token) {
	clear(w.count[:])
	for _, t := range tokens {
		w.count[t.symbol()]++
	}
	litLen, distance := w.count[:litLens], w.count[firstDistance:][:distances]
	extra := cost(litLen[firstLength:], lengthExtra[:]) + cost(distance, distanceExtra[:])
	stored := 8 * (1 + 4 + len(bytes))
	fixed := extra + cost(litLen, fixedLitLens[:]) + cost(distance, fixedDistances[:])
	dynamic := fixed
	if fixed > worthwhile {
		copy(w.litLen.count[:], litLen)
		copy(w.distance.count[:], distance)
		w.litLen.build(litLens, maxCode)
		w.distance.build(distances, maxCode)
		dynamic = extra + cost(litLen, w.litLen.lengths[:]) + cost(distance, w.distance.lengths[:])
		dynamic += w.header.describe(w.litLen.lengths[:], w.distance.lengths[:distances])
	}

	// The first bit of a block says whether it is the last of its stream. A
	// connection's stream has no last block.
	switch min(stored, fixed, dynamic) {
	case stored:
		w.write(storedBlock<<1, 3)
		w.stored(bytes)
	case fixed:
		w.write(fixedBlock<<1, 3)
		w.coded(tokens, &fixedCodes, fixed)
	default:
		w.write(dynamicBlock<<1, 3)
		w.header.write(&w.bitWriter)
		join(&w.codes, w.litLen.codes[:], w.distance.codes[:])
		w.coded(tokens, &w.codes, dynamic)
	}
}

// stored writes bytes as they are, behind their number and its complement.
//
// RFC 1951, section 3.2.4.
func (w *writer) stored(bytes []byte) {
	w.align()
	w.b = binary.LittleEndian.AppendUint16(w.b, uint16(len(bytes)))
	w.b = binary.LittleEndian.AppendUint16(w.b, ^uint16(len(bytes)))
	w.b = append(w.b, bytes...)
}

// join makes one array of the codes for all tokens.
func join(to *[symbols]wholeCode, litLen, distance []code) {
	for i, c := range litLen[:firstLength] {
		to[i] = wholeCode(c) | wholeCode(c.len())<<24
	}
	for i, c := range litLen[firstLength:litLens] {
		to[firstLength+i] = wholeCode(c) | wholeCode(c.len()+uint(lengthExtra[i]))<<24
	}
	for i, c := range distance[:distances] {
		to[firstDistance+i] = wholeCode(c) | wholeCode(c.len()+uint(distanceExtra[i]))<<24
	}
}

var fixedCodes = func() (codes [symbols]wholeCode) {
	var litLen [288]code
	var distance [32]code
	assign(litLen[:], fixedLitLens[:], [maxBits + 1]int{7: 24, 8: 152, 9: 112})
	assign(distance[:], fixedDistances[:], [maxBits + 1]int{5: 32})
	join(&codes, litLen[:], distance[:])
	return codes
}()

// coded writes the tokens. It has room for so many bits, and doesn't look for
// it again: with at most 14 bits of code and 13 extra ones, two tokens and what
// waits fit into a word, which is written whole.
func (w *writer) coded(tokens []token, codes *[symbols]wholeCode, size int) {
	w.b = slices.Grow(w.b, size/8+16)
	b, at, waiting, n := w.b[:cap(w.b)], len(w.b), w.waiting, w.n
	for len(tokens) >= 2 {
		t, u := tokens[0], tokens[1]
		tokens = tokens[2:]
		c, d := codes[t.symbol()], codes[u.symbol()]
		waiting |= (c.bits() | t.extra()<<c.code()) << (n & 63)
		n += c.len()
		waiting |= (d.bits() | u.extra()<<d.code()) << (n & 63)
		n += d.len()
		binary.LittleEndian.PutUint64(b[at:at+8], waiting)
		at += int(n / 8)
		waiting >>= n & 56
		n &= 7
	}
	w.b, w.waiting, w.n = b[:at], waiting, n
	for _, t := range tokens {
		c := codes[t.symbol()]
		w.write(c.bits()|t.extra()<<c.code(), c.len())
	}
}
