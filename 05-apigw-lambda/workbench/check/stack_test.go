package check

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	awslambda "github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"go.uber.org/goleak"

	"websocket.example/03-raw-server/frame"
	"websocket.example/05-apigw-lambda/deploy/probe"
	"websocket.example/05-apigw-lambda/gateway"
	"websocket.example/05-apigw-lambda/gateway/api"
	"websocket.example/05-apigw-lambda/gateway/lambda"
	"websocket.example/05-apigw-lambda/gateway/template"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m,
		// It sleeps past its timeout, as it was told to; in a process it can't be killed.
		goleak.IgnoreAnyFunction("websocket.example/05-apigw-lambda/deploy/probe.sleep"))
}

// A bend is what is wrong with a gateway: nothing, or one thing.
type bend struct {
	project  func(*api.Project)
	options  func(*gateway.Options)
	function func(resource string, h awslambda.Handler) awslambda.Handler
	calls    func(*http.Response) // answers of @connections

	// What is done to what goes over a connection. A head is that of the
	// request, or of its answer; a frame is one of the client, or for it.
	request, answer func(head string) string
	up, down        func(h frame.Header, payload []byte) (frame.Header, []byte)
}

// start runs the probe's stack on the real gateway, with what is wrong.
func start(t *testing.T, b bend) Config {
	t.Helper()
	project, err := template.Parse("template.yaml", t.TempDir(), probe.Template, template.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if b.project != nil {
		b.project(project)
	}
	to := &switchboard{}
	t.Cleanup(to.CloseIdleConnections)
	functions := make(map[string]lambda.Function)
	for _, f := range project.Functions {
		h := probe.Handler(probe.Options{Config: to.config()})
		if f.ResourceID == "ProbeAuthorizer" {
			h = probe.Authorizer()
		}
		if b.function != nil {
			h = b.function(f.ResourceID, h)
		}
		functions[f.ResourceID] = lambda.InProcess(f, h, lambda.Options{Concurrency: 1000})
	}
	var c Config
	for _, a := range project.APIs {
		o := gateway.Options{API: a, Functions: functions}
		if b.options != nil {
			b.options(&o)
		}
		g, err := gateway.New(o)
		if err != nil {
			t.Fatal(err)
		}
		at := serve(t, g)
		calls := at
		if b.calls != nil {
			calls = bendCalls(t, at, b.calls)
		}
		to.hosts.Store(g.Domain(), calls)
		if b.request != nil || b.answer != nil || b.up != nil || b.down != nil {
			at = bendFrames(t, at, b)
		}
		ws := &url.URL{Scheme: "ws", Host: at, Path: "/" + a.Stage.Name}
		switch a.ResourceID {
		case "Api":
			c.Main, c.Connections = ws, &url.URL{Scheme: "http", Host: calls, Path: ws.Path}
		case "BareApi":
			c.Bare = ws
		case "AskingApi":
			c.Asking = ws
		}
	}
	return c
}

func serve(t *testing.T, g *gateway.Gateway) (at string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- g.Serve(l) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		if err := g.Shutdown(ctx); err != nil {
			t.Errorf("Shutdown: %v", err)
		}
		<-served
	})
	at = l.Addr().String()
	if response, err := http.Get("http://" + at); err == nil { // now it serves
		response.Body.Close()
	}
	http.DefaultClient.CloseIdleConnections()
	return at
}

// A switchboard leads the functions' calls, which go to AWS's names, to the
// gateways here.
type switchboard struct {
	http.Transport
	hosts sync.Map // domainName: address
}

func (s *switchboard) RoundTrip(r *http.Request) (*http.Response, error) {
	at, found := s.hosts.Load(r.URL.Host)
	if !found {
		return nil, errors.New("no gateway is called " + r.URL.Host)
	}
	r = r.Clone(r.Context())
	r.Host = r.URL.Host // it is signed
	r.URL.Scheme, r.URL.Host = "http", at.(string)
	return s.Transport.RoundTrip(r)
}

func (s *switchboard) config() *aws.Config {
	return &aws.Config{
		Region: "us-east-1", HTTPClient: &http.Client{Transport: s},
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
	}
}

// bendCalls stands in front of @connections.
func bendCalls(t *testing.T, at string, bend func(*http.Response)) string {
	transport := &http.Transport{}
	server := httptest.NewServer(&httputil.ReverseProxy{
		Transport: transport,
		Rewrite:   func(r *httputil.ProxyRequest) { r.SetURL(&url.URL{Scheme: "http", Host: at}) },
		ModifyResponse: func(r *http.Response) error {
			bend(r)
			return nil
		},
	})
	t.Cleanup(func() {
		server.Close()
		transport.CloseIdleConnections()
	})
	return server.Listener.Addr().String()
}

// bendFrames stands in front of the connections.
func bendFrames(t *testing.T, at string, b bend) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var work sync.WaitGroup
	work.Go(func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			work.Go(func() {
				defer client.Close()
				server, err := net.Dial("tcp", at)
				if err != nil {
					return
				}
				defer server.Close()
				var both sync.WaitGroup
				both.Go(func() {
					relay(server, client, b.request, b.up)
					// What was cut on one side is cut on the other.
					client.Close()
					server.Close()
				})
				relay(client, server, b.answer, b.down)
				client.Close()
				server.Close()
				both.Wait()
			})
		}
	})
	t.Cleanup(func() {
		l.Close()
		work.Wait()
	})
	return l.Addr().String()
}

// relay passes on a head and frames, bent.
func relay(to io.Writer, from io.Reader, head func(string) string, bend func(frame.Header, []byte) (frame.Header, []byte)) {
	in := bufio.NewReaderSize(from, 64<<10)
	var text strings.Builder
	for !strings.HasSuffix(text.String(), "\r\n\r\n") {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		text.WriteString(line)
	}
	all := text.String()
	if head != nil {
		all = head(all)
	}
	if _, err := io.WriteString(to, all); err != nil {
		return
	}
	if strings.HasPrefix(all, "HTTP/") && !strings.HasPrefix(all, "HTTP/1.1 101") || bend == nil {
		_, _ = io.Copy(to, in)
		return
	}
	for {
		h, payload, err := readFrame(in)
		if err != nil {
			return
		}
		if h.Masked {
			frame.Mask(payload, h.Key, 0)
		}
		h, payload = bend(h, payload)
		h.Length = uint64(len(payload))
		if h.Masked {
			frame.Mask(payload, h.Key, 0)
		}
		if _, err := to.Write(append(frame.Append(nil, h), payload...)); err != nil {
			return
		}
	}
}

func readFrame(in *bufio.Reader) (frame.Header, []byte, error) {
	for n := 2; ; n++ {
		b, err := in.Peek(n)
		if err != nil {
			return frame.Header{}, nil, err
		}
		h, size, err := frame.Parse(b)
		if errors.Is(err, frame.ErrShort) {
			continue
		}
		_, _ = in.Discard(size) // it was peeked at
		payload := make([]byte, h.Length)
		_, err = io.ReadFull(in, payload)
		return h, payload, err
	}
}
