package check

import (
	"time"

	"websocket.example/03-raw-server/frame"
)

// right and wrong texts: those at the edges of the table of RFC 3629, section
// 4. Wrong ones go wrong at a byte after which nothing can mend them; cut ones
// end within a character.
var (
	rightTexts = []string{
		"\x00", "\x7f", "\u0080", "\u07ff", "\u0800", "\ufffd", "\uffff", "\ufdd0", "\U00010000", "\U0010ffff", "\U0001fffe",
		"\ud7ff", "\ue000", "\ufeff", "olá", "κόσμε", "日本語", "😀", "e\u0301", "עברית", "👩‍👩‍👧", "á\x00é",
	}
	wrongTexts = []struct {
		name, text string
		at         int
	}{
		{"continuation", "\x80", 0}, {"continuation", "\xbf", 0}, {"continuation", "ok \x80\xbf", 3},
		{"too-many", "é\xa9", 2}, {"too-many", "€\x80", 3}, {"too-many", "😀\xbf", 4},
		{"overlong", "\xc0\x80", 0}, {"overlong", "\xc1\xbf", 0}, {"overlong", "\xe0\x80\x80", 1}, {"overlong", "\xe0\x9f\xbf", 1},
		{"overlong", "\xf0\x80\x80\x80", 1}, {"overlong", "\xf0\x8f\xbf\xbf", 1}, {"overlong", "\xc0\xaf", 0},
		{"surrogate", "\xed\xa0\x80", 1}, {"surrogate", "\xed\xbf\xbf", 1}, {"surrogate", "\xed\xa0\xbd\xed\xb8\x80", 1}, {"surrogate", "\xed\xae\x80", 1},
		{"too-high", "\xf4\x90\x80\x80", 1}, {"too-high", "\xf5\x80\x80\x80", 0}, {"too-high", "\xf7\xbf\xbf\xbf", 0},
		{"five-six", "\xf8\x88\x80\x80\x80", 0}, {"five-six", "\xfc\x84\x80\x80\x80\x80", 0}, {"five-six", "\xfb\xbf\xbf\xbf\xbf", 0},
		{"never", "\xfe", 0}, {"never", "\xff", 0}, {"never", "\xfe\xfe\xff\xff", 0},
		{"broken-off", "\xc3A", 1}, {"broken-off", "\xe2\x82A", 2}, {"broken-off", "\xf0\x9f\x98A", 3}, {"broken-off", "\xe2A\xac", 1}, {"broken-off", "\xe2\x82€", 2},
		{"latin1", "caf\xe9 com leite", 4}, {"utf16", "\xff\xfeo\x00", 0}, {"late", "κόσμε\xed\xa0\x80edited", 11},
	}
	cutTexts = []string{"\xc3", "\xe2", "\xe2\x82", "\xf0", "\xf0\x9f", "\xf0\x9f\x98", "olá \xc3", "日本\xe8\xaa"}
)

