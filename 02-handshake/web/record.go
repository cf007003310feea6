package web

import (
	"bufio"
	"bytes"
	"errors"
	"net"
	"net/http"

	"websocket.example/02-handshake/handshake"
)

// A recorder is a connection that keeps what goes over it, until it is
// released.
type recorder struct {
	net.Conn
	first   []byte // was read before, and is read again
	read    []byte
	written []byte
	forge   bool // spoil the proof in the answer
}

const mostRecorded = 32 << 10

func (r *recorder) Read(b []byte) (n int, err error) {
	if len(r.first) > 0 {
		n = copy(b, r.first)
		r.first = r.first[n:]
	} else {
		n, err = r.Conn.Read(b)
	}
	r.read = append(r.read, b[:min(n, mostRecorded-len(r.read))]...)
	return n, err
}

func (r *recorder) Write(b []byte) (int, error) {
	if r.forge {
		b = forged(b)
	}
	r.written = append(r.written, b[:min(len(b), mostRecorded-len(r.written))]...)
	return r.Conn.Write(b)
}

func (r *recorder) CloseWrite() error {
	if c, is := r.Conn.(interface{ CloseWrite() error }); is {
		return c.CloseWrite()
	}
	return errors.ErrUnsupported
}

// release stops the recording.
func (r *recorder) release(net.Conn) net.Conn {
	r.read, r.written = nil, nil
	return r.Conn
}

// forged puts another proof into an answer: the right one backwards.
func forged(answer []byte) []byte {
	response, n, err := handshake.ParseResponse(answer)
	if err != nil {
		return answer
	}
	const name = "Sec-WebSocket-Accept: "
	right := []byte(name + response.Header.Get("Sec-WebSocket-Accept"))
	wrong := bytes.Clone(right)
	for i, j := len(name), len(wrong)-2; i < j; i, j = i+1, j-1 {
		wrong[i], wrong[j] = wrong[j], wrong[i]
	}
	return append(bytes.Replace(answer[:n], right, wrong, 1), answer[n:]...)
}

// A hijacker hands over a recorder in place of net/http's connection.
type hijacker struct {
	http.ResponseWriter
	forge bool
	conn  *recorder
}

func (h *hijacker) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, buffered, err := http.NewResponseController(h.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	h.conn = &recorder{Conn: conn, forge: h.forge}
	return h.conn, buffered, nil
}

// refusalOf is what net/http has sent for an error, but for its Date.
func refusalOf(err error) []byte {
	e, is := errors.AsType[*handshake.Error](err)
	if !is {
		return nil
	}
	response, body := e.Response(false)
	return append(response.Append(nil), body...)
}
