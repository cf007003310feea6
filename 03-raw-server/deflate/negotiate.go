package deflate

import (
	"strconv"

	"websocket.example/02-handshake/handshake"
)

// Negotiate is the server's part: it takes the first offer that it can
// accept, and gives the answer to it. Offers stand in the order of the
// client's preference. No acceptable offer is no error: the connection goes
// on without compression.
func (o Options) Negotiate(offers []handshake.Extension) (Params, handshake.Extension, bool) {
	for _, offer := range offers {
		if offer.Name != Name {
			continue
		}
		s, err := read(offer)
		if err != nil { // RFC 7692, section 7.1: a server MUST decline an offer that is invalid
			continue
		}
		p, answer := o.accept(s)
		return p, answer, true
	}
	return Params{}, handshake.Extension{}, false
}

// accept says yes to an offer, with what the server wishes itself. Everything
// that a client may offer is supported, so there is always an answer.
func (o Options) accept(s said) (Params, handshake.Extension) {
	p := Params{
		// RFC 7692, section 7.1.1.1: a server accepts the offered parameter by
		// answering with it, and may answer with it unasked.
		ServerNoContextTakeover: s.serverNoTakeover || o.NoServerTakeover,
		// RFC 7692, section 7.1.1.2: offered, it is a hint; answered, it binds.
		ClientNoContextTakeover: s.clientNoTakeover || o.NoClientTakeover,
		// RFC 7692, section 7.1.2.1: the answer is as much as was offered, or less.
		ServerMaxWindowBits: min(windowOr15(s.serverBits), windowOr15(o.ServerWindowBits)),
		ClientMaxWindowBits: maxBits,
	}
	if s.clientBitsOffered { // RFC 7692, section 7.1.2.2: without the offer, MUST NOT be answered
		p.ClientMaxWindowBits = min(windowOr15(s.clientBits), windowOr15(o.ClientWindowBits))
	}
	answer := handshake.Extension{Name: Name}
	add := func(name, value string) {
		answer.Params = append(answer.Params, handshake.Param{Name: name, Value: value})
	}
	if p.ServerNoContextTakeover {
		add(serverNoContextTakeover, "")
	}
	if p.ClientNoContextTakeover {
		add(clientNoContextTakeover, "")
	}
	if p.ServerMaxWindowBits < maxBits || s.serverBits != 0 {
		add(serverMaxWindowBits, strconv.Itoa(p.ServerMaxWindowBits))
	}
	if p.ClientMaxWindowBits < maxBits {
		add(clientMaxWindowBits, strconv.Itoa(p.ClientMaxWindowBits))
	}
	return p, answer
}
