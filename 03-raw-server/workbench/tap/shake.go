package tap

import (
	"net/http"
	"strings"

	"websocket.example/02-handshake/handshake"
	narrate02 "websocket.example/02-handshake/narrate"
	"websocket.example/03-raw-server/deflate"
)

// A Handshake is a request for WebSocket and the answer to it.
type Handshake struct {
	Request  handshake.Request
	Response handshake.Response

	RequestHead, ResponseHead []byte // as they came

	Accepted    bool               // the answer was 101: frames follow
	Subprotocol string             // as chosen, "" is none
	Deflate     *deflate.Params    // as agreed, nil without compression
	Unknown     string             // an extension that was agreed on, and of which the tap knows nothing
	Broken      []*handshake.Error // the rules that the request breaks, and then the answer
}

// Telling is the handshake explained line by line, as step 02 does. Peer is
// the name of the server.
func (h *Handshake) Telling(peer string, l *narrate02.Language) narrate02.Telling {
	story := narrate02.Story{Peer: peer, Request: h.RequestHead, Answer: h.ResponseHead}
	return story.ToClient(l)
}

func asksForWebSocket(r *handshake.Request) bool {
	for _, value := range r.Header.Values("Upgrade") {
		if strings.Contains(strings.ToLower(value), "websocket") {
			return true
		}
	}
	return false
}

// shake judges a handshake.
func shake(q question, r handshake.Response, whole []byte) *Handshake {
	h := &Handshake{
		Request: q.request, Response: r, RequestHead: q.head, ResponseHead: whole,
		Accepted: r.Status == http.StatusSwitchingProtocols,
	}
	x := handshake.Exchange{Request: &q.request, Response: &r}
	h.Broken = broken(handshake.RequestRules, x)
	if !h.Accepted {
		return h
	}
	h.Broken = append(h.Broken, broken(handshake.ResponseRules, x)...)
	h.Subprotocol = r.Header.Get("Sec-WebSocket-Protocol")
	answers, _ := handshake.ParseExtensions(r.Header.Values("Sec-WebSocket-Extensions")...) // what is wrong with it, the rules say
	for _, answer := range answers {
		// The answer binds both sides alike, so whoever reads it knows the terms.
		if params, err := (deflate.Options{}).Confirm(answer); err == nil && len(answers) == 1 {
			h.Deflate = &params
		} else {
			h.Unknown = answer.String()
		}
	}
	return h
}

func broken(rules []handshake.Rule, x handshake.Exchange) (all []*handshake.Error) {
	for _, rule := range rules {
		if e := rule.Apply(x); e != nil {
			all = append(all, e)
		}
	}
	return all
}
