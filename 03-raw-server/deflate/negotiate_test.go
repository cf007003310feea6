package deflate

import (
	"testing"

	"websocket.example/02-handshake/handshake"
)

// params is short for what is agreed: takeover of server and client, and
// their windows.
func params(server, client bool, serverBits, clientBits int) Params {
	return Params{!server, !client, serverBits, clientBits}
}

func TestNegotiate(t *testing.T) {
	all := Options{}
	none := Options{NoServerTakeover: true, NoClientTakeover: true}
	small := Options{ServerWindowBits: 10, ClientWindowBits: 9}
	for _, row := range []struct {
		name    string
		section string // of RFC 7692
		options Options
		offers  string
		answer  string // "" if the offers are declined
		params  Params
	}{
		{"plain", "7.1", all, "permessage-deflate",
			"permessage-deflate", params(true, true, 15, 15)},
		{"what browsers offer", "7.1.2.2", all, "permessage-deflate; client_max_window_bits",
			"permessage-deflate", params(true, true, 15, 15)},
		{"another extension", "7", all, "x-webkit-deflate-frame", "", Params{}},
		{"another extension before", "7", all, "bbf-usp-protocol, permessage-deflate",
			"permessage-deflate", params(true, true, 15, 15)},
		{"the name in capitals is another", "7", all, "Permessage-Deflate", "", Params{}},

		// server_no_context_takeover
		{"server_no_context_takeover", "7.1.1.1", all, "permessage-deflate; server_no_context_takeover",
			"permessage-deflate; server_no_context_takeover", params(false, true, 15, 15)},
		{"server_no_context_takeover, unasked", "7.1.1.1", Options{NoServerTakeover: true}, "permessage-deflate",
			"permessage-deflate; server_no_context_takeover", params(false, true, 15, 15)},
		{"server_no_context_takeover with a value", "7.1.1.1", all, "permessage-deflate; server_no_context_takeover=1", "", Params{}},
		{"server_no_context_takeover twice", "7.1", all,
			"permessage-deflate; server_no_context_takeover; server_no_context_takeover", "", Params{}},

		// client_no_context_takeover
		{"client_no_context_takeover", "7.1.1.2", all, "permessage-deflate; client_no_context_takeover",
			"permessage-deflate; client_no_context_takeover", params(true, false, 15, 15)},
		{"client_no_context_takeover, unasked", "7.1.1.2", Options{NoClientTakeover: true}, "permessage-deflate",
			"permessage-deflate; client_no_context_takeover", params(true, false, 15, 15)},
		{"client_no_context_takeover with a value", "7.1.1.2", all, "permessage-deflate; client_no_context_takeover=true", "", Params{}},
		{"both, unasked", "7.1.1", none, "permessage-deflate",
			"permessage-deflate; server_no_context_takeover; client_no_context_takeover", params(false, false, 15, 15)},

		// server_max_window_bits
		{"server_max_window_bits=8", "7.1.2.1", all, "permessage-deflate; server_max_window_bits=8",
			"permessage-deflate; server_max_window_bits=8", params(true, true, 8, 15)},
		{"server_max_window_bits=9", "7.1.2.1", all, "permessage-deflate; server_max_window_bits=9",
			"permessage-deflate; server_max_window_bits=9", params(true, true, 9, 15)},
		{"server_max_window_bits=15 is answered", "7.1.2.1", all, "permessage-deflate; server_max_window_bits=15",
			"permessage-deflate; server_max_window_bits=15", params(true, true, 15, 15)},
		{"server_max_window_bits, quoted", "7.1.2.1", all, `permessage-deflate; server_max_window_bits="10"`,
			"permessage-deflate; server_max_window_bits=10", params(true, true, 10, 15)},
		{"server_max_window_bits, unasked", "7.1.2.1", Options{ServerWindowBits: 12}, "permessage-deflate",
			"permessage-deflate; server_max_window_bits=12", params(true, true, 12, 15)},
		{"server_max_window_bits, less than asked", "7.1.2.1", small, "permessage-deflate; server_max_window_bits=12",
			"permessage-deflate; server_max_window_bits=10", params(true, true, 10, 15)},
		{"server_max_window_bits, more than wished", "7.1.2.1", small, "permessage-deflate; server_max_window_bits=9",
			"permessage-deflate; server_max_window_bits=9", params(true, true, 9, 15)},
		{"server_max_window_bits without a value", "7.1.2.1", all, "permessage-deflate; server_max_window_bits", "", Params{}},
		{"server_max_window_bits=7", "7.1.2.1", all, "permessage-deflate; server_max_window_bits=7", "", Params{}},
		{"server_max_window_bits=16", "7.1.2.1", all, "permessage-deflate; server_max_window_bits=16", "", Params{}},
		{"server_max_window_bits=0", "7.1.2.1", all, "permessage-deflate; server_max_window_bits=0", "", Params{}},
		{"server_max_window_bits=08", "7.1.2.1", all, "permessage-deflate; server_max_window_bits=08", "", Params{}},
		{"server_max_window_bits=010", "7.1.2.1", all, "permessage-deflate; server_max_window_bits=010", "", Params{}},
		{"server_max_window_bits=-9", "7.1.2.1", all, "permessage-deflate; server_max_window_bits=-9", "", Params{}},
		{"server_max_window_bits=1e1", "7.1.2.1", all, "permessage-deflate; server_max_window_bits=1e1", "", Params{}},
		{"server_max_window_bits twice", "7.1", all,
			"permessage-deflate; server_max_window_bits=10; server_max_window_bits=10", "", Params{}},

		// client_max_window_bits
		{"client_max_window_bits=10", "7.1.2.2", all, "permessage-deflate; client_max_window_bits=10",
			"permessage-deflate; client_max_window_bits=10", params(true, true, 15, 10)},
		{"client_max_window_bits=8", "7.1.2.2", all, "permessage-deflate; client_max_window_bits=8",
			"permessage-deflate; client_max_window_bits=8", params(true, true, 15, 8)},
		{"client_max_window_bits=15", "7.1.2.2", all, "permessage-deflate; client_max_window_bits=15",
			"permessage-deflate", params(true, true, 15, 15)},
		{"client_max_window_bits, wished", "7.1.2.2", small, "permessage-deflate; client_max_window_bits",
			"permessage-deflate; server_max_window_bits=10; client_max_window_bits=9", params(true, true, 10, 9)},
		{"client_max_window_bits, wished and not offered", "7.1.2.2", small, "permessage-deflate",
			"permessage-deflate; server_max_window_bits=10", params(true, true, 10, 15)},
		{"client_max_window_bits, less than wished", "7.1.2.2", small, "permessage-deflate; client_max_window_bits=8",
			"permessage-deflate; server_max_window_bits=10; client_max_window_bits=8", params(true, true, 10, 8)},
		{"client_max_window_bits=7", "7.1.2.2", all, "permessage-deflate; client_max_window_bits=7", "", Params{}},
		{"client_max_window_bits=16", "7.1.2.2", all, "permessage-deflate; client_max_window_bits=16", "", Params{}},
		{"client_max_window_bits=09", "7.1.2.2", all, "permessage-deflate; client_max_window_bits=09", "", Params{}},
		{"client_max_window_bits twice, with a value and without", "7.1", all,
			"permessage-deflate; client_max_window_bits; client_max_window_bits=10", "", Params{}},

		// All of them, and several offers.
		{"all", "7.1", all,
			"permessage-deflate; client_max_window_bits=11; server_max_window_bits=12; client_no_context_takeover; server_no_context_takeover",
			"permessage-deflate; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=12; client_max_window_bits=11",
			params(false, false, 12, 11)},
		{"unknown", "7.1", all, "permessage-deflate; level=9", "", Params{}},
		{"the name of a parameter in capitals", "7.1", all, "permessage-deflate; Client_Max_Window_Bits", "", Params{}},
		{"the first is as good as the second", "7.1", all,
			"permessage-deflate; server_max_window_bits=10, permessage-deflate",
			"permessage-deflate; server_max_window_bits=10", params(true, true, 10, 15)},
		{"the first is not", "7.1", all,
			"permessage-deflate; server_max_window_bits=20, permessage-deflate; server_no_context_takeover",
			"permessage-deflate; server_no_context_takeover", params(false, true, 15, 15)},
		{"none is", "7.1", all, "permessage-deflate; a, permessage-deflate; b=c", "", Params{}},
	} {
		t.Run(row.name, func(t *testing.T) {
			offers, err := handshake.ParseExtensions(row.offers)
			if err != nil {
				t.Fatal(err)
			}
			got, answer, ok := row.options.Negotiate(offers)
			if !ok {
				if row.answer != "" {
					t.Errorf("%q is declined, want %q (RFC 7692, section %s)", row.offers, row.answer, row.section)
				}
				return
			}
			if answer.String() != row.answer || got != row.params {
				t.Errorf("%q: got %q, %+v, want %q, %+v (RFC 7692, section %s)",
					row.offers, answer, got, row.answer, row.params, row.section)
			}
		})
	}
	if _, _, ok := all.Negotiate(nil); ok {
		t.Error("nothing is accepted")
	}
}

