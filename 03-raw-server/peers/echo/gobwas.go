package echo

import (
	"bufio"
	"bytes"
	"io"
	"net"

	"github.com/gobwas/ws"
	"github.com/gobwas/ws/wsflate"
)

// The loop of gobwas's README, frame by frame and without net/http, with a
// bufio.Reader and a bufio.Writer of 4 KiB around the connection, because on
// the bare connection it makes two reads and two writes for each frame. The
// writer is flushed when the reader holds nothing more: that is the best
// this library can do without being rewritten.
//
// Fragments are echoed as fragments; text is not checked for UTF-8.
var gobwas = Peer{
	Name: "gobwas", Module: "github.com/gobwas/ws", How: "frame loop, bufio both ways, flush when drained",
	Compresses: true,
	Serve: func(l net.Listener, d Deflate) error {
		for {
			nc, err := l.Accept()
			if err != nil {
				return err
			}
			go func() {
				defer nc.Close()
				var upgrader ws.Upgrader
				if d != Off {
					upgrader.Negotiate = (&wsflate.Extension{Parameters: wsflate.DefaultParameters}).Negotiate
				}
				if _, err := upgrader.Upgrade(nc); err == nil {
					_ = gobwasEcho(nc) // it ends when the client leaves
				}
			}()
		}
	},
}

func gobwasEcho(nc net.Conn) error {
	r, w := bufio.NewReader(nc), bufio.NewWriter(nc)
	var payload []byte
	var packed bytes.Buffer
	for {
		h, err := ws.ReadHeader(r)
		if err != nil {
			return err
		}
		if h.Length > MaxMessage {
			return io.ErrShortBuffer
		}
		if int64(cap(payload)) < h.Length {
			payload = make([]byte, h.Length)
		}
		payload = payload[:h.Length]
		if _, err := io.ReadFull(r, payload); err != nil {
			return err
		}
		ws.Cipher(payload, h.Mask, 0)
		h.Masked = false
		switch h.OpCode {
		case ws.OpPing:
			h.OpCode = ws.OpPong
		case ws.OpPong:
			continue
		}
		answer := payload
		if compressed, err := wsflate.IsCompressed(h); err == nil && compressed {
			packed.Reset()
			if err := gobwasRepack(&packed, payload); err != nil {
				return err
			}
			answer = packed.Bytes()
			h.Length = int64(len(answer))
		}
		if err := ws.WriteHeader(w, h); err != nil {
			return err
		}
		if _, err := w.Write(answer); err != nil {
			return err
		}
		if r.Buffered() == 0 || h.OpCode == ws.OpClose {
			if err := w.Flush(); err != nil {
				return err
			}
		}
		if h.OpCode == ws.OpClose {
			return nil
		}
	}
}
