// Package intercept lets an unmodified function talk to the local gateway.
//
// Code for API Gateway sends to https://{api}.execute-api.{region}.amazonaws.com
// and often has that name built in, where no variable reaches it. So the
// function is started with an HTTPS proxy. For these names the proxy answers
// itself, with a certificate of its own authority; every other host it
// connects to and passes the bytes on, without looking at them.
//
//	intercept.go   Start and Close; what comes from the function
//	hosts.go       which names are caught
//	authority.go   the certificates
//	bundle.go      the file that makes a function trust them
//	environment.go the variables that it is started with
//	tunnel.go      every other host
//	forward.go     and every other host without TLS
//	conns.go       connections, how many and what they hold
//
// # What works
//
//	Go, Linux    the SDK, and net/http's default transport
//	Go, macOS    the SDK with config.LoadDefaultConfig, which reads AWS_CA_BUNDLE. net/http
//	             alone ignores SSL_CERT_FILE and asks the system: it trusts us not
//	Go, Windows  as on macOS; and there are no roots for the bundle (see Roots)
//	Python       boto3 and the aws command
//	Node         from 22.21 or 24.5 on, fetch and https without an agent of one's own; before, no
//	             proxy at all. The AWS SDK for JavaScript brings an agent, which knows no proxy:
//	             give it AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI, if its code sets no endpoint
//
// Go and boto3 are tested, on Linux; the rest is what the documents of these
// runtimes say. A program escapes that makes an
// http.Transport of its own without Proxy: http.ProxyFromEnvironment, or that
// pins certificates. Loopback addresses never go through a proxy: the events
// must name the API by its name on AWS.
//
// # What it means
//
// The authority's key is made at Start and never written down. Its certificate
// is good for names under amazonaws.com, amazonaws.com.cn and api.aws only, and
// only those trust it that are given the bundle. It listens on loopback only:
// whoever can use it is a program of this machine, which could connect
// anywhere without it.
package intercept

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"time"
)

// What a connection may take. API Gateway takes 10,240 bytes of headers.
const (
	maxHeader      = 16 << 10
	maxConnections = 1024 // at the same time, those of tunnels included

	headerTimeout = 10 * time.Second // for a request's headers, a handshake, a dial
	bodyTimeout   = time.Minute      // for a caught request, all of it
	idleTimeout   = 2 * time.Minute  // between two requests
	tunnelTimeout = 10 * time.Minute // without a byte in either direction
)

// Options say what to do.
type Options struct {
	// Handler gets the decrypted requests: r.Host is the name that was
	// called, r.TLS is set, the path and the signature are as they were sent.
	Handler http.Handler

	// Addr is where to listen, on loopback. "" is 127.0.0.1:0.
	Addr string

	// Bundle is the file to write for Environment: the certificate of the
	// authority, and the roots that programs trusted before. Whoever names it
	// removes it.
	Bundle string

	// Hosts says which of the names that IsExecuteAPI knows are caught. Nil
	// is all of them.
	Hosts func(host string) bool

	// Dial connects to the other hosts. Nil is a net.Dialer's.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)

	// Told is shown each CONNECT: the host, whether it was caught, and what
	// went wrong. A caught host with an error about a certificate is a
	// program that does not read the bundle. Nil is nobody. It is called from
	// several goroutines.
	Told func(host string, caught bool, err error)
}

// A Proxy runs until it is closed.
type Proxy struct {
	o         Options
	addr      net.Addr
	authority *authority
	roots     []string
	outer     *http.Server // what functions speak to
	inner     *http.Server // what they believe to speak to
	caught    *queue       // from the one to the other
	plain     *forwarder

	ctx context.Context // ends with the proxy
	end context.CancelFunc

	mu     sync.Mutex // guards closed, and tasks against a Wait before an Add
	closed bool
	tasks  sync.WaitGroup
}

