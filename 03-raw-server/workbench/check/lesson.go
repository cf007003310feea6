package check

import (
	"strings"

	"websocket.example/03-raw-server/frame"
)

// Stages of the lesson: an echo, lengths, TCP is a stream, what is refused,
// control frames, fragments, closing, text.
const Stages = 8

const (
	protocol = frame.ProtocolError
	payload  = frame.InvalidPayload
)

var (
	letters = strings.Repeat("abcdefghijklmnopqrstuvwxyz0123456789", 1821)[:65536]
	zeroes  = []byte{0x00, 0xff, 0x80, 0x0a, 0x00}
)

// echoed is a text and the wish to have it back.
func echoed(s string) []step { return []step{send(text(s)), echoText(s)} }

func steps(s ...step) []step { return s }

// lesson is in the order in which things are worth mending.
var lesson = titled("lesson.", []Case{
	{ID: "echo", Stage: 1, Level: Core, Section: rfc("5.2"), Topic: "header", steps: echoed("Hello")},
	{ID: "again", Stage: 1, Level: Core, Section: rfc("5.3"), Topic: "mask", Needs: "echo", steps: steps(send(text("Hello")), echoText("Hello"), send(text("World")), echoText("World"))},
	{ID: "empty", Stage: 1, Level: Core, Section: rfc("5.2"), Topic: "header", Needs: "echo", steps: echoed("")},
	{ID: "binary", Stage: 1, Level: Core, Section: rfc("5.6"), Topic: "opcode", Needs: "echo", steps: steps(send(bin(zeroes)), echo(frame.Binary, zeroes))},
	{ID: "characters", Stage: 1, Level: Core, Section: rfc("5.6"), Topic: "characters", Needs: "echo", steps: echoed("olá, 世界 😀")},

	{ID: "length-125", Stage: 2, Level: Core, Section: rfc("5.2"), Topic: "length", steps: echoed(letters[:125])},
	{ID: "length-126", Stage: 2, Level: Core, Section: rfc("5.2"), Topic: "length", steps: echoed(letters[:126])},
	{ID: "length-65535", Stage: 2, Level: Core, Section: rfc("5.2"), Topic: "length", Needs: "length-126", steps: echoed(letters[:65535])},
	{ID: "length-65536", Stage: 2, Level: Core, Section: rfc("5.2"), Topic: "length", Needs: "length-65535", steps: echoed(letters)},

	{ID: "byte-by-byte", Stage: 3, Level: Core, Section: rfc("5.4"), Topic: "stream", steps: steps(chopped(1, text("Hello")), echoText("Hello"))},
	{ID: "long-in-pieces", Stage: 3, Level: Core, Section: rfc("5.4"), Topic: "stream", steps: steps(chopped(1000, text(letters[:20_000])), echoText(letters[:20_000]))},
	{ID: "two-in-one", Stage: 3, Level: Core, Section: rfc("5.4"), Topic: "stream", steps: steps(send(text("one"), text("two")), echoText("one"), echoText("two"))},
	{ID: "one-and-a-half", Stage: 3, Level: Core, Section: rfc("5.4"), Topic: "stream", Needs: "two-in-one", steps: steps(oneAndAHalf, echoText("second"))},

	{ID: "unmasked", Stage: 4, Level: Must, Section: rfc("5.1"), Topic: "refuse", steps: steps(send(text("Hello").wrongMask()), refuse(protocol))},
	{ID: "rsv1", Stage: 4, Level: Must, Section: rfc("5.2"), Topic: "refuse", steps: steps(send(text("Hello").rsv(frame.RSV1)), refuse(protocol))},
	{ID: "rsv2", Stage: 4, Level: Must, Section: rfc("5.2"), Topic: "refuse", steps: steps(send(text("Hello").rsv(frame.RSV2)), refuse(protocol))},
	{ID: "rsv3", Stage: 4, Level: Must, Section: rfc("5.2"), Topic: "refuse", steps: steps(send(text("Hello").rsv(frame.RSV3)), refuse(protocol))},
	{ID: "opcode-3", Stage: 4, Level: Must, Section: rfc("5.2"), Topic: "refuse", steps: steps(send(opcode(3)), refuse(protocol))},
	{ID: "opcode-11", Stage: 4, Level: Must, Section: rfc("5.2"), Topic: "refuse", steps: steps(send(opcode(11)), refuse(protocol))},
	{ID: "length-not-shortest", Stage: 4, Level: Strict, Section: rfc("5.2"), Topic: "refuse", steps: steps(send(text("Hello").form(frame.In16Bits)), refuse(protocol))},
	{ID: "length-top-bit", Stage: 4, Level: Strict, Section: rfc("5.2"), Topic: "refuse", steps: steps(send(bin(nil).claims(1<<63)), refuse(protocol, frame.MessageTooBig))},

	{ID: "ping", Stage: 5, Level: Core, Section: rfc("5.5.2"), Topic: "ping", steps: steps(send(ping("are you there?")), answer("are you there?"))},
	{ID: "ping-empty", Stage: 5, Level: Core, Section: rfc("5.5.2"), Topic: "ping", Needs: "ping", steps: steps(send(ping("")), answer(""))},
	{ID: "ping-125", Stage: 5, Level: Must, Section: rfc("5.5.2"), Topic: "ping", Needs: "ping", steps: steps(send(ping(letters[:125])), answer(letters[:125]))},
	{ID: "pong", Stage: 5, Level: Must, Section: rfc("5.5.3"), Topic: "pong", Needs: "ping", steps: steps(send(pong("by the way")), send(ping("and now?")), answer("and now?"))},
	{ID: "ping-126", Stage: 5, Level: Must, Section: rfc("5.5"), Topic: "control", steps: steps(send(ping(letters[:126])), refuse(protocol))},
	{ID: "ping-fragment", Stage: 5, Level: Must, Section: rfc("5.5"), Topic: "control", steps: steps(send(ping("half").open()), refuse(protocol))},

	{ID: "fragments", Stage: 6, Level: Core, Section: rfc("5.4"), Topic: "fragments", steps: steps(send(text("Hel").open(), last("lo")), echoText("Hello"))},
	{ID: "fragments-empty", Stage: 6, Level: Must, Section: rfc("5.4"), Topic: "fragments", Needs: "fragments", steps: steps(send(text("").open(), more("Hello"), more(""), more(" again"), last("")), echoText("Hello again"))},
	{ID: "ping-between", Stage: 6, Level: Must, Section: rfc("5.4"), Topic: "between", Needs: "fragments", steps: steps(send(text("Hel").open(), ping("meanwhile")), answer("meanwhile"), send(last("lo")), echoText("Hello"))},
	{ID: "after-fragments", Stage: 6, Level: Must, Section: rfc("5.4"), Topic: "fragments", Needs: "fragments", steps: steps(send(bin([]byte("one")).open(), last("two")), echo(frame.Binary, []byte("onetwo")), send(text("three")), echoText("three"))},
	{ID: "character-cut", Stage: 6, Level: Must, Section: rfc("5.6"), Topic: "text-parts", Needs: "fragments", steps: steps(send(text("\xe2\x82").open(), last("\xac")), echoText("€"))},
	{ID: "stray-continuation", Stage: 6, Level: Must, Section: rfc("5.4"), Topic: "order", steps: steps(send(last("of nothing")), refuse(protocol))},
	{ID: "message-within", Stage: 6, Level: Must, Section: rfc("5.4"), Topic: "order", Needs: "fragments", steps: steps(send(text("Hel").open(), text("another")), refuse(protocol))},

	{ID: "close", Stage: 7, Level: Core, Section: rfc("5.5.1"), Topic: "close", steps: steps(send(code(1000, "")), closes([]byte{0x03, 0xe8}))},
	{ID: "close-empty", Stage: 7, Level: Must, Section: rfc("5.5.1"), Topic: "close-body", Needs: "close", steps: steps(send(closing(nil)), closes(nil))},
	{ID: "close-reason", Stage: 7, Level: Must, Section: rfc("5.5.1"), Topic: "close-body", Needs: "close", steps: steps(send(code(4000, "até logo")), closes([]byte{0x0f, 0xa0}))},
	{ID: "after-close", Stage: 7, Level: Must, Section: rfc("5.5.1"), Topic: "close", Needs: "close", steps: steps(send(code(1000, ""), text("too late")), closes([]byte{0x03, 0xe8}), nothingAfter)},
	{ID: "close-within", Stage: 7, Level: Must, Section: rfc("5.4"), Topic: "close", Needs: "close", steps: steps(send(text("Hel").open(), code(1000, "")), closes([]byte{0x03, 0xe8}))},
	{ID: "close-one-byte", Stage: 7, Level: Must, Section: rfc("5.5.1"), Topic: "close-wrong", Needs: "close", steps: steps(send(closing([]byte{0x03})), refuse(protocol))},
	{ID: "close-code", Stage: 7, Level: Must, Section: rfc("7.4.1"), Topic: "close-wrong", Needs: "close", steps: steps(send(code(1005, "")), refuse(protocol))},
	{ID: "close-code-999", Stage: 7, Level: Must, Section: rfc("7.4.2"), Topic: "close-wrong", Needs: "close", steps: steps(send(code(999, "")), refuse(protocol))},
	{ID: "close-not-utf8", Stage: 7, Level: Strict, Section: rfc("5.5.1"), Topic: "close-wrong", Needs: "close", steps: steps(send(code(1000, "caf\xe9")), refuse(payload, protocol))},

	{ID: "not-utf8", Stage: 8, Level: Must, Section: rfc("8.1"), Topic: "utf8", steps: steps(send(text("caf\xe9 com leite")), refuse(payload))},
	{ID: "surrogate", Stage: 8, Level: Must, Section: rfc("8.1"), Topic: "utf8-rules", Needs: "not-utf8", steps: steps(send(text("\xed\xa0\x80")), refuse(payload))},
	{ID: "overlong", Stage: 8, Level: Must, Section: rfc("8.1"), Topic: "utf8-rules", Needs: "not-utf8", steps: steps(send(text("\xc0\xaf")), refuse(payload))},
	{ID: "cut-at-end", Stage: 8, Level: Must, Section: rfc("8.1"), Topic: "utf8-rules", Needs: "not-utf8", steps: steps(send(text("10 \xe2\x82")), refuse(payload))},
	{ID: "not-utf8-in-fragments", Stage: 8, Level: Must, Section: rfc("8.1"), Topic: "text-parts", Needs: "not-utf8", steps: steps(send(text("\xe2\x82").open(), last("A")), refuse(payload))},
	{ID: "binary-not-utf8", Stage: 8, Level: Must, Section: rfc("5.6"), Topic: "utf8", steps: steps(send(bin([]byte("caf\xe9"))), echo(frame.Binary, []byte("caf\xe9")))},
	{ID: "fail-fast", Stage: 8, Level: Strict, Section: rfc("8.1"), Topic: "fail-fast", Needs: "not-utf8", steps: steps(send(text("caf\xe9!").open()), refuseEarly(payload, last("and more")))},
})

// titled gives cases the titles that are called after them.
func titled(prefix string, cases []Case) []Case {
	for i := range cases {
		cases[i].Title = say(prefix + cases[i].ID)
	}
	return cases
}

// oneAndAHalf sends a frame and the half of another, waits for the answer to
// the first, and sends the rest.
func oneAndAHalf(t *talk) *Finding {
	_, one := text("first").wire(t)
	_, two := text("second").wire(t)
	t.note(true, one)
	t.note(true, two)
	t.push(append(one, two[:8]...), 0)
	f := t.wantMessage(frame.Text, []byte("first"))
	t.push(two[8:], 0)
	return f
}

// nothingAfter wants no frame to have come behind the close frame.
func nothingAfter(t *talk) *Finding {
	if len(t.in) == 0 {
		return nil
	}
	t.note(false, t.in)
	return found("after-close").bytes(t.in, nil)
}
