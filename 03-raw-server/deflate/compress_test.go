package deflate

import (
	"bytes"
	"compress/flate"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// conversation is what a connection may have to compress: short, long and
// empty messages, like each other, like nothing, and like themselves.
func conversation() [][]byte {
	noise := make([]byte, 50_000)
	rng := rand.NewChaCha8([32]byte{1})
	_, _ = rng.Read(noise) // it never fails
	return [][]byte{
		[]byte("Hello"),
		nil,
		[]byte("Hello"),
		jsonText(1, 100),
		jsonText(1, 4096),
		jsonText(2, 4096),
		noise[:10],
		noise[:5000],
		noise,
		jsonText(3, 100_000),
		make([]byte, 100_000),
		[]byte(strings.Repeat("ab", 40_000)),
		noise[:3000],
		jsonText(1, 4096),
		[]byte("."),
	}
}

// check compresses messages, and looks at the result in three ways: with a
// Decompressor, with plainInflate, and with the standard library. No match may
// go farther back than the window. It says how far the farthest goes.
func check(t *testing.T, p Params, server bool, level int, messages ...[]byte) (farthest int) {
	t.Helper()
	takeover, bits := p.sender(server)
	c, d := NewCompressor(p, server, level), NewDecompressor(p, !server)
	defer c.Release()
	defer d.Release()
	var before []byte
	for i, m := range messages {
		compressed, err := c.Append([]byte("dst"), m)
		if err != nil {
			t.Fatal(err)
		}
		compressed = bytes.TrimPrefix(compressed, []byte("dst"))
		if most := len(m) + 6*(len(m)/blockSize+1); len(compressed) > most {
			t.Fatalf("message %d: %d bytes have become %d", i, len(m), len(compressed))
		}
		got, err := d.Append(nil, compressed, len(m))
		if !bytes.Equal(got, m) || err != nil {
			t.Fatalf("message %d of %d bytes, level %d, %+v: %v", i, len(m), level, p, err)
		}
		got, far, err := plainInflate(before, compressed)
		if !bytes.Equal(got, m) || err != nil {
			t.Fatalf("message %d of %d bytes, level %d, %+v, the plain way: %v", i, len(m), level, p, err)
		}
		if far > 1<<bits {
			t.Fatalf("message %d of %d bytes, level %d: a match of what is %d bytes back, the window has %d bits", i, len(m), level, far, bits)
		}
		farthest = max(farthest, far)
		stream := slices.Concat(compressed, tail[:], []byte{1, 0, 0, 0xff, 0xff})
		got, err = io.ReadAll(flate.NewReaderDict(bytes.NewReader(stream), before))
		if !bytes.Equal(got, m) || err != nil {
			t.Fatalf("message %d of %d bytes, level %d, %+v, the standard library: %v", i, len(m), level, p, err)
		}
		if takeover {
			before = append(before, m...)
			before = before[max(0, len(before)-1<<maxBits):]
		}
	}
	return farthest
}

func TestConversation(t *testing.T) {
	messages := conversation()
	for _, takeover := range []bool{true, false} {
		for _, level := range []int{0, 1, 2, 6, 9} {
			check(t, params(takeover, true, 15, 8), true, level, messages...)
			check(t, params(true, takeover, 8, 15), false, level, messages...)
		}
	}
}

// A window that was negotiated is kept to the byte, and used to the byte.
//
// RFC 7692, sections 7.1.2.1 and 7.1.2.2.
func TestWindowIsKept(t *testing.T) {
	for bits := minBits; bits <= maxBits; bits++ {
		size := 1 << bits
		noise := make([]byte, 2*size)
		_, _ = rand.NewChaCha8([32]byte{byte(bits)}).Read(noise) // it never fails
		text := jsonText(uint64(bits), 3*size)
		for _, level := range []int{1, 4} {
			for _, server := range []bool{true, false} {
				p := Params{ServerMaxWindowBits: bits, ClientMaxWindowBits: bits}
				// What comes again after a whole window is in it.
				if got := check(t, p, server, level, noise[:size], noise[:size]); got != size {
					t.Errorf("%d bits, level %d: the farthest match is %d back, want %d", bits, level, got, size)
				}
				// A byte later it is not.
				check(t, p, server, level, noise[:size+1], noise[:size+1])
				check(t, p, server, level, text, text[:size], noise[:100], text[size:], text[:50], text[:size/2])
				p.ServerNoContextTakeover, p.ClientNoContextTakeover = true, true
				if got := check(t, p, server, level, slices.Concat(noise[:size], noise[:size])); got != size {
					t.Errorf("%d bits, level %d, in one message: the farthest match is %d back, want %d", bits, level, got, size)
				}
				check(t, p, server, level, slices.Concat(noise[:size+1], noise[:size+1]), text, text)
			}
		}
	}
}

// Messages that the standard library has compressed, with takeover.
func TestFromStandardLibrary(t *testing.T) {
	for _, level := range []int{flate.HuffmanOnly, flate.NoCompression, 1, 2, 6, 9} {
		var b bytes.Buffer
		w, err := flate.NewWriter(&b, level)
		if err != nil {
			t.Fatal(err)
		}
		d := NewDecompressor(Params{}, true)
		var dst []byte
		for i, m := range conversation() {
			b.Reset()
			if _, err := w.Write(m); err != nil {
				t.Fatal(err)
			}
			if err := w.Flush(); err != nil {
				t.Fatal(err)
			}
			dst, err = d.Append(dst[:0], b.Bytes()[:b.Len()-len(tail)], len(m))
			if !bytes.Equal(dst, m) || err != nil {
				t.Fatalf("level %d, message %d of %d bytes: got %d, %v", level, i, len(m), len(dst), err)
			}
		}
	}
}

// Takeover pays, and higher levels pay.
func TestSmaller(t *testing.T) {
	size := func(p Params, level int) (n int) {
		c := NewCompressor(p, true, level)
		for i := range 20 {
			b, err := c.Append(nil, jsonText(uint64(i), 500))
			if err != nil {
				t.Fatal(err)
			}
			n += len(b)
		}
		return n
	}
	alone, with, best := size(params(false, true, 0, 0), 1), size(params(true, true, 0, 0), 1), size(params(true, true, 0, 0), 9)
	if with > alone*7/10 || best > with*95/100 {
		t.Errorf("%d bytes without takeover, %d with it, %d at level 9", alone, with, best)
	}
}

// The result depends on nothing but the messages: a compressor that another
// connection has used knows nothing of it.
func TestShared(t *testing.T) {
	want := map[int][]byte{}
	for round := range 3 {
		for i, m := range conversation() {
			c := NewCompressor(params(round < 2, true, 0, 0), true, 1)
			got, err := c.Append(nil, m)
			if err != nil {
				t.Fatal(err)
			}
			if want[i] == nil {
				want[i] = got
			}
			if !bytes.Equal(got, want[i]) {
				t.Fatalf("message %d differs in round %d", i, round)
			}
			c.Release()
		}
	}
}

func TestLevels(t *testing.T) {
	for _, level := range []int{-1, 10} {
		c := NewCompressor(Params{}, true, level)
		if b, err := c.Append([]byte("dst"), []byte("Hello")); string(b) != "dst" || err == nil {
			t.Errorf("level %d: %q, %v", level, b, err)
		}
	}
}

// What is kept for a connection is what the docs say.
func TestMemory(t *testing.T) {
	c, d := NewCompressor(Params{}, true, 1), NewDecompressor(Params{}, false)
	if c.own != nil || d.before.b != nil {
		t.Error("memory before the first message")
	}
	for _, m := range conversation() {
		b, err := c.Append(nil, m)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := d.Append(nil, b, len(m)); err != nil {
			t.Fatal(err)
		}
	}
	if n := cap(c.own.b) + 2*len(c.own.last); n > 80<<10 || c.own.before != nil {
		t.Errorf("a compressor has %d bytes", n)
	}
	if n := cap(d.before.b); n > 32<<10 {
		t.Errorf("a decompressor has %d bytes", n)
	}
}

func TestAllocs(t *testing.T) {
	text := jsonText(1, 4096)
	for _, takeover := range []bool{true, false} {
		p := params(takeover, takeover, 0, 0)
		c, d := NewCompressor(p, true, 1), NewDecompressor(p, false)
		compressed, message := make([]byte, 0, 8192), make([]byte, 0, 8192)
		allocs := testing.AllocsPerRun(200, func() {
			var err error
			if compressed, err = c.Append(compressed[:0], text); err != nil {
				t.Fatal(err)
			}
			if message, err = d.Append(message[:0], compressed, len(text)); err != nil || len(message) != len(text) {
				t.Fatal(err)
			}
		})
		if allocs >= 1 && !raceEnabled {
			t.Errorf("takeover %v: %v allocations, want 0", takeover, allocs)
		}
	}
}

// FuzzRoundTrip: any messages come back, and keep the window.
func FuzzRoundTrip(f *testing.F) {
	f.Add([]byte("Hello, Hello, Hello"), uint16(7), byte(0), byte(0), false)
	f.Add(jsonText(1, 2000), uint16(500), byte(8), byte(0), true)
	f.Add(jsonText(2, 1000), uint16(300), byte(1), byte(8), true)
	f.Add(bytes.Repeat([]byte{0}, 3000), uint16(1000), byte(3), byte(5), true)
	f.Add(bytes.Repeat([]byte("abcdefghijk"), 100), uint16(10), byte(0), byte(1), false)
	f.Fuzz(func(t *testing.T, text []byte, cut uint16, bits, level byte, takeover bool) {
		text = text[:min(len(text), 100_000)]
		i := min(int(cut), len(text))
		n := minBits + int(bits)%8
		check(t, params(takeover, true, n, 0), true, int(level)%(maxLevel+1), text[:i], text[i:], nil, text)
	})
}
