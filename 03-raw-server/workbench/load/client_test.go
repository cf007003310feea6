package load

import (
	"net"
	"testing"

	"websocket.example/03-raw-server/frame"
)

// A message counts once its last frame is whole, however the bytes come.
func TestCount(t *testing.T) {
	var stream []byte
	ends := map[int]bool{} // after how many bytes a message is whole
	add := func(h frame.Header) {
		stream = frame.Append(stream, h)
		stream = append(stream, make([]byte, h.Length)...)
		if h.Fin && !h.Opcode.IsControl() {
			ends[len(stream)] = true
		}
	}
	add(frame.Header{Fin: true, Opcode: frame.Text, Length: 125})
	add(frame.Header{Fin: true, Opcode: frame.Binary})
	add(frame.Header{Opcode: frame.Binary, Length: 300})
	add(frame.Header{Fin: true, Opcode: frame.Ping, Length: 4})
	add(frame.Header{Fin: true, Opcode: frame.Continuation, Length: 70000})
	add(frame.Header{Fin: true, Opcode: frame.Text, Length: 1})
	for _, step := range []int{1, 2, 7, 126, 1000, len(stream)} {
		a, b := net.Pipe()
		go func() {
			defer b.Close()
			for i := 0; i < len(stream); i += step {
				if _, err := b.Write(stream[i:min(i+step, len(stream))]); err != nil {
					return
				}
			}
		}()
		c := client{nc: a, in: make([]byte, 128<<10)}
		total, read := 0, 0
		for c.read() == nil {
			read = min(read+step, len(stream))
			n, err := c.count()
			if err != nil {
				t.Fatal(err)
			}
			total += n
			want := 0
			for end := range ends {
				if end <= read {
					want++
				}
			}
			if total != want {
				t.Fatalf("in steps of %d: %d messages after %d bytes, want %d", step, total, read, want)
			}
		}
		if total != 4 {
			t.Errorf("in steps of %d: %d messages", step, total)
		}
	}
}

// What is sent again and again is the same for whoever reads it from anywhere.
func TestScript(t *testing.T) {
	for i := range Workloads {
		w := &Workloads[i]
		s, err := newScript(w)
		if err != nil {
			t.Fatal(err)
		}
		for at := range len(s.plain) {
			b := s.frames(at, w.Window)
			for range w.Window {
				h, n, err := frame.Parse(b)
				if err != nil || len(b) < n+int(h.Length) || !h.Fin || !h.Masked {
					t.Fatalf("%s, %d: %+v, %v", w.Name, at, h, err)
				}
				b = b[n+int(h.Length):]
			}
			if len(b) > 0 {
				t.Fatalf("%s, %d: %d bytes are left", w.Name, at, len(b))
			}
		}
	}
}
