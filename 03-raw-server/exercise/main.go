// The exercise of step 03: echo messages. Step 02 does the handshake, the
// frames are yours. The TODOs have the numbers of the check's stages, and name
// its cases:
//
//	go run ./03-raw-server check ws://127.0.0.1:9013
package main

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"io"
	"log"
	"net"

	"websocket.example/02-handshake/handshake"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:9013", "listen at `host:port`")
	flag.Parse()
	listener, err := net.Listen("tcp", *addr)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("Now: go run ./03-raw-server check ws://%s\n", listener.Addr())
	for {
		if conn, err := listener.Accept(); err == nil {
			go serve(conn)
		}
	}
}

func serve(conn net.Conn) {
	defer conn.Close()
	options := handshake.Options{
		// TODO 0: take the next line away, and clients are let in
		Decide: func(context.Context, *handshake.Handshake) *handshake.Refusal { return &handshake.Refusal{Status: 501} },
	}
	if _, err := options.Accept(context.Background(), conn); err != nil {
		return
	}
	for {
		r := bufio.NewReader(conn) // TODO 3 (two-in-one): what it has read ahead is lost with it
		first, payload, err := read(r)
		if err != nil {
			return // TODO 4: not without 1002, if the client broke a rule
		}
		// TODO 5 (ping, pong): opcodes 0x9 and 0xA
		// TODO 6 (fragments): FIN is on the last, opcode 0x0 on all but the first
		// TODO 7 (close): opcode 0x8, an answer, and the end of TCP
		// TODO 8 (not-utf8): 1007
		write(conn, first, payload)
	}
}

// read reads one frame: RFC 6455, section 5.2.
func read(r io.Reader) (first byte, payload []byte, err error) {
	head, key := make([]byte, 2), make([]byte, 4)
	if _, err := io.ReadFull(r, head); err != nil {
		return 0, nil, err
	}
	// TODO 4 (unmasked, rsv1 to rsv3, opcode-3, opcode-11), TODO 5 (ping-126, ping-fragment): refuse them
	length := int(head[1] & 0x7f) // TODO 2 (length-126 to length-65536): 126 and 127 mean that it follows
	if _, err := io.ReadFull(r, key); err != nil {
		return 0, nil, err
	}
	payload = make([]byte, length)
	// TODO 1 (echo): fill it from r, then byte i is XORed with key[i%4]
	return head[0], payload, nil
}

// write writes one frame. A server does not mask.
func write(w io.Writer, first byte, payload []byte) {
	head := []byte{first, byte(len(payload))} // TODO 2: the same the other way round
	_, _ = w.Write(append(head, payload...))
}
