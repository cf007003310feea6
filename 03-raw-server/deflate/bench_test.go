package deflate

import (
	"bytes"
	"compress/flate"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"testing"
)

// An echo decompresses a text and compresses it again. On one text of 4 KiB
// after the other, without context takeover, at level 1, the best of 150
// interleaved rounds on a loaded machine (AMD EPYC, Go 1.26.8), in
// microseconds:
//
//	                                      compress   bytes  decompress
//	this package                              13.9    1194         7.9
//	klauspost/compress v1.20.3 flate          21.9    1218        13.7
//	  the same, StatelessDeflate              21.0    1229
//	  the same, NewWriterWindow, 32 KiB       31.1    1148
//	compress/flate                            39.5    1231        17.5
//	with context takeover, this package       14.0     952        11.5
//	with context takeover, klauspost          20.7     948        13.9
//
// The benchmarks below compare with the standard library only: this module
// requires no other. klauspost's is what gws uses, which is one of the servers
// that the module in peers measures.

// A record is what services send each other.
type record struct {
	ID       int      `json:"id"`
	User     string   `json:"user"`
	Email    string   `json:"email"`
	Active   bool     `json:"active"`
	Score    float64  `json:"score"`
	Created  string   `json:"created_at"`
	Tags     []string `json:"tags"`
	Position struct {
		Lat float64 `json:"lat"`
		Lon float64 `json:"lon"`
	} `json:"position"`
	Note string `json:"note,omitempty"`
}

// jsonText is an array of records, cut to n bytes: the same for the same
// seed.
func jsonText(seed uint64, n int) []byte {
	rng := rand.New(rand.NewPCG(seed, 42))
	pick := func(words ...string) string { return words[rng.IntN(len(words))] }
	list := []byte("[")
	for len(list) < n {
		r := record{ID: 100000 + rng.IntN(900000), Active: rng.IntN(3) > 0, Score: float64(rng.IntN(10000)) / 100}
		r.User = pick("ana", "bruno", "carla", "diego", "elena", "felipe", "gil", "helena") + fmt.Sprint(rng.IntN(1000))
		r.Email = r.User + "@" + pick("example.com", "example.org", "mail.example.net")
		r.Created = fmt.Sprintf("2026-%02d-%02dT%02d:%02d:%02dZ", 1+rng.IntN(12), 1+rng.IntN(28), rng.IntN(24), rng.IntN(60), rng.IntN(60))
		for range 1 + rng.IntN(3) {
			r.Tags = append(r.Tags, pick("go", "websocket", "chat", "workshop", "talk", "beginner", "expert"))
		}
		r.Position.Lat = float64(rng.IntN(1800000)-900000) / 10000
		r.Position.Lon = float64(rng.IntN(3600000)-1800000) / 10000
		if rng.IntN(2) == 0 {
			r.Note = pick("will be late", "asked for a seat near the front", "brings a laptop", "vegetarian", "speaks Portuguese and English")
		}
		b, err := json.Marshal(r)
		if err != nil {
			panic(err)
		}
		list = append(append(list, b...), ',')
	}
	return list[:n]
}

// texts are 64 texts, so that no branch can be learnt by heart.
func texts(n int) (list [][]byte) {
	for i := range 64 {
		list = append(list, jsonText(uint64(i), n))
	}
	return list
}

var benchSizes = []int{128, 1 << 10, 4 << 10, 64 << 10}

func BenchmarkCompress(b *testing.B) {
	for _, size := range benchSizes {
		list := texts(size)
		run := func(name string, compress func(dst, text []byte) []byte) {
			b.Run(fmt.Sprintf("%s/%d", name, size), func(b *testing.B) {
				b.SetBytes(int64(size))
				b.ReportAllocs()
				var dst []byte
				total, n := 0, 0
				for b.Loop() {
					dst = compress(dst[:0], list[n%len(list)])
					total += len(dst)
					n++
				}
				b.ReportMetric(float64(total)/float64(n), "bytes")
			})
		}
		for _, takeover := range []bool{false, true} {
			c := NewCompressor(params(takeover, takeover, 0, 0), true, 1)
			run(map[bool]string{false: "own", true: "own-takeover"}[takeover], func(dst, text []byte) []byte {
				dst, _ = c.Append(dst, text) // there is such a level
				return dst
			})
		}
		w, err := flate.NewWriter(nil, 1)
		if err != nil {
			b.Fatal(err)
		}
		var out bytes.Buffer
		run("std", func(_, text []byte) []byte {
			out.Reset()
			w.Reset(&out)
			_, _ = w.Write(text) // a buffer takes all
			_ = w.Flush()
			return out.Bytes()[:out.Len()-len(tail)]
		})
	}
}

func BenchmarkDecompress(b *testing.B) {
	for _, size := range benchSizes {
		var list [][]byte
		for _, text := range texts(size) {
			list = append(list, stdCompress(b, 1, text))
		}
		run := func(name string, decompress func(dst, compressed []byte) ([]byte, error)) {
			b.Run(fmt.Sprintf("%s/%d", name, size), func(b *testing.B) {
				b.SetBytes(int64(size))
				b.ReportAllocs()
				dst := make([]byte, 0, size+512)
				n := 0
				for b.Loop() {
					out, err := decompress(dst, list[n%len(list)])
					if err != nil || len(out) != size {
						b.Fatal(len(out), err)
					}
					n++
				}
			})
		}
		for _, takeover := range []bool{false, true} {
			d := NewDecompressor(params(takeover, takeover, 0, 0), false)
			run(map[bool]string{false: "own", true: "own-takeover"}[takeover], func(dst, compressed []byte) ([]byte, error) {
				return d.Append(dst, compressed, 1<<20)
			})
		}
		r := flate.NewReader(nil)
		var in []byte
		run("std", func(dst, compressed []byte) ([]byte, error) {
			in = append(append(append(in[:0], compressed...), tail[:]...), 1, 0, 0, 0xff, 0xff)
			if err := r.(flate.Resetter).Reset(bytes.NewReader(in), nil); err != nil {
				return nil, err
			}
			n, err := io.ReadFull(r, dst[:size])
			return dst[:n], err
		})
	}
}
