package intercept

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"websocket.example/05-apigw-lambda/gateway/sigv4"
)

const (
	accessKey, secret = "AKIDEXAMPLE", "a secret"
	domain            = "abc123defg.execute-api.us-east-1.amazonaws.com"
)

// A seen proxy remembers what it was told, and what the API was asked.
type seen struct {
	*Proxy
	mu   sync.Mutex
	told []string
	api  []string
}

func (s *seen) note(list *[]string, format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	*list = append(*list, fmt.Sprintf(format, args...))
}

// ServeHTTP is the @connections API behind the proxy.
func (s *seen) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		s.note(&s.api, "%v", err)
	}
	v := &sigv4.Verifier{Secret: func(key string) (string, bool) { return secret, key == accessKey }, Region: "us-east-1"}
	signed := "signed"
	if _, fail := v.Verify(r, body); fail != nil {
		signed = fail.Type
	}
	s.note(&s.api, "%s %s%s %s %s tls=%v", r.Method, r.Host, r.URL.EscapedPath(), body, signed, r.TLS != nil)
	if strings.Contains(r.URL.Path, "gone") {
		w.Header().Set("x-amzn-ErrorType", "GoneException")
		w.WriteHeader(http.StatusGone)
	}
}

// begin starts a proxy. Other hosts are all at the one address.
func begin(t *testing.T, other string, edit ...func(*Options)) *seen {
	t.Helper()
	s := &seen{}
	o := Options{
		Handler: s, Bundle: filepath.Join(t.TempDir(), "ca.pem"),
		Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
			if other == "" {
				return nil, errors.New("nobody is at " + address)
			}
			return (&net.Dialer{}).DialContext(ctx, network, other)
		},
		Told: func(host string, caught bool, err error) { s.note(&s.told, "%s %v %v", host, caught, err) },
	}
	for _, e := range edit {
		e(&o)
	}
	p, err := Start(o)
	if err != nil {
		t.Fatal(err)
	}
	s.Proxy = p
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// client is a client of the proxy in this process, that trusts the bundle.
func (s *seen) client(t *testing.T) *http.Client {
	t.Helper()
	b, err := os.ReadFile(s.o.Bundle)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(b)
	transport := &http.Transport{
		Proxy:           http.ProxyURL(&url.URL{Scheme: "http", Host: s.Addr().String()}),
		TLSClientConfig: &tls.Config{RootCAs: pool},

		DisableCompression: true, // or it would ask for gzip itself
	}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

func expect(t *testing.T, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// A function that was never made for us, with the real SDK and the name of a
// real API in it, in a process of its own.
func TestUnmodifiedFunction(t *testing.T) {
	s := begin(t, "")
	out, err := function(t, s.Environment(), "post")
	if err != nil || out != "L0SM9cOFvHcCIhw= has it\ngonegonegonegon= is gone" {
		t.Fatalf("%v\n%s", err, out)
	}
	expect(t, s.api,
		"POST "+domain+"/prod/@connections/L0SM9cOFvHcCIhw%3D olá signed tls=true",
		"POST "+domain+"/prod/@connections/gonegonegonegon%3D olá signed tls=true")
	expect(t, s.told, domain+" true <nil>") // one connection, used twice
}

func TestPython(t *testing.T) {
	t.Parallel()
	if exec.Command("python3", "-c", "import boto3").Run() != nil {
		t.Skip("there is no boto3 here (pip install boto3)")
	}
	s := begin(t, "")
	out, err := start(t, s.Environment(), "python3", "-c", `
import boto3
client = boto3.client("apigatewaymanagementapi", endpoint_url="https://abc123defg.execute-api.us-east-1.amazonaws.com/prod")
client.post_to_connection(ConnectionId="L0SM9cOFvHcCIhw=", Data="olá".encode())
`)
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	expect(t, s.api, "POST "+domain+"/prod/@connections/L0SM9cOFvHcCIhw%3D olá signed tls=true")
}

// Without the bundle a function trusts nobody it should not, and the log says
// what is wrong.
func TestWithoutBundle(t *testing.T) {
	s := begin(t, "")
	env := slices.DeleteFunc(s.Environment(), func(line string) bool { return strings.HasSuffix(line, ".pem") })
	out, err := function(t, env, "https://"+domain+"/prod")
	if err == nil || !strings.Contains(out, "certificate") {
		t.Errorf("%v\n%s", err, out)
	}
	expect(t, s.api)
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.told) != 1 || !strings.Contains(s.told[0], domain+" true ") || !strings.Contains(s.told[0], "bad certificate") {
		t.Errorf("%q", s.told)
	}
}

// Every other host is reached as if nobody were in between: the function
// sees that host's own certificate, which it trusts because it did before.
func TestOtherHostUntouched(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("Go reads SSL_CERT_FILE on Linux only")
	}
	other := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "%s%s", r.Host, r.URL)
	}))
	defer other.Close()
	before := filepath.Join(t.TempDir(), "before.pem")
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: other.Certificate().Raw})
	if err := os.WriteFile(before, certificate, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("AWS_CA_BUNDLE", "")
	t.Setenv("SSL_CERT_FILE", before)
	s := begin(t, other.Listener.Addr().String())
	expect(t, s.Roots(), before)

	out, err := function(t, s.Environment(), "https://example.com/hello?a=b")
	want := fmt.Sprintf("example.com/hello?a=b %x", sha256.Sum256(other.Certificate().Raw))
	if err != nil || out != want {
		t.Errorf("%v\n%s\nwant %s", err, out, want)
	}
	expect(t, s.api)
	_ = s.Close()
	expect(t, s.told, "example.com false <nil>")
}

