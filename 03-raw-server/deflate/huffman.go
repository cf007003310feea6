package deflate

import (
	"math/bits"
	"slices"
)

// maxCode is the longest code that we write. The format allows 15 bits; with
// one less, two tokens fit into a word beside the 7 bits that wait in it.
const maxCode = 14

// A code is the bits that stand for a symbol, the first of them lowest, and
// above bit 16 how many they are.
type code uint32

func (c code) bits() uint64 { return uint64(c & 0xffff) }
func (c code) len() uint    { return uint(c >> 16) }

// A huffman gives frequent symbols short codes, and rare ones long codes.
type huffman struct {
	count   [litLens]uint32 // how often each symbol comes
	lengths [litLens]uint8  // how long its code is, 0 if it doesn't come
	codes   [litLens]code

	leaves [2][litLens]uint32 // count<<9 | symbol, of the symbols that come
	weight [litLens]uint32    // of the nodes that are no leaves
	parent [litLens]uint16    // of the same nodes, and later how deep they are
}

// build makes codes of at most limit bits for the first n symbols.
func (h *huffman) build(n, limit int) {
	leaves := h.leaves[0][:0]
	for symbol, count := range h.count[:n] {
		h.lengths[symbol] = 0
		if count > 0 {
			leaves = append(leaves, count<<9|uint32(symbol))
		}
	}
	// With less than two, there would be bits that mean nothing. The RFC allows
	// that for distances only, and not every reader does.
	for symbol := uint32(0); len(leaves) < 2; symbol++ {
		if h.count[symbol] == 0 {
			leaves = append(leaves, 1<<9|symbol)
		}
	}
	leaves = h.sort(leaves)
	perLength := h.depths(leaves, limit)
	i := 0
	for length := limit; length > 0; length-- { // the rarest get the longest
		for range perLength[length] {
			h.lengths[leaves[i]&(1<<9-1)] = uint8(length)
			i++
		}
	}
	assign(h.codes[:n], h.lengths[:n], perLength)
}

// sort puts the rarest first. Most counts are small, so most leaves go to
// their places at once, and only the others are compared.
func (h *huffman) sort(leaves []uint32) []uint32 {
	if len(leaves) < 32 {
		slices.Sort(leaves)
		return leaves
	}
	const many = 255
	var at [many + 1]int // where the next leaf of a count goes
	for _, leaf := range leaves {
		at[min(leaf>>9, many)]++
	}
	sum := 0
	for i, n := range at {
		at[i] = sum
		sum += n
	}
	sorted, compared := h.leaves[1][:len(leaves)], at[many]
	for _, leaf := range leaves {
		i := &at[min(leaf>>9, many)]
		sorted[*i] = leaf
		*i++
	}
	slices.Sort(sorted[compared:])
	return sorted
}

// depths says how many leaves of Huffman's tree have which depth. The tree
// comes from joining the two lightest nodes until one is left.
func (h *huffman) depths(leaves []uint32, limit int) (perDepth [maxBits + 1]int) {
	// The leaves come in the order of their weight, and so do the nodes that
	// are made: the lightest is always the first of the one or the other.
	leaf, node, root := 0, 0, len(leaves)-2
	for made := 0; made <= root; made++ {
		sum := uint32(0)
		for range 2 {
			if leaf < len(leaves) && (node == made || leaves[leaf]>>9 <= h.weight[node]) {
				sum += leaves[leaf] >> 9
				leaf++
			} else {
				sum += h.weight[node]
				h.parent[node] = uint16(made)
				node++
			}
		}
		h.weight[made] = sum
	}
	// From the root down. A node was counted as a leaf: in its place come two
	// leaves, one deeper. Where that is too deep, another leaf makes room.
	perDepth[1] = 2
	depth := &h.parent
	depth[root] = 0
	for node := root - 1; node >= 0; node-- {
		depth[node] = depth[depth[node]] + 1
		d := min(int(depth[node]), limit-1)
		for perDepth[d] == 0 {
			d--
		}
		perDepth[d]--
		perDepth[d+1] += 2
	}
	return perDepth
}

// assign makes the codes out of their lengths, and how many have each: the
// shorter before the longer, and those of one length in the order of their
// symbols.
//
// RFC 1951, section 3.2.2.
func assign(codes []code, lengths []uint8, perLength [maxBits + 1]int) {
	var next [maxBits + 1]uint16
	for length := 1; length <= maxBits; length++ {
		next[length] = (next[length-1] + uint16(perLength[length-1])) << 1
	}
	for symbol, length := range lengths {
		if length > 0 {
			// RFC 1951, section 3.1.1: the first bit of a code is its highest, of all else the lowest.
			first := bits.Reverse16(next[length&15]) >> (16 - length)
			next[length&15]++
			codes[symbol] = code(length)<<16 | code(first)
		}
	}
}

// cost is how many bits it takes to write each symbol as often as it comes.
func cost(count []uint32, lengths []uint8) (n int) {
	lengths = lengths[:len(count)]
	for symbol, c := range count {
		n += int(c) * int(lengths[symbol])
	}
	return n
}
