package frame_test

import (
	"fmt"
	"strings"

	"websocket.example/03-raw-server/frame"
)

// The RFC's first example: a text message in one frame, from a server.
//
// RFC 6455, section 5.7.
func ExampleAppend() {
	text := "Hello"
	b := frame.Append(nil, frame.Header{Fin: true, Opcode: frame.Text, Length: uint64(len(text))})
	b = append(b, text...)
	fmt.Printf("% x\n", b)
	// Output:
	// 81 05 48 65 6c 6c 6f
}

// The same message from a client is masked.
//
// RFC 6455, section 5.7.
func ExampleAppend_masked() {
	text := []byte("Hello")
	h := frame.Header{
		Fin: true, Opcode: frame.Text, Length: uint64(len(text)),
		Masked: true, Key: [4]byte{0x37, 0xfa, 0x21, 0x3d},
	}
	b := frame.Append(nil, h)
	frame.Mask(text, h.Key, 0)
	b = append(b, text...)
	fmt.Printf("% x\n", b)
	// Output:
	// 81 85 37 fa 21 3d 7f 9f 4d 51 58
}

// The same message in two fragments: the first says what it is, the last has
// FIN.
//
// RFC 6455, section 5.7.
func ExampleAppend_fragments() {
	first := frame.Append(nil, frame.Header{Opcode: frame.Text, Length: 3})
	first = append(first, "Hel"...)
	last := frame.Append(nil, frame.Header{Fin: true, Opcode: frame.Continuation, Length: 2})
	last = append(last, "lo"...)
	fmt.Printf("% x\n% x\n", first, last)
	// Output:
	// 01 03 48 65 6c
	// 80 02 6c 6f
}

// A ping, and the answer of a client: a pong with the same payload, masked.
//
// RFC 6455, section 5.7.
func ExampleAppend_ping() {
	payload := []byte("Hello")
	h := frame.Header{Fin: true, Opcode: frame.Ping, Length: uint64(len(payload))}
	ping := append(frame.Append(nil, h), payload...)

	h.Opcode, h.Masked, h.Key = frame.Pong, true, [4]byte{0x37, 0xfa, 0x21, 0x3d}
	frame.Mask(payload, h.Key, 0)
	pong := append(frame.Append(nil, h), payload...)
	fmt.Printf("% x\n% x\n", ping, pong)
	// Output:
	// 89 05 48 65 6c 6c 6f
	// 8a 85 37 fa 21 3d 7f 9f 4d 51 58
}

// The headers of a binary message of 256 bytes, and of one of 64 KiB.
//
// RFC 6455, section 5.7.
func ExampleAppend_lengths() {
	for _, n := range []uint64{256, 64 << 10} {
		fmt.Printf("% x\n", frame.Append(nil, frame.Header{Fin: true, Opcode: frame.Binary, Length: n}))
	}
	// Output:
	// 82 7e 01 00
	// 82 7f 00 00 00 00 00 01 00 00
}

func ExampleParse() {
	b := []byte("\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58")
	h, n, err := frame.Parse(b)
	if err != nil {
		fmt.Println(err)
		return
	}
	payload := b[n:]
	frame.Mask(payload, h.Key, 0)
	fmt.Printf("%s of %d bytes after %d: %s\n", h.Opcode, h.Length, n, payload)
	// Output:
	// text of 5 bytes after 6: Hello
}

// Parse takes whatever the bits say; Check knows the rules.
func ExampleCheck() {
	h, _, _ := frame.Parse([]byte("\x89\x7e\x00\x05"))
	fmt.Println(frame.Check(h, frame.State{FromClient: true}))
	fmt.Println(frame.Check(h, frame.State{FromClient: false}))
	// Output:
	// an unmasked frame from a client (RFC 6455, section 5.1)
	// the length 5 is not written in the shortest way (RFC 6455, section 5.2)
}

func ExampleAppendClose() {
	payload := frame.AppendClose(nil, frame.GoingAway, "até logo")
	fmt.Printf("% x\n", payload)
	code, reason, err := frame.ParseClose(payload)
	fmt.Println(code, string(reason), err)
	// Output:
	// 03 e9 61 74 c3 a9 20 6c 6f 67 6f
	// 1001 going away até logo <nil>
}

// A reason is cut between two characters, so that it stays UTF-8.
func ExampleAppendClose_long() {
	payload := frame.AppendClose(nil, frame.InternalError, strings.Repeat("€", 42))
	fmt.Println(len(payload), "bytes,", string(payload[len(payload)-3:]))
	// Output:
	// 125 bytes, €
}

// A euro sign in two parts, and then a byte that can't follow.
func ExampleUTF8() {
	var text frame.UTF8
	fmt.Println(text.Next([]byte("5 \xe2\x82")), text.Done())
	fmt.Println(text.Next([]byte("\xac, 6 \xe2")), text.Done())
	fmt.Println(text.Next([]byte("\x28")))
	// Output:
	// true false
	// true false
	// false
}
