package check

import (
	"websocket.example/03-raw-server/frame"
)

// fragments is RFC 6455, section 5.4.
func fragments(b *book) {
	both := []frame.Opcode{frame.Text, frame.Binary}
	b.begin(Core, rfc("5.4"), "fragments")
	for _, o := range both {
		for _, row := range []struct{ n, size int }{{2, 1}, {5, 2}, {10, 1}, {126, 63}, {300, 3}, {1000, 125}, {1000, 126}, {70_000, 65_535}, {200_000, 65_536}} {
			message := []byte(alphabet(row.n))
			b.good(say("parts", "opcode", o, "n", row.n, "size", row.size), send(inParts(o, message, row.size)...), echo(o, message))
		}
	}
	b.begin(Core, rfc("5.4"), "fragments")
	for _, o := range both {
		message := []byte("Hello, fragments")
		for _, row := range []struct {
			name string
			cuts []int
		}{
			{"first", []int{0}}, {"middle", []int{5, 5}}, {"last", []int{16}}, {"first-last", []int{0, 16}},
			{"three", []int{0, 0, 0}}, {"between-all", []int{0, 1, 1, 2, 2, 3, 3}},
		} {
			b.good(say("parts-empty", "opcode", o, "which", say("empty."+row.name)), send(cutAt(o, message, row.cuts...)...), echo(o, message))
		}
		b.good(say("parts-all-empty", "opcode", o), send(cutAt(o, nil, 0, 0)...), echo(o, nil))
	}
	b.begin(Core, rfc("5.4"), "fragments")
	message := []byte("in a write of its own")
	for _, o := range both {
		b.good(say("parts-apart", "opcode", o), apart(inParts(o, message, 4)...), echo(o, message))
		b.good(say("parts-chopped", "opcode", o), chopped(1, inParts(o, message, 6)...), echo(o, message))
		b.good(say("parts-twice", "opcode", o), send(append(inParts(o, message, 6), inParts(o, message, 7)...)...), echo(o, message), echo(o, message))
	}
	b.good(say("parts-then-whole"), send(append(inParts(frame.Binary, message, 9), text("whole"))...), echo(frame.Binary, message), echoText("whole"))
	b.good(say("whole-then-parts"), send(append(shots(text("whole")), inParts(frame.Binary, message, 9)...)...), echoText("whole"), echo(frame.Binary, message))

	b.begin(Must, rfc("5.4"), "between")
	for _, o := range both {
		first, second := data(o, []byte("Hel")).open(), last("lo")
		b.good(say("between-ping", "opcode", o), send(first, ping("now")), answer("now"), send(second), echo(o, []byte("Hello")))
		b.good(say("between-one-write", "opcode", o), send(first, ping("now"), second), answer("now"), echo(o, []byte("Hello")))
		b.good(say("between-chopped", "opcode", o), chopped(1, first, ping("now"), second), answer("now"), echo(o, []byte("Hello")))
		b.good(say("between-pong", "opcode", o), send(first, pong("nobody asked"), second), echo(o, []byte("Hello")))
		b.good(say("between-many", "opcode", o), send(first, ping("1"), more("l"), ping("2"), more(""), ping("3"), last("o!")), pongs("1", "2", "3"), echo(o, []byte("Hello!")))
		b.good(say("between-empty", "opcode", o), send(first, ping(""), second), answer(""), echo(o, []byte("Hello")))
	}

	b.begin(Must, rfc("5.4"), "order")
	b.bad(say("stray"), last("of nothing"))
	b.bad(say("stray-empty"), last(""))
	b.bad(say("stray-open"), more("of nothing"))
	b.bad(say("stray-open-last"), more("of"), last("nothing"))
	b.bad(say("stray-text"), more("of nothing"), text("Hello"))
	b.add(say("stray-after"), send(text("right"), last("of nothing")), refuseAfter([]string{"right"}, protocol))
	b.add(say("stray-after-parts"), send(text("ri").open(), last("ght"), last("of nothing")), refuseAfter([]string{"right"}, protocol))
	b.add(say("stray-after-ping"), send(ping(""), last("of nothing")), refuse(protocol))
	b.add(say("stray-chopped"), chopped(1, last("of nothing")), refuse(protocol))

	b.begin(Must, rfc("5.4"), "order")
	for _, o := range both {
		b.bad(say("within", "opcode", o), text("Hel").open(), data(o, []byte("new")))
		b.bad(say("within-open", "opcode", o), text("Hel").open(), data(o, []byte("new")).open(), last("lo"))
		b.bad(say("within-empty", "opcode", o), text("Hel").open(), data(o, nil))
		b.bad(say("within-later", "opcode", o), bin(nil).open(), more("Hel"), data(o, []byte("new")))
		b.bad(say("within-after-ping", "opcode", o), text("Hel").open(), ping(""), data(o, []byte("new")))
	}
}
