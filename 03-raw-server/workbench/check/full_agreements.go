package check

import (
	"errors"
	"net/http"
	"strings"

	"websocket.example/02-handshake/handshake"
	"websocket.example/03-raw-server/deflate"
	"websocket.example/03-raw-server/frame"
)

const (
	noServer = "server_no_context_takeover"
	noClient = "client_no_context_takeover"
)

// agreements is RFC 7692, sections 5 and 7.1: what may be offered, and what
// may be answered.
func agreements(b *book) {
	hello := steps(send(text("Hello").packed()), echoText("Hello"), send(text("Hello").packed()), echoText("Hello"))

	// Right offers. Whoever declines is as right as who accepts.
	b.begin(Must, rfc7692("7.1"), "offer").whom(servers)
	for _, offer := range []string{
		"",
		"; " + noServer,
		"; " + noClient,
		"; " + noServer + "; " + noClient,
		"; " + noClient + "; " + noServer,
		"; client_max_window_bits",
		"; client_max_window_bits; " + noClient,
		"; client_max_window_bits=15",
		"; client_max_window_bits=10",
		"; client_max_window_bits=8",
		"; server_max_window_bits=15",
		"; server_max_window_bits=10",
		"; server_max_window_bits=9",
		"; server_max_window_bits=8",
		"; server_max_window_bits=12; client_max_window_bits=12",
		"; server_max_window_bits=10; client_max_window_bits; " + noServer + "; " + noClient,
		`; server_max_window_bits="10"`,
		`; client_max_window_bits="12"`,
	} {
		b.good(say("offer", "offer", deflate.Name+offer), hello...).terms = &terms{offer: deflate.Name + offer, judge: legal}
	}
	b.good(say("offer-spaces"), hello...).terms = &terms{offer: deflate.Name + " ;client_max_window_bits ;\t" + noServer, judge: legal}
	b.good(say("offer-second"), hello...).terms = &terms{offer: deflate.Name + "; server_max_window_bits=9, " + deflate.Name, judge: legal}
	b.good(say("offer-unknown-first"), hello...).terms = &terms{offer: "x-nobody-knows; a=1, " + deflate.Name, judge: legal}
	b.good(say("offer-unknown-last"), hello...).terms = &terms{offer: deflate.Name + ", x-nobody-knows", judge: legal}
	b.good(say("offer-old"), send(text("Hello")), echoText("Hello")).terms = &terms{offer: "x-webkit-deflate-frame, permessage-bzip2", judge: declined}

	// Wrong offers must be declined.
	b.begin(Must, rfc7692("7.1"), "offer").whom(servers)
	for _, wrong := range []string{
		"x_unknown", "x_unknown=1", noServer + "=1", noClient + "=true", noServer + "; " + noServer, noClient + "; " + noClient,
		"server_max_window_bits", "server_max_window_bits=7", "server_max_window_bits=16", "server_max_window_bits=0",
		"server_max_window_bits=08", "server_max_window_bits=ten", "server_max_window_bits=-9", "server_max_window_bits=10; server_max_window_bits=10",
		"server_max_window_bits=4294967304",
		"client_max_window_bits=7", "client_max_window_bits=16", "client_max_window_bits=08", "client_max_window_bits=1000",
		"client_max_window_bits; client_max_window_bits", "client_max_window_bits=12; client_max_window_bits",
	} {
		b.good(say("offer-wrong", "offer", deflate.Name+"; "+wrong), send(text("Hello")), echoText("Hello")).terms = &terms{offer: deflate.Name + "; " + wrong, judge: declined}
	}
	// And what is offered behind them may be accepted.
	b.begin(Must, rfc7692("5.1"), "offer").whom(servers)
	for _, wrong := range []string{"x_unknown=1", "server_max_window_bits=7", "client_max_window_bits=16", noServer + "=1"} {
		b.good(say("offer-fallback", "offer", deflate.Name+"; "+wrong), hello...).terms = &terms{offer: deflate.Name + "; " + wrong + ", " + deflate.Name, judge: legal}
	}

	// What a server may answer, and a client must understand.
	b.begin(Must, rfc7692("7.1"), "offer").whom(clients)
	for _, o := range append([]deflate.Options{{}}, variants...) {
		b.good(say("answer", "answer", parameters(o)), hello...).terms = &terms{Options: o}
	}
	// And what it may not: the client must fail the connection.
	b.begin(Must, rfc7692("7.1"), "offer").whom(clients)
	for _, wrong := range []string{
		"x_unknown", noServer + "=1", noServer + "; " + noServer, "server_max_window_bits=7", "server_max_window_bits=16",
		"server_max_window_bits", "client_max_window_bits", "client_max_window_bits=7", "client_max_window_bits=16", "server_max_window_bits=10; server_max_window_bits=10",
	} {
		c := b.add(say("answer-wrong", "answer", deflate.Name+"; "+wrong), walksAway)
		c.spoil = func(r *handshake.Response) { replaceExtension(r, deflate.Name+"; "+wrong) }
		c.terms = &terms{}
	}
	c := b.add(say("answer-twice"), walksAway)
	c.spoil = func(r *handshake.Response) { replaceExtension(r, deflate.Name+", "+deflate.Name) }
	c.terms, c.Level = &terms{}, Strict
}

