package handshake

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"
)

// Options are what a server wants. The zero value, or a nil pointer, takes
// every correct handshake from its own origin, without subprotocol and
// without extensions. Options are only read: connections may share them.
type Options struct {
	// Subprotocols that the server speaks, its favourite first. The first
	// one that the client offers is chosen. None in common is no reason to
	// refuse: then there is none, and the client decides.
	Subprotocols []string

	// Extensions picks from what the client offers, in its order of
	// preference, and returns what is agreed. Nil agrees to nothing. An
	// error refuses the handshake; an offer that does not suit is better
	// left out. (step 03 negotiates permessage-deflate here)
	Extensions func(offers []Extension) ([]Extension, error)

	// Origin says whether pages of this origin may connect; nil is
	// SameOrigin. It is not asked when there is no Origin: then the client
	// is not a browser.
	Origin func(origin string, r *Request) bool

	// Decide has the last word. It sees what has been agreed, may set
	// h.Subprotocol to another one that was offered, may add lines to
	// h.Response.Header, and refuses by returning an answer of its choice.
	// The context ends with the time limit, or with the client's request.
	Decide func(ctx context.Context, h *Handshake) *Refusal

	// Header is added to the 101.
	Header http.Header

	// AnySubprotocol sends h.Subprotocol as Decide set it, even if it was not
	// offered. The client then fails the connection: this is for gateways,
	// which pass on what somebody behind them says.
	AnySubprotocol bool

	MaxHeaderBytes int           // how large a request may be; 0 is 8 KiB. Accept only: net/http has its own
	Timeout        time.Duration // for the whole handshake; 0 is 10 s
}

const (
	defaultHeaderBytes = 8 << 10
	defaultTimeout     = 10 * time.Second
)

func (o *Options) complete() Options {
	var c Options
	if o != nil {
		c = *o
	}
	if c.Origin == nil {
		c.Origin = SameOrigin
	}
	if c.MaxHeaderBytes <= 0 {
		c.MaxHeaderBytes = defaultHeaderBytes
	}
	if c.Timeout <= 0 {
		c.Timeout = defaultTimeout
	}
	return c
}

// A Refusal is an answer other than 101: any status, any header, any body.
type Refusal struct {
	Status int // 0 is 403
	Header http.Header
	Body   string // empty is a line about the status, unless Header has a Content-Type
}

// A Handshake is what two sides have agreed on.
type Handshake struct {
	Request  Request
	Response Response

	Subprotocol string      // "" is none
	Extensions  []Extension // agreed, in the order in which they apply
	Rest        []byte      // what the peer has already sent behind its handshake; nil as a rule
}

// What the server decides itself has no bytes to hold against a sentence of
// the RFC, so it stands apart from RequestRules.
var (
	ruleOrigin = Rule{"server-origin", "RFC 6455, section 4.2.2", "The server takes pages of this origin.", nil}
	ruleDecide = Rule{"server-decides", "RFC 6455, section 4.2.2", "The server takes this client.", nil}
	ruleExtend = Rule{"server-extensions", "RFC 6455, section 4.2.2", "The server can use these extensions.", nil}
	ruleTime   = Rule{"server-time", "RFC 9110, section 15.5.9", "The request arrives in time.", nil}
	ruleOwn    = Rule{"server-fault", "RFC 9110, section 15.6.1", "The server's own options make sense.", nil}
)

// ServerRules are what a server demands beyond the RFC's own rules.
var ServerRules = []Rule{ruleOrigin, ruleExtend, ruleDecide, ruleTime, ruleOwn}

func (r Rule) refuse(status int, field, format string, args ...any) *Error {
	e := breach(status, field, format, args...)
	e.Rule, e.Section = r.ID, r.Section
	return e
}

// Judge is the server without its network: it answers a request with a
// Handshake, whose Response is the 101 to send, or with an *Error, whose
// Response is the refusal to send.
func (o *Options) Judge(ctx context.Context, r *Request) (*Handshake, error) {
	options := o.complete()
	return options.judge(ctx, r)
}

// snippet: judge

// The steps of a server that has found no rule broken: each adds to
// the handshake or refuses it.
var steps = [...]func(*Options, context.Context, *Handshake) error{
	(*Options).checkOrigin, // 403
	(*Options).choose,      // a subprotocol, extensions
	(*Options).decide,      // the application has the last word
	(*Options).accept,      // 101
}

// end snippet: judge

