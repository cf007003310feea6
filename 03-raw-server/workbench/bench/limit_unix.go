//go:build unix

package bench

import (
	"context"
	"errors"
	"net"
	"sync"
	"syscall"

	"websocket.example/02-handshake/handshake"
	"websocket.example/03-raw-server/frame"
	"websocket.example/03-raw-server/internal/socket"
)

// Limit is no WebSocket server, but what is left of one when everything is taken away
// that a well-behaved client does not need: it unmasks, turns the headers
// round, and makes one read and one write for all that has come. It knows no
// limits, no fragments, no control frames and no UTF-8. What it costs, every
// server costs on this machine.
var Limit = Peer{
	Name: "limit", Module: module, How: "not a WebSocket server: read, unmask, write",
	Serve: func(l net.Listener, _ Deflate) error {
		for {
			nc, err := l.Accept()
			if err != nil {
				return err
			}
			go func() {
				_, err := new(handshake.Options).Accept(context.Background(), nc)
				raw, rawErr := nc.(*net.TCPConn).SyscallConn()
				if errors.Join(err, rawErr) != nil {
					nc.Close()
					return
				}
				go limitEcho(nc, raw) // a new goroutine has a small stack
			}()
		}
	},
}

var limitBuffers = sync.Pool{New: func() any { b := make([]byte, 128<<10); return &b }}

func limitEcho(nc net.Conn, raw syscall.RawConn) {
	defer nc.Close()
	var in *[]byte
	var have int
	_ = raw.Read(func(fd uintptr) bool {
		for {
			if in == nil {
				in = limitBuffers.Get().(*[]byte)
			}
			n, err := socket.Read(int(fd), (*in)[have:])
			if errors.Is(err, syscall.EAGAIN) {
				return false
			}
			if err != nil || n == 0 {
				return true
			}
			full := have+n == len(*in)
			have += n
			r, w, need := 0, 0, 0
			for { // answers are shorter than questions: they go where those were
				h, size, err := frame.Parse((*in)[r:have])
				if err != nil {
					break
				}
				if need = size + int(h.Length); have-r < need {
					break
				}
				payload := (*in)[r+size : r+need]
				frame.Mask(payload, h.Key, 0)
				h.Masked = false
				if w == 0 && h.Length > 4096 {
					// a long one stays where it is, with its header in front
					start := r + size - h.Size()
					frame.Append((*in)[start:start], h)
					if socket.WriteAll(nc, int(fd), (*in)[start:r+need]) != nil {
						return true
					}
				} else {
					w = len(frame.Append((*in)[:w], h))
					w += copy((*in)[w:], payload)
				}
				r += need
				need = 0
			}
			if w > 0 && socket.WriteAll(nc, int(fd), (*in)[:w]) != nil {
				return true
			}
			have = copy(*in, (*in)[r:have])
			if need > len(*in) {
				bigger := make([]byte, need)
				copy(bigger, (*in)[:have])
				in = &bigger
			}
			if have == 0 && len(*in) == 128<<10 {
				limitBuffers.Put(in)
				in = nil
			}
			if !full {
				return false
			}
		}
	})
}
