package handshake_test

import (
	"context"
	"crypto/sha1"
	"errors"
	"fmt"

	"websocket.example/02-handshake/handshake"
)

// The key and the answer of RFC 6455, section 1.3.
func ExampleAccept() {
	fmt.Println(handshake.Accept("dGhlIHNhbXBsZSBub25jZQ=="))
	// Output: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=
}

// The same in the steps of RFC 6455, section 1.3, which prints the 20 bytes
// in between.
func ExampleAccept_steps() {
	text := "dGhlIHNhbXBsZSBub25jZQ==" + handshake.GUID
	fmt.Println(text)
	fmt.Printf("% x\n", sha1.Sum([]byte(text)))
	// Output:
	// dGhlIHNhbXBsZSBub25jZQ==258EAFA5-E914-47DA-95CA-C5AB0DC85B11
	// b3 7a 4f 2c c0 62 4f 16 90 f6 46 06 cf 38 59 45 b2 be c4 ea
}

// The request of RFC 6455, section 1.2, judged without a network.
func ExampleOptions_Judge() {
	request, _, err := handshake.ParseRequest([]byte("GET /chat HTTP/1.1\r\n" +
		"Host: server.example.com\r\n" +
		"Upgrade: websocket\r\n" +
		"Connection: Upgrade\r\n" +
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
		"Origin: http://example.com\r\n" +
		"Sec-WebSocket-Protocol: chat, superchat\r\n" +
		"Sec-WebSocket-Version: 13\r\n" +
		"\r\n"))
	if err != nil {
		fmt.Println(err)
		return
	}

	options := &handshake.Options{Subprotocols: []string{"superchat", "chat"}}
	_, err = options.Judge(context.Background(), &request)
	if e, is := errors.AsType[*handshake.Error](err); is {
		fmt.Println(e.Status, e.Rule)
	}

	options.Origin = handshake.AnyOrigin
	h, err := options.Judge(context.Background(), &request)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(h.Response.Status, h.Response.Reason)
	for _, line := range h.Response.Header {
		fmt.Printf("%s: %s\n", line.Name, line.Value)
	}
	// Output:
	// 403 server-origin
	// 101 Switching Protocols
	// Upgrade: websocket
	// Connection: Upgrade
	// Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=
	// Sec-WebSocket-Protocol: superchat
}

// The list of RFC 6455, section 9.1, with a quoted value.
func ExampleParseExtensions() {
	list, err := handshake.ParseExtensions(`foo, bar; baz=2`, `deflate-stream, mux; max-channels="4"`)
	fmt.Println(list, err)
	// Output: [foo bar; baz=2 deflate-stream mux; max-channels=4] <nil>
}

// A refusal of the application's own.
func ExampleOptions_Decide() {
	options := &handshake.Options{
		Decide: func(_ context.Context, h *handshake.Handshake) *handshake.Refusal {
			if h.Request.Header.Get("Authorization") == "" {
				return &handshake.Refusal{Status: 401, Body: "who are you?\n"}
			}
			return nil
		},
	}
	var request handshake.Request
	request.Method, request.Target, request.Proto = "GET", "/chat", "HTTP/1.1"
	request.Header.Add("Host", "server.example.com")
	request.Header.Add("Upgrade", "websocket")
	request.Header.Add("Connection", "keep-alive, Upgrade")
	request.Header.Add("Sec-WebSocket-Key", handshake.NewKey())
	request.Header.Add("Sec-WebSocket-Version", "13")
	_, err := options.Judge(context.Background(), &request)
	if e, is := errors.AsType[*handshake.Error](err); is {
		response, body := e.Response(true)
		fmt.Printf("%d %s: %s", response.Status, response.Reason, body)
	}
	// Output: 401 Unauthorized: who are you?
}
