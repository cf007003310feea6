package deflate

import "math/bits"

// DEFLATE knows literals and matches. A match is a length of 3 to 258 bytes
// and a distance of 1 to 32,768 bytes back. Both are written as a symbol, and
// some bits more that tell values of the same symbol apart.
//
// RFC 1951, section 3.2.5.
const (
	minMatch = 3
	maxMatch = 258

	endOfBlock  = 256 // 0 to 255 are literals
	firstLength = 257 // and from here on, lengths

	litLens   = 286 // symbols for literals, the end of a block, and lengths
	distances = 30  // symbols for distances
)

// The least value of each symbol, and how many bits tell its values apart.
var (
	lengthBase = [litLens - firstLength]uint16{
		3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27,
		31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258,
	}
	lengthExtra = [litLens - firstLength]uint8{
		0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2,
		2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0,
	}
	distanceBase = [distances]uint16{
		1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129,
		193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097,
		6145, 8193, 12289, 16385, 24577,
	}
	distanceExtra = [distances]uint8{
		0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6,
		6, 7, 7, 8, 8, 9, 9, 10, 10, 11,
		11, 12, 12, 13, 13,
	}
)

// A token is a symbol, and above bit 16 the extra bits. The symbols of
// distances follow those of literals and lengths, so that what is made of
// them can be kept in one array. A literal is one token, a match is two.
type token uint32

const (
	firstDistance = 288
	symbols       = 512 // more than there are: what is below needs no check
)

func (t token) symbol() uint32 { return uint32(t) % symbols }
func (t token) extra() uint64  { return uint64(t >> 16) }

// lengthTokens has the token of each length.
var lengthTokens = func() (tokens [maxMatch + 1]token) {
	for i, base := range lengthBase {
		for length := int(base); length <= maxMatch; length++ {
			tokens[length] = token(firstLength+i) | token(length-int(base))<<16
		}
	}
	return tokens
}()

// distanceToken is the token of a distance. There are two symbols for each
// power of two: the place of the highest bit, and the bit below it. The bits
// below those are the extra ones.
func distanceToken(distance int) token {
	d := uint32(distance - 1)
	if d < 2 {
		return token(firstDistance + d)
	}
	below := uint32(bits.Len32(d)-2) & 31
	return token(firstDistance+2*(below+1)+d>>below&1) | token(d&(1<<below-1))<<16
}

// The kinds of blocks.
//
// RFC 1951, section 3.2.3.
const (
	storedBlock  = 0
	fixedBlock   = 1
	dynamicBlock = 2
)

// fixedLitLens and fixedDistances are how long the codes are that both sides
// know beforehand. They have codes for symbols that don't exist.
//
// RFC 1951, section 3.2.6.
var fixedLitLens, fixedDistances = func() (litLens [288]uint8, distances [32]uint8) {
	for i := range litLens {
		switch {
		case i < 144:
			litLens[i] = 8
		case i < 256:
			litLens[i] = 9
		case i < 280:
			litLens[i] = 7
		default:
			litLens[i] = 8
		}
	}
	for i := range distances {
		distances[i] = 5
	}
	return litLens, distances
}()

// In front of a dynamic block stands how long its codes are, and that is
// written in codes as well. How long those are comes in this order: what is
// seldom used stands last, and is left out.
//
// RFC 1951, section 3.2.7.
var lengthsOrder = [...]uint8{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15}

// The symbols of those codes are the lengths from 0 to 15, and three more.
const (
	repeatLast   = 16 // the last length 3 to 6 times more: 2 extra bits
	repeatZero   = 17 // 0, 3 to 10 times: 3 extra bits
	repeatZeroes = 18 // 0, 11 to 138 times: 7 extra bits
)

// repeatBits is how many extra bits each of them has.
var repeatBits = [...]uint8{repeatLast: 2, repeatZero: 3, repeatZeroes: 7}
