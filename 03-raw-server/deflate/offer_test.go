package deflate

import (
	"errors"
	"fmt"
	"testing"

	"websocket.example/02-handshake/handshake"
)

func TestOffer(t *testing.T) {
	for _, row := range []struct {
		options Options
		want    string
	}{
		{Options{}, "permessage-deflate; client_max_window_bits"},
		{Options{NoServerTakeover: true}, "permessage-deflate; server_no_context_takeover; client_max_window_bits"},
		{Options{NoClientTakeover: true}, "permessage-deflate; client_no_context_takeover; client_max_window_bits"},
		{Options{ServerWindowBits: 9}, "permessage-deflate; server_max_window_bits=9; client_max_window_bits"},
		{Options{ClientWindowBits: 9}, "permessage-deflate; client_max_window_bits=9"},
		{Options{ServerWindowBits: 15, ClientWindowBits: 15}, "permessage-deflate; client_max_window_bits"},
		{Options{ServerWindowBits: -1, ClientWindowBits: 99}, "permessage-deflate; server_max_window_bits=8; client_max_window_bits"},
		{Options{true, true, 8, 8, 9, 100}, "permessage-deflate; server_no_context_takeover; " +
			"client_no_context_takeover; server_max_window_bits=8; client_max_window_bits=8"},
	} {
		if got := row.options.Offer().String(); got != row.want {
			t.Errorf("%+v: got %q, want %q", row.options, got, row.want)
		}
	}
}

func TestConfirm(t *testing.T) {
	all := Options{}
	for _, row := range []struct {
		name    string
		section string // of RFC 7692, in the error if no params are wanted
		options Options
		answer  string
		params  Params
	}{
		{"plain", "7.1", all, "permessage-deflate", params(true, true, 15, 15)},
		{"all, unasked", "7.1", all,
			"permessage-deflate; client_max_window_bits=10; server_max_window_bits=9; server_no_context_takeover; client_no_context_takeover",
			params(false, false, 9, 10)},
		{"quoted", "7.1", all, `permessage-deflate; client_max_window_bits="8"`, params(true, true, 15, 8)},
		{"another extension", "7", all, "x-webkit-deflate-frame", Params{}},
		{"unknown", "7.1", all, "permessage-deflate; level=9", Params{}},
		{"twice", "7.1", all, "permessage-deflate; server_no_context_takeover; server_no_context_takeover", Params{}},

		{"server_no_context_takeover", "7.1.1.1", Options{NoServerTakeover: true},
			"permessage-deflate; server_no_context_takeover", params(false, true, 15, 15)},
		{"server_no_context_takeover with a value", "7.1.1.1", all, "permessage-deflate; server_no_context_takeover=no", Params{}},
		{"server_no_context_takeover, not answered", "7.1.1.1", Options{NoServerTakeover: true}, "permessage-deflate", Params{}},

		{"client_no_context_takeover with a value", "7.1.1.2", all, "permessage-deflate; client_no_context_takeover=no", Params{}},
		{"client_no_context_takeover, a hint that is kept", "7.1.1.2", Options{NoClientTakeover: true},
			"permessage-deflate", params(true, false, 15, 15)},

		{"server_max_window_bits, the same", "7.1.2.1", Options{ServerWindowBits: 10},
			"permessage-deflate; server_max_window_bits=10", params(true, true, 10, 15)},
		{"server_max_window_bits, less", "7.1.2.1", Options{ServerWindowBits: 10},
			"permessage-deflate; server_max_window_bits=8", params(true, true, 8, 15)},
		{"server_max_window_bits, more", "7.1.2.1", Options{ServerWindowBits: 10},
			"permessage-deflate; server_max_window_bits=11", Params{}},
		{"server_max_window_bits, not answered", "7.1.2.1", Options{ServerWindowBits: 10}, "permessage-deflate", Params{}},
		{"server_max_window_bits=15, unasked", "7.1.2.1", all,
			"permessage-deflate; server_max_window_bits=15", params(true, true, 15, 15)},
		{"server_max_window_bits without a value", "7.1.2.1", all, "permessage-deflate; server_max_window_bits", Params{}},
		{"server_max_window_bits=7", "7.1.2.1", all, "permessage-deflate; server_max_window_bits=7", Params{}},
		{"server_max_window_bits=16", "7.1.2.1", all, "permessage-deflate; server_max_window_bits=16", Params{}},
		{"server_max_window_bits=08", "7.1.2.1", all, "permessage-deflate; server_max_window_bits=08", Params{}},

		{"client_max_window_bits", "7.1.2.2", all, "permessage-deflate; client_max_window_bits=9", params(true, true, 15, 9)},
		{"client_max_window_bits, less", "7.1.2.2", Options{ClientWindowBits: 12},
			"permessage-deflate; client_max_window_bits=9", params(true, true, 15, 9)},
		{"client_max_window_bits, more", "7.1.2.2", Options{ClientWindowBits: 12},
			"permessage-deflate; client_max_window_bits=13", Params{}},
		{"client_max_window_bits, a hint that is kept", "7.1.2.2", Options{ClientWindowBits: 12},
			"permessage-deflate", params(true, true, 15, 12)},
		{"client_max_window_bits without a value", "7.1.2.2", all, "permessage-deflate; client_max_window_bits", Params{}},
		{"client_max_window_bits=7", "7.1.2.2", all, "permessage-deflate; client_max_window_bits=7", Params{}},
		{"client_max_window_bits=010", "7.1.2.2", all, "permessage-deflate; client_max_window_bits=010", Params{}},
	} {
		t.Run(row.name, func(t *testing.T) {
			answer, err := handshake.ParseExtensions(row.answer)
			if err != nil {
				t.Fatal(err)
			}
			got, err := row.options.Confirm(answer[0])
			if row.params == (Params{}) {
				if e, ok := errors.AsType[*Error](err); !ok || e.Section != row.section {
					t.Errorf("%q: got %+v, %v, want an error of section %s", row.answer, got, err, row.section)
				}
				return
			}
			if got != row.params || err != nil {
				t.Errorf("%q: got %+v, %v, want %+v (RFC 7692, section %s)", row.answer, got, err, row.params, row.section)
			}
		})
	}
}

