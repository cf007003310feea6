package deflate

import (
	"bytes"
	"compress/flate"
	"errors"
	"io"
	"runtime"
	"slices"
	"testing"
)

// Messages by hand, bit by bit, right and wrong. The bits of a byte are read
// from the right.
var inflateRows = []struct {
	name       string
	compressed []byte
	message    string
	wrong      bool
}{{
	name: "stored",
	compressed: []byte{
		0b00000_00_0,   // not final, stored, padding
		2, 0, 253, 255, // 2 bytes, and not 2
		'o', 'k',
		0, // the tail
	},
	message: "ok",
}, {
	name: "stored twice",
	compressed: []byte{
		0b00000_00_0, 2, 0, 253, 255, 'a', 'b',
		0b00000_00_0, 1, 0, 254, 255, 'c',
		0,
	},
	message: "abc",
}, {
	name: "final, and no tail",
	compressed: []byte{
		0b00000_00_1, // final, stored, padding
		2, 0, 253, 255,
		'o', 'k',
	},
	message: "ok",
}, {
	name: "final, and more",
	compressed: []byte{
		0b00000_00_1, 2, 0, 253, 255, 'o', 'k', // final
		0b00000_00_1, 1, 0, 254, 255, '!', // and again
		0,
	},
	message: "ok!",
}, {
	name: "fixed: a match that overlaps itself",
	compressed: []byte{
		0b01001_01_0, // not final, fixed, 10010...
		0b00000_100,  // ...001 is 'a', 00000...
		0b0_00000_10, // ...01: the length 3, 00000: the distance 1, 0...
		0b00_000000,  // ...000000: the end, and not final...
		0b0000000_0,  // ...stored, padding
	},
	message: "aaaa",
}, {
	name: "fixed: a length that does not exist",
	compressed: []byte{
		0b00011_01_0, // not final, fixed, 11000...
		0b011,        // ...110 is symbol 286
		0,
	},
	wrong: true,
}, {
	name: "fixed: a distance that does not exist",
	compressed: []byte{
		0b01001_01_0, // not final, fixed, 10010...
		0b00000_100,  // ...001 is 'a', 00000...
		0b0_01111_10, // ...01: the length 3, 11110 is symbol 30
		0, 0,
	},
	wrong: true,
}, {
	name:       "stored, two lengths",
	compressed: []byte{0, 2, 0, 0, 0, 'o', 'k', 0},
	wrong:      true,
}, {
	name:       "stored, and cut in its length",
	compressed: []byte{0, 2, 0, 253},
	wrong:      true,
}, {
	name:       "stored, and too short",
	compressed: []byte{0, 20, 0, 235, 255, 'o', 'k', 0},
	wrong:      true,
}, {
	name:       "stored, and the tail is in it",
	compressed: []byte{0, 6, 0, 249, 255, 'o', 'k'},
	message:    "ok\x00\x00\xff\xff",
}, {
	name:       "a kind that does not exist",
	compressed: []byte{0b110},
	wrong:      true,
}, {
	name:       "nothing at all: the tail is no block",
	compressed: []byte{},
	wrong:      true,
}, {
	name:       "Hello without its last byte",
	compressed: []byte{0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07},
	wrong:      true,
}, {
	name:       "two bytes too many",
	compressed: []byte{0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x00, 0x00},
	wrong:      true,
}, {
	name:       "a match with nothing before it",
	compressed: []byte{0x02, 0x11, 0x00, 0x00},
	wrong:      true,
}, {
	name:       "dynamic: too many literals",
	compressed: []byte{0b11111_10_0, 0, 0, 0},
	wrong:      true,
}, {
	name:       "dynamic: too many distances",
	compressed: []byte{0b00000_10_0, 0b000_11111, 0, 0},
	wrong:      true,
}, {
	name:       "dynamic: no codes at all",
	compressed: []byte{0b00000_10_0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0},
	wrong:      true,
}}

