package handshake

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"
)

// DialOptions are what a client wants. The zero value, or a nil pointer,
// will do. They are only read: connections may share them.
type DialOptions struct {
	Header       http.Header // added to the request: Origin, Cookie, Authorization, Host ...
	Subprotocols []string    // offered, the favourite first
	Extensions   []Extension // offered, likewise

	// TLS is for wss. Nil checks the server's certificate as usual.
	TLS *tls.Config

	// Proxy says which proxy leads to a server; nil is
	// http.ProxyFromEnvironment. It is asked about http for ws and about
	// https for wss. A proxy may be http or https, with a name and a
	// password.
	Proxy func(*http.Request) (*url.URL, error)

	// NetDial opens the connection, to the server or to the proxy; nil is
	// that of package net.
	NetDial func(ctx context.Context, network, addr string) (net.Conn, error)

	MaxHeaderBytes int           // how large the answer's header may be; 0 is 8 KiB
	MaxBodyBytes   int           // how much of the body of a refusal is kept; 0 is 4 KiB
	Timeout        time.Duration // for everything together; 0 is 10 s
}

func (o *DialOptions) complete() DialOptions {
	var c DialOptions
	if o != nil {
		c = *o
	}
	if c.Proxy == nil {
		c.Proxy = http.ProxyFromEnvironment
	}
	if c.NetDial == nil {
		c.NetDial = new(net.Dialer).DialContext
	}
	if c.MaxHeaderBytes <= 0 {
		c.MaxHeaderBytes = defaultHeaderBytes
	}
	if c.MaxBodyBytes <= 0 {
		c.MaxBodyBytes = 4 << 10
	}
	if c.Timeout <= 0 {
		c.Timeout = defaultTimeout
	}
	return c
}

// Dial connects to a ws or wss URL and does the handshake. The connection is
// the caller's, to close as well; its deadlines are cleared, and what the
// server has already sent behind its answer is in Handshake.Rest. ctx bounds
// Dial, and not the connection.
//
// On an error there is no connection. A server that breaks a rule gives an
// *Error, one that refuses in good order a *RefusedError. A redirect is such
// a refusal: to follow it, dial what its Location says. A name and a
// password in the URL are sent as Basic authentication.
//
// RFC 6455, section 4.1: a client MUST NOT open several connections to one
// address at the same time, but wait for each handshake to end. Dial knows
// nothing of other calls: that is for those who make them.
func Dial(ctx context.Context, rawURL string, o *DialOptions) (net.Conn, *Handshake, error) {
	u, err := ParseURL(rawURL)
	if err != nil {
		return nil, nil, err
	}
	request, err := NewRequest(u, o)
	if err != nil {
		return nil, nil, err
	}
	options := o.complete()
	ctx, cancel := context.WithTimeout(ctx, options.Timeout)
	defer cancel()
	conn, err := options.Connect(ctx, u)
	if err != nil {
		return nil, nil, fmt.Errorf("handshake: %s: %w", u.Redacted(), because(ctx, err))
	}
	h, err := options.Ask(ctx, conn, request)
	if err != nil {
		conn.Close()
		return nil, nil, because(ctx, err)
	}
	return conn, h, nil
}

// because prefers the end of the context to what it has caused.
func because(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil && !errors.Is(err, cause) {
		return fmt.Errorf("%w (%w)", cause, err)
	}
	return err
}

// Connect is the first half of Dial: it opens the connection on which a
// request can be sent, through a proxy and with TLS if it must be. The
// connection is the caller's.
func (o *DialOptions) Connect(ctx context.Context, u *url.URL) (net.Conn, error) {
	options := o.complete()
	proxy, err := options.proxyFor(u)
	if err != nil {
		return nil, err
	}
	var conn net.Conn
	if proxy == nil {
		conn, err = options.NetDial(ctx, "tcp", address(u))
	} else {
		conn, err = options.tunnel(ctx, proxy, address(u))
	}
	if err != nil || u.Scheme == "ws" {
		return conn, err
	}
	return startTLS(ctx, conn, u.Hostname(), options.TLS)
}