// Any two of ours agree, and on the same.
func TestAgree(t *testing.T) {
	var options []Options
	for i := range 4 {
		for _, bits := range [][2]int{{0, 0}, {8, 15}, {15, 8}, {9, 12}, {12, 9}} {
			options = append(options, Options{i&1 != 0, i&2 != 0, bits[0], bits[1], 0, 0})
		}
	}
	for _, client := range options {
		for _, server := range options {
			want, answer, ok := server.Negotiate([]handshake.Extension{client.Offer()})
			if !ok {
				t.Fatalf("the server %+v declines %q", server, client.Offer())
			}
			if got, err := client.Confirm(answer); got != want || err != nil {
				t.Fatalf("%q, %q: the client has %+v, %v, the server %+v", client.Offer(), answer, got, err, want)
			}
			for _, wish := range []string{
				fmt.Sprint(want.ServerNoContextTakeover || !client.NoServerTakeover && !server.NoServerTakeover),
				fmt.Sprint(want.ClientNoContextTakeover || !client.NoClientTakeover && !server.NoClientTakeover),
				fmt.Sprint(want.ServerMaxWindowBits == min(windowOr15(client.ServerWindowBits), windowOr15(server.ServerWindowBits))),
				fmt.Sprint(want.ClientMaxWindowBits == min(windowOr15(client.ClientWindowBits), windowOr15(server.ClientWindowBits))),
			} {
				if wish != "true" {
					t.Fatalf("%+v and %+v agree on %+v", client, server, want)
				}
			}
		}
	}
}
