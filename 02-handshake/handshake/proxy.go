package handshake

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"net/http"
	"net/url"
)

// A proxy does not know WebSocket. It is asked for a tunnel, and in the
// tunnel the handshake is the same as without a proxy.
//
//	client                  proxy                  server
//	  |-- CONNECT host:80 ---->|                      |
//	  |                        |---- opens TCP ------>|
//	  |<-- 200 ----------------|                      |
//	  |------------------ GET, Upgrade -------------->|

// proxyFor asks which proxy leads to u; nil is none.
func (o *DialOptions) proxyFor(u *url.URL) (*url.URL, error) {
	asked := *u
	asked.Scheme = map[string]string{"ws": "http", "wss": "https"}[u.Scheme]
	proxy, err := o.Proxy(&http.Request{Method: "GET", URL: &asked, Host: u.Host})
	if err != nil {
		return nil, fmt.Errorf("choosing a proxy: %w", err)
	}
	if proxy != nil && (proxy.Hostname() == "" || !isOneOf(proxy.Scheme, "http", "https")) {
		return nil, fmt.Errorf("the proxy %s is not usable here: only http:// and https:// proxies are", show(proxy.Redacted()))
	}
	return proxy, nil
}

// tunnel opens a connection to addr through a proxy.
//
// RFC 6455, section 4.1: a client behind a proxy SHOULD ask it to open a TCP
// connection to the server, with CONNECT.
func (o *DialOptions) tunnel(ctx context.Context, proxy *url.URL, addr string) (net.Conn, error) {
	conn, err := o.NetDial(ctx, "tcp", address(proxy))
	if err != nil {
		return nil, fmt.Errorf("proxy: %w", err)
	}
	if proxy.Scheme == "https" {
		if conn, err = startTLS(ctx, conn, proxy.Hostname(), nil); err != nil {
			return nil, fmt.Errorf("proxy: %w", err)
		}
	}
	if err := o.askForTunnel(ctx, conn, proxy, addr); err != nil {
		conn.Close()
		return nil, fmt.Errorf("proxy: %w", err)
	}
	return conn, nil
}

func (o *DialOptions) askForTunnel(ctx context.Context, conn net.Conn, proxy *url.URL, addr string) error {
	release, err := within(ctx, conn, o.Timeout)
	if err != nil {
		return err
	}
	return cmp.Or(o.exchangeConnect(conn, proxy, addr), release())
}

func (o *DialOptions) exchangeConnect(conn net.Conn, proxy *url.URL, addr string) error {
	// RFC 9110, section 9.3.6: the target is host and port, and nothing else.
	r := Request{Method: "CONNECT", Target: addr, Proto: "HTTP/1.1"}
	r.Header.Add("Host", addr)
	if proxy.User != nil {
		r.Header.Add("Proxy-Authorization", basic(proxy.User))
	}
	buf := borrow(o.MaxHeaderBytes)
	defer buf.release()
	if _, err := conn.Write(r.Append(buf.b[:0])); err != nil {
		return err
	}
	response, after, err := readAnswer(conn, buf.b[:o.MaxHeaderBytes])
	switch {
	case err != nil:
		return err
	case response.Status/100 != 2:
		return &RefusedError{response, o.body(conn, &response, after)}
	case len(after) > 0:
		return fmt.Errorf("it sent %d bytes into the tunnel before we had asked for anything", len(after))
	}
	return nil
}
