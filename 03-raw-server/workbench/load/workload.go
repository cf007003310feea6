// Package load is the other side of the benchmark: clients that cost as little
// as possible, so that the server has to wait for nobody. Their frames are
// masked before the clock starts. Of what comes back they compare the first
// messages byte for byte; of all others they look only at the frame headers.
package load

import (
	"bytes"
	"compress/flate"
	"crypto/rand"
	"encoding/binary"
	"encoding/json"
	"fmt"
	mrand "math/rand/v2"
	"sync"

	"websocket.example/03-raw-server/frame"
)

// A Workload is what the clients do.
type Workload struct {
	Name   string
	Title  string
	Conns  int
	Window int // how many messages each client has under way
	Opcode frame.Opcode

	// Deflate is what the clients offer: nothing, or permessage-deflate with
	// or without context takeover.
	Deflate  bool
	Takeover bool

	Messages func() [][]byte // what they send, over and over
}

// Checked is how many messages each client compares before the clock starts.
const Checked = 5

// Workloads are all there are, but for the idle connections.
var Workloads = []Workload{
	{
		Name: "ping-pong", Title: "64 connections, one text message of 125 bytes at a time",
		Conns: 64, Window: 1, Opcode: frame.Text,
		Messages: func() [][]byte { return [][]byte{bytes.Repeat([]byte("Hello"), 25)} },
	},
	{
		Name: "pipelined", Title: "16 connections, 32 binary messages of 1 KiB at a time",
		Conns: 16, Window: 32, Opcode: frame.Binary,
		Messages: func() [][]byte { return [][]byte{random(1 << 10)} },
	},
	{
		Name: "large", Title: "4 connections, one binary message of 1 MiB at a time",
		Conns: 4, Window: 1, Opcode: frame.Binary,
		Messages: func() [][]byte { return [][]byte{random(1 << 20)} },
	},
	{
		Name: "deflate", Title: "16 connections, 4 JSON texts of 4 KiB at a time, permessage-deflate without context takeover",
		Conns: 16, Window: 4, Opcode: frame.Text, Deflate: true,
		Messages: jsonTexts,
	},
	{
		Name: "deflate-takeover", Title: "16 connections, 4 JSON texts of 4 KiB at a time, permessage-deflate with context takeover",
		Conns: 16, Window: 4, Opcode: frame.Text, Deflate: true, Takeover: true,
		Messages: jsonTexts,
	},
}

// Offer is the value of Sec-WebSocket-Extensions, empty for none.
func (w *Workload) Offer() string {
	switch {
	case !w.Deflate:
		return ""
	case w.Takeover:
		return "permessage-deflate"
	}
	return "permessage-deflate; server_no_context_takeover; client_no_context_takeover"
}

func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // it never fails
	return b
}

// jsonTexts are as many as it takes that no window of 32 KiB reaches from one
// round of them to the next, so that repeating them makes them no smaller.
var jsonTexts = sync.OnceValue(func() [][]byte {
	texts := make([][]byte, 32)
	for i := range texts {
		texts[i] = jsonText(uint64(i), 4<<10)
	}
	return texts
})

// jsonText is a list of records such as services send each other, cut to n
// bytes. It is the same for the same seed, so that runs can be compared.
func jsonText(seed uint64, n int) []byte {
	rng := mrand.New(mrand.NewPCG(seed, 7692))
	pick := func(words ...string) string { return words[rng.IntN(len(words))] }
	type order struct {
		ID       int      `json:"id"`
		Customer string   `json:"customer"`
		Mail     string   `json:"mail"`
		Paid     bool     `json:"paid"`
		Total    float64  `json:"total"`
		At       string   `json:"at"`
		Items    []string `json:"items"`
		Note     string   `json:"note,omitempty"`
	}
	var list []order
	for {
		o := order{ID: rng.IntN(1e6), Paid: rng.IntN(3) > 0, Total: float64(rng.IntN(1e5)) / 100}
		o.Customer = pick("ana", "bruno", "carla", "diego", "elena", "felipe") + fmt.Sprint(rng.IntN(1000))
		o.Mail = o.Customer + "@" + pick("example.com", "example.org", "mail.example.net")
		o.At = fmt.Sprintf("2026-%02d-%02dT%02d:%02d:%02dZ", 1+rng.IntN(12), 1+rng.IntN(28), rng.IntN(24), rng.IntN(60), rng.IntN(60))
		for range 1 + rng.IntN(4) {
			o.Items = append(o.Items, pick("coffee", "bread", "cheese", "apples", "tea", "rice", "beans", "chocolate"))
		}
		if rng.IntN(2) == 0 {
			o.Note = pick("leave it at the door", "call before you come", "second floor, on the left", "no hurry")
		}
		list = append(list, o)
		b, err := json.Marshal(list)
		if err != nil {
			panic(err) // of strings and numbers it never is
		}
		if len(b) >= n {
			return b[:n]
		}
	}
}

// A script is a workload's messages as they go over the wire, again and
// again. All clients share one.
type script struct {
	*Workload
	plain  [][]byte
	wire   []byte // all frames, and once more as many as the window is
	starts []int  // where in wire each frame starts, and where the last ends
}

func newScript(w *Workload) (*script, error) {
	s := &script{Workload: w, plain: w.Messages()}
	var squeezed bytes.Buffer
	squeezer, err := flate.NewWriter(&squeezed, 1)
	if err != nil {
		return nil, err
	}
	var payloads [][]byte
	for _, message := range s.plain {
		if !w.Deflate {
			payloads = append(payloads, message)
			continue
		}
		squeezed.Reset()
		if !w.Takeover {
			squeezer.Reset(&squeezed)
		}
		if _, err := squeezer.Write(message); err != nil {
			return nil, err
		}
		if err := squeezer.Flush(); err != nil {
			return nil, err
		}
		// RFC 7692, section 7.2.1: without the four bytes that every flush ends with
		payloads = append(payloads, bytes.Clone(squeezed.Bytes()[:squeezed.Len()-4]))
	}
	for i := range len(payloads) + w.Window {
		h := frame.Header{Fin: true, Opcode: w.Opcode, Masked: true, Length: uint64(len(payloads[i%len(payloads)]))}
		if w.Deflate {
			h.RSV = frame.RSV1
		}
		binary.NativeEndian.PutUint32(h.Key[:], mrand.Uint32())
		s.starts = append(s.starts, len(s.wire))
		s.wire = frame.Append(s.wire, h)
		at := len(s.wire)
		s.wire = append(s.wire, payloads[i%len(payloads)]...)
		frame.Mask(s.wire[at:], h.Key, 0)
	}
	s.starts = append(s.starts, len(s.wire))
	return s, nil
}

// frames are n frames from the one numbered at. n is at most the window.
func (s *script) frames(at, n int) []byte {
	at %= len(s.plain)
	return s.wire[s.starts[at]:s.starts[at+n]]
}
