package bench

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/pprof"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"websocket.example/02-handshake/handshake"
	"websocket.example/03-raw-server/frame"
	"websocket.example/03-raw-server/server"
	"websocket.example/03-raw-server/wsconn"
	"websocket.example/05-apigw-lambda/functions"
	"websocket.example/05-apigw-lambda/gateway"
	"websocket.example/05-apigw-lambda/gateway/api"
	"websocket.example/05-apigw-lambda/gateway/lambda"
	"websocket.example/05-apigw-lambda/workbench/bench/echo"
)

// serve is the process that is measured: a gateway without a stage's limits.
// It prints its URL, answers each line "memory" of its standard input, and ends
// when that does, so that it never outlives bench.
func serve(args []string, in io.Reader, out io.Writer) error {
	fs := flag.NewFlagSet("bench serve", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	plain := fs.Bool("echo", false, "be a plain WebSocket echo")
	sdk := fs.Bool("sdk", false, "post with the AWS SDK, also in this process")
	chat := fs.Bool("chat", false, "be the chat, with a store in memory")
	function := fs.String("function", "", "`folder` with the bootstrap to run; without it, the same in this process")
	profile := fs.String("cpuprofile", "", "write a CPU profile to this `file`")
	if err := fs.Parse(args); err != nil {
		return wrong("serve: %w", err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	s, err := open(l, *plain, *chat, *sdk, *function)
	if err != nil {
		return err
	}
	defer s.close()
	if *profile != "" {
		file, err := os.Create(*profile)
		if err != nil {
			return err
		}
		defer file.Close()
		if err := pprof.StartCPUProfile(file); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	fmt.Fprintln(out, s.url)
	for lines := bufio.NewScanner(in); lines.Scan(); {
		debug.FreeOSMemory() // it collects the garbage first
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		if err := json.NewEncoder(out).Encode(inUse{m.HeapAlloc, m.StackInuse}); err != nil {
			return err
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	_ = s.shutdown(ctx) // the clients have gone, or are cut off
	return s.wait()
}

// served is a server at work.
type served struct {
	url      string
	shutdown func(context.Context) error
	wait     func() error
	close    func() // what is behind it, at the end
}

func open(l net.Listener, plain, chat, sdk bool, folder string) (s served, err error) {
	switch {
	case plain:
		return serveEcho(l), nil
	case chat:
		return serveGateway(l, chatAPI(), func(g *gateway.Gateway) (string, lambda.Function, error) {
			return "Chat", chatFunction(g), nil
		})
	}
	return serveGateway(l, echoAPI(), func(g *gateway.Gateway) (string, lambda.Function, error) {
		f, err := echoFunction(g, l.Addr(), sdk, folder)
		return "Echo", f, err
	})
}

func serveEcho(l net.Listener) served {
	s := &server.Server{Handler: func(c *wsconn.Conn, _ *handshake.Handshake) wsconn.Handler {
		return func(op frame.Opcode, message []byte) error { return c.Write(context.Background(), op, message) }
	}}
	return served{"ws://" + l.Addr().String(), s.Shutdown, serving(s.Serve, l), func() {}}
}

// serveGateway serves an API with one function, which is made when there is a
// gateway to post to.
func serveGateway(l net.Listener, a *api.API, function func(*gateway.Gateway) (string, lambda.Function, error)) (served, error) {
	functions := make(map[string]lambda.Function)
	g, err := gateway.New(gateway.Options{
		API: a, Functions: functions, Rate: 1e9, // what is measured is not AWS's limit
		Log: slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn})),
	})
	if err != nil {
		return served{}, err
	}
	name, f, err := function(g)
	if err != nil {
		return served{}, err
	}
	functions[name] = f
	s := served{"ws://" + l.Addr().String() + "/" + stage, g.Shutdown, serving(g.Serve, l), func() {}}
	if c, is := f.(io.Closer); is {
		s.close = func() { _ = c.Close() } // the folder is bench's, and goes anyway
	}
	return s, nil
}

// serving serves, and returns how one hears of its end.
func serving(serve func(net.Listener) error, l net.Listener) func() error {
	ended := make(chan error, 1)
	go func() { ended <- serve(l) }()
	return func() error {
		if err := <-ended; !errors.Is(err, server.ErrClosed) {
			return err
		}
		return nil
	}
}

const (
	stage = "prod"
)

// routes is an API of which one function is behind each route.
func routes(function string, keys ...string) *api.API {
	a := &api.API{
		ResourceID: "Bench", RouteSelection: "$request.body.action",
		Stage: api.Stage{Name: stage}, Routes: make(map[string]*api.Route),
	}
	behind := &api.Integration{ResourceID: "Integration", Type: api.Proxy, Function: function}
	for _, key := range keys {
		a.Routes[key] = &api.Route{ResourceID: key, Key: key, Integration: behind}
	}
	return a
}

// echoAPI has the routes of ../offline/serverless.yml.
func echoAPI() *api.API { return routes("Echo", api.Connect, api.Disconnect, "echo") }

func connections(at net.Addr) string { return "http://" + at.String() + "/" + stage }

// echoFunction is the function behind the gateway: a binary, or in this
// process.
func echoFunction(g *gateway.Gateway, at net.Addr, sdk bool, folder string) (lambda.Function, error) {
	f := &api.Function{ResourceID: "Echo", Name: "echo", Runtime: "provided.al2023", Code: folder}
	if folder != "" {
		return lambda.Process(f, lambda.Options{Variables: map[string]string{"AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI": connections(at)}})
	}
	var poster echo.Poster = g
	if sdk {
		poster = functions.NewPoster(aws.Config{
			Region: "us-east-1", Credentials: credentials.NewStaticCredentialsProvider("local", "local", ""),
		}, connections(at))
	}
	return lambda.InProcess(f, echo.Handler(poster), lambda.Options{Concurrency: 1000}), nil
}
