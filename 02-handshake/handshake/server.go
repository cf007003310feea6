package handshake

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

// Upgrade answers a request of package net/http. After a 101 it returns the
// connection, which is the caller's from then on, to close as well; its
// deadlines are cleared, and what the client has already sent behind its
// request is in Handshake.Rest.
//
// On an error, usually an *Error, everything is done: the client has its
// answer and the handler just returns.
func (o *Options) Upgrade(w http.ResponseWriter, r *http.Request) (net.Conn, *Handshake, error) {
	options := o.complete()
	request := FromHTTP(r)
	ctx, cancel := context.WithTimeout(r.Context(), options.Timeout)
	h, err := options.judge(ctx, &request)
	cancel()
	if err != nil {
		return nil, nil, answer(w, err)
	}
	conn, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return nil, nil, answer(w, ruleOwn.refuse(500, "", "net/http does not hand over the connection: %v", err))
	}
	if n := buffered.Reader.Buffered(); n > 0 {
		waiting, _ := buffered.Peek(n)
		h.Rest = rest(waiting)
	}
	_ = conn.SetDeadline(time.Now().Add(options.Timeout)) // if it fails, so does writing
	_, err = conn.Write(h.Response.Append(nil))
	_ = conn.SetDeadline(time.Time{})
	if err != nil {
		conn.Close()
		return nil, nil, fmt.Errorf("handshake: writing the answer: %w", err)
	}
	return conn, h, nil
}

// answer refuses through package net/http, and returns the reason.
func answer(w http.ResponseWriter, err error) error {
	e, is := errors.AsType[*Error](err)
	if !is {
		return err
	}
	// A body that nobody wants makes net/http wait for it, unless the connection ends.
	response, body := e.Response(e.Rule == "request-body")
	for _, f := range response.Header {
		w.Header().Add(f.Name, f.Value)
	}
	w.WriteHeader(response.Status)
	_, _ = io.WriteString(w, body) // if it fails, the client has gone
	return err
}

// Accept does the handshake on a connection on which nothing has been
// read yet. The connection stays the caller's: on an error, close it.
//
// A client that breaks a rule has been answered when Accept returns
// the *Error. One that leaves without a word is io.EOF. When ctx
// ends, Accept gives up without an answer.
func (o *Options) Accept(ctx context.Context, conn net.Conn) (*Handshake, error) {
	options := o.complete()
	release, err := within(ctx, conn, options.Timeout)
	if err != nil {
		return nil, err
	}
	h, err := options.converse(ctx, conn)
	if refusal, is := errors.AsType[*Error](err); is {
		deliver(conn, refusal)
	}
	if err = cmp.Or(err, release()); err != nil {
		return nil, err
	}
	return h, nil
}

// converse reads the request, judges it, and writes the 101 with one write.
func (o *Options) converse(ctx context.Context, conn net.Conn) (*Handshake, error) {
	buf := borrow(o.MaxHeaderBytes)
	defer buf.release()
	var request Request
	filled, n, err := readHead(conn, buf.b[:o.MaxHeaderBytes], 0, func(b []byte) (n int, err error) {
		request, n, err = ParseRequest(b)
		return n, err
	})
	switch {
	case err == nil:
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case isTimeout(err):
		return nil, ruleTime.refuse(http.StatusRequestTimeout, "", "the request was not complete after %v", o.Timeout)
	case errors.Is(err, io.EOF) && filled > 0:
		return nil, badSyntax("syntax-line", http.StatusBadRequest, "the request ends after %d bytes, without an empty line", filled)
	default:
		return nil, err
	}

	if o.Decide != nil { // the only one who may want to wait
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, o.Timeout)
		defer cancel()
	}
	h, err := o.judge(ctx, &request)
	if err != nil {
		return nil, err
	}
	h.Rest = rest(buf.b[n:filled])
	if _, err := conn.Write(h.Response.Append(buf.b[:0])); err != nil {
		return nil, fmt.Errorf("handshake: writing the answer: %w", err)
	}
	return h, nil
}

// How long, and for how many bytes, a client that was refused may go on.
const (
	lingerTime  = 500 * time.Millisecond
	lingerBytes = 256 << 10
)

// deliver sends a refusal so that it arrives. To close a connection on which
// something is still unread makes the kernel send a reset, and a reset makes
// the client's kernel throw away the answer it had for its program. So:
// answer, say that nothing more comes, and read until the client has gone.
func deliver(conn net.Conn, e *Error) {
	_ = conn.SetDeadline(time.Now().Add(lingerTime)) // if it fails, so does writing
	response, body := e.Response(true)
	if _, err := conn.Write(append(response.Append(nil), body...)); err != nil {
		return
	}
	if c, is := conn.(interface{ CloseWrite() error }); is && c.CloseWrite() != nil {
		return
	}
	_, _ = io.CopyN(io.Discard, conn, lingerBytes)
}
