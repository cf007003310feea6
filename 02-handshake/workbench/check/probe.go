package check

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"time"

	"websocket.example/02-handshake/handshake"
)

// A probe is one connection: what was sent on it and what came.
type probe struct {
	request  handshake.Request
	sent     []byte
	came     []byte
	response handshake.Response
	behind   []byte // what came after the head of the answer
	err      error  // why there is no response, if there is none
	ended    bool   // the server closed the connection, as far as we have looked
}

// Errors of a probe beside the parser's.
var (
	errSilence = errors.New("silence")
	errClosed  = errors.New("closed")
)

// base is a request with which nothing is wrong.
func (c *Config) base() handshake.Request {
	r, err := handshake.NewRequest(c.URL, nil)
	if err != nil {
		panic(err) // ParseURL has looked at it
	}
	r.Header = append(r.Header, c.Header...)
	return r
}

func (c *Config) probe(ctx context.Context, one *Case) *probe {
	p := &probe{request: c.base()}
	if one.edit != nil {
		one.edit(&p.request)
	}
	if one.beside {
		open, err := c.dial(ctx)
		if err != nil {
			p.err = err
			return p
		}
		defer open.Close()
		_ = open.SetDeadline(time.Now().Add(c.Limit)) // if it fails, so does writing
		first := &probe{request: c.base()}
		first.sent = first.request.Append(nil)
		if err := first.write(open, one); err == nil {
			first.read(open) // whatever it is: it is the second that counts
		}
	}
	conn, err := c.dial(ctx)
	if err != nil {
		p.err = err
		return p
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	_ = conn.SetDeadline(time.Now().Add(c.Limit)) // if it fails, so does writing
	p.sent = append(p.request.Append(nil), one.tail...)
	if err := p.write(conn, one); err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
		p.ended = true // and there may be an answer nevertheless
	}
	p.read(conn)
	if p.err == nil && p.response.Status == 101 && one.listen > 0 {
		_ = conn.SetReadDeadline(time.Now().Add(one.listen))
		more, err := io.ReadAll(io.LimitReader(conn, 1024))
		p.came, p.behind = append(p.came, more...), append(p.behind, more...)
		p.ended = err == nil && len(more) < 1024
	}
	return p
}

// write sends the request, in one piece or in several.
func (p *probe) write(conn net.Conn, one *Case) error {
	if !one.pieces {
		_, err := conn.Write(p.sent)
		return err
	}
	const pause = 4 * time.Millisecond // enough for a piece to be read alone
	for _, piece := range cut(p.sent) {
		if _, err := conn.Write(piece); err != nil {
			return err
		}
		time.Sleep(pause)
	}
	return nil
}

// cut cuts where programs are careless: in the middle of a word, between CR
// and LF, and before the last byte.
func cut(b []byte) (pieces [][]byte) {
	line := bytes.IndexByte(b, '\n')
	from := 0
	for _, to := range []int{1, line - 5, line, line + 1, line + 4, len(b) / 2, len(b) - 3, len(b) - 2, len(b) - 1, len(b)} {
		pieces = append(pieces, b[from:to])
		from = to
	}
	return pieces
}

// read takes what comes up to the end of the head.
func (p *probe) read(conn net.Conn) {
	const most = 64 << 10
	chunk := make([]byte, 4096)
	for len(p.came) < most {
		n, err := conn.Read(chunk)
		p.came = append(p.came, chunk[:n]...)
		if n > 0 {
			var end int
			if p.response, end, p.err = handshake.ParseResponse(p.came); !errors.Is(p.err, handshake.ErrIncomplete) {
				p.behind = append([]byte(nil), p.came[end:]...)
				return
			}
		}
		switch {
		case err == nil:
		case errors.Is(err, os.ErrDeadlineExceeded):
			p.err = errSilence
			return
		default: // the end, or a reset
			p.err, p.ended = errClosed, true
			return
		}
	}
	p.err = errSilence
}
