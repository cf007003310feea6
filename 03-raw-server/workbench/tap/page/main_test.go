package page

import (
	"net"
	"testing"
	"time"

	"go.uber.org/goleak"

	"websocket.example/03-raw-server/workbench/tap"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// serve serves a page, and returns its address.
func serve(t *testing.T) (p *Page, address string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p = New("ws://server.example/chat")
	t.Cleanup(p.Serve(l))
	return p, l.Addr().String()
}

const (
	asks = "GET /chat HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n"
	agrees = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
		"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n"
)

// A conversation with one of everything.
var conversation = []string{
	">" + asks, "<" + agrees,
	">\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58",
	"<\xc1\x07\xf2\x48\xcd\xc9\xc9\x07\x00",
	"<\x81\x1242[\"chat\",{\"a\":1}]",
	">\x82\x84\x00\x00\x00\x00\x00\x01\xfe\xff", "<\x89\x02hi", ">\x8a\x82\x00\x00\x00\x00hi",
	"<\x81\x21<img src=x onerror=alert(1)>&amp;",
	">\x81\x02no",
	"<\x88\x07\x03\xeatchau",
	">\x88\x82\x00\x00\x00\x00\x03\xea",
}

// talk has it seen by the page, as connection number n.
func talk(p *Page, n int, pieces ...string) {
	now := time.Duration(n) * time.Second
	f := tap.Follow(tap.FollowOptions{Conn: n, Now: func() time.Duration { now += 1234 * time.Microsecond; return now }}, p.See)
	f.Tell(tap.Event{Kind: tap.Opened, Text: "127.0.0.1:4711"})
	for _, piece := range pieces {
		f.Feed(piece[0] == '>', []byte(piece[1:]))
	}
	f.End(true, nil, false)
	f.End(false, nil, false)
	f.Close(nil)
}
