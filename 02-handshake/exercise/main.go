// The exercise of step 02: answer a handshake. The TODOs have the numbers of
// the check's stages, and name its cases:
//
//	go run ./02-handshake check ws://127.0.0.1:9002
package main

import (
	"bufio"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"strings"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:9002", "listen at `host:port`")
	flag.Parse()
	listener, err := net.Listen("tcp", *addr)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("Now: go run ./02-handshake check ws://%s\n", listener.Addr())
	for {
		if conn, err := listener.Accept(); err == nil {
			serve(conn) // TODO 5 (side-by-side): nobody else is served until this one has gone
		}
	}
}

func serve(conn net.Conn) {
	defer conn.Close()
	var request []string
	for lines := bufio.NewScanner(conn); lines.Scan() && lines.Text() != ""; {
		request = append(request, lines.Text())
	}
	reply := answer(request)
	fmt.Fprint(conn, strings.Join(reply, "\r\n")+"\r\n\r\n")
	if strings.Contains(reply[0], " 101 ") {
		_, _ = io.Copy(io.Discard, conn) // until the client goes: step 03 reads frames here
	}
}

// answer returns the lines of the answer that a request deserves.
func answer(request []string) []string {
	// TODO 2 (connection-list, values-any-case): one word of a list, in any case
	if field(request, "Upgrade") != "websocket" || field(request, "Connection") != "Upgrade" {
		return []string{"HTTP/1.1 426 Upgrade Required", "Upgrade: websocket", "Connection: Upgrade, close"}
	}
	// TODO 3 (no-key, short-key, no-version, old-version, method, no-host): refuse them
	reply := []string{
		"HTTP/1.1 501 Not Implemented", // TODO 1 (open): 101 Switching Protocols
		// TODO 1 (upgrade, connection, accept): three lines more
	}
	if offer := field(request, "Sec-WebSocket-Protocol"); offer != "" {
		reply = append(reply, "Sec-WebSocket-Protocol: "+offer) // TODO 4 (one-subprotocol): choose one
	}
	return reply
}

// field returns the value of a header line.
func field(request []string, name string) string {
	for _, line := range request {
		if value, found := strings.CutPrefix(line, name+": "); found { // TODO 2 (names-any-case, spaces)
			return value
		}
	}
	return ""
}
