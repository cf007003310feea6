package grade

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"websocket.example/05-apigw-lambda/gateway"
	"websocket.example/05-apigw-lambda/gateway/api"
	"websocket.example/05-apigw-lambda/gateway/intercept"
	"websocket.example/05-apigw-lambda/gateway/lambda"
	"websocket.example/05-apigw-lambda/gateway/template"
	"websocket.example/05-apigw-lambda/gateway/trace"
)

// A place is where clients go.
type place struct {
	name     string
	ws       *url.URL
	function string // what is invoked in stage 5
	stand    *stand // nil if it runs elsewhere
}

// open finds the gateway, or starts one.
func (c *Config) open(ctx context.Context) (*place, error) {
	if c.URL == nil {
		return c.start()
	}
	conn, err := (&net.Dialer{Timeout: 5 * time.Second}).DialContext(ctx, "tcp", c.URL.Host)
	if err != nil {
		return nil, fmt.Errorf("nobody answers at %s: %w", c.URL, err)
	}
	conn.Close()
	return &place{name: c.URL.String(), ws: c.URL, function: "Chat"}, nil
}

func (p *place) close() {
	if p.stand != nil {
		p.stand.close()
	}
}

// A stand is a gateway with a function behind it, both of which can be seen.
type stand struct {
	gateway  *gateway.Gateway
	proxy    *intercept.Proxy
	names    lambda.Functions
	seen     []*seen
	private  string // folder
	shared   string // in it: what the environments share
	watcher  *trace.Watcher
	feed     trace.Feed
	listener net.Listener
	serving  sync.WaitGroup

	mu        sync.Mutex
	calls     []*call         // of the function, in the order of their beginning
	posts     []post          // to @connections
	elsewhere []string        // hosts that are not this API
	lost      map[string]bool // connections of which no $disconnect is delivered
}

// A post is a call of @connections.
type post struct {
	connection string
	text       string
	status     int
	at         time.Time
}

// start runs the template.
func (c *Config) start() (_ *place, err error) {
	project, err := template.Read(c.Template, template.Options{})
	if err != nil {
		return nil, err
	}
	if len(project.APIs) != 1 || len(project.Functions) == 0 {
		return nil, fmt.Errorf("%s: it must have one WebSocket API, and a function", c.Template)
	}
	s := &stand{lost: map[string]bool{}}
	defer func() {
		if err != nil {
			s.close()
		}
	}()
	if s.private, err = os.MkdirTemp("", "exercise-"); err != nil {
		return nil, err
	}
	s.shared = filepath.Join(s.private, "connections")
	if s.listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		return nil, err
	}
	s.proxy, err = intercept.Start(intercept.Options{
		Handler: http.HandlerFunc(s.onAWS), Bundle: filepath.Join(s.private, "ca.pem"),
	})
	if err != nil {
		return nil, err
	}
	s.watcher, _ = s.feed.Watch()
	functions, err := s.functions(c, project)
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle(lambda.InvokePath, &lambda.InvokeAPI{Functions: &s.names})
	g, err := gateway.New(gateway.Options{
		API: project.APIs[0], Functions: functions, Feed: &s.feed, Plain: mux,
		Log: slog.New(slog.DiscardHandler), // the report says it better
	})
	if err != nil {
		return nil, err
	}
	s.gateway = g
	s.serving.Go(func() { _ = g.Serve(s.listener) }) // until Shutdown
	at := &url.URL{Scheme: "ws", Host: s.listener.Addr().String(), Path: "/" + project.APIs[0].Stage.Name}
	return &place{name: c.Template, ws: at, function: project.Functions[0].ResourceID, stand: s}, s.clear()
}

// functions makes those of the template, each with its environments.
func (s *stand) functions(c *Config, p *api.Project) (map[string]lambda.Function, error) {
	endpoint := "http://" + s.listener.Addr().String()
	variables := map[string]string{
		"AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI": endpoint + "/" + p.APIs[0].Stage.Name,
		"AWS_ENDPOINT_URL_LAMBDA":                  endpoint,
		"CONNECTIONS":                              s.shared,
	}
	for _, v := range s.proxy.Environment() {
		name, value, _ := strings.Cut(v, "=")
		variables[name] = value
	}
	build := c.make
	if build == nil {
		build = func(f *api.Function, v map[string]string) (lambda.Function, error) {
			return lambda.Process(f, lambda.Options{Variables: v})
		}
	}
	all := map[string]lambda.Function{}
	for _, f := range p.Functions {
		if c.Code != "" {
			f.Code = c.Code
		}
		seen := &seen{stand: s, build: func() (lambda.Function, error) { return build(f, variables) }}
		s.names.Add(f, seen)
		s.seen = append(s.seen, seen)
		if err := seen.start(); err != nil {
			return nil, err
		}
		all[f.ResourceID] = seen
	}
	return all, nil
}

// onAWS is a call that went to a name on AWS: this API's, or another's.
func (s *stand) onAWS(w http.ResponseWriter, r *http.Request) {
	host, _, _ := strings.Cut(r.Host, ":")
	if host == s.gateway.Domain() {
		s.gateway.ServeHTTP(w, r)
		return
	}
	s.mu.Lock()
	s.elsewhere = append(s.elsewhere, host)
	s.mu.Unlock()
	http.Error(w, `{"message":"Forbidden"}`, http.StatusForbidden)
}

// look takes what has been posted until now. The lock is held.
func (s *stand) look() {
	for {
		select {
		case e := <-s.watcher.C:
			if e.Kind == trace.Posted && e.Method == http.MethodPost {
				s.posts = append(s.posts, post{e.Connection, e.Text, e.Status, e.At})
			}
		default:
			return
		}
	}
}

// clear forgets who was there, for the next case.
func (s *stand) clear() error {
	return errors.Join(os.RemoveAll(s.shared), os.MkdirAll(s.shared, 0o700))
}

func (s *stand) close() {
	if s.gateway != nil {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		_ = s.gateway.Shutdown(ctx) // who has not said goodbye by then is cut off
	}
	if s.listener != nil {
		s.listener.Close()
	}
	s.serving.Wait()
	_ = s.names.Close() // processes that do not end are killed
	if s.proxy != nil {
		_ = s.proxy.Close() // nobody is left to use it
	}
	if s.watcher != nil {
		s.feed.Leave(s.watcher)
	}
	if s.private != "" {
		os.RemoveAll(s.private)
	}
}
