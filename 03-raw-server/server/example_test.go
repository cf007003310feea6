package server_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net"
	"strings"

	"websocket.example/02-handshake/handshake"
	"websocket.example/03-raw-server/frame"
	"websocket.example/03-raw-server/server"
	"websocket.example/03-raw-server/wsconn"
)

// An echo server: Handler is asked once for each connection, and what it
// returns is told each message.
func ExampleServer() {
	s := &server.Server{
		Handler: func(c *wsconn.Conn, _ *handshake.Handshake) wsconn.Handler {
			return func(op frame.Opcode, message []byte) error {
				return c.Write(context.Background(), op, message)
			}
		},
		Compress: true,
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	go func() {
		if err := s.Serve(l); !errors.Is(err, server.ErrClosed) {
			log.Fatal(err)
		}
	}()

	c, err := wsconn.Dial(context.Background(), "ws://"+l.Addr().String(), nil)
	if err != nil {
		log.Fatal(err)
	}
	for _, text := range strings.Fields("um dois três") {
		if err := c.Write(context.Background(), frame.Text, []byte(text)); err != nil {
			log.Fatal(err)
		}
		_, echo, err := c.Read(context.Background())
		fmt.Printf("%s %v\n", echo, err)
	}
	go c.Read(context.Background()) //nolint:errcheck // to answer the server's close frame

	fmt.Println(s.Shutdown(context.Background()))
	// Output:
	// um <nil>
	// dois <nil>
	// três <nil>
	// <nil>
}
