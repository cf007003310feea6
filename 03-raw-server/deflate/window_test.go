package deflate

import (
	"bytes"
	"testing"
)

// The ring has what the end of everything has.
func checkWindow(t *testing.T, size int, parts ...[]byte) {
	t.Helper()
	w := window{size: size}
	var all []byte
	for _, part := range parts {
		w.add(part)
		all = append(all, part...)
		if len(w.b) > size || cap(w.b) > size {
			t.Fatalf("%d bytes, of %d", len(w.b), size)
		}
		for n := 1; n <= size+1; n++ {
			var got []byte
			for len(got) < n {
				piece := w.back(n - len(got))
				if len(piece) == 0 {
					break
				}
				got = append(got, piece...)
			}
			if n > min(len(all), size) {
				if len(got) != 0 {
					t.Fatalf("%d bytes ago was %q", n, got)
				}
				continue
			}
			if !bytes.Equal(got, all[len(all)-n:]) {
				t.Fatalf("%d bytes ago began %q, want %q", n, got, all[len(all)-n:])
			}
		}
	}
}

func TestWindow(t *testing.T) {
	text := []byte("the quick brown fox jumps over the lazy dog")
	checkWindow(t, 8, nil, text[:3], text[3:4], nil, text[4:12], text[12:])
	checkWindow(t, 8, text[:8], text[8:15], text[15:22], text[22:24])
	checkWindow(t, 8, text[:7], text[7:9], text[9:], text)
	if (*window)(nil).back(1) != nil {
		t.Error("nothing has an end")
	}
}

func FuzzWindow(f *testing.F) {
	f.Add([]byte("the quick brown fox jumps over the lazy dog"), byte(8), byte(3), byte(9))
	f.Fuzz(func(t *testing.T, text []byte, size, a, b byte) {
		text = text[:min(len(text), 1000)]
		i := min(int(a), len(text))
		j := min(i+int(b), len(text))
		checkWindow(t, int(size)+1, text[:i], text[i:j], text[j:])
	})
}
