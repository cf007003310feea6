package deflate_test

import (
	"fmt"

	"websocket.example/02-handshake/handshake"
	"websocket.example/03-raw-server/deflate"
)

// show decompresses messages that one server sent.
func show(messages ...string) {
	d := deflate.NewDecompressor(deflate.Params{}, false)
	defer d.Release()
	for _, m := range messages {
		text, err := d.Append(nil, []byte(m), 1<<20)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("% x is %q\n", m, text)
	}
}

// The RFC's first example: one block, with the codes that both sides know.
//
// RFC 7692, section 7.2.3.1.
func ExampleCompressor_Append() {
	c := deflate.NewCompressor(deflate.Params{}, true, 1)
	defer c.Release()
	compressed, err := c.Append(nil, []byte("Hello"))
	fmt.Printf("% x %v\n", compressed, err)
	// Output:
	// f2 48 cd c9 c9 07 00 <nil>
}

// The same, back again.
//
// RFC 7692, section 7.2.3.1.
func ExampleDecompressor_Append() {
	show("\xf2\x48\xcd\xc9\xc9\x07\x00")
	// Output:
	// f2 48 cd c9 c9 07 00 is "Hello"
}

// With context takeover the second "Hello" is an H, and a match with the
// first.
//
// RFC 7692, section 7.2.3.2.
func ExampleDecompressor_Append_takeover() {
	show("\xf2\x48\xcd\xc9\xc9\x07\x00", "\xf2\x00\x11\x00\x00")
	// Output:
	// f2 48 cd c9 c9 07 00 is "Hello"
	// f2 00 11 00 00 is "Hello"
}

// A block that is not compressed.
//
// RFC 7692, section 7.2.3.3.
func ExampleDecompressor_Append_stored() {
	show("\x00\x05\x00\xfa\xff\x48\x65\x6c\x6c\x6f\x00")
	// Output:
	// 00 05 00 fa ff 48 65 6c 6c 6f 00 is "Hello"
}

// A block that says it is the last of the stream. It is not: behind it the
// stream goes on, with the same window.
//
// RFC 7692, section 7.2.3.4.
func ExampleDecompressor_Append_final() {
	show("\xf3\x48\xcd\xc9\xc9\x07\x00\x00", "\xf2\x00\x11\x00\x00")
	// Output:
	// f3 48 cd c9 c9 07 00 00 is "Hello"
	// f2 00 11 00 00 is "Hello"
}

// Two blocks, and an empty one between them.
//
// RFC 7692, section 7.2.3.5.
func ExampleDecompressor_Append_blocks() {
	show("\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00")
	// Output:
	// f2 48 05 00 00 00 ff ff ca c9 c9 07 00 is "Hello"
}

// A message, or a fragment, of no bytes has one when it is compressed.
//
// RFC 7692, section 7.2.3.6.
func ExampleCompressor_Append_empty() {
	c := deflate.NewCompressor(deflate.Params{}, true, 1)
	compressed, err := c.Append(nil, nil)
	fmt.Printf("% x %v\n", compressed, err)
	show(string(compressed))
	// Output:
	// 00 <nil>
	// 00 is ""
}

// A megabyte of zeros is two kilobytes on the wire.
func ExampleDecompressor_Append_bomb() {
	c := deflate.NewCompressor(deflate.Params{}, false, 9)
	compressed, _ := c.Append(nil, make([]byte, 1<<20))
	d := deflate.NewDecompressor(deflate.Params{}, true)
	message, err := d.Append(nil, compressed, 64<<10)
	fmt.Println(len(compressed) < 2100, len(message), err)
	// Output:
	// true 0 deflate: the message is longer than the limit
}

// What a browser offers, and what a server answers that has little memory.
func ExampleOptions_Negotiate() {
	offers, err := handshake.ParseExtensions("permessage-deflate; client_max_window_bits")
	if err != nil {
		fmt.Println(err)
		return
	}
	server := deflate.Options{NoServerTakeover: true, ClientWindowBits: 10}
	params, answer, ok := server.Negotiate(offers)
	fmt.Println(answer, ok)
	fmt.Printf("%+v\n", params)
	// Output:
	// permessage-deflate; server_no_context_takeover; client_max_window_bits=10 true
	// {ServerNoContextTakeover:true ClientNoContextTakeover:false ServerMaxWindowBits:15 ClientMaxWindowBits:10}
}

// A client asks for a small window, and gets a larger one.
func ExampleOptions_Confirm() {
	client := deflate.Options{ServerWindowBits: 9}
	fmt.Println(client.Offer())
	answer, err := handshake.ParseExtensions("permessage-deflate; server_max_window_bits=12")
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = client.Confirm(answer[0])
	fmt.Println(err)
	// Output:
	// permessage-deflate; server_max_window_bits=9; client_max_window_bits
	// permessage-deflate: server_max_window_bits is 12, more than the 9 of the offer (RFC 7692, section 7.1.2.1)
}
