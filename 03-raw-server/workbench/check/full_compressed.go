package check

import (
	"bytes"
	"compress/flate"
	"fmt"
	"strings"

	"websocket.example/03-raw-server/deflate"
	"websocket.example/03-raw-server/frame"
)

// compressed is RFC 7692, sections 6 and 7.2.
func compressed(b *book) {
	// Every agreement, with messages that would betray who does not keep it.
	b.begin(Must, rfc7692("7.2"), "packed")
	for _, o := range append([]deflate.Options{{}}, variants...) {
		name := parameters(o)
		agreed := &terms{Options: o}
		b.good(say("packed-short", "terms", name), conversation("Hello", "Hello", "", "Hello, Hello, Hello", "a", "Hello")...).terms = agreed
		b.good(say("packed-again", "terms", name), packedRally(frame.Text, []byte(prose(3000)), 12)...).terms = agreed
		b.good(say("packed-far", "terms", name), packedRally(frame.Binary, farBack(), 3)...).terms = agreed
		b.good(say("packed-noise", "terms", name), packedRally(frame.Binary, noise(20_000), 2)...).terms = agreed
	}
	plain := &terms{}
	whole := &terms{need: func(p deflate.Params, client bool) bool { return windowOf(p, client) == 15 }}
	b.begin(Must, rfc7692("7.2"), "packed")
	for _, n := range []int{0, 1, 2, 125, 126, 127, 255, 256, 1000, 4096, 32767, 32768, 32769, 65535, 65536, 100_000} {
		b.good(say("packed-size", "n", n), packedRally(frame.Text, []byte(prose(n)), 2)...).terms = plain
	}
	for _, n := range []int{1 << 20, 4 << 20, 16 << 20} {
		if n <= b.large {
			b.add(say("packed-large", "size", bytesOf(n)), sendPackedLarge(n), echoLarge(frame.Text, n)).with(plain).large = true
		}
	}
	b.add(say("packed-zeroes", "size", bytesOf(1<<20)), sendPacked(frame.Binary, make([]byte, 1<<20), 0), echo(frame.Binary, make([]byte, 1<<20))).with(plain).large = true
	b.add(say("packed-rally", "n", 1000), packedRally(frame.Text, []byte(prose(200)), 1000)...).with(plain).large = true

	b.begin(Must, rfc7692("6.1"), "packed")
	message := []byte(prose(500))
	for _, size := range []int{1, 2, 3, 16, 100} {
		b.good(say("packed-parts", "size", size), sendPacked(frame.Text, message, size), echo(frame.Text, message), sendPacked(frame.Binary, message, size), echo(frame.Binary, message)).terms = plain
	}
	b.good(say("packed-parts-empty"), packedWithEmpties(message), echo(frame.Text, message)).terms = plain
	b.good(say("packed-chopped"), packedChopped(message), echo(frame.Text, message)).terms = plain
	b.good(say("packed-between"), packedBetween(message), pongs("1", "2"), echo(frame.Text, message)).terms = plain
	b.good(say("packed-between-raw"), packedBetween([]byte("Hello")), pongs("1", "2"), echoText("Hello")).terms = plain
	b.good(say("unpacked"), send(text("not compressed")), echoText("not compressed"), send(text("but this").packed()), echoText("but this"), send(bin(zeroes)), echo(frame.Binary, zeroes), send(text("but this").packed()), echoText("but this")).terms = plain
	b.good(say("unpacked-parts"), send(text("not ").open(), last("compressed")), echoText("not compressed"), sendPacked(frame.Text, message, 9), echo(frame.Text, message)).terms = plain
	b.good(say("packed-one-write"), send(text("one").packed(), text("two"), text("one, two").packed(), ping("!"), text("three").packed()), echoText("one"), echoText("two"), echoText("one, two"), answer("!"), echoText("three")).terms = plain

	b.begin(Must, rfc7692("6.1"), "packed-bits")
	for _, row := range []struct {
		name  string
		shots func(t *talk) []shot
	}{
		{"rsv1-continuation", func(t *talk) []shot { s := t.packedParts(frame.Text, message, 60); s[1].RSV = frame.RSV1; return s }},
		{"rsv1-continuation-only", func(t *talk) []shot { return shots(text("Hel").open(), last("lo").rsv(frame.RSV1)) }},
		{"rsv1-ping", func(t *talk) []shot { return shots(ping("Hello").rsv(frame.RSV1)) }},
		{"rsv1-pong", func(t *talk) []shot { return shots(pong("Hello").rsv(frame.RSV1)) }},
		{"rsv1-close", func(t *talk) []shot { return shots(code(1000, "").rsv(frame.RSV1)) }},
		{"rsv1-ping-between", func(t *talk) []shot {
			s := t.packedParts(frame.Text, message, 60)
			return append(shots(s[0], ping("").rsv(frame.RSV1)), s[1:]...)
		}},
		{"rsv2", func(t *talk) []shot { return shots(text("Hello").packed().rsv(frame.RSV2)) }},
		{"rsv3", func(t *talk) []shot { return shots(text("Hello").packed().rsv(frame.RSV3)) }},
		{"rsv2-plain", func(t *talk) []shot { return shots(text("Hello").rsv(frame.RSV2)) }},
		{"rsv3-plain", func(t *talk) []shot { return shots(bin(zeroes).rsv(frame.RSV3)) }},
	} {
		b.add(say("packed."+row.name), func(t *talk) *Finding { t.write(0, row.shots(t)...); return nil }, refuse(protocol)).terms = plain
	}
	b.add(say("packed.not-agreed"), send(data(frame.Text, new(stream).fixed(false, "Hello").flush()).rsv(frame.RSV1)), refuse(protocol))

	b.begin(Must, rfc7692("7.2.3"), "packed-blocks")
	for _, row := range []struct {
		name   string
		stream []byte
		want   string
	}{
		{"fixed", new(stream).fixed(false, "Hello").flush(), "Hello"},
		{"stored", new(stream).stored(false, "Hello").flush(), "Hello"},
		{"two", new(stream).fixed(false, "Hel").fixed(false, "lo").flush(), "Hello"},
		{"mixed", new(stream).stored(false, "He").fixed(false, "l").stored(false, "l").fixed(false, "o").flush(), "Hello"},
		{"flushed", new(stream).fixed(false, "Hel").stored(false, "").fixed(false, "lo").flush(), "Hello"},
		{"empty-blocks", new(stream).stored(false, "").fixed(false, "").stored(false, "").fixed(false, "Hello").fixed(false, "").flush(), "Hello"},
		{"match", new(stream).header(false, 1).literals("Hel").symbol('l').literals("o, ").match(5, 7).symbol(256).flush(), "Hello, Hello"},
		{"overlap", new(stream).header(false, 1).literals("ab").match(10, 2).match(3, 1).symbol(256).flush(), "ab" + strings.Repeat("ab", 5) + "bbb"},
		{"empty", new(stream).flush(), ""},
		{"empty-fixed", new(stream).fixed(false, "").flush(), ""},
		{"many-stored", manyStored("Hello, many blocks"), "Hello, many blocks"},
		{"dynamic", flated(flate.BestCompression, prose(2000)), prose(2000)},
		{"huffman-only", flated(flate.HuffmanOnly, prose(2000)), prose(2000)},
		{"no-compression", flated(flate.NoCompression, prose(2000)), prose(2000)},
		{"high", new(stream).fixed(false, "\u00ff\u07ff").flush(), "\u00ff\u07ff"},
	} {
		terms := plain
		if row.name == "dynamic" { // it refers further back than a small window
			terms = whole
		}
		b.good(say("stream."+row.name), send(streamParts(frame.Text, row.stream, 0)...), echoText(row.want)).terms = terms
		b.good(say("stream-parts", "what", say("full.stream."+row.name)), send(streamParts(frame.Text, row.stream, 1)...), echoText(row.want)).terms = terms
	}

	// RFC 7692, section 7.2.3.4: BFINAL may be set.
	b.begin(Must, rfc7692("7.2.3.4"), "packed-blocks")
	final := func(s *stream) []byte { return append(s.align().b, 0) }
	for _, row := range []struct {
		name   string
		stream []byte
	}{
		{"fixed", final(new(stream).fixed(true, "Hello"))},
		{"stored", final(new(stream).stored(true, "Hello"))},
		{"behind", final(new(stream).fixed(false, "Hel").fixed(true, "lo"))},
	} {
		b.good(say("final."+row.name), send(streamParts(frame.Text, row.stream, 0)...), echoText("Hello"), send(streamParts(frame.Text, row.stream, 0)...), echoText("Hello"), send(text("and on").packed()), echoText("and on")).
			terms = &terms{Options: deflate.Options{NoClientTakeover: true}}
	}

	b.begin(Must, rfc7692("7.2.2"), "packed-broken")
	for _, row := range []struct {
		name   string
		stream []byte
	}{
		{"kind", new(stream).header(false, 3).align().b},
		{"lengths", []byte{0x00, 0x05, 0x00, 0x05, 0x00, 'H', 'e', 'l', 'l', 'o', 0x00}},
		{"far", new(stream).header(false, 1).literals("Hello").match(5, 6).symbol(256).flush()},
		{"nothing-back", new(stream).header(false, 1).match(3, 1).symbol(256).flush()},
		{"symbol", new(stream).header(false, 1).literals("Hello").symbol(286).symbol(256).flush()},
		{"distance", new(stream).header(false, 1).literals("Hello").symbol(257).code(30, 5).symbol(256).flush()},
		{"codes", new(stream).header(false, 2).bits(0, 14).bits(0xfff, 12).align().flush()},
		{"repeat", new(stream).header(false, 2).bits(0, 14).bits(1, 3).bits(0, 9).bits(0, 2).align().flush()},
		{"text", []byte("This is no DEFLATE at all, but text.")},
		{"ones", bytes.Repeat([]byte{0xff}, 20)},
	} {
		b.add(say("broken."+row.name), send(streamParts(frame.Text, row.stream, 0)...), refuse(payload, protocol)).terms = plain
		b.add(say("broken-parts", "what", say("full.broken."+row.name)), send(streamParts(frame.Binary, row.stream, 3)...), refuse(payload, protocol)).terms = plain
	}
	b.begin(Strict, rfc7692("7.2.2"), "packed-broken")
	b.add(say("broken.cut"), send(streamParts(frame.Text, cutStream(), 0)...), refuse(payload, protocol)).terms = plain
	b.add(say("broken.cut-stored"), send(streamParts(frame.Text, []byte{0x00, 0x40, 0x00, 0xbf, 0xff, 'H', 'e', 'l', 'l', 'o'}, 0)...), refuse(payload, protocol)).terms = plain
	b.add(say("broken.nothing"), send(streamParts(frame.Text, nil, 0)...), refuse(payload, protocol)).terms = plain

	// The window and the context of the other side's decompressor.
	b.begin(Must, rfc7692("7.2.3.2"), "packed-window")
	b.good(say("window-whole"), wholeWindow...).terms = &terms{need: func(p deflate.Params, client bool) bool { return windowOf(p, client) == 15 && takeoverOf(p, client) }}
	b.good(say("window-before"), referToBefore...).terms = &terms{need: func(p deflate.Params, client bool) bool { return takeoverOf(p, client) }}
	b.add(say("window-reset"), referToReset...).with(&terms{Options: deflate.Options{NoServerTakeover: true, NoClientTakeover: true}, judge: forgets}).Level = Strict

	b.begin(Must, rfc("8.1"), "utf8")
	for _, row := range wrongTexts[:20] {
		b.add(say("packed-not-utf8", "text", escaped(row.text)), send(text(row.text).packed()), refuse(payload)).terms = plain
	}
	for _, s := range cutTexts {
		b.add(say("packed-ends-within", "text", escaped(s)), send(text(s).packed()), refuse(payload)).terms = plain
	}
	for _, s := range rightTexts {
		b.good(say("packed-utf8", "text", escaped(s)), sendPacked(frame.Text, []byte(s), 1), echoText(s)).terms = plain
	}
	b.good(say("packed-binary-any"), send(bin([]byte("\xff\xfe\xc0")).packed()), echo(frame.Binary, []byte("\xff\xfe\xc0"))).terms = plain
	b.add(say("packed-then-close"), send(text("last words").packed(), code(1000, "")), echoText("last words"), closes([]byte{3, 0xe8})).terms = plain
}