func (o *Options) judge(ctx context.Context, r *Request) (*Handshake, error) {
	if err := firstBreach(RequestRules, Exchange{Request: r}); err != nil {
		return nil, err
	}
	h := &Handshake{Request: *r}
	for _, step := range steps {
		if err := step(o, ctx, h); err != nil {
			return nil, err
		}
	}
	return h, nil
}

func (o *Options) checkOrigin(_ context.Context, h *Handshake) error {
	// RFC 6455, section 4.2.2: a server that does not take this origin MUST
	// answer with an HTTP error such as 403.
	if h.Request.Header.Count("Origin") == 0 {
		return nil
	}
	if origin := h.Request.Header.Get("Origin"); !o.Origin(origin, &h.Request) {
		return ruleOrigin.refuse(403, "Origin", "pages of %s may not connect to %s", show(origin), show(h.Request.Host()))
	}
	return nil
}

// choose fills in what was offered and suits us.
//
// RFC 6455, section 4.2.2: what was not offered MUST NOT be chosen.
func (o *Options) choose(_ context.Context, h *Handshake) error {
	if len(o.Subprotocols) > 0 {
		offers, _ := h.Request.Subprotocols()
		for _, p := range o.Subprotocols {
			if isOneOf(p, offers...) {
				h.Subprotocol = p
				break
			}
		}
	}
	if o.Extensions == nil || h.Request.Header.Count("Sec-WebSocket-Extensions") == 0 {
		return nil
	}
	offers, _ := h.Request.Extensions()
	agreed, err := o.Extensions(offers)
	if e, is := errors.AsType[*Error](err); is {
		return e
	}
	if err != nil {
		return ruleExtend.refuse(400, "Sec-WebSocket-Extensions", "%v", err)
	}
	for _, e := range agreed {
		if !offered(offers, e.Name) {
			return ruleOwn.refuse(500, "", "Options.Extensions agreed to %s, which was not offered", show(e.Name))
		}
		if err := e.check(); err != nil {
			return ruleOwn.refuse(500, "", "Options.Extensions: %v", err)
		}
	}
	h.Extensions = agreed
	return nil
}

func (o *Options) decide(ctx context.Context, h *Handshake) error {
	if o.Decide == nil {
		return nil
	}
	refusal := o.Decide(ctx, h)
	if refusal == nil {
		return nil
	}
	// RFC 6455, section 4.2.2: the server MAY refuse, and MAY redirect or ask
	// for authentication with any HTTP answer.
	e := ruleDecide.refuse(refusal.Status, "", "the server chose to refuse")
	e.Header, e.Body = refusal.Header, refusal.Body
	if e.Status == 0 {
		e.Status = http.StatusForbidden
	}
	if e.Status < 200 || e.Status > 999 {
		return ruleOwn.refuse(500, "", "Options.Decide refused with the status %d", e.Status)
	}
	var extra Header
	extra.AddHTTP(e.Header)
	if err := extra.Check(); err != nil {
		return ruleOwn.refuse(500, "", "Options.Decide: %v", err)
	}
	return e
}

// accept writes the 101.
func (o *Options) accept(_ context.Context, h *Handshake) error {
	extra := h.Response.Header // what Decide has added
	extra.AddHTTP(o.Header)
	if err := checkExtra(extra); err != nil {
		return ruleOwn.refuse(500, "", "%v", err)
	}
	if h.Subprotocol != "" {
		if err := (Header{{"Sec-WebSocket-Protocol", h.Subprotocol}}).Check(); err != nil {
			return ruleOwn.refuse(500, "", "%v", err)
		}
		if offers, _ := h.Request.Subprotocols(); !o.AnySubprotocol && !isOneOf(h.Subprotocol, offers...) {
			return ruleOwn.refuse(500, "", "the subprotocol %s was not offered", show(h.Subprotocol))
		}
		// Whoever keeps the name shall not keep the whole request with it.
		h.Subprotocol = strings.Clone(h.Subprotocol)
	}
	// RFC 6455, section 4.2.2: the five lines of the answer, in this order.
	header := make(Header, 0, 5+len(extra))
	header.Add("Upgrade", "websocket")
	header.Add("Connection", "Upgrade")
	header.Add("Sec-WebSocket-Accept", Accept(h.Request.Header.Get("Sec-WebSocket-Key")))
	if h.Subprotocol != "" {
		header.Add("Sec-WebSocket-Protocol", h.Subprotocol)
	}
	if len(h.Extensions) > 0 {
		header.Add("Sec-WebSocket-Extensions", joinExtensions(h.Extensions))
	}
	h.Response = Response{"HTTP/1.1", http.StatusSwitchingProtocols, "Switching Protocols", append(header, extra...)}
	return nil
}