// Without TLS, through a proxy as well: what came is what went.
func TestPlainHTTP(t *testing.T) {
	got := make(chan *http.Request, 1)
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got <- r.Clone(context.Background())
		w.Header().Set("Content-Encoding", "gzip") // it is not; nobody looks
		fmt.Fprint(w, "hello")
	}))
	defer other.Close()
	s := begin(t, other.Listener.Addr().String())
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://example.com/a%2Fb?a=%zz;b", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header = http.Header{"X-Forwarded-For": {"192.0.2.7"}, "User-Agent": {"test/1"}}
	answer, err := s.client(t).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if b, err := io.ReadAll(answer.Body); err != nil || string(b) != "hello" || answer.Header.Get("Content-Encoding") != "gzip" {
		t.Errorf("%q %v %v", b, err, answer.Header)
	}
	other.CloseClientConnections()
	there := <-got
	if there.Host != "example.com" || there.RequestURI != "/a%2Fb?a=%zz;b" {
		t.Errorf("%s %s", there.Host, there.RequestURI)
	}
	if want := (http.Header{"X-Forwarded-For": {"192.0.2.7"}, "User-Agent": {"test/1"}}); fmt.Sprint(there.Header) != fmt.Sprint(want) {
		t.Errorf("%v", there.Header)
	}
}

// talk sends bytes to the proxy and reads all that comes back.
func (s *seen) talk(t *testing.T, text string, half bool) string {
	t.Helper()
	c, err := net.Dial("tcp", s.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(10 * time.Second)) // if it fails, the test may hang
	if _, err := io.WriteString(c, text); err != nil {
		t.Fatal(err)
	}
	if half {
		if err := c.(*net.TCPConn).CloseWrite(); err != nil {
			t.Fatal(err)
		}
	}
	b, err := io.ReadAll(c)
	if err != nil {
		t.Error(err)
	}
	return string(b)
}

// What is behind a CONNECT in the same packet goes through, and who has said
// all still hears the answer.
func TestEarlyBytesAndHalfClose(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		c, err := l.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		b, _ := io.ReadAll(c) // until the other side has said all
		_, _ = c.Write(bytes.ToUpper(b))
	}()
	s := begin(t, l.Addr().String())
	got := s.talk(t, "CONNECT example.com:7 HTTP/1.1\r\nHost: example.com:7\r\n\r\nhello", true)
	if want := "HTTP/1.1 200 Connection established\r\n\r\nHELLO"; got != want {
		t.Errorf("%q", got)
	}
}

