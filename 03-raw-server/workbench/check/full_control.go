package check

import (
	"fmt"

	"websocket.example/03-raw-server/frame"
)

// controlFrames is RFC 6455, section 5.5, but for closing.
func controlFrames(b *book) {
	b.begin(Core, rfc("5.5.2"), "ping")
	for _, n := range []int{0, 1, 2, 4, 5, 64, 124, 125} {
		b.good(say("ping", "n", n), send(ping(alphabet(n))), answer(alphabet(n)))
	}
	b.begin(Must, rfc("5.5.2"), "ping")
	b.good(say("ping-bytes"), send(ping("\x00\xff\xfe\x80\x0a\x0d")), answer("\x00\xff\xfe\x80\x0a\x0d"))
	b.good(say("ping-chopped"), chopped(1, ping("byte by byte")), answer("byte by byte"))
	b.good(say("ping-then-text"), send(ping("first"), text("second")), answer("first"), echoText("second"))
	b.good(say("text-then-ping"), send(text("first")), echoText("first"), send(ping("second")), answer("second"))
	for _, n := range []int{2, 10, 100} {
		var shots []shot
		var wants []string
		for i := range n {
			wants = append(wants, fmt.Sprintf("ping %d", i+1))
			shots = append(shots, ping(wants[i]))
		}
		c := b.good(say("pings", "n", n), send(shots...), pongs(wants...))
		if n > 60 {
			c.Level = Strict // so many may be taken for an attack
		}
		b.good(say("pings-apart", "n", n), apartThen(shots, wants))
	}
	b.add(say("ping-then-close"), send(ping("last words"), code(1000, "")), answer("last words"), closes([]byte{3, 0xe8}))

	b.begin(Must, rfc("5.5.3"), "pong")
	for _, n := range []int{0, 5, 125} {
		b.good(say("pong", "n", n), send(pong(alphabet(n)), ping("and now?")), answer("and now?"))
	}
	b.good(say("pongs"), send(pong("1"), pong("2"), pong("3"), pong("4"), pong("5"), text("and a text")), echoText("and a text"))
	b.good(say("pong-within"), send(text("Hel").open(), pong("in between"), last("lo")), echoText("Hello"))
	b.good(say("pong-before-ping"), send(pong("same"), ping("same")), answer("same"))

	b.begin(Must, rfc("5.5"), "control")
	for _, o := range []frame.Opcode{frame.Ping, frame.Pong, frame.Close} {
		for _, n := range []int{126, 127, 1000, 65536} {
			body := []byte(alphabet(n))
			body[0], body[1] = 0x03, 0xe8
			b.bad(say("control-long", "opcode", o, "n", n), data(o, body))
		}
		b.bad(say("control-claims", "opcode", o), data(o, nil).claims(126)).Level = Strict // one may wait for the payload
	}
	b.add(say("control-long-chopped"), chopped(1, ping(alphabet(126))), refuse(protocol))
	b.add(say("control-long-after"), send(text("right"), ping(alphabet(126))), refuseAfter([]string{"right"}, protocol))

	b.begin(Must, rfc("5.5"), "control")
	for _, o := range []frame.Opcode{frame.Ping, frame.Pong, frame.Close} {
		b.bad(say("control-open", "opcode", o), data(o, []byte{0x03, 0xe8}).open())
		b.bad(say("control-open-empty", "opcode", o), data(o, nil).open())
		b.bad(say("control-fragments", "opcode", o), data(o, []byte{0x03}).open(), last("\xe8"))
		b.bad(say("control-open-within", "opcode", o), text("Hel").open(), data(o, nil).open(), last("lo"))
	}
}

// apartThen sends one ping after the other, each after the pong to the last.
func apartThen(shots []shot, wants []string) step {
	return func(t *talk) *Finding {
		for i, s := range shots {
			t.write(0, s)
			if f := t.wantPong([]byte(wants[i])); f != nil {
				return f
			}
		}
		return nil
	}
}
