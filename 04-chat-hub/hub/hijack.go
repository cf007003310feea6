package hub

import (
	"bufio"
	"net"
	"net/http"
)

// gorilla keeps its bufio.Reader to itself, and we have to know whether there
// is something in it before we wait for the socket (wait_unix.go). So it gets
// one of ours: with ReadBufferSize 0 it takes the reader of the hijacked
// connection, if that is larger than 256 bytes.
type hijacker struct {
	http.ResponseWriter
	in *bufio.Reader
}

const readBuffer = 257

func (h *hijacker) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	nc, rw, err := http.NewResponseController(h.ResponseWriter).Hijack()
	if err == nil && rw.Reader.Buffered() == 0 { // else gorilla refuses it
		h.in = bufio.NewReaderSize(nc, readBuffer)
		rw.Reader = h.in
	}
	return nc, rw, err
}
