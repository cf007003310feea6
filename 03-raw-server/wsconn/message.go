package wsconn

import (
	"context"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"websocket.example/03-raw-server/deflate"
	"websocket.example/03-raw-server/frame"
)

// A message is what came of a message that did not come in one piece.
type message struct {
	*buffer
	handed bool // its bytes are with the caller, until the next call
}

// Read returns the next message: Text or Binary and its bytes, which are good
// until the next call. When the context ends it returns the context's error,
// and can be called again: nothing that came is lost.
func (c *Conn) Read(ctx context.Context) (frame.Opcode, []byte, error) {
	c.reading.Lock()
	defer c.reading.Unlock()
	return c.read(ctx)
}

func (c *Conn) read(ctx context.Context) (frame.Opcode, []byte, error) {
	if err := c.ready(ctx); err != nil {
		return 0, nil, err
	}
	for {
		bytes, ok, err := c.assemble()
		switch {
		case err != nil:
			return 0, nil, c.end(err)
		case ok:
			return c.opcode, bytes, nil
		}
		if err := c.fill(ctx); err != nil {
			if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
				return 0, nil, err
			}
			return 0, nil, c.end(err)
		}
	}
}

// assemble puts pieces together until a message is whole, or there is no
// more input.
func (c *Conn) assemble() (bytes []byte, ok bool, err error) {
	for {
		p, ok, err := c.step()
		if err != nil || !ok {
			return nil, false, err
		}
		if p.last && c.parts == nil {
			return c.unpack(p.bytes) // the usual case: one frame in one read, and no copy
		}
		c.keep(p.bytes)
		if p.last {
			return c.unpack(c.parts.unread())
		}
	}
}

// keep adds a piece to the message.
func (c *Conn) keep(bytes []byte) {
	if c.parts == nil {
		if c.takeOver(bytes) {
			return
		}
		c.parts = &message{buffer: getBuffer(c.expect(len(bytes)))}
	}
	if len(c.parts.free()) < len(bytes) {
		c.grow(len(bytes))
	}
	c.parts.w += copy(c.parts.free(), bytes)
}

// takeOver makes the buffer that bytes were read to the message's, if the rest
// of the message has room there: so they need not be copied.
func (c *Conn) takeOver(bytes []byte) bool {
	in := c.in
	if in == nil || c.left == 0 || !in.endsWith(bytes) || uint64(len(in.free())) < c.left || len(in.b) > believed*len(bytes) {
		return false
	}
	in.r = in.w - len(bytes)
	c.parts, c.in = &message{buffer: in}, nil
	return true
}

// believed is how many times as much room a message gets as has come of it. A
// header may claim any length: so a sender of empty claims pays what we do.
const believed = 16

// expect is how much room to make for a message of which some bytes came.
func (c *Conn) expect(more int) int {
	came := uint64(more)
	if c.parts != nil {
		came += uint64(c.parts.w)
	}
	return int(min(came+c.left, max(believed*came, 1<<smallest)))
}

func (c *Conn) grow(more int) {
	bigger := getBuffer(max(c.expect(more), c.parts.w+more))
	bigger.w = copy(bigger.b, c.parts.unread())
	putBuffer(c.parts.buffer)
	c.parts.buffer = bigger
}

// straight is where the rest of a long frame can be read to without a copy,
// nil if there is no such place.
func (c *Conn) straight() []byte {
	if c.parts == nil || c.left == 0 {
		return nil
	}
	if len(c.parts.free()) == 0 {
		c.grow(1)
	}
	room := c.parts.free()
	if uint64(len(room)) > c.left {
		room = room[:c.left]
	}
	return room
}

// unpack decompresses a message if it is compressed.
func (c *Conn) unpack(bytes []byte) ([]byte, bool, error) {
	if c.parts != nil {
		c.parts.handed = true
	}
	if !c.packed {
		return bytes, true, nil
	}
	if c.inflate == nil {
		c.inflate = deflate.NewDecompressor(*c.pmd, c.role == Server)
	}
	plain := getBuffer(min(4*len(bytes), int(c.opts.maxMessage())))
	inflated, err := c.inflate.Append(plain.b[:0], bytes, int(c.opts.maxMessage()))
	switch {
	case errors.Is(err, deflate.ErrTooBig):
		putBuffer(plain)
		return nil, false, &frame.Error{
			Code: frame.MessageTooBig, Section: "10.4",
			Reason: fmt.Sprintf("a message of more than %d bytes, decompressed", c.opts.maxMessage()),
		}
	case err != nil:
		putBuffer(plain)
		return nil, false, &frame.Error{Code: frame.InvalidPayload, Section: "8.1", Reason: "a compressed message that can't be decompressed"}
	}
	if c.parts != nil {
		putBuffer(c.parts.buffer)
	}
	if cap(inflated) != cap(plain.b) { // it has grown
		putBuffer(plain)
		plain = &buffer{b: inflated}
	}
	c.parts = &message{buffer: plain, handed: true}
	if c.opcode == frame.Text && !utf8.Valid(inflated) {
		return nil, false, notUTF8
	}
	return inflated, true, nil
}

