package handshake

import (
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"time"
)

// A buffer is borrowed for as long as a head is being read, and given back:
// a connection that is open and silent keeps none.
type buffer struct{ b []byte }

var buffers = sync.Pool{New: func() any { return &buffer{make([]byte, defaultHeaderBytes)} }}

// borrow returns a buffer of at least size bytes. Give it back with
// buffers.Put, unless it is far larger than usual.
func borrow(size int) *buffer {
	b := buffers.Get().(*buffer)
	if len(b.b) < size {
		b.b = make([]byte, size)
	}
	return b
}

func (b *buffer) release() {
	if len(b.b) <= 4*defaultHeaderBytes {
		buffers.Put(b)
	}
}

// readHead reads until parse is content with the beginning of buf, of which
// filled bytes are there already. It returns how many bytes are there now,
// and how many of them parse took.
func readHead(r io.Reader, buf []byte, filled int, parse func([]byte) (int, error)) (total, n int, err error) {
	fresh := buf[:filled]
	for {
		// A byte that ends no line cannot complete a head, nor break it: with
		// that, a peer that sends byte by byte costs what the others cost.
		if decisive(buf[:filled], len(fresh)) {
			if n, err = parse(buf[:filled]); !errors.Is(err, ErrIncomplete) {
				return filled, n, err
			}
		}
		if filled == len(buf) {
			return filled, 0, badSyntax("syntax-size", 431, "the header is larger than %d bytes", len(buf))
		}
		got, err := r.Read(buf[filled:])
		fresh = buf[filled : filled+got]
		filled += got
		if err != nil && got == 0 {
			return filled, 0, err
		}
	}
}

// decisive says whether the last fresh bytes of b hold anything that
// headEnd may decide on.
func decisive(b []byte, fresh int) bool {
	at := len(b) - fresh
	if fresh > 0 && at > 0 && b[at-1] == '\r' {
		return true
	}
	for _, c := range b[at:] {
		if isControl(c) {
			return true
		}
	}
	return false
}

var longAgo = time.Unix(1, 0)

// within bounds what happens on conn by a time limit and by ctx, until
// release is called. Release lifts the bounds, and fails if ctx has ended.
func within(ctx context.Context, conn net.Conn, limit time.Duration) (release func() error, err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := conn.SetDeadline(time.Now().Add(limit)); err != nil {
		return nil, err
	}
	stop := func() bool { return true }
	if ctx.Done() != nil {
		stop = context.AfterFunc(ctx, func() { _ = conn.SetDeadline(longAgo) })
	}
	return func() error {
		if !stop() {
			return context.Cause(ctx)
		}
		_ = conn.SetDeadline(time.Time{}) // if it fails, so does what comes next
		return nil
	}, nil
}

// isTimeout says whether a deadline has passed.
func isTimeout(err error) bool {
	e, is := errors.AsType[net.Error](err)
	return is && e.Timeout()
}

// rest copies what follows a head, so that the buffer can be given back.
func rest(b []byte) []byte {
	if len(b) == 0 {
		return nil
	}
	return append([]byte(nil), b...)
}
