package check

import (
	"strings"
	"time"

	"websocket.example/03-raw-server/frame"
)

// closings is RFC 6455, sections 5.5.1 and 7.
func closings(b *book) {
	closes1000 := closes([]byte{3, 0xe8})
	b.begin(Core, rfc("7.4.1"), "close")
	for _, c := range []frame.CloseCode{1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011} {
		b.add(say("close", "code", uint16(c)), send(code(c, "")), closes(code(c, "").payload))
	}
	b.begin(Must, rfc("7.4.2"), "close")
	for _, c := range []frame.CloseCode{3000, 3001, 3999, 4000, 4001, 4999} {
		b.add(say("close", "code", uint16(c)), send(code(c, "")), closes(code(c, "").payload))
	}
	// They came into the registry of IANA after the RFC was written.
	b.begin(Strict, "IANA registry of close codes", "close")
	for _, c := range []frame.CloseCode{1012, 1013, 1014} {
		b.add(say("close", "code", uint16(c)), send(code(c, "")), closes(code(c, "").payload))
	}
	b.begin(Must, rfc("7.4"), "close-wrong")
	for _, c := range []frame.CloseCode{0, 1, 999, 1004, 1005, 1006, 1015} {
		b.bad(say("close-wrong", "code", uint16(c)), code(c, ""))
		b.bad(say("close-wrong-reason", "code", uint16(c)), code(c, "a reason"))
	}
	b.begin(Strict, rfc("7.4.2"), "close-wrong")
	for _, c := range []frame.CloseCode{1016, 1100, 1999, 2000, 2999, 5000, 9999, 65535} {
		b.bad(say("close-unknown", "code", uint16(c)), code(c, ""))
	}

	b.begin(Must, rfc("5.5.1"), "close-body")
	b.add(say("close-empty"), send(closing(nil)), closes(nil))
	for _, reason := range []string{"x", "bye", "até logo", "さようなら", alphabet(122), alphabet(123), strings.Repeat("é", 61)} {
		b.add(say("close-reason", "n", len(reason), "reason", escaped(reason[:min(len(reason), 12)])), send(code(1000, reason)), closes1000)
	}
	b.begin(Must, rfc("5.5.1"), "close-wrong")
	for _, c := range []byte{0, 3, 0xff} {
		b.bad(say("close-one", "byte", hexNumber(uint64(c))), closing([]byte{c}))
	}
	b.begin(Strict, rfc("5.5.1"), "close-wrong")
	for _, row := range wrongTexts[:22] {
		b.add(say("close-not-utf8", "text", escaped(row.text), "why", say("utf8."+row.name)), send(code(1000, row.text)), refuse(payload, protocol))
	}
	for _, s := range cutTexts[:5] {
		b.add(say("close-cut-utf8", "text", escaped(s)), send(code(1000, s)), refuse(payload, protocol))
	}

	b.begin(Must, rfc("5.5.1"), "close")
	b.add(say("close-chopped"), chopped(1, code(1000, "byte by byte")), closes1000)
	b.add(say("close-within"), send(text("Hel").open(), code(1000, "")), closes1000)
	b.add(say("close-within-later"), send(text("Hel").open()), waitABit, send(code(1001, "")), closes([]byte{3, 0xe9}))
	b.add(say("text-then-close"), send(text("last words"), code(1000, "")), echoText("last words"), closes1000)
	ten, echoes := many(10, 20)
	b.add(say("many-then-close"), append(append(steps(send(append(ten, code(1000, ""))...)), echoes...), closes1000)...)
	b.add(say("long-then-close"), send(text(alphabet(300_000)), code(1000, "")), echoText(alphabet(300_000)), closes1000)
	for _, row := range []struct {
		name  string
		shots []shot
	}{
		{"text", shots(text("too late"))},
		{"binary", shots(bin(zeroes))},
		{"ping", shots(ping("too late"))},
		{"close", shots(code(1000, ""))},
		{"continuation", shots(last("too late"))},
		{"unmasked", shots(text("too late").wrongMask())},
		{"opcode", shots(opcode(3), opcode(15))},
		{"other-code", shots(code(4000, "changed my mind"))},
	} {
		b.add(say("after-close", "what", say("frames."+row.name)), send(append(shots(code(1000, "")), row.shots...)...), closes1000, nothingAfter)
	}
	b.add(say("after-close-noise"), send(code(1000, "")), sendNoise, closes1000, nothingAfter)
	b.add(say("after-close-within"), send(text("Hel").open(), code(1000, ""), last("lo")), closes1000, nothingAfter)

	b.begin(Must, rfc("7.1.1"), "close")
	b.add(say("close-ends-tcp"), send(text("Hello")), echoText("Hello"), send(code(1000, "")), closes1000).whom = servers
	b.begin(Strict, rfc("7.1.5"), "close")
	b.add(say("half-closed"), halfClose, endsToo)
	b.add(say("half-closed-within"), send(text("Hel").open()), halfClose, endsToo)
	b.add(say("half-closed-frame"), send(text("Hello").firstBytes(8)), halfClose, endsToo)
	b.add(say("half-closed-header"), send(text(alphabet(300)).firstBytes(3)), halfClose, endsToo)
}

// waitABit lets what was sent be read alone.
func waitABit(*talk) *Finding { time.Sleep(10 * pause); return nil }

func sendNoise(t *talk) *Finding { t.push(noise(100), 0); return nil }

// halfClose ends our stream without a close frame.
func halfClose(t *talk) *Finding {
	t.writing.Wait()
	t.remark(true, "log.closed")
	if half, can := t.nc.(interface{ CloseWrite() error }); can && half.CloseWrite() == nil {
		return nil
	}
	return absent("no-half-close")
}

// endsToo wants the other side to end its stream as well. What it says before
// is its own business.
func endsToo(t *talk) *Finding {
	if t.ends() {
		return nil
	}
	t.remark(false, "log.open")
	return found("half-open")
}