// startTLS speaks TLS on conn, and closes it if that fails.
func startTLS(ctx context.Context, conn net.Conn, host string, config *tls.Config) (net.Conn, error) {
	if config == nil {
		config = new(tls.Config)
	}
	config = config.Clone()
	// RFC 6455, section 4.1: clients MUST use Server Name Indication.
	if config.ServerName == "" {
		config.ServerName = host
	}
	if len(config.NextProtos) == 0 {
		config.NextProtos = []string{"http/1.1"} // HTTP/2 has no Upgrade
	}
	secure := tls.Client(conn, config)
	if err := secure.HandshakeContext(ctx); err != nil {
		conn.Close()
		return nil, err
	}
	return secure, nil
}

// Ask is the second half of Dial: it sends a request, as NewRequest makes
// it, reads the answer, and holds it against ResponseRules. The connection
// stays the caller's: on an error, close it.
func (o *DialOptions) Ask(ctx context.Context, conn net.Conn, request Request) (*Handshake, error) {
	options := o.complete()
	release, err := within(ctx, conn, options.Timeout)
	if err != nil {
		return nil, err
	}
	h, err := options.ask(conn, request)
	if ctx.Err() == nil && isTimeout(err) {
		err = fmt.Errorf("handshake: the answer was not complete after %v: %w", options.Timeout, context.DeadlineExceeded)
	}
	if err = cmp.Or(err, release()); err != nil {
		return nil, err
	}
	return h, nil
}

func (o *DialOptions) ask(conn net.Conn, request Request) (*Handshake, error) {
	buf := borrow(o.MaxHeaderBytes)
	defer buf.release()
	if _, err := conn.Write(request.Append(buf.b[:0])); err != nil {
		return nil, fmt.Errorf("handshake: sending the request: %w", err)
	}
	// RFC 6455, section 4.1: the client MUST wait for the answer before it sends anything more.
	response, after, err := readAnswer(conn, buf.b[:o.MaxHeaderBytes])
	if err != nil {
		return nil, err
	}
	x := Exchange{&request, &response}
	if response.Status != http.StatusSwitchingProtocols {
		// RFC 6455, section 4.1: any other status is handled as HTTP says.
		return nil, &RefusedError{response, o.body(conn, &response, after)}
	}
	if err := firstBreach(ResponseRules, x); err != nil {
		return nil, err
	}
	h := &Handshake{Request: request, Response: response, Rest: rest(after)}
	h.Subprotocol = response.Header.Get("Sec-WebSocket-Protocol")
	h.Extensions, _ = ParseExtensions(response.Header.Values("Sec-WebSocket-Extensions")...)
	return h, nil
}

// readAnswer reads the head of a response, and returns what has come after it.
//
// RFC 9110, section 15.2: before the answer there may be any number of
// others whose status is 1xx, such as 103 Early Hints. (Not any number.)
func readAnswer(conn io.Reader, buf []byte) (Response, []byte, error) {
	const most = 8
	filled := 0
	for range most {
		var response Response
		total, n, err := readHead(conn, buf, filled, func(b []byte) (n int, err error) {
			response, n, err = ParseResponse(b)
			return n, err
		})
		switch {
		case errors.Is(err, io.EOF):
			return Response{}, nil, fmt.Errorf("handshake: the server closed the connection after %d bytes of its answer: %w", total, io.ErrUnexpectedEOF)
		case err != nil:
			return Response{}, nil, asClient(err)
		case response.Status >= 200 || response.Status == http.StatusSwitchingProtocols:
			return response, buf[n:total], nil
		}
		filled = copy(buf, buf[n:total])
	}
	return Response{}, nil, badSyntax("syntax-size", 0, "more than %d answers came before the answer", most)
}

// bodyTime is how long the body of a refusal may take: it is only read to
// make the error better.
const bodyTime = time.Second

// body reads the beginning of the body of a refusal, as its header says where
// it ends.
func (o *DialOptions) body(conn net.Conn, response *Response, after []byte) []byte {
	_ = conn.SetReadDeadline(time.Now().Add(bodyTime)) // if it fails, so does reading
	whole := io.MultiReader(bytes.NewReader(response.Append(nil)), bytes.NewReader(after), conn)
	parsed, err := http.ReadResponse(bufio.NewReader(whole), nil)
	if err != nil {
		return nil
	}
	defer parsed.Body.Close()
	body, _ := io.ReadAll(io.LimitReader(parsed.Body, int64(o.MaxBodyBytes))) // what came is what there is
	return body
}
