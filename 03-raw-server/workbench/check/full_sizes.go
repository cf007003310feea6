package check

import (
	"websocket.example/03-raw-server/frame"
)

// sizes is long messages and many of them. RFC 6455, section 10.4, lets
// everybody have a limit.
func sizes(b *book) {
	b.begin(Must, rfc("5.2"), "length")
	for _, o := range []frame.Opcode{frame.Text, frame.Binary} {
		for n := 256 << 10; n <= b.large; n *= 4 {
			b.add(say("large", "opcode", o, "size", bytesOf(n)), sendLarge(o, n, 0, 0), echoLarge(o, n)).large = true
		}
	}
	b.begin(Must, rfc("5.4"), "fragments")
	for _, o := range []frame.Opcode{frame.Text, frame.Binary} {
		for _, size := range []int{64, 256, 1 << 10, 4 << 10, 16 << 10, 64 << 10, 256 << 10, 1 << 20} {
			n := min(b.large, 4<<20, size*16384)
			b.add(say("large-parts", "opcode", o, "size", bytesOf(n), "part", bytesOf(size)), sendLarge(o, n, size, 0), echoLarge(o, n)).large = true
		}
	}
	b.begin(Must, rfc("5.4"), "stream")
	for _, piece := range []int{64, 128, 256, 512, 1 << 10, 2 << 10, 64 << 10} {
		n := min(b.large, 1<<20, piece*8192)
		b.add(say("large-chopped", "size", bytesOf(n), "piece", piece), sendLarge(frame.Binary, n, 0, piece), echoLarge(frame.Binary, n)).large = true
	}
	b.begin(Must, rfc("5.2"), "stream")
	for _, row := range []struct{ n, size int }{{1000, 0}, {1000, 16}, {1000, 64}, {1000, 256}, {1000, 1024}, {500, 4096}, {200, 16 << 10}, {50, 64 << 10}} {
		b.add(say("rally", "n", row.n, "size", bytesOf(row.size)), rally(row.n, row.size)).large = true
	}
	for _, row := range []struct{ n, size int }{{10_000, 16}, {2000, 1024}, {100, 64 << 10}} {
		b.add(say("pipeline", "n", row.n, "size", bytesOf(row.size)), pipeline(row.n, row.size)).large = true
	}
}

// bytesOf writes a size as 64 KiB.
func bytesOf(n int) Text {
	switch {
	case n >= 1<<20 && n%(1<<20) == 0:
		return say("size.mib", "n", n>>20)
	case n >= 1<<10 && n%(1<<10) == 0:
		return say("size.kib", "n", n>>10)
	}
	return say("size.b", "n", n)
}

// largeMessage is made when it is needed.
func largeMessage(o frame.Opcode, n int) []byte {
	if o == frame.Text {
		return []byte(alphabet(n))
	}
	return noise(n)
}

func sendLarge(o frame.Opcode, n, part, piece int) step {
	return func(t *talk) *Finding {
		shots := shots(data(o, largeMessage(o, n)))
		if part > 0 {
			shots = inParts(o, largeMessage(o, n), part)
		}
		t.write(-piece, shots...)
		return nil
	}
}

func echoLarge(o frame.Opcode, n int) step {
	return func(t *talk) *Finding { return t.wantMessage(o, largeMessage(o, n)) }
}

// rally is one message after the other, each when the last has come back.
func rally(n, size int) step {
	return func(t *talk) *Finding {
		message := noise(size)
		for range n {
			t.write(0, bin(message))
			if f := t.wantMessage(frame.Binary, message); f != nil {
				return f
			}
		}
		return nil
	}
}

// pipeline is all messages at once.
func pipeline(n, size int) step {
	return func(t *talk) *Finding {
		message := noise(size)
		all := make([]shot, n)
		for i := range all {
			all[i] = bin(message)
		}
		t.write(0, all...)
		for range n {
			if f := t.wantMessage(frame.Binary, message); f != nil {
				return f
			}
		}
		return nil
	}
}
