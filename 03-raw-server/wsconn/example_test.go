package wsconn_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"websocket.example/03-raw-server/frame"
	"websocket.example/03-raw-server/server"
	"websocket.example/03-raw-server/wsconn"

	"websocket.example/02-handshake/handshake"
)

// echoServer is a server that sends every message back.
func echoServer() (url string, stop func()) {
	s := &server.Server{
		Compress: true,
		Handler: func(c *wsconn.Conn, _ *handshake.Handshake) wsconn.Handler {
			return func(op frame.Opcode, message []byte) error {
				return c.Write(context.Background(), op, message)
			}
		},
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := s.Serve(l); !errors.Is(err, server.ErrClosed) {
			log.Fatal(err)
		}
	}()
	return "ws://" + l.Addr().String(), func() {
		if err := s.Shutdown(context.Background()); err != nil {
			log.Fatal(err)
		}
		<-done
	}
}

// A client is five lines: dial, write, read, close, and the errors.
func Example() {
	url, stop := echoServer()
	defer stop()
	ctx := context.Background()

	// snippet: client
	c, err := wsconn.Dial(ctx, url, nil)
	if err != nil {
		log.Fatal(err)
	}
	if err := c.Write(ctx, frame.Text, []byte("Olá!")); err != nil {
		log.Fatal(err)
	}
	op, message, err := c.Read(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s: %s\n", op, message)
	if err := c.Close(frame.NormalClosure, ""); err != nil {
		log.Fatal(err)
	}
	// end snippet: client

	// Output: text: Olá!
}

// With net/http: Upgrade the request, and let Each read for as long as the
// connection lives.
func ExampleUpgrade() {
	ended := make(chan error)
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, _, err := wsconn.Upgrade(w, r, nil, nil)
		if err != nil {
			return // the client has its answer
		}
		err = c.Each(r.Context(), func(op frame.Opcode, message []byte) error {
			return c.Write(r.Context(), op, []byte(strings.ToUpper(string(message))))
		})
		ended <- err
	}))
	defer page.Close()
	ctx := context.Background()
	c, err := wsconn.Dial(ctx, "ws"+strings.TrimPrefix(page.URL, "http"), nil)
	if err != nil {
		log.Fatal(err)
	}
	_ = c.Write(ctx, frame.Text, []byte("louder")) // an error would come back from Read
	_, message, err := c.Read(ctx)
	fmt.Printf("client: %s %v\n", message, err)
	_ = c.Close(4000, "loud enough") // nobody waits for it any more
	fmt.Println("server:", <-ended)
	// Output:
	// client: LOUDER <nil>
	// server: the connection was closed: 4000 ("loud enough")
}

// A context bounds one call. When it ends while nothing has come, nothing is
// lost: the next Read goes on.
func ExampleConn_Read() {
	url, stop := echoServer()
	defer stop()
	c, err := wsconn.Dial(context.Background(), url, nil)
	if err != nil {
		log.Fatal(err)
	}
	soon, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	_, _, err = c.Read(soon)
	fmt.Println(err)
	_ = c.Write(context.Background(), frame.Text, []byte("now")) // an error would come back from Read
	_, message, err := c.Read(context.Background())
	fmt.Printf("%s %v\n", message, err)
	_ = c.Close(frame.NormalClosure, "") // nobody waits for it any more
	// Output:
	// context deadline exceeded
	// now <nil>
}

// How a connection ended is a *CloseError.
func ExampleCloseError() {
	url, stop := echoServer()
	c, err := wsconn.Dial(context.Background(), url, nil)
	if err != nil {
		log.Fatal(err)
	}
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		stop()
	}()
	_, _, err = c.Read(context.Background())
	if closed, is := errors.AsType[*wsconn.CloseError](err); is {
		fmt.Println(closed.Code)
	}
	<-stopped
	// Output: 1001 going away
}