func (c *Case) with(t *terms) *Case { c.terms = t; return c }

// conversation is compressed messages, one after the other.
func conversation(messages ...string) (all []step) {
	for _, m := range messages {
		all = append(all, send(text(m).packed()), echoText(m))
	}
	return all
}

func packedRally(o frame.Opcode, message []byte, n int) (all []step) {
	for range n {
		all = append(all, sendPacked(o, message, 0), echo(o, message))
	}
	return all
}

func sendPackedLarge(n int) step {
	return func(t *talk) *Finding {
		t.write(0, t.packedParts(frame.Text, []byte(alphabet(n)), 0)...)
		return nil
	}
}

// prose is n bytes that compress as text does.
func prose(n int) string {
	words := []string{"the ", "server ", "answers ", "each ", "message ", "with ", "its ", "own ", "bytes, ", "and ", "nothing ", "else "}
	var b strings.Builder
	for i := 0; b.Len() < n; i++ {
		b.WriteString(words[(i*7+i*i/5)%len(words)])
		if i%13 == 0 {
			fmt.Fprintf(&b, "%d ", i)
		}
	}
	return b.String()[:n]
}

// farBack repeats itself at every distance that a window may have: whoever
// looks too far back for what has been there finds it.
func farBack() []byte {
	var b []byte
	sample := noise(200)
	for _, distance := range []int{256, 300, 512, 700, 1024, 1500, 2048, 4096, 8192, 16384, 32000} {
		part := noise(distance + 7)
		b = append(append(append(b, sample...), part[:distance-len(sample)]...), sample...)
	}
	return b
}