func TestInflateRows(t *testing.T) {
	for _, row := range inflateRows {
		t.Run(row.name, func(t *testing.T) {
			plain, _, err := plainInflate(nil, row.compressed)
			if (err != nil) != row.wrong || string(plain) != row.message && !row.wrong {
				t.Fatalf("the row is wrong: %q, %v", plain, err)
			}
			checkInflate(t, row.compressed, nil, maxBits, 1000)
		})
	}
}

// checkInflate compares a Decompressor with plainInflate.
func checkInflate(t *testing.T, compressed, before []byte, bits, limit int) {
	t.Helper()
	d := NewDecompressor(Params{ClientMaxWindowBits: bits, ClientNoContextTakeover: before == nil}, true)
	defer d.Release()
	if before != nil {
		d.before.add(before)
	}
	got, err := d.Append([]byte("before"), compressed, limit)
	want, farthest, plainErr := plainInflate(before, compressed)
	_, isError := errors.AsType[*Error](err)
	switch wrong := plainErr != nil || farthest > 1<<bits; {
	case err != nil && string(got) != "before":
		t.Fatalf("% x: with %v came %q", compressed, err, got)
	case wrong && !isError && !errors.Is(err, ErrTooBig):
		t.Fatalf("% x: got %q, %v, want an error", compressed, got, err)
	case !wrong && len(want) > limit && !errors.Is(err, ErrTooBig):
		t.Fatalf("% x: got %q, %v, want %d bytes to be too big", compressed, got, err, len(want))
	case !wrong && len(want) <= limit && (err != nil || string(got) != "before"+string(want)):
		t.Fatalf("% x: got %q, %v, want %q", compressed, got, err, want)
	}
	if plainErr != nil {
		return
	}
	// The standard library knows no messages. It ends with a final block, so
	// that what it has is all, or the start.
	stream := slices.Concat(compressed, tail[:], []byte{1, 0, 0, 0xff, 0xff})
	std, err := io.ReadAll(flate.NewReaderDict(bytes.NewReader(stream), before))
	if farthest <= 1<<maxBits && (err != nil || !bytes.HasPrefix(want, std)) {
		t.Fatalf("% x: the plain way is %q, the standard library's %q, %v", compressed, want, std, err)
	}
}

// FuzzInflate: nothing panics, and the fast way is the plain way.
func FuzzInflate(f *testing.F) {
	for _, row := range inflateRows {
		f.Add(row.compressed, []byte(nil), byte(maxBits), uint16(1000))
	}
	f.Add([]byte("\xf2\x48\xcd\xc9\xc9\x07\x00"), []byte{}, byte(8), uint16(5))
	f.Add([]byte("\xf2\x00\x11\x00\x00"), []byte("Hello"), byte(8), uint16(4))
	f.Add([]byte("\xf3\x48\xcd\xc9\xc9\x07\x00\x00"), []byte("Hello"), byte(9), uint16(5))
	f.Add([]byte("\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00"), []byte(nil), byte(15), uint16(6))
	c := NewCompressor(Params{}, true, 1)
	for i, n := range []int{100, 1000, 4096} {
		b, err := c.Append(nil, jsonText(uint64(i), n))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b, jsonText(uint64(i), 300*i), byte(8+i), uint16(4096))
	}
	f.Fuzz(func(t *testing.T, compressed, before []byte, bits byte, limit uint16) {
		if len(compressed) > 10000 {
			return // the plain way is slow
		}
		checkInflate(t, compressed, before, minBits+int(bits)%8, int(limit))
	})
}

