package web

import (
	"context"
	"net"
	"time"
)

// What a frame is, and everything else about them, is step 03. This server
// knows one by heart.

// goodbye is a close frame (RFC 6455, section 5.5.1).
var goodbye = []byte{
	0x88,       // the last of its message, and it is a close
	0x02,       // not masked, 2 bytes follow
	0x03, 0xe8, // 1000: all is well
}

// goingAway is one with 1001: the server stops.
var goingAway = []byte{0x88, 0x02, 0x03, 0xe9}

// hold keeps a connection open, and throws away what comes, until the client
// says goodbye, or leaves, or the time is up, or ctx ends. Then it closes.
func hold(ctx context.Context, conn net.Conn, limit time.Duration) {
	defer conn.Close()
	deadline := time.Now().Add(limit)
	_ = conn.SetReadDeadline(deadline) // if it fails, so does reading
	stop := context.AfterFunc(ctx, func() { _ = conn.SetReadDeadline(time.Unix(1, 0)) })
	defer stop()
	chunk := make([]byte, 1024)
	for {
		n, err := conn.Read(chunk)
		switch {
		case n > 0 && chunk[0] == 0x88: // a close frame, unless it is the middle of something long
			say(conn, goodbye)
			return
		case err != nil && ctx.Err() != nil:
			say(conn, goingAway)
			return
		case err != nil && !time.Now().Before(deadline):
			say(conn, goodbye)
			_ = conn.SetReadDeadline(time.Now().Add(time.Second))
			_, _ = conn.Read(chunk) // the client's own goodbye
			return
		case err != nil:
			return
		}
	}
}

func say(conn net.Conn, frame []byte) {
	_ = conn.SetWriteDeadline(time.Now().Add(time.Second)) // if it fails, so does writing
	_, _ = conn.Write(frame)                               // if it fails, the client has gone
}