func packedWithEmpties(message []byte) step {
	return func(t *talk) *Finding {
		var all []shot
		for i, s := range t.packedParts(frame.Text, message, 50) {
			if i > 0 {
				all = append(all, more(""))
			}
			s.Fin = false
			all = append(all, s)
		}
		t.write(0, append(all, last(""))...)
		return nil
	}
}

func packedChopped(message []byte) step {
	return func(t *talk) *Finding { t.write(1, t.packedParts(frame.Text, message, 0)...); return nil }
}

func packedBetween(message []byte) step {
	return func(t *talk) *Finding {
		s := t.packedParts(frame.Text, message, 3)
		all := append(shots(s[0], ping("1")), s[1:len(s)-1]...)
		t.write(0, append(all, ping("2"), s[len(s)-1])...)
		return nil
	}
}

func manyStored(p string) []byte {
	s := new(stream)
	for i := range len(p) {
		s.stored(false, p[i:i+1])
	}
	return s.flush()
}

// flated is a message as package compress/flate writes it, which is not ours.
func flated(level int, p string) []byte {
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, level)
	if err == nil {
		_, _ = w.Write([]byte(p)) // a buffer takes everything
		err = w.Flush()
	}
	if err != nil {
		panic(err) // there is no such level: a slip of this package, which every test meets
	}
	return bytes.TrimSuffix(b.Bytes(), []byte{0x00, 0x00, 0xff, 0xff})
}

