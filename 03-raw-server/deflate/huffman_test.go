package deflate

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// kraft is how much of all codes of maxBits bits the lengths take.
func kraft(lengths []uint8) (sum int) {
	for _, length := range lengths {
		if length > 0 {
			sum += 1 << (maxBits - length)
		}
	}
	return sum
}

// leastCost is what Huffman's codes cost, whatever their length: the sum of
// all nodes that are no leaves.
func leastCost(count []uint32) (sum int) {
	var weights []int
	for _, c := range count {
		if c > 0 {
			weights = append(weights, int(c))
		}
	}
	if len(weights) == 1 {
		return weights[0]
	}
	for len(weights) > 1 {
		slices.Sort(weights)
		joined := weights[0] + weights[1]
		sum += joined
		weights = append(weights[2:], joined)
	}
	return sum
}

func checkHuffman(t *testing.T, count []uint32, limit int) {
	t.Helper()
	var h huffman
	copy(h.count[:], count)
	h.build(len(count), limit)
	lengths := h.lengths[:len(count)]
	if kraft(lengths) != 1<<maxBits {
		t.Fatalf("%v: the lengths %v leave codes without a meaning, or take too many", count, lengths)
	}
	longest := slices.Max(lengths)
	if int(longest) > limit {
		t.Fatalf("%v: a code of %d bits, at most %d are allowed", count, longest, limit)
	}
	for symbol, c := range count {
		if c > 0 && lengths[symbol] == 0 {
			t.Fatalf("%v: no code for %d", count, symbol)
		}
	}
	got, least := cost(count, lengths), leastCost(count)
	if got < least || int(longest) < limit && got != least {
		t.Fatalf("%v: %v cost %d bits, want %d", count, lengths, got, least)
	}

	// A decoder reads each code, whatever follows it.
	entries := make([]entry, len(count))
	for i := range entries {
		entries[i] = entry(i) << 16
	}
	var d decoder
	if !d.build(lengths, entries) {
		t.Fatalf("%v: no decoder for %v", count, lengths)
	}
	for symbol, c := range h.codes[:len(count)] {
		if lengths[symbol] == 0 {
			continue
		}
		for _, behind := range []uint64{0, ^uint64(0), 0x5555555555555555} {
			v := c.bits() | behind<<c.len()
			slow, fast := d.slow(v), d.table[v%(1<<lookup)]
			if slow.value() != symbol || slow.len() != c.len() {
				t.Fatalf("%v: code %b of %d is read as %d", count, c.bits(), symbol, slow.value())
			}
			if fast != slow && (fast != longer || c.len() <= lookup) {
				t.Fatalf("%v: code %b of %d is looked up as %d", count, c.bits(), symbol, fast.value())
			}
		}
	}
}

func TestHuffman(t *testing.T) {
	fibonacci := []uint32{1, 1}
	for len(fibonacci) < 30 { // makes the deepest tree
		fibonacci = append(fibonacci, fibonacci[len(fibonacci)-1]+fibonacci[len(fibonacci)-2])
	}
	for name, count := range map[string][]uint32{
		"nothing":          make([]uint32, 30),
		"the first":        {5, 0, 0},
		"the last":         {0, 0, 5},
		"two":              {0, 7, 0, 1},
		"equal":            slices.Repeat([]uint32{3}, 286),
		"rare and many":    slices.Repeat([]uint32{1, 1000}, 143),
		"as deep as it is": fibonacci,
		"not sorted":       {9, 1, 8, 2, 7, 3, 300, 4, 5, 6, 256, 255, 254, 0, 0, 257},
	} {
		t.Run(name, func(t *testing.T) {
			for _, limit := range []int{maxBits, maxCode, 9} {
				checkHuffman(t, count, limit)
			}
		})
	}
	rng := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		count := make([]uint32, 19)
		for i := range count {
			count[i] = uint32(rng.ExpFloat64() * 10)
		}
		checkHuffman(t, count, 7)
		checkHuffman(t, count, maxBits)
	}
}

func FuzzHuffman(f *testing.F) {
	f.Add([]byte("how often each byte comes"), byte(14))
	f.Add([]byte{1, 1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144, 233}, byte(7))
	f.Add([]byte{0, 0, 0, 255}, byte(9))
	f.Fuzz(func(t *testing.T, counts []byte, limit byte) {
		counts = counts[:min(len(counts), litLens)]
		if len(counts) < 2 {
			return
		}
		list := make([]uint32, len(counts))
		for i, c := range counts {
			list[i] = uint32(c) * uint32(c) // up to 65025
		}
		checkHuffman(t, list, 9+int(limit)%7)
	})
}

// Codes that no compressor may send.
func TestImpossibleCodes(t *testing.T) {
	for _, row := range []struct {
		name    string
		lengths []uint8
		ok      bool
	}{
		{"two of one bit", []uint8{1, 1}, true},
		{"three of one bit", []uint8{1, 1, 1}, false},
		{"one, two, two", []uint8{2, 1, 2}, true},
		{"one, two", []uint8{2, 1}, false},
		{"one of one bit", []uint8{0, 1}, true}, // RFC 1951, section 3.2.7
		{"one of two bits", []uint8{0, 2}, false},
		{"none", []uint8{0, 0}, true}, // RFC 1951, section 3.2.7
		{"up to 15 bits", []uint8{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 15}, true},
		{"one too many of 15 bits", []uint8{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 15, 15}, false},
		{"one missing of 15 bits", []uint8{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			var d decoder
			if ok := d.build(row.lengths, lengthEntries[:]); ok != row.ok {
				t.Errorf("%v: %v", row.lengths, ok)
			}
			if plain := newPlainCode(row.lengths); plain.wrong == row.ok {
				t.Errorf("%v, the plain way: %v", row.lengths, !plain.wrong)
			}
		})
	}
}
