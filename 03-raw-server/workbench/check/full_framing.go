package check

import (
	"bytes"
	"time"

	"websocket.example/03-raw-server/frame"
)

// framing is RFC 6455, sections 5.1 to 5.3 and 5.6.
func framing(b *book) {
	// Every length around the places where its form changes.
	lengths := []int{0, 1, 2, 3, 4, 5, 124, 125, 126, 127, 128, 129, 255, 256, 257, 1023, 1024, 4095, 4096, 16384, 32767, 32768, 65534, 65535}
	beyond := []int{65536, 65537, 70_000, 131_071, 131_072}
	all := append(append([]int(nil), lengths...), beyond...)
	b.begin(Core, rfc("5.2"), "length")
	for _, n := range all {
		b.good(say("text", "n", n), send(text(alphabet(n))), echoText(alphabet(n)))
	}
	b.begin(Core, rfc("5.2"), "length")
	for _, n := range all {
		b.good(say("binary", "n", n), send(bin(noise(n))), echo(frame.Binary, noise(n)))
	}

	// TCP is a stream: a frame may be cut anywhere.
	b.begin(Core, rfc("5.4"), "stream")
	for _, n := range []int{5, 126, 65536} {
		for cut := 1; cut <= headerSize(n); cut++ {
			b.good(say("cut-header", "n", n, "at", cut), cutOnce(cut, text(alphabet(n))), echoText(alphabet(n)))
		}
	}
	b.begin(Core, rfc("5.4"), "stream")
	for _, row := range []struct{ n, piece int }{{0, 1}, {1, 1}, {5, 1}, {5, 2}, {5, 3}, {40, 1}, {126, 3}, {300, 7}, {1000, 64}, {4096, 127}, {65536, 1024}, {65536, 1460}, {131072, 4096}} {
		b.good(say("chopped", "n", row.n, "piece", row.piece), chopped(row.piece, text(alphabet(row.n))), echoText(alphabet(row.n)))
	}
	b.begin(Core, rfc("5.4"), "stream")
	for _, n := range []int{2, 3, 10, 100, 1000} {
		shots, echoes := many(n, 16)
		b.good(say("many", "n", n), append([]step{send(shots...)}, echoes...)...)
	}
	for _, n := range []int{10, 100} {
		shots, echoes := many(n, 500)
		b.good(say("many-across", "n", n), append([]step{chopped(700, shots...)}, echoes...)...)
	}

	// The masking key.
	b.begin(Core, rfc("5.3"), "mask").whom(servers)
	for _, key := range [][4]byte{{}, {0xff, 0xff, 0xff, 0xff}, {1, 0, 0, 0}, {0, 0, 0, 1}, {0x80, 0x80, 0x80, 0x80}, {'H', 'e', 'l', 'l'}} {
		b.good(say("key", "key", hexKey(key)), send(text("Hello, masks!").key(key)), echoText("Hello, masks!"))
	}
	for n := 1; n <= 9; n++ {
		message := alphabet(n)
		b.good(say("key-restarts", "n", n), send(text(message), bin([]byte(message)), text(message)), echoText(message), echo(frame.Binary, []byte(message)), echoText(message))
	}
	b.good(say("key-parts"), send(text("a").open(), more("bc"), more("def"), last("ghij")), echoText("abcdefghij"))
	b.good(say("key-between"), send(text("abc").open(), ping("12345"), last("defgh")), answer("12345"), echoText("abcdefgh"))

	b.begin(Must, rfc("5.1"), "refuse")
	for _, row := range []struct {
		name  string
		shots []shot
	}{
		{"text", shots(text("Hello").wrongMask())},
		{"empty", shots(text("").wrongMask())},
		{"binary", shots(bin(noise(300)).wrongMask())},
		{"ping", shots(ping("Hello").wrongMask())},
		{"pong", shots(pong("").wrongMask())},
		{"close", shots(code(1000, "").wrongMask())},
		{"fragment", shots(text("Hel").open().wrongMask())},
		{"second", shots(text("Hel").open(), last("lo").wrongMask())},
		{"within", shots(text("Hel").open(), ping("").wrongMask(), last("lo"))},
	} {
		b.bad(say("wrong-mask", "what", say("frames."+row.name)), row.shots...)
	}
	b.add(say("wrong-mask-after"), send(text("right"), text("wrong").wrongMask()), refuseAfter([]string{"right"}, protocol))

	reservedBits(b)
	reservedOpcodes(b)

	b.begin(Strict, rfc("5.2"), "refuse")
	for _, n := range []int{0, 1, 5, 125} {
		b.bad(say("form-16", "n", n), text(alphabet(n)).form(frame.In16Bits))
	}
	for _, n := range []int{0, 5, 125, 126, 65535} {
		b.bad(say("form-64", "n", n), text(alphabet(n)).form(frame.In64Bits))
	}
	b.bad(say("form-ping-16"), ping("Hello").form(frame.In16Bits))
	b.bad(say("form-ping-64"), ping("Hello").form(frame.In64Bits))
	b.bad(say("form-close"), code(1000, "").form(frame.In16Bits))
	b.bad(say("form-continuation"), text("Hel").open(), last("lo").form(frame.In64Bits))

	b.begin(Strict, rfc("5.2"), "refuse")
	for _, n := range []uint64{1 << 63, 1<<63 + 5, 1<<63 + 65536, 1<<64 - 1} {
		b.add(say("top-bit", "n", hexNumber(n)), send(bin(nil).claims(n)), refuse(protocol, frame.MessageTooBig))
	}
	b.begin(Must, rfc("10.4"), "refuse")
	for _, n := range []uint64{1<<63 - 1, 1 << 62, 1 << 40} {
		b.add(say("claim", "n", hexNumber(n)), send(bin(nil).claims(n)), refuseOrWait)
	}
}

