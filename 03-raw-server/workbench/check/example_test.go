package check_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"

	"websocket.example/02-handshake/handshake"
	"websocket.example/03-raw-server/frame"
	"websocket.example/03-raw-server/server"
	"websocket.example/03-raw-server/workbench/check"
	"websocket.example/03-raw-server/wsconn"
)

// An echo is a server that check can grade.
func echo(c *wsconn.Conn, _ *handshake.Handshake) wsconn.Handler {
	return func(op frame.Opcode, message []byte) error {
		return c.Write(context.Background(), op, message)
	}
}

func ExampleRun() {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	s := &server.Server{Handler: echo}
	served := make(chan error)
	go func() { served <- s.Serve(l) }()

	report, err := check.Run(context.Background(), "ws://"+l.Addr().String(), check.Options{Stage: 1})
	if err == nil {
		for _, r := range report.Results {
			fmt.Println(r.Verdict, r.ID)
		}
	}
	fmt.Println(s.Shutdown(context.Background()), <-served)
	// Output:
	// ok echo
	// ok again
	// ok empty
	// ok binary
	// ok characters
	// <nil> server: closed
}

// snippet: client

// echoUntilGone is a client that check can grade: it connects again
// and again, and echoes, until it is told 410 Gone.
func echoUntilGone(ctx context.Context, url string) error {
	options := &wsconn.DialOptions{Compress: true}
	for {
		c, err := wsconn.Dial(ctx, url, options)
		if gone(err) {
			return nil
		}
		if err != nil {
			continue // a wrong handshake is a case, too
		}
		_ = c.Each(ctx, func(op frame.Opcode, m []byte) error {
			return c.Write(ctx, op, m)
		})
	}
}

// end snippet: client

func ExampleListen() {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	client := make(chan error)
	go func() { client <- echoUntilGone(context.Background(), "ws://"+l.Addr().String()) }()
	report, err := check.Listen(context.Background(), l, check.Options{Full: true, Only: []string{"1.1", "9.1"}})
	if err == nil {
		fmt.Println(report.Count(check.OK), "of", len(report.Results), "ok")
	}
	fmt.Println(<-client)
	// Output:
	// 45 of 45 ok
	// <nil>
}

func gone(err error) bool {
	var refused *handshake.RefusedError
	return errors.As(err, &refused) && refused.Response.Status == http.StatusGone
}