// Start writes the bundle and listens.
func Start(o Options) (*Proxy, error) {
	if o.Handler == nil || o.Bundle == "" {
		return nil, errors.New("intercept: Options need a Handler and a Bundle")
	}
	if o.Dial == nil {
		o.Dial = (&net.Dialer{}).DialContext
	}
	if o.Told == nil {
		o.Told = func(string, bool, error) {}
	}
	a, err := newAuthority(time.Now())
	if err != nil {
		return nil, err
	}
	roots, err := writeBundle(o.Bundle, a.pem)
	if err != nil {
		return nil, err
	}
	l, err := listen(o.Addr)
	if err != nil {
		return nil, err
	}
	p := &Proxy{o: o, addr: l.Addr(), authority: a, roots: roots, caught: newQueue(l.Addr()), plain: newForwarder(o.Dial)}
	p.ctx, p.end = context.WithCancel(context.Background())
	p.outer = &http.Server{
		Handler: http.HandlerFunc(p.serve), MaxHeaderBytes: maxHeader,
		ReadHeaderTimeout: headerTimeout, IdleTimeout: idleTimeout,
	}
	p.inner = &http.Server{
		Handler: o.Handler, MaxHeaderBytes: maxHeader,
		ReadHeaderTimeout: headerTimeout, ReadTimeout: bodyTimeout, IdleTimeout: idleTimeout,
	}
	p.tasks.Go(func() { _ = p.outer.Serve(newBounded(l, maxConnections)) })
	p.tasks.Go(func() { _ = p.inner.Serve(p.caught) })
	return p, nil
}

// listen opens a port that only this machine reaches.
func listen(addr string) (net.Listener, error) {
	if addr == "" {
		addr = "127.0.0.1:0"
	}
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, fmt.Errorf("intercept: %w", err)
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return nil, fmt.Errorf("intercept: %s is not a loopback address: everybody could connect to everything through it; use 127.0.0.1", addr)
	}
	return net.Listen("tcp", addr)
}

// Addr is where the proxy listens.
func (p *Proxy) Addr() net.Addr { return p.addr }

// Roots are the files whose certificates are in the bundle beside ours. If
// there are none (as on Windows), a program with the bundle trusts nobody
// else: its calls to the real AWS fail.
func (p *Proxy) Roots() []string { return p.roots }

// Close ends all connections, and waits until nothing of the proxy runs any
// more. It does not wait for the Handler, whose requests' contexts end.
func (p *Proxy) Close() error {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	p.end()
	err := errors.Join(p.outer.Close(), p.inner.Close())
	p.tasks.Wait()
	p.plain.close()
	return err
}

// begin says that something runs that Close has to wait for, or that it is
// too late for that.
func (p *Proxy) begin() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.closed {
		p.tasks.Add(1)
	}
	return !p.closed
}

// serve is asked by a function for a connection, or for a page without TLS.
func (p *Proxy) serve(w http.ResponseWriter, r *http.Request) {
	if !p.begin() {
		return
	}
	defer p.tasks.Done()
	switch {
	case r.Method == http.MethodConnect:
		p.connect(w, r)
	case r.URL.Scheme == "http" && r.URL.Host != "":
		p.plain.ServeHTTP(w, r)
	default:
		http.Error(w, "This is a proxy: start a program with HTTPS_PROXY=http://"+p.addr.String(), http.StatusBadRequest)
	}
}

// connect answers itself for the names that are caught.
func (p *Proxy) connect(w http.ResponseWriter, r *http.Request) {
	host, port, err := net.SplitHostPort(r.Host)
	if err != nil {
		http.Error(w, "CONNECT needs host:port", http.StatusBadRequest)
		return
	}
	if port == "443" && IsExecuteAPI(host) && (p.o.Hosts == nil || p.o.Hosts(host)) {
		p.o.Told(host, true, p.catch(w, host))
		return
	}
	p.o.Told(host, false, p.tunnel(w, r))
}

// catch plays the server: TLS under the host's name, and HTTP in it.
func (p *Proxy) catch(w http.ResponseWriter, host string) error {
	config, err := p.authority.config(host)
	if err != nil {
		http.Error(w, "no certificate", http.StatusInternalServerError)
		return err
	}
	conn, err := accept(w)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(p.ctx, headerTimeout)
	defer cancel()
	secure := tls.Server(conn, config)
	if err := secure.HandshakeContext(ctx); err != nil {
		conn.Close()
		return err
	}
	return p.caught.put(p.ctx, secure)
}

// accept takes over a connection whose client asked to CONNECT, and says yes.
func accept(w http.ResponseWriter) (net.Conn, error) {
	conn, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return nil, err
	}
	if _, err := io.WriteString(conn, "HTTP/1.1 200 Connection established\r\n\r\n"); err != nil {
		conn.Close()
		return nil, err
	}
	return &early{conn, buffered.Reader}, nil
}