func reservedBits(b *book) {
	bits := []byte{frame.RSV1, frame.RSV2, frame.RSV3, frame.RSV1 | frame.RSV2, frame.RSV1 | frame.RSV3, frame.RSV2 | frame.RSV3, frame.RSV1 | frame.RSV2 | frame.RSV3}
	b.begin(Must, rfc("5.2"), "refuse")
	for _, row := range []struct {
		name string
		of   func(byte) []shot
	}{
		{"text", func(r byte) []shot { return shots(text("Hello").rsv(r)) }},
		{"binary", func(r byte) []shot { return shots(bin(zeroes).rsv(r)) }},
		{"ping", func(r byte) []shot { return shots(ping("Hello").rsv(r)) }},
		{"close", func(r byte) []shot { return shots(code(1000, "").rsv(r)) }},
		{"second", func(r byte) []shot { return shots(text("Hel").open(), last("lo").rsv(r)) }},
	} {
		for _, r := range bits {
			b.bad(say("rsv", "bits", bitNames(r), "what", say("frames."+row.name)), row.of(r)...)
		}
	}
	b.add(say("rsv-after"), send(text("right"), text("wrong").rsv(frame.RSV3)), refuseAfter([]string{"right"}, protocol))
}

func reservedOpcodes(b *book) {
	b.begin(Must, rfc("5.2"), "refuse")
	for _, o := range []frame.Opcode{3, 4, 5, 6, 7, 11, 12, 13, 14, 15} {
		name := hexNumber(uint64(o))
		b.bad(say("opcode", "opcode", name), opcode(o))
		b.bad(say("opcode-payload", "opcode", name), data(o, []byte("reserved")))
		b.bad(say("opcode-open", "opcode", name), opcode(o).open())
		b.bad(say("opcode-within", "opcode", name), text("Hel").open(), opcode(o), last("lo"))
		b.add(say("opcode-after", "opcode", name), send(text("right"), opcode(o), ping("")), refuseAfter([]string{"right"}, protocol))
	}
}

func shots(s ...shot) []shot { return s }

// many is n different messages, and the wish to have them back.
func many(n, size int) (shots []shot, echoes []step) {
	for i := range n {
		message := alphabet(size + i)[i:]
		shots = append(shots, text(message))
		echoes = append(echoes, echoText(message))
	}
	return shots, echoes
}

// cutOnce sends a frame in two pieces.
func cutOnce(at int, s shot) step {
	return func(t *talk) *Finding {
		_, wire := s.wire(t)
		t.note(true, wire)
		at := min(at, len(wire))
		t.push(wire[:at], 0)
		time.Sleep(4 * pause)
		t.writing.Go(func() { t.push(wire[at:], 0) })
		return nil
	}
}

// headerSize is how long the header of a masked frame is.
func headerSize(n int) int { return frame.Header{Masked: true, Length: uint64(n)}.Size() }

// refuseOrWait wants no answer to a frame that may be about to come: who has
// a limit says 1009 at once, who has none waits.
func refuseOrWait(t *talk) *Finding {
	if t.waits(t.limit / 6) {
		return nil
	}
	return t.wantRefusal([]frame.CloseCode{frame.MessageTooBig, protocol}, time.Now().Add(t.limit), nil)
}

// alphabet is n bytes of ASCII, in which every place can be told from its
// neighbours.
func alphabet(n int) string {
	if n <= len(letters) {
		return letters[:n]
	}
	return string(bytes.Repeat([]byte(letters), n/len(letters)+1)[:n])
}

// noise is n bytes that look like nothing, the same every time.
func noise(n int) []byte {
	b := make([]byte, n)
	x := uint32(n)*2654435761 + 12345
	for i := range b {
		x ^= x << 13
		x ^= x >> 17
		x ^= x << 5
		b[i] = byte(x >> 11)
	}
	return b
}
