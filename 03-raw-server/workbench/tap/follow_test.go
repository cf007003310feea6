package tap

import (
	"strings"
	"testing"

	"websocket.example/03-raw-server/deflate"
)

const (
	asksDeflate   = "GET /chat HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n\r\n"
	agreesDeflate = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Extensions: permessage-deflate; client_no_context_takeover\r\n\r\n"

	hello = "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58" // of a client: RFC 6455, section 5.7
)

// Each row is a conversation, with > or < before each piece, and the ends of
// the lines that are told.
var followed = []struct {
	name  string
	talk  []string
	parts bool
	want  []string
}{
	{"a handshake and a frame each way", []string{">" + asks, "<" + agrees, ">" + hello, "<\x81\x05Hello"}, false, []string{
		"1> request GET /chat HTTP/1.1",
		"1< response HTTP/1.1 101 Switching Protocols",
		`1< handshake true <nil> "" []`,
		`1> {Fin:true RSV:0 Opcode:text Masked:true Key:[55 250 33 61] Length:5 Form:0} "Hello" 5 text <nil>`,
		`1< {Fin:true RSV:0 Opcode:text Masked:false Key:[0 0 0 0] Length:5 Form:0} "Hello" 5 text <nil>`,
		"1< closed",
	}},
	{"a frame too early, and one behind the answer", []string{">" + asks + hello, "<" + agrees + "\x89\x00"}, false, []string{
		"request GET /chat HTTP/1.1", "response HTTP/1.1 101 Switching Protocols", `handshake true <nil> "" []`,
		`"Hello" 5 text <nil>`, `Opcode:ping Masked:false Key:[0 0 0 0] Length:0 Form:0} "" 0 continuation <nil>`, "closed",
	}},
	{"compressed, with takeover and without", []string{
		">" + asksDeflate, "<" + agreesDeflate,
		"<\xc1\x07\xf2\x48\xcd\xc9\xc9\x07\x00\xc1\x05\xf2\x00\x11\x00\x00", // RFC 7692, section 7.2.3.2
		">\xc1\x87\x00\x00\x00\x00\xf2\x48\xcd\xc9\xc9\x07\x00\xc1\x85\x00\x00\x00\x00\xf2\x00\x11\x00\x00",
		">\xc1\x87\x00\x00\x00\x00\xf2\x48\xcd\xc9\xc9\x07\x00",
	}, false, []string{
		"request GET /chat HTTP/1.1", "response HTTP/1.1 101 Switching Protocols", `handshake true &{false true 15 15} "" []`,
		`text <nil> "Hello" 5 `, `text <nil> "Hello" 5 `,
		`text <nil> "Hello" 5 `, `can't be decompressed (RFC 7692, section 7.2.2) (RFC 6455, section 8.1) "" 0 not to be inflated`,
		`text <nil> "Hello" 5 `, // without takeover it can go on
		"closed",
	}},
	{"with takeover it can't go on", []string{
		">" + asksDeflate, "<" + agreesDeflate, "<\xc1\x03\xff\xff\xff\xc1\x07\xf2\x48\xcd\xc9\xc9\x07\x00",
	}, false, []string{
		"request GET /chat HTTP/1.1", "response HTTP/1.1 101 Switching Protocols", `15 15} "" []`,
		"not to be inflated", `text <nil> "" 0 it refers to a message that could not be inflated`, "closed",
	}},
	{"frames that break rules, one after the other", []string{
		">" + asks, "<" + agrees,
		"<\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58\x83\x00\xc1\x00\x81\x7e\x00\x01x\x80\x00\x09\x00\x81\x02\xff\xfe\x81\x00\x88\x01x\x81\x00\x89\x00",
	}, false, []string{
		"request GET /chat HTTP/1.1", "response HTTP/1.1 101 Switching Protocols", "<nil> \"\" []",
		`"Hello" 5 text a masked frame from a server (RFC 6455, section 5.1)`,
		"the opcode 0x3 is reserved (RFC 6455, section 5.2)",
		"a reserved bit is set (100) that no extension has given a meaning (RFC 6455, section 5.2)",
		`"x" 1 text the length 1 is not written in the shortest way (RFC 6455, section 5.2)`,
		"a continuation of nothing (RFC 6455, section 5.4)",
		"a ping frame that is a fragment (RFC 6455, section 5.5)",
		`"\xff\xfe" 2 text a text message that is not UTF-8 (RFC 6455, section 8.1)`,
		"text <nil>",
		"a close frame of one byte: a code has two (RFC 6455, section 5.5.1)",
		"a text frame after a close frame (RFC 6455, section 5.5.1)",
		`0 continuation <nil>`,
		"closed",
	}},
	{"a length that can't be followed", []string{">" + asks, "<" + agrees, "<\x82\xff\x80\x00\x00\x00\x00\x00\x00\x00abcdefg", "<\x81\x00"}, false, []string{
		"request GET /chat HTTP/1.1", "response HTTP/1.1 101 Switching Protocols", "<nil> \"\" []",
		"a masked frame from a server (RFC 6455, section 5.1)",
		"lost a length of more than 63 bits has no end",
		`bytes "efg\x81\x00" ""`, "closed",
	}},
	{"long and broken is told at once", []string{">" + asks, "<" + agrees, "<\x83\x7f\x00\x00\x00\x00\x00\x01\x00\x00abc", ">\x89\x80\x00\x00\x00\x00"}, false, []string{
		"request GET /chat HTTP/1.1", "response HTTP/1.1 101 Switching Protocols", "<nil> \"\" []",
		`"" 0 reserved 0x3 the opcode 0x3 is reserved (RFC 6455, section 5.2)`,
		`"" 0 continuation <nil>`, "closed",
	}},
	{"long, in parts", []string{">" + asks, "<" + agrees, "<\x82\x7e\x01\x00" + strings.Repeat("x", 256) + "\x82\x7e\x01\x00" + strings.Repeat("y", 130)}, true, []string{
		"request GET /chat HTTP/1.1", "response HTTP/1.1 101 Switching Protocols", "<nil> \"\" []",
		`part 256 "` + strings.Repeat("x", 125) + `"`, `part 256 "` + strings.Repeat("x", 125) + `"`, `part 256 "xxxxxx"`,
		`"` + strings.Repeat("x", 125) + `" 256 binary <nil>`,
		`part 256 "` + strings.Repeat("y", 125) + `"`, `part 256 "yyyyy"`,
		`"` + strings.Repeat("y", 125) + `" 130 binary <nil>`, "closed",
	}},
	{"cut off", []string{">" + asks, "<" + agrees, "<\x81\x05Hel", ">\x81\x85\x01"}, false, []string{
		"request GET /chat HTTP/1.1", "response HTTP/1.1 101 Switching Protocols", "<nil> \"\" []",
		"lost it ends inside the header of a frame", `bytes "\x81\x85\x01" ""`,
		`"Hel" 3 text <nil>`, "closed",
	}},
	{"an extension that nobody knows", []string{
		">" + asks, "<" + strings.Replace(agrees, "\r\n\r\n", "\r\nSec-WebSocket-Extensions: x-webkit-deflate-frame\r\n\r\n", 1), "<\xf1\x02\xff\xfe",
	}, false, []string{
		"request GET /chat HTTP/1.1", "response HTTP/1.1 101 Switching Protocols",
		`handshake true <nil> "x-webkit-deflate-frame" [handshake: Sec-WebSocket-Extensions: x-webkit-deflate-frame was not offered (response-extensions, RFC 6455, section 4.1)`,
		`"\xff\xfe" 2 text <nil>`, "closed",
	}},
	{"a wrong proof", []string{">" + asks, "<" + strings.Replace(agrees, "s3pP", "S3pP", 1), "<\x8a\x00"}, false, []string{
		"request GET /chat HTTP/1.1", "response HTTP/1.1 101 Switching Protocols",
		"(response-accept, RFC 6455, section 4.1)", "0 continuation <nil>", "closed",
	}},
	{"a refusal, then another request", []string{
		">" + asks, "<HTTP/1.1 403 Forbidden\r\nContent-Length: 3\r\n\r\nno\n", ">GET / HTTP/1.1\r\n\r\n", "<HTTP/1.1 204 No Content\r\n\r\n",
	}, false, []string{
		"request GET /chat HTTP/1.1", "response HTTP/1.1 403 Forbidden", `handshake false <nil> "" []`, `body "no\n" "no\n"`,
		"request GET / HTTP/1.1", "response HTTP/1.1 204 No Content", "closed",
	}},
	{"HTTP with bodies of all sorts", []string{
		">POST /a HTTP/1.1\r\nContent-Length: 2\r\n\r\n40HEAD /b HTTP/1.1\r\n\r\nGET /c HTTP/1.1\r\n\r\n",
		"<HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n3;x=y\r\n...\r\n0\r\nX: y\r\n\r\n",
		"<HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nHTTP/1.0 200 OK\r\n\r\nto the end",
	}, false, []string{
		"request POST /a HTTP/1.1", `body "40" "40"`, "request HEAD /b HTTP/1.1", "request GET /c HTTP/1.1",
		"response HTTP/1.1 100 Continue", "response HTTP/1.1 200 OK",
		`body "2\r\nok\r\n3;x=y\r\n...\r\n0\r\nX: y\r\n\r\n" "ok..."`,
		"response HTTP/1.1 200 OK", "response HTTP/1.0 200 OK", `body "to the end" "to the end"`, "closed",
	}},
	{"another protocol", []string{">GET / HTTP/1.1\r\nUpgrade: h2c\r\n\r\nPRI", "<HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\nxyz", ">y"}, false, []string{
		"request GET / HTTP/1.1", "response HTTP/1.1 101 Switching Protocols",
		"1< lost from here on it is another protocol than WebSocket", "1> lost from here on it is another protocol than WebSocket",
		`1> bytes "PRI" ""`, `1< bytes "xyz" ""`, `1> bytes "y" ""`, "closed",
	}},
	{"no HTTP at all", []string{"<220 mail.example ESMTP\r\n", ">EHLO\r\n"}, false, []string{
		`1< lost this is no HTTP: "220" is not a version of HTTP (syntax-start, RFC 9112, section 3)`, `1< bytes "220 mail.example ESMTP\r\n" ""`,
		"1> lost this is no HTTP", `1> bytes "EHLO\r\n" ""`, "closed",
	}},
	{"a chunk without a size", []string{">GET / HTTP/1.1\r\n\r\n", "<HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n..."}, false, []string{
		"request GET / HTTP/1.1", "response HTTP/1.1 200 OK", `body "xyz\r\n" ""`,
		"lost this is no HTTP: the size of a chunk is no number", `bytes "..." ""`, "closed",
	}},
}

