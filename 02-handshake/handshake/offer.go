package handshake

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
)

// ParseURL reads a ws or wss URL.
//
//	ws-URI = "ws:" "//" host [ ":" port ] path [ "?" query ]
func ParseURL(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	if err != nil {
		var inner *url.Error
		if errors.As(err, &inner) {
			err = inner.Err
		}
		return nil, fmt.Errorf("handshake: %s is not a URL: %w", show(text), err)
	}
	var wrong string
	switch {
	case u.Scheme != "ws" && u.Scheme != "wss":
		wrong = "it must start with ws:// or wss://"
	case u.Hostname() == "":
		wrong = "it names no host"
	case !isTarget(u.Host):
		wrong = "its host must be ASCII (a name in another script is written as xn--...)"
	case u.Fragment != "" || strings.Contains(text, "#"):
		// RFC 6455, section 3: fragment identifiers MUST NOT be used.
		wrong = "it has a fragment, which means nothing here: remove the # or write it as %23"
	}
	if wrong != "" {
		return nil, fmt.Errorf("handshake: %s: %s", show(u.Redacted()), wrong)
	}
	return u, nil
}

// NewRequest is the request that Dial sends: the offer of a client, with a
// new key.
func NewRequest(u *url.URL, o *DialOptions) (Request, error) {
	options := o.complete()
	r := Request{Method: "GET", Target: u.RequestURI(), Proto: "HTTP/1.1"}
	var extra Header
	extra.AddHTTP(options.Header)
	// RFC 6455, section 4.1: Host has the port only if it is not the default.
	if extra.Count("Host") == 0 {
		r.Header.Add("Host", hostField(u))
	}
	r.Header.Add("Upgrade", "websocket")
	r.Header.Add("Connection", "Upgrade")
	r.Header.Add("Sec-WebSocket-Key", NewKey())
	r.Header.Add("Sec-WebSocket-Version", "13")
	if len(options.Subprotocols) > 0 {
		r.Header.Add("Sec-WebSocket-Protocol", strings.Join(options.Subprotocols, ", "))
	}
	if len(options.Extensions) > 0 {
		r.Header.Add("Sec-WebSocket-Extensions", joinExtensions(options.Extensions))
	}
	if u.User != nil && extra.Count("Authorization") == 0 {
		r.Header.Add("Authorization", basic(u.User))
	}
	if err := checkExtra(extra); err != nil {
		return Request{}, fmt.Errorf("handshake: DialOptions.Header: %w", err)
	}
	r.Header = append(r.Header, extra...)
	// What we would not accept, we do not send either.
	if err := firstBreach(RequestRules, Exchange{Request: &r}); err != nil {
		return Request{}, fmt.Errorf("the request would break a rule: %w", err)
	}
	return r, nil
}

func hostField(u *url.URL) string {
	host := u.Hostname()
	if strings.Contains(host, ":") {
		host, _, _ = strings.Cut(host, "%") // a zone means something on this machine only
		host = "[" + host + "]"
	}
	if port := u.Port(); port != "" && port != defaultPort(u.Scheme) {
		host += ":" + port
	}
	return host
}

// address is where to connect to.
func address(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = defaultPort(u.Scheme)
	}
	return net.JoinHostPort(u.Hostname(), port)
}

// basic is the value of Authorization that a name and a password become.
func basic(user *url.Userinfo) string {
	password, _ := user.Password()
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(user.Username()+":"+password))
}