// FuzzNegotiate: whatever is offered, an answer is one to an offer that there
// is, and a client that made the offer takes it the same way.
func FuzzNegotiate(f *testing.F) {
	f.Add("permessage-deflate; client_max_window_bits", false, false, 0, 0)
	f.Add(`permessage-deflate; server_max_window_bits="9"; a=b, permessage-deflate`, true, true, 8, 8)
	f.Add("permessage-deflate; server_no_context_takeover; client_max_window_bits=10", true, false, 12, -3)
	f.Fuzz(func(t *testing.T, line string, noServer, noClient bool, serverBits, clientBits int) {
		offers, err := handshake.ParseExtensions(line)
		if err != nil {
			return
		}
		o := Options{NoServerTakeover: noServer, NoClientTakeover: noClient, ServerWindowBits: serverBits, ClientWindowBits: clientBits}
		p, answer, ok := o.Negotiate(offers)
		if !ok {
			return
		}
		if p.ServerMaxWindowBits < 8 || p.ServerMaxWindowBits > 15 || p.ClientMaxWindowBits < 8 || p.ClientMaxWindowBits > 15 {
			t.Fatalf("%q: %+v", line, p)
		}
		s, err := read(answer)
		if err != nil || s.serverNoTakeover != p.ServerNoContextTakeover || s.clientNoTakeover != p.ClientNoContextTakeover ||
			windowOr15(s.serverBits) != p.ServerMaxWindowBits || windowOr15(s.clientBits) != p.ClientMaxWindowBits {
			t.Fatalf("%q: the answer is %q, %v, and %+v", line, answer, err, p)
		}
	})
}