// follow has a conversation followed, in pieces of a size; 0 is as it is.
func follow(talk []string, parts bool, size int) []Event {
	var log Log
	f := Follow(FollowOptions{Conn: 1, Keep: 125, Parts: parts}, log.See)
	for _, piece := range talk {
		fromClient, b := piece[0] == '>', []byte(piece[1:])
		for len(b) > 0 {
			n := len(b)
			if size > 0 {
				n = min(n, size)
			}
			f.Feed(fromClient, b[:n])
			b = b[n:]
		}
	}
	f.Close(nil)
	return log.Events()
}

func TestFollow(t *testing.T) {
	for _, row := range followed {
		t.Run(row.name, func(t *testing.T) {
			whole := tell(follow(row.talk, row.parts, 0))
			lines := strings.Split(whole, "\n")
			if len(lines) != len(row.want) {
				t.Fatalf("%d lines, want %d:\n%s", len(lines), len(row.want), whole)
			}
			for i, want := range row.want {
				if !strings.Contains(lines[i]+" ", want) {
					t.Errorf("line %d is %s\nwant %s", i+1, lines[i], want)
				}
			}
			for _, size := range []int{1, 2, 3, 7} {
				if got := tell(follow(row.talk, row.parts, size)); got != whole {
					t.Errorf("in pieces of %d:\n%s\nas it is:\n%s", size, got, whole)
				}
			}
		})
	}
}