func TestRefusals(t *testing.T) {
	s := begin(t, "")
	for _, tt := range []struct{ send, status, text string }{
		{"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "400", "This is a proxy"},
		{"GET https://example.com/ HTTP/1.1\r\nHost: example.com\r\nConnection: close\r\n\r\n", "400", "This is a proxy"},
		{"GET http://example.com/ HTTP/1.1\r\nHost: example.com\r\nConnection: close\r\n\r\n", "502", "nobody is at example.com:80"},
		{"CONNECT example.com HTTP/1.1\r\nHost: example.com\r\nConnection: close\r\n\r\n", "400", "CONNECT needs host:port"},
		{"CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\nConnection: close\r\n\r\n", "502", "nobody is at example.com:443"},
		{"CONNECT " + domain + ":80 HTTP/1.1\r\nHost: " + domain + ":80\r\nConnection: close\r\n\r\n", "502", "nobody is at " + domain + ":80"},
		{"GET / HTTP/1.1\r\nHost: x\r\nX: " + strings.Repeat("x", 32<<10) + "\r\n\r\n", "431", ""},
	} {
		got := s.talk(t, tt.send, false)
		if !strings.HasPrefix(got, "HTTP/1.1 "+tt.status) || !strings.Contains(got, tt.text) {
			t.Errorf("%.60q: %q", tt.send, got)
		}
	}
	expect(t, s.api)
}

// Names that are not ours pass through.
func TestHosts(t *testing.T) {
	s := begin(t, "", func(o *Options) { o.Hosts = func(host string) bool { return host == domain } })
	for host, caught := range map[string]bool{domain: true, "z" + domain[1:]: false} {
		r, err := s.client(t).Get("https://" + host + "/prod")
		if caught != (err == nil) {
			t.Errorf("%s: %v", host, err)
		}
		if err == nil {
			r.Body.Close()
			if r.TLS.PeerCertificates[0].VerifyHostname(host) != nil || r.Proto != "HTTP/1.1" {
				t.Errorf("%s %v", r.Proto, r.TLS.PeerCertificates[0].DNSNames)
			}
		}
	}
	for host, want := range map[string]bool{
		domain:                  true,
		strings.ToUpper(domain): true,
		"a1.execute-api.cn-north-1.amazonaws.com.cn": true,
		"a1.execute-api.eu-west-1.api.aws":           true,
		"execute-api.us-east-1.amazonaws.com":        false,
		"a.b.execute-api.us-east-1.amazonaws.com":    false,
		"a.execute-api.amazonaws.com":                false,
		"*.execute-api.us-east-1.amazonaws.com":      false,
		".execute-api.us-east-1.amazonaws.com":       false,
		domain + ".":                                 false,
		domain + ".example":                          false,
		"dynamodb.us-east-1.amazonaws.com":           false,
		"a.execute-api.us-east-1.notamazonaws.com":   false,
		"": false,
	} {
		if IsExecuteAPI(host) != want {
			t.Errorf("IsExecuteAPI(%q) is not %v", host, want)
		}
	}
}

func TestAuthority(t *testing.T) {
	now := time.Now()
	a, err := newAuthority(now)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(a.certificate)
	verify := func(host string) error {
		c, err := a.config(host)
		if err != nil {
			t.Fatal(err)
		}
		leaf, err := x509.ParseCertificate(c.Certificates[0].Certificate[0])
		if err != nil {
			t.Fatal(err)
		}
		_, err = leaf.Verify(x509.VerifyOptions{Roots: roots, DNSName: host, CurrentTime: now})
		return err
	}
	if err := verify(domain); err != nil {
		t.Error(err)
	}
	// Even whoever had the key could not play another host.
	var invalid x509.CertificateInvalidError
	if err := verify("example.com"); !errors.As(err, &invalid) || invalid.Reason != x509.CANotAuthorizedForThisName {
		t.Errorf("example.com: %v", err)
	}
	first, _ := a.config(domain)
	again, _ := a.config(strings.ToUpper(domain))
	if first != again {
		t.Error("a certificate is made twice")
	}
	for i := range 2 * maxCertificates {
		_, _ = a.config(fmt.Sprintf("a%d.execute-api.us-east-1.amazonaws.com", i))
		if n := len(a.hosts); n > maxCertificates {
			t.Fatalf("%d are kept", n)
		}
	}
	b, err := newAuthority(now)
	if err != nil || b.key.Equal(a.key) || b.certificate.SerialNumber.Cmp(a.certificate.SerialNumber) == 0 {
		t.Errorf("two authorities are one: %v", err)
	}
}

// The bundle has what programs trusted before, and never a key.
func TestBundle(t *testing.T) {
	dir := t.TempDir()
	one, two, path := filepath.Join(dir, "one.pem"), filepath.Join(dir, "two.pem"), filepath.Join(dir, "ca.pem")
	for _, file := range []string{one, two} {
		a, err := newAuthority(time.Now())
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, bytes.TrimSpace(a.pem), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("AWS_CA_BUNDLE", one)
	t.Setenv("SSL_CERT_FILE", two)
	s := begin(t, "", func(o *Options) { o.Bundle = path })
	expect(t, s.Roots(), one, two)
	rest, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var kinds []string
	for block, more := pem.Decode(rest); block != nil; block, more = pem.Decode(more) {
		kinds = append(kinds, block.Type)
	}
	expect(t, kinds, "CERTIFICATE", "CERTIFICATE", "CERTIFICATE")
	if !bytes.HasPrefix(rest, s.authority.pem) {
		t.Error("ours is not the first")
	}
}

func TestStart(t *testing.T) {
	h := http.NotFoundHandler()
	path := filepath.Join(t.TempDir(), "ca.pem")
	for _, tt := range []struct {
		o    Options
		want string
	}{
		{Options{Handler: h}, "Options need a Handler and a Bundle"},
		{Options{Bundle: path}, "Options need a Handler and a Bundle"},
		{Options{Handler: h, Bundle: filepath.Join(path, "no", "folder")}, "the bundle of certificates"},
		{Options{Handler: h, Bundle: path, Addr: ":0"}, ":0 is not a loopback address"},
		{Options{Handler: h, Bundle: path, Addr: "0.0.0.0:0"}, "is not a loopback address"},
		{Options{Handler: h, Bundle: path, Addr: "example.com:0"}, "is not a loopback address"},
		{Options{Handler: h, Bundle: path, Addr: "127.0.0.1"}, "missing port"},
	} {
		if p, err := Start(tt.o); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%+v: %v", tt.o, err)
			if p != nil {
				p.Close()
			}
		}
	}
}

// Close ends what is open, whatever state it is in, and then nothing runs any
// more (TestMain counts the goroutines).
func TestClose(t *testing.T) {
	other, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	s := begin(t, other.Addr().String())
	r, err := s.client(t).Get("https://" + domain + "/prod") // stays open
	if err != nil {
		t.Fatal(err)
	}
	r.Body.Close()
	var open []net.Conn
	for _, host := range []string{domain, "example.com"} { // in the handshake, and a tunnel
		c, err := net.Dial("tcp", s.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		fmt.Fprintf(c, "CONNECT %[1]s:443 HTTP/1.1\r\nHost: %[1]s:443\r\n\r\n", host)
		if line, err := bufio.NewReader(c).ReadString('\n'); err != nil || !strings.Contains(line, "200") {
			t.Fatalf("%q %v", line, err)
		}
		open = append(open, c)
	}
	start := time.Now()
	for range 2 { // twice is fine
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	if took := time.Since(start); took > 3*time.Second {
		t.Errorf("it took %v", took)
	}
	for _, c := range open {
		_ = c.SetDeadline(time.Now().Add(5 * time.Second))
		if _, err := io.Copy(io.Discard, c); errors.Is(err, os.ErrDeadlineExceeded) {
			t.Error("a connection is still open")
		}
	}
	if c, err := net.Dial("tcp", s.Addr().String()); err == nil {
		c.Close()
		t.Error("it still listens")
	}
}

// A tunnel in which nothing moves ends; one in which only one side speaks
// does not.
func TestIdleTunnel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		here, a := net.Pipe()
		b, there := net.Pipe()
		start := time.Now()
		ended := make(chan time.Duration)
		go func() {
			join(a, b, time.Minute)
			ended <- time.Since(start)
		}()
		go func() {
			for range 3 {
				time.Sleep(50 * time.Second)
				_, _ = there.Write([]byte("still here"))
			}
		}()
		b2 := make([]byte, 10)
		for range 3 {
			if _, err := io.ReadFull(here, b2); err != nil {
				t.Error(err)
			}
		}
		if got, want := <-ended, 3*50*time.Second+time.Minute; got != want {
			t.Errorf("it ended after %v, not %v", got, want)
		}
	})
}

// No more connections than that: the next is served when one has gone.
func TestBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		conns := newQueue(nil)
		b := newBounded(conns, 1)
		go func() {
			for range 2 {
				c, _ := net.Pipe()
				_ = conns.put(t.Context(), c)
			}
		}()
		first, err := b.Accept()
		if err != nil {
			t.Fatal(err)
		}
		second := make(chan error, 1)
		go func() {
			_, err := b.Accept()
			second <- err
		}()
		synctest.Wait()
		if len(second) != 0 {
			t.Error("a second one was accepted")
		}
		first.Close()
		first.Close() // gives back one place, not two
		if err := <-second; err != nil {
			t.Error(err)
		}
		go func() {
			_, err := b.Accept()
			second <- err
		}()
		synctest.Wait()
		b.Close()
		if err := <-second; !errors.Is(err, net.ErrClosed) {
			t.Errorf("after Close: %v", err)
		}
	})
}