// texts is RFC 6455, sections 5.6 and 8.1: text is UTF-8.
func texts(b *book) {
	b.begin(Core, rfc("5.6"), "characters")
	for _, s := range rightTexts {
		b.good(say("utf8", "text", escaped(s)), send(text(s)), echoText(s))
	}
	const mixed = "olá, κόσμε 日本 😀!"
	b.begin(Must, rfc("5.6"), "text-parts")
	for at := 1; at < len(mixed); at++ {
		b.good(say("utf8-cut", "text", escaped(mixed), "at", at), send(cutAt(frame.Text, []byte(mixed), at)...), echoText(mixed))
	}
	b.good(say("utf8-each", "text", escaped(mixed)), send(inParts(frame.Text, []byte(mixed), 1)...), echoText(mixed))
	b.good(say("utf8-each-apart", "text", escaped(mixed)), apart(inParts(frame.Text, []byte(mixed), 1)...), echoText(mixed))
	b.good(say("utf8-chopped", "text", escaped(mixed)), chopped(1, text(mixed)), echoText(mixed))
	b.good(say("utf8-pings", "text", escaped("€")), send(text("\xe2").open(), ping("\xff"), more("\x82"), ping("\xfe"), last("\xac")), pongs("\xff", "\xfe"), echoText("€"))
	b.good(say("utf8-empty-between", "text", escaped("€")), send(text("\xe2").open(), more(""), more("\x82"), more(""), last("\xac")), echoText("€"))
	long := alphabet(65530) + mixed
	for _, at := range []int{65534, 65535, 65536, 65537} {
		b.good(say("utf8-long", "at", at), send(cutAt(frame.Text, []byte(long), at)...), echoText(long))
	}

	b.begin(Must, rfc("8.1"), "utf8")
	for _, row := range wrongTexts {
		b.add(say("not-utf8", "text", escaped(row.text), "why", say("utf8."+row.name)), send(text(row.text)), refuse(payload))
	}
	for _, s := range cutTexts {
		b.add(say("ends-within", "text", escaped(s)), send(text(s)), refuse(payload))
	}

	// Cut at every place: in two fragments, both of which come at once.
	b.begin(Must, rfc("8.1"), "text-parts")
	for _, row := range wrongTexts {
		for at := 1; at < len(row.text); at++ {
			b.add(say("not-utf8-cut", "text", escaped(row.text), "at", at, "why", say("utf8."+row.name)),
				send(cutAt(frame.Text, []byte(row.text), at)...), refuse(payload))
		}
	}
	for _, s := range cutTexts {
		b.add(say("ends-within-parts", "text", escaped(s)), send(append(inParts(frame.Text, []byte(s), 1)[:len(s)-1:len(s)-1], closedBy(s, len(s))...)...), refuse(payload))
	}

	// And what is left of the message is held back until it has been refused.
	b.begin(Strict, rfc("8.1"), "fail-fast")
	for _, row := range wrongTexts {
		if row.at+1 < len(row.text) || row.at == 0 {
			b.add(say("early", "text", escaped(row.text), "at", row.at+1, "why", say("utf8."+row.name)),
				send(text(row.text[:row.at+1]).open()), refuseEarly(payload, last(row.text[row.at+1:])))
		}
	}
	b.begin(Strict, rfc("8.1"), "fail-fast")
	for _, row := range wrongTexts {
		whole := row.text + " and more of it"
		b.add(say("early-frame", "text", escaped(whole), "at", row.at+1), earlyInFrame(whole, row.at+1))
	}

	b.begin(Must, rfc("5.6"), "utf8")
	for _, row := range []string{"\xff\xfe", "\xc0\x80", "caf\xe9", "\xed\xa0\x80", "\xf0\x9f\x98"} {
		b.good(say("binary-any", "text", escaped(row)), send(bin([]byte(row))), echo(frame.Binary, []byte(row)))
		b.good(say("ping-any", "text", escaped(row)), send(ping(row)), answer(row))
	}
	b.good(say("binary-parts-any"), send(inParts(frame.Binary, []byte("\xe2\x82\xff"), 1)...), echo(frame.Binary, []byte("\xe2\x82\xff")))
	b.good(say("binary-then-text"), send(inParts(frame.Binary, []byte("\xe2\x82"), 1)...), echo(frame.Binary, []byte("\xe2\x82")), send(text("€")), echoText("€"))
	b.add(say("wrong-after"), send(text("right"), text("\xff")), refuseAfter([]string{"right"}, payload))
	b.add(say("rest-of-character"), send(text("\xe2\x82")), refuse(payload))
}

// closedBy is the last byte of a text as the last fragment.
func closedBy(s string, n int) []shot {
	if n == 1 {
		return shots(text(s))
	}
	return shots(last(s[n-1:]))
}

// earlyInFrame sends a frame up to a byte that is wrong, and the rest only if
// nobody objects.
func earlyInFrame(whole string, n int) step {
	return func(t *talk) *Finding {
		_, wire := text(whole).wire(t)
		begin := len(wire) - len(whole) + n
		t.note(true, wire[:begin])
		t.push(wire[:begin], 0)
		if t.waits(t.limit / 3) {
			t.push(wire[begin:], 0)
			if f := t.wantRefusal([]frame.CloseCode{payload}, time.Now().Add(t.limit), nil); f != nil {
				return f
			}
			return loose("late").bytes(nil, t.closeFrame(payload))
		}
		return t.wantRefusal([]frame.CloseCode{payload}, time.Now().Add(t.limit), nil)
	}
}
