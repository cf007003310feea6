package deflate

import (
	"strconv"

	"websocket.example/02-handshake/handshake"
)

// Offer is the client's part: what it asks for. client_max_window_bits always
// stands in it, because without it a server may not bound the client's window.
func (o Options) Offer() handshake.Extension {
	offer := handshake.Extension{Name: Name}
	add := func(name, value string) {
		offer.Params = append(offer.Params, handshake.Param{Name: name, Value: value})
	}
	if o.NoServerTakeover {
		add(serverNoContextTakeover, "")
	}
	if o.NoClientTakeover {
		add(clientNoContextTakeover, "")
	}
	if n := windowOr15(o.ServerWindowBits); n < maxBits {
		add(serverMaxWindowBits, strconv.Itoa(n))
	}
	if n := windowOr15(o.ClientWindowBits); n < maxBits {
		add(clientMaxWindowBits, strconv.Itoa(n))
	} else {
		add(clientMaxWindowBits, "")
	}
	return offer
}

// Confirm judges the server's answer to Offer. With an error, an *Error, the
// client MUST fail the connection: the server will send what the client does
// not understand, or expects what it will not send.
//
// RFC 7692, section 7.1.
func (o Options) Confirm(answer handshake.Extension) (Params, error) {
	if answer.Name != Name {
		return Params{}, broken("7", "the answer is %q", answer.Name)
	}
	s, err := read(answer)
	if err != nil { // RFC 7692, section 7.1: the client MUST fail the connection
		return Params{}, err
	}
	offeredServer, offeredClient := windowOr15(o.ServerWindowBits), windowOr15(o.ClientWindowBits)
	switch {
	case o.NoServerTakeover && !s.serverNoTakeover: // RFC 7692, section 7.1.1.1: a server accepts by answering with it
		return Params{}, broken("7.1.1.1", "%s was offered and is not in the answer", serverNoContextTakeover)
	case offeredServer < maxBits && s.serverBits == 0: // RFC 7692, section 7.1.2.1: a server accepts by answering with it
		return Params{}, broken("7.1.2.1", "%s was offered and is not in the answer", serverMaxWindowBits)
	case s.serverBits > offeredServer: // RFC 7692, section 7.1.2.1: the same as was offered, or less
		return Params{}, broken("7.1.2.1", "%s is %d, more than the %d of the offer", serverMaxWindowBits, s.serverBits, offeredServer)
	case s.clientBitsOffered && s.clientBits == 0: // RFC 7692, section 7.1.2.2: an answer has a value
		return Params{}, broken("7.1.2.2", "%s has no value", clientMaxWindowBits)
	case s.clientBits > offeredClient: // RFC 7692, section 7.1.2.2: the same as was offered, or less
		return Params{}, broken("7.1.2.2", "%s is %d, more than the %d of the offer", clientMaxWindowBits, s.clientBits, offeredClient)
	}
	return Params{
		ServerNoContextTakeover: s.serverNoTakeover,
		ClientNoContextTakeover: s.clientNoTakeover || o.NoClientTakeover,
		ServerMaxWindowBits:     windowOr15(s.serverBits),
		ClientMaxWindowBits:     min(windowOr15(s.clientBits), offeredClient),
	}, nil
}
