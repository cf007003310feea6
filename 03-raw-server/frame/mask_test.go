package frame

import (
	"bytes"
	"fmt"
	"testing"
)

var maskKey = [4]byte{0x37, 0xfa, 0x21, 0x3d}

// checkMask compares Mask with maskPlain on the payload[start:end] that comes
// after offset bytes.
func checkMask(t *testing.T, payload []byte, key [4]byte, start, end, offset int) {
	t.Helper()
	got, want := bytes.Clone(payload), bytes.Clone(payload)
	Mask(got[start:end], key, offset)
	maskPlain(want[start:end], key, offset)
	if !bytes.Equal(got, want) {
		t.Fatalf("%d bytes at %d, offset %d: got % x, want % x", end-start, start, offset, got, want)
	}
	Mask(got[start:end], key, offset)
	if !bytes.Equal(got, payload) {
		t.Fatalf("%d bytes at %d, offset %d: masked twice they are not themselves", end-start, start, offset)
	}
}

func TestMask(t *testing.T) {
	payload := make([]byte, 300)
	for i := range payload {
		payload[i] = byte(i * 7)
	}
	for length := range 280 { // beyond four blocks of 64
		for start := range 9 { // where in a word of memory the payload begins
			for offset := range 5 { // where in the key
				checkMask(t, payload, maskKey, start, start+length, offset)
			}
		}
	}
	checkMask(t, payload, maskKey, 0, 200, 1<<30+3)
}

func TestMaskInParts(t *testing.T) {
	whole := bytes.Repeat([]byte("in parts or as a whole"), 10)
	want := bytes.Clone(whole)
	maskPlain(want, maskKey, 0)
	for cut := range len(whole) {
		got := bytes.Clone(whole)
		Mask(got[:cut], maskKey, 0)
		Mask(got[cut:], maskKey, cut)
		if !bytes.Equal(got, want) {
			t.Fatalf("cut at %d: got % x, want % x", cut, got, want)
		}
	}
}

func FuzzMask(f *testing.F) {
	f.Add([]byte("Hello"), uint32(0x37fa213d), 0, byte(0))
	f.Add(bytes.Repeat([]byte{0}, 16), uint32(1), 1, byte(1))
	f.Add(bytes.Repeat([]byte{0xff}, 64), uint32(0x01020304), 2, byte(7))
	f.Add(bytes.Repeat([]byte("0123456789abcdef"), 9), uint32(0xffffffff), 1<<30+3, byte(3))
	f.Fuzz(func(t *testing.T, payload []byte, key uint32, offset int, start byte) {
		k := [4]byte{byte(key >> 24), byte(key >> 16), byte(key >> 8), byte(key)}
		offset = max(offset, -(offset + 1)) // never negative
		checkMask(t, payload, k, min(int(start), len(payload)), len(payload), offset>>1)
	})
}

func TestMaskAllocs(t *testing.T) {
	b := make([]byte, 4096)
	if n := testing.AllocsPerRun(100, func() { Mask(b, maskKey, 1) }); n != 0 {
		t.Errorf("%v allocations, want 0", n)
	}
}

func BenchmarkMask(b *testing.B) {
	for _, way := range []struct {
		name string
		mask func([]byte, [4]byte, int)
	}{{"plain", maskPlain}, {"fast", Mask}} {
		for _, size := range []int{8, 125, 1 << 10, 64 << 10, 1 << 20} {
			b.Run(fmt.Sprintf("%s/%d", way.name, size), func(b *testing.B) {
				payload := make([]byte, size+6)[6:] // as it lies behind a header
				b.SetBytes(int64(size))
				for b.Loop() {
					way.mask(payload, maskKey, 0)
				}
			})
		}
	}
}