// variants are agreements worth trying, beside none at all.
var variants = func() []deflate.Options {
	all := []deflate.Options{{NoServerTakeover: true}, {NoClientTakeover: true}, {NoServerTakeover: true, NoClientTakeover: true}}
	for bits := 8; bits <= 14; bits++ {
		all = append(all, deflate.Options{ServerWindowBits: bits})
	}
	for bits := 8; bits <= 14; bits++ {
		all = append(all, deflate.Options{ClientWindowBits: bits})
	}
	return append(all,
		deflate.Options{ServerWindowBits: 9, ClientWindowBits: 9},
		deflate.Options{ServerWindowBits: 9, ClientWindowBits: 9, NoServerTakeover: true, NoClientTakeover: true},
		deflate.Options{ServerWindowBits: 12, NoServerTakeover: true},
		deflate.Options{ClientWindowBits: 12, NoClientTakeover: true},
	)
}()

// parameters is what options ask for, as it stands in a header, without the
// client_max_window_bits that is always offered.
func parameters(o deflate.Options) string {
	e := o.Offer()
	text := e.Name
	for _, p := range e.Params {
		switch {
		case p.Value != "":
			text += "; " + p.Name + "=" + p.Value
		case p.Name != "client_max_window_bits":
			text += "; " + p.Name
		}
	}
	return text
}

// legal wants an answer that one of the offers allows, or none.
func legal(a answered) (params, *Finding) {
	if a.status != http.StatusSwitchingProtocols {
		return nil, loose("offer-refused", "status", a.status).in(rfc("9.1"))
	}
	if a.line == "" {
		return nil, absent("no-deflate")
	}
	offers, _ := handshake.ParseExtensions(a.offer)
	var f *Finding
	for _, offer := range offers {
		if o, bits, ok := optionsOf(offer); ok {
			var p params
			if p, f = confirmed(o, a); f == nil {
				if !bits && strings.Contains(a.line, "client_max_window_bits") {
					f = found("deflate-answer", "answer", a.line).in(rfc7692("7.1.2.2"))
					continue
				}
				return p, nil
			}
		}
	}
	return nil, f
}

// declined wants the handshake without the extension.
func declined(a answered) (params, *Finding) {
	switch {
	case a.status != http.StatusSwitchingProtocols:
		return nil, loose("offer-refused", "status", a.status).in(rfc("9.1"))
	case a.line != "":
		return nil, found("offer-accepted", "answer", a.line)
	}
	return nil, nil
}

// optionsOf reads an offer of ours.
func optionsOf(e handshake.Extension) (o deflate.Options, clientBits, ok bool) {
	if e.Name != deflate.Name {
		return o, false, false
	}
	for _, p := range e.Params {
		clientBits = clientBits || p.Name == "client_max_window_bits"
	}
	agreed, _, ok := deflate.Options{}.Negotiate([]handshake.Extension{e})
	if !ok {
		return o, false, false
	}
	o = deflate.Options{NoServerTakeover: agreed.ServerNoContextTakeover, NoClientTakeover: agreed.ClientNoContextTakeover, ClientWindowBits: agreed.ClientMaxWindowBits}
	for _, p := range e.Params {
		if p.Name == "server_max_window_bits" {
			o.ServerWindowBits = agreed.ServerMaxWindowBits
		}
	}
	// RFC 7692, section 7.1.1.2: as an offer it is a hint, which need not be answered.
	o.NoClientTakeover = false
	return o, clientBits, true
}

func replaceExtension(r *handshake.Response, with string) {
	for i := range r.Header {
		if r.Header[i].Name == "Sec-WebSocket-Extensions" {
			r.Header[i].Value = with
		}
	}
}

// walksAway wants the client to leave: the answer to its handshake is wrong.
func walksAway(t *talk) *Finding {
	if !t.waits(t.limit / 6) {
		return t.left()
	}
	t.write(0, text("anybody?"))
	return t.left()
}

// left wants the end of TCP, with a close frame or without.
func (t *talk) left() *Finding {
	h, n, err := t.header(t.soon())
	switch {
	case err == nil && h.Opcode == frame.Close:
		_, _ = t.take(h, n, t.soon())
		return nil
	case err == nil:
		_, _ = t.take(h, n, t.soon())
		return found("stayed").bytes(t.lastCame(), nil)
	case errors.Is(err, errTime):
		t.remark(false, "log.silence")
		return found("stayed")
	}
	return nil
}