// cutStream is a compressed text of which the end is missing.
func cutStream() []byte {
	b := flated(flate.BestCompression, prose(2000))
	return b[:len(b)/2]
}

func windowOf(p deflate.Params, client bool) int {
	if client {
		return p.ClientMaxWindowBits
	}
	return p.ServerMaxWindowBits
}

func takeoverOf(p deflate.Params, client bool) bool {
	if client {
		return !p.ClientNoContextTakeover
	}
	return !p.ServerNoContextTakeover
}

// forgets wants a server to have promised to forget, not only to have been
// told that it may.
func forgets(a answered) (params, *Finding) {
	p, f := confirmed(deflate.Options{NoServerTakeover: true, NoClientTakeover: true}, a)
	if f == nil && !strings.Contains(a.line, noClient) {
		return nil, absent("no-parameter")
	}
	return p, f
}

// wholeWindow fills the window with one message, and refers to its first byte
// with the next.
var wholeWindow = []step{
	func(t *talk) *Finding {
		t.write(0, streamParts(frame.Binary, flated(flate.NoCompression, string(noise(32768))), 0)...)
		return nil
	},
	echo(frame.Binary, noise(32768)),
	send(streamParts(frame.Binary, new(stream).header(false, 1).match(10, 32768).symbol(256).flush(), 0)...),
	echo(frame.Binary, noise(32768)[:10]),
}

// referToBefore refers to the message before, in a message of nothing else.
var referToBefore = []step{
	send(streamParts(frame.Text, new(stream).fixed(false, "Hello").flush(), 0)...),
	echoText("Hello"),
	send(streamParts(frame.Text, new(stream).header(false, 1).match(5, 5).symbol(256).flush(), 0)...),
	echoText("Hello"),
	send(streamParts(frame.Text, new(stream).header(false, 1).match(10, 10).symbol('!').symbol(256).flush(), 0)...),
	echoText("HelloHello!"),
}

// referToReset refers to a message that must be forgotten.
var referToReset = []step{
	send(streamParts(frame.Text, new(stream).fixed(false, "Hello").flush(), 0)...),
	echoText("Hello"),
	send(streamParts(frame.Text, new(stream).header(false, 1).match(5, 5).symbol(256).flush(), 0)...),
	refuse(payload, protocol),
}