// A block may have a single code for distances, or none.
//
// RFC 1951, section 3.2.7.
func TestFewDistances(t *testing.T) {
	var litLen [litLens]uint8
	litLen['a'], litLen[endOfBlock], litLen[firstLength] = 2, 2, 1 // 10, 11, 0
	a, three, end := uint64(0b01), uint64(0b0), uint64(0b11)
	for _, row := range []struct {
		name     string
		distance []uint8
		bits     []uint64
		lengths  []uint
		wrong    bool
	}{
		{"one", []uint8{1}, []uint64{a, three, 0, end}, []uint{2, 1, 1, 2}, false},
		{"one, and the other value of its bit", []uint8{1}, []uint64{a, three, 1, end}, []uint{2, 1, 1, 2}, true},
		{"none, and no match", []uint8{0}, []uint64{a, a, end}, []uint{2, 2, 2}, false},
		{"none, and a match", []uint8{0}, []uint64{a, three, 0, end}, []uint{2, 1, 1, 2}, true},
	} {
		t.Run(row.name, func(t *testing.T) {
			var w bitWriter
			var h header
			h.describe(litLen[:], row.distance)
			w.write(dynamicBlock<<1, 3)
			h.write(&w)
			for i, v := range row.bits {
				w.write(v, row.lengths[i])
			}
			w.write(storedBlock<<1, 3)
			w.align()
			if _, _, err := plainInflate(nil, w.b); (err != nil) != row.wrong {
				t.Fatalf("the row is wrong: %v", err)
			}
			checkInflate(t, w.b, nil, maxBits, 100)
		})
	}
}

// Codes that are longer than what is looked up at once, of all kinds, and a
// message that ends in the middle of one.
func TestLongCodes(t *testing.T) {
	var tokens []token
	many, next := 1, 1 // Fibonacci's numbers make the deepest tree
	for i := range 15 {
		for range many {
			tokens = append(tokens, token('a'+i)) // a literal of each
		}
		many, next = next, many+next
	}
	many, next = 1, 1
	for i := range 15 {
		for range many {
			tokens = append(tokens, lengthTokens[minMatch+i%3], distanceToken(int(distanceBase[i])))
		}
		many, next = next, many+next
	}
	w := newWriter()
	w.block(make([]byte, 1<<20), append(tokens, endOfBlock))
	w.write(storedBlock<<1, 3)
	w.align()
	if longest := slices.Max(w.distance.lengths[:]); longest <= lookup {
		t.Fatalf("the longest code for a distance has %d bits", longest)
	}
	checkInflate(t, w.b, nil, maxBits, 10_000)
	for i := range 200 {
		checkInflate(t, w.b[:len(w.b)-i], nil, maxBits, 10_000)
	}
}

// A match whose bits are spread over as many bytes as can be, at the end of
// the message, wherever it is cut.
func TestLongMatches(t *testing.T) {
	tokens := slices.Repeat([]token{'z'}, 1000) // short, so that all others are long
	for i := range 200 {
		tokens = append(tokens, token(i), token(i+1), lengthTokens[131+i%100], distanceToken(700+i))
	}
	w := newWriter()
	w.block(make([]byte, 1<<20), append(tokens, endOfBlock))
	w.write(storedBlock<<1, 3)
	w.align()
	for i := range len(w.b) {
		checkInflate(t, w.b[:len(w.b)-i], nil, maxBits, 100_000)
	}
}

// Headers of blocks that no compressor writes.
func TestWrongHeaders(t *testing.T) {
	ones := []token{1} // as many lengths of 1 as there may be
	for range (litLens - 1) / 3 {
		ones = append(ones, repeatLast)
	}
	zeros := func(n int) token { return repeatZeroes | token(n-11)<<16 }
	for _, row := range []struct {
		name      string
		list      []token
		distances int
		wrong     bool
	}{
		{"a repetition of nothing", append([]token{repeatLast}, ones...), 1, true},
		{"more lengths than codes", []token{zeros(138), zeros(138)}, 1, true},
		{"too many codes of one bit", ones[:1+256/3+1], 1, true},
		{"too many distances of one bit", []token{zeros(138), zeros(117), 1, 1, 1, 1, 1}, 3, true},
		{"too few distances", []token{zeros(138), zeros(117), 1, 1, 2, 2}, 2, true},
		{"right, for once", []token{zeros(138), zeros(117), 1, 1, 1, 1}, 2, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			h := header{litLens: firstLength, distances: row.distances, list: row.list, written: len(lengthsOrder)}
			for _, token := range row.list {
				h.code.count[token.symbol()]++
			}
			h.code.build(len(lengthsOrder), 7)
			var w bitWriter
			w.write(dynamicBlock<<1, 3)
			h.write(&w)
			w.write(1, 1) // the end, if there is a code for it
			w.write(storedBlock<<1, 3)
			w.align()
			if _, _, err := plainInflate(nil, w.b); (err != nil) != row.wrong {
				t.Fatalf("the row is wrong: %v", err)
			}
			checkInflate(t, w.b, nil, maxBits, 100)
		})
	}
}