// ready is the beginning of every call of the reader: what the caller had of
// the last message is taken back, and what nobody has read of it is thrown
// away.
func (c *Conn) ready(ctx context.Context) error {
	if c.ended != nil {
		return c.ended
	}
	c.handedBack()
	c.load()
	if c.stream == nil {
		return nil
	}
	c.stream = abandoned // if the context ends now, the next call goes on
	for c.inside {
		if _, err := c.nextPiece(ctx); err != nil {
			return err
		}
	}
	c.stream = nil
	return nil
}

// handedBack takes back what the caller had of the last message.
func (c *Conn) handedBack() {
	if c.parts != nil && c.parts.handed {
		putBuffer(c.parts.buffer)
		c.parts = nil
	}
}

// disown leaves what the caller has of the last message to the caller. Close
// reads on while the goroutine that reads may still be busy with it.
func (c *Conn) disown() {
	if c.in != nil {
		c.stash, c.in = append([]byte(nil), c.in.unread()...), nil
	}
	if c.parts != nil && c.parts.handed {
		c.parts = nil
	}
}

// NextReader returns the next message as a stream: its bytes as they arrive,
// then io.EOF. A message that is not read to its end is thrown away by the
// next call. The context counts for the reader as well: when it ends, NextReader
// can be called again and nothing is lost, but the rest of a message that it
// had returned already.
func (c *Conn) NextReader(ctx context.Context) (frame.Opcode, io.Reader, error) {
	c.reading.Lock()
	defer c.reading.Unlock()
	if err := c.ready(ctx); err != nil {
		return 0, nil, err
	}
	var p piece
	if c.inside && !c.packed && c.parts != nil { // of a Read whose context ended
		p.bytes, c.parts = c.parts.unread(), nil
	} else {
		var err error
		if p, err = c.nextPiece(ctx); err != nil {
			return 0, nil, err
		}
	}
	if c.packed { // the whole is decompressed at its end
		var err error
		if p, err = c.unpackAll(ctx, p); err != nil {
			return 0, nil, err
		}
	}
	c.stream = &stream{c: c, ctx: ctx, piece: p}
	return c.opcode, c.stream, nil
}

// unpackAll reads and decompresses a message that begins with a piece.
func (c *Conn) unpackAll(ctx context.Context, p piece) (piece, error) {
	for {
		c.keep(p.bytes)
		if p.last {
			break
		}
		var err error
		if p, err = c.nextPiece(ctx); err != nil {
			return piece{}, err
		}
	}
	bytes, _, err := c.unpack(c.parts.unread())
	if err != nil {
		return piece{}, c.end(err)
	}
	return piece{bytes, true}, nil
}

func (c *Conn) nextPiece(ctx context.Context) (piece, error) {
	for {
		p, ok, err := c.step()
		if err != nil {
			return p, c.end(err)
		}
		if ok {
			return p, nil
		}
		if err := c.fill(ctx); err != nil {
			if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
				return p, err
			}
			return p, c.end(err)
		}
	}
}

// A stream is a message that is read as it arrives.
type stream struct {
	c     *Conn
	ctx   context.Context // an io.Reader has no other place for it
	piece piece
}

// abandoned is the stream of a message that nobody reads to its end.
var abandoned = &stream{}

var errAbandoned = errors.New("wsconn: a later message has been asked for")

func (s *stream) Read(b []byte) (int, error) {
	s.c.reading.Lock()
	defer s.c.reading.Unlock()
	for {
		switch {
		case s.piece.last && len(s.piece.bytes) == 0:
			return 0, io.EOF
		case s.c.ended != nil:
			return 0, s.c.ended
		case s.c.stream != s:
			return 0, errAbandoned
		case len(b) == 0:
			return 0, nil
		case len(s.piece.bytes) > 0:
			n := copy(b, s.piece.bytes)
			s.piece.bytes = s.piece.bytes[n:]
			return n, nil
		}
		p, err := s.c.nextPiece(s.ctx)
		if err != nil {
			return 0, err
		}
		s.piece = p
	}
}
