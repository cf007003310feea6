package frame

import (
	"strings"
	"testing"
)

func TestCheck(t *testing.T) {
	client := State{FromClient: true}
	server := State{}
	inMessage := State{FromClient: true, InMessage: true}
	deflate := State{FromClient: true, RSV: RSV1}
	deflateInMessage := State{FromClient: true, InMessage: true, RSV: RSV1}

	for _, row := range []struct {
		name    string
		header  Header
		state   State
		section string // of the rule that is broken, "" if none
	}{
		// Who masks.
		{"a client masks", Header{Fin: true, Opcode: Text, Masked: true}, client, ""},
		{"a server does not", Header{Fin: true, Opcode: Text}, server, ""},
		{"a client does not mask", Header{Fin: true, Opcode: Text}, client, "5.1"},
		{"a server masks", Header{Fin: true, Opcode: Text, Masked: true}, server, "5.1"},
		{"a client does not mask a ping", Header{Fin: true, Opcode: Ping}, client, "5.1"},
		{"a server masks a close", Header{Fin: true, Opcode: Close, Masked: true}, server, "5.1"},

		// Reserved opcodes.
		{"opcode 3", Header{Fin: true, Opcode: 3, Masked: true}, client, "5.2"},
		{"opcode 7, inside a message", Header{Fin: true, Opcode: 7, Masked: true}, inMessage, "5.2"},
		{"opcode 11", Header{Fin: true, Opcode: 11, Masked: true}, client, "5.2"},
		{"opcode 15", Header{Fin: true, Opcode: 15, Masked: true}, client, "5.2"},

		// Reserved bits.
		{"RSV1 without an extension", Header{Fin: true, RSV: RSV1, Opcode: Text, Masked: true}, client, "5.2"},
		{"RSV2 without an extension", Header{Fin: true, RSV: RSV2, Opcode: Text, Masked: true}, client, "5.2"},
		{"RSV3 without an extension", Header{Fin: true, RSV: RSV3, Opcode: Text, Masked: true}, client, "5.2"},
		{"RSV1 with one", Header{Fin: true, RSV: RSV1, Opcode: Text, Masked: true}, deflate, ""},
		{"RSV1 with one, first fragment", Header{RSV: RSV1, Opcode: Binary, Masked: true}, deflate, ""},
		{"RSV1 and RSV2 with one", Header{Fin: true, RSV: RSV1 | RSV2, Opcode: Text, Masked: true}, deflate, "5.2"},
		{"RSV1 on a ping", Header{Fin: true, RSV: RSV1, Opcode: Ping, Masked: true}, deflate, "5.2"},
		{"RSV1 on a close", Header{Fin: true, RSV: RSV1, Opcode: Close, Masked: true}, deflate, "5.2"},
		{"RSV1 on a continuation", Header{Fin: true, RSV: RSV1, Masked: true}, deflateInMessage, "5.2"},
		{"no RSV1 on a continuation", Header{Fin: true, Masked: true}, deflateInMessage, ""},

		// The length.
		{"126 in 16 bits", Header{Fin: true, Opcode: Text, Masked: true, Length: 126}, client, ""},
		{"0 in 16 bits", Header{Fin: true, Opcode: Text, Masked: true, Form: In16Bits}, client, "5.2"},
		{"125 in 16 bits", Header{Fin: true, Opcode: Text, Masked: true, Length: 125, Form: In16Bits}, client, "5.2"},
		{"125 in 64 bits", Header{Fin: true, Opcode: Text, Masked: true, Length: 125, Form: In64Bits}, client, "5.2"},
		{"65,535 in 64 bits", Header{Fin: true, Opcode: Text, Length: 65535, Form: In64Bits}, server, "5.2"},
		{"4 in 16 bits, a ping", Header{Fin: true, Opcode: Ping, Masked: true, Length: 4, Form: In16Bits}, client, "5.2"},
		{"2^63-1", Header{Fin: true, Opcode: Binary, Masked: true, Length: 1<<63 - 1}, client, ""},
		{"2^63", Header{Fin: true, Opcode: Binary, Masked: true, Length: 1 << 63}, client, "5.2"},
		{"2^64-1", Header{Fin: true, Opcode: Binary, Masked: true, Length: 1<<64 - 1}, client, "5.2"},

		// Control frames.
		{"a ping", Header{Fin: true, Opcode: Ping, Masked: true, Length: 125}, client, ""},
		{"a pong that nobody asked for", Header{Fin: true, Opcode: Pong, Masked: true}, client, ""},
		{"a close", Header{Fin: true, Opcode: Close, Length: 2}, server, ""},
		{"a ping inside a message", Header{Fin: true, Opcode: Ping, Masked: true}, inMessage, ""},
		{"a close inside a message", Header{Fin: true, Opcode: Close, Masked: true}, inMessage, ""},
		{"a long ping", Header{Fin: true, Opcode: Ping, Masked: true, Length: 126}, client, "5.5"},
		{"a long pong", Header{Fin: true, Opcode: Pong, Masked: true, Length: 65536}, client, "5.5"},
		{"a long close", Header{Fin: true, Opcode: Close, Masked: true, Length: 126}, inMessage, "5.5"},
		{"a ping that is a fragment", Header{Opcode: Ping, Masked: true}, client, "5.5"},
		{"a close that is a fragment", Header{Opcode: Close, Masked: true}, inMessage, "5.5"},

		// Fragments.
		{"first", Header{Opcode: Text, Masked: true}, client, ""},
		{"next", Header{Opcode: Continuation, Masked: true}, inMessage, ""},
		{"last", Header{Fin: true, Opcode: Continuation, Masked: true}, inMessage, ""},
		{"last, of nothing", Header{Fin: true, Opcode: Continuation, Masked: true}, client, "5.4"},
		{"next, of nothing", Header{Opcode: Continuation, Masked: true}, client, "5.4"},
		{"text inside a message", Header{Fin: true, Opcode: Text, Masked: true}, inMessage, "5.4"},
		{"binary inside a message", Header{Opcode: Binary, Masked: true}, inMessage, "5.4"},
	} {
		t.Run(row.name, func(t *testing.T) {
			err := Check(row.header, row.state)
			switch {
			case row.section == "" && err != nil:
				t.Errorf("got %v, want no error", err)
			case row.section != "" && err == nil:
				t.Errorf("got no error, want one of section %s", row.section)
			case err != nil && (err.Section != row.section || err.Code != ProtocolError):
				t.Errorf("got code %v, %v, want 1002 and section %s", err.Code, err, row.section)
			case err != nil && !strings.Contains(err.Error(), "section "+row.section):
				t.Errorf("%q does not name section %s", err, row.section)
			}
		})
	}
}