// Every start of a message is no message, or at least no surprise.
func TestTruncated(t *testing.T) {
	text := jsonText(7, 3000)
	for _, level := range []int{flate.HuffmanOnly, flate.NoCompression, flate.BestSpeed, flate.BestCompression} {
		whole := stdCompress(t, level, text)
		for i := range whole {
			checkInflate(t, whole[:i], nil, maxBits, 4000)
		}
	}
}

// stdCompress makes a message with the standard library.
func stdCompress(t testing.TB, level int, messages ...[]byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, level)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range messages {
		b.Reset()
		if _, err := w.Write(m); err != nil {
			t.Fatal(err)
		}
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
	}
	return bytes.Clone(b.Bytes()[:b.Len()-len(tail)])
}

// The limit is exact, however the message is compressed.
func TestLimit(t *testing.T) {
	for _, level := range []int{flate.HuffmanOnly, flate.NoCompression, flate.BestSpeed, flate.BestCompression} {
		for _, n := range []int{0, 1, 5, 300, 4096, 70000} {
			text := jsonText(uint64(n), max(n, 1))[:n]
			compressed := stdCompress(t, level, text)
			for _, room := range []int{0, 100, 100000} {
				d := NewDecompressor(Params{}, true)
				got, err := d.Append(make([]byte, 0, room), compressed, n)
				if !bytes.Equal(got, text) || err != nil {
					t.Errorf("level %d, %d bytes, limit %d: got %d bytes, %v", level, n, n, len(got), err)
				}
				if n == 0 {
					continue
				}
				got, err = d.Append(make([]byte, 0, room), compressed, n-1)
				if len(got) != 0 || !errors.Is(err, ErrTooBig) {
					t.Errorf("level %d, %d bytes, limit %d: got %d bytes, %v", level, n, n-1, len(got), err)
				}
				d.Release()
			}
		}
	}
}

// A gigabyte of zeros costs no more than the limit.
func TestBomb(t *testing.T) {
	zeros := make([]byte, 1<<20)
	// The second megabyte is matches with the one before it, as is the third.
	bomb := bytes.Repeat(append(stdCompress(t, flate.BestSpeed, zeros, zeros), tail[:]...), 1024)
	bomb = slices.Concat(stdCompress(t, flate.BestSpeed, zeros), tail[:], bomb)
	if len(bomb) > 10<<20 {
		t.Fatalf("the bomb has %d bytes", len(bomb))
	}
	d := NewDecompressor(Params{}, true)
	const limit = 100_000
	for _, dst := range [][]byte{nil, make([]byte, 0, 2<<20)} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		got, err := d.Append(dst, bomb, limit)
		runtime.ReadMemStats(&after)
		if len(got) != 0 || !errors.Is(err, ErrTooBig) {
			t.Errorf("got %d bytes, %v", len(got), err)
		}
		if took := after.TotalAlloc - before.TotalAlloc; took > 3*limit {
			t.Errorf("%d bytes were allocated for a limit of %d", took, limit)
		}
	}
}

// Without takeover nothing of the last message is left.
func TestNoTakeover(t *testing.T) {
	second := []byte("\xf2\x00\x11\x00\x00") // Hello, if Hello was before
	for _, p := range []Params{{ServerNoContextTakeover: true}, {}} {
		d := NewDecompressor(p, false)
		if got, err := d.Append(nil, []byte("\xf2\x48\xcd\xc9\xc9\x07\x00"), 5); string(got) != "Hello" || err != nil {
			t.Fatalf("got %q, %v", got, err)
		}
		got, err := d.Append(nil, second, 5)
		if p.ServerNoContextTakeover && err == nil || !p.ServerNoContextTakeover && string(got) != "Hello" {
			t.Errorf("%+v: got %q, %v", p, got, err)
		}
	}
}