// However the bytes of a conversation are cut, the same is told; no byte is
// lost; and nothing panics.
func FuzzFollow(f *testing.F) {
	for _, row := range followed {
		var talk []byte
		for _, piece := range row.talk {
			talk = append(talk, piece...)
			talk = append(talk, 0xfc) // between two pieces
		}
		f.Add(talk, row.parts, byte(3))
	}
	f.Fuzz(func(t *testing.T, all []byte, parts bool, size byte) {
		var talk []string
		for _, piece := range strings.Split(string(all), "\xfc") {
			if piece != "" {
				talk = append(talk, map[bool]string{true: ">", false: "<"}[piece[0] == '>']+piece[1:])
			}
		}
		whole := follow(talk, parts, 0)
		if got, want := tell(follow(talk, parts, 1+int(size%16))), tell(whole); got != want {
			t.Fatalf("in pieces:\n%s\nas it is:\n%s", got, want)
		}
		if parts {
			checkBytes(t, talk, whole)
		}
	})
}

// A frame needs no more memory than is kept of it.
func TestBounded(t *testing.T) {
	d := NewDecoder(DecoderOptions{Deflate: &deflate.Params{}, Keep: 1000, Parts: true}, func(Event) {})
	d.Feed([]byte("\xc2\x7f\x00\x00\x00\x01\x00\x00\x00\x00"))
	block := make([]byte, 1<<20)
	for range 64 {
		d.Feed(block)
	}
	if n := cap(d.frame.Payload) + cap(d.part) + cap(d.packed) + cap(d.header); n > mostInflated*2 {
		t.Errorf("%d bytes are held of a frame of 64 MiB", n)
	}
	if d.packed != nil {
		t.Errorf("%d compressed bytes are held for nothing", len(d.packed))
	}
}

// What is held until it can be understood has an end.
func TestLimits(t *testing.T) {
	for name, row := range map[string]struct {
		talk []string
		want string
	}{
		"a head":      {[]string{">GET / HTTP/1.1\r\nA: " + strings.Repeat("a", 70_000)}, "the head of a message is longer than 64 KiB"},
		"a line":      {[]string{">" + strings.Repeat("a", 70_000)}, "the head of a message is longer than 64 KiB"},
		"too early":   {[]string{">" + asks, ">" + strings.Repeat(hello, 6000)}, "more than 64 KiB came before the answer"},
		"questions":   {[]string{">" + strings.Repeat("GET / HTTP/1.1\r\n\r\n", 300)}, "256 requests wait for their answers"},
		"chunk sizes": {[]string{">GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + strings.Repeat("1", 5000)}, "a line between chunks is longer than 4 KiB"},
	} {
		events := follow(row.talk, true, 0)
		checkBytes(t, row.talk, events)
		lost := ""
		for _, e := range events {
			if e.Kind == Lost {
				lost += e.Text
			}
		}
		if !strings.Contains(lost, row.want) {
			t.Errorf("%s: %q", name, lost)
		}
	}
}
