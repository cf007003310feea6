package hub

import (
	"bytes"
	"math/rand/v2"
	"sync"
	"testing"
)

// Readers that begin anywhere read all that is added from then on, whatever
// the sizes, while it is added.
func TestFeedReadersAtTheirOwnPace(t *testing.T) {
	var f feed
	random := rand.New(rand.NewPCG(1, 2))
	var all []byte
	for range 3000 {
		frame := make([]byte, 1+random.IntN(300))
		if random.IntN(100) == 0 {
			frame = make([]byte, 100<<10)
		}
		for i := range frame {
			frame[i] = byte(random.Uint32())
		}
		all = append(all, frame...)
	}
	var readers sync.WaitGroup
	for at := 0; at < len(all); {
		n := min(1+random.IntN(3000), len(all)-at)
		if random.IntN(20) == 0 {
			p, from := f.here(), at
			if p.offset() != uint64(from) {
				t.Fatalf("here is %d, want %d", p.offset(), from)
			}
			readers.Go(func() {
				for from < len(all) {
					b := p.unread()
					if !bytes.HasPrefix(all[from:], b) {
						t.Errorf("wrong bytes at %d", from)
						return
					}
					p.at += uint64(len(b))
					from += len(b)
				}
			})
		}
		f.add(all[at : at+n])
		at += n
	}
	readers.Wait()
	if end := f.end.Load(); end != uint64(len(all)) {
		t.Errorf("the end is %d, want %d", end, len(all))
	}
}

func TestFeedIsSmallWhileItIsQuiet(t *testing.T) {
	var f feed
	f.here()
	if n := len(f.last.data); n != smallSegment {
		t.Errorf("%d bytes", n)
	}
}

// What a member skips is neither more nor less than the frames it was not
// meant for.
func TestMemberSkips(t *testing.T) {
	var f feed
	m := &member{place: f.here()}
	var want []byte
	for i := range byte(200) {
		frame := bytes.Repeat([]byte{i}, 40)
		if i%3 == 0 || i%7 == 1 || i == 199 {
			from := f.end.Load()
			m.skips = append(m.skips, span{from, from + uint64(len(frame))})
		} else {
			want = append(want, frame...)
		}
		f.add(frame)
	}
	var got []byte
	for b := m.news(); b != nil; b = m.news() {
		got = append(got, b...)
	}
	if !bytes.Equal(got, want) || len(m.skips) > 0 {
		t.Errorf("%d bytes, want %d; %d skips are left", len(got), len(want), len(m.skips))
	}
}

func BenchmarkFeed(b *testing.B) {
	var f feed
	frame := make([]byte, 200)
	p := f.here()
	for b.Loop() {
		f.add(frame)
		p.at += uint64(len(p.unread()))
	}
}
