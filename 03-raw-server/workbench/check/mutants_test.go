package check

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"websocket.example/02-handshake/handshake"
	"websocket.example/03-raw-server/deflate"
	"websocket.example/03-raw-server/frame"
)

// A mutant is an echo server with one bug, which is its name, and what the
// lesson finds.
type mutant struct {
	name, id, key string
	slow          bool // the time limit itself is what finds it
	packs         bool // it agrees to permessage-deflate
}

var mutants = []mutant{
	{name: "none"},

	// An echo.
	{name: "masks its replies", id: "echo", key: "frame.masked"},
	{name: "forgets to unmask", id: "echo", key: "not-unmasked"},
	{name: "unmasks with one byte", id: "echo", key: "mask-one-byte"},
	{name: "unmasks backwards", id: "echo", key: "mask-reversed"},
	{name: "everything is binary", id: "echo", key: "opcode"},
	{name: "adds a line break", id: "echo", key: "line-break"},
	{name: "greets", id: "echo", key: "decorated"},
	{name: "shouts", id: "echo", key: "case"},
	{name: "hangs up", id: "echo", key: "closed"},
	{name: "answers half a frame", id: "echo", key: "half", slow: true},
	{name: "answers one byte", id: "echo", key: "part", slow: true},
	{name: "leaves RSV3 in its replies", id: "echo", key: "frame.rsv"},
	{name: "closes instead", id: "echo", key: "gave-up"},
	{name: "does not restart the mask", id: "again", key: "mask-not-restarted"},
	{name: "keeps the first key", id: "again", key: "mask-of-first"},
	{name: "echoes twice", id: "again", key: "earlier"},
	{name: "another echo", id: "echo", key: "content"},
	{name: "drops empty messages", id: "empty", key: "silence", slow: true},
	{name: "everything is text", id: "binary", key: "opcode"},
	{name: "ends binary at a zero", id: "binary", key: "length"},
	{name: "counts characters", id: "characters", key: "length-characters"},
	{name: "counts UTF-16 units", id: "characters", key: "length-units"},
	{name: "writes Latin-1", id: "characters", key: "latin1"},

	// Lengths.
	{name: "writes 125 in 16 bits", id: "length-125", key: "frame.form"},
	{name: "little-endian lengths", id: "length-126", key: "little-endian"},
	{name: "7 bits for every length", id: "length-126", key: "length-7-bits"},
	{name: "64 bits for every long length", id: "length-126", key: "frame.form"},
	{name: "reads little-endian lengths", id: "length-126", key: "silence", slow: true},
	{name: "reads 4 KiB once", id: "length-65535", key: "one-read"},
	{name: "16 bits for every long length", id: "length-65536", key: "length-16-bits"},
	{name: "32 bits for very long lengths", id: "length-65536", key: "length-32-bits"},

	// A stream.
	{name: "wants a header at once", id: "byte-by-byte", key: "closed"},
	{name: "wants 20,000 bytes at once", id: "long-in-pieces", key: "one-read"},
	{name: "forgets the rest of a read", id: "two-in-one", key: "silence", slow: true},
	{name: "forgets a frame that has begun", id: "one-and-a-half", key: "gave-up"},

	// What is refused.
	{name: "masks are optional", id: "unmasked", key: "taken"},
	{name: "RSV1 unread", id: "rsv1", key: "taken"},
	{name: "RSV2 unread", id: "rsv2", key: "taken"},
	{name: "RSV3 unread", id: "rsv3", key: "taken"},
	{name: "RSV3 sent back", id: "rsv3", key: "frame.rsv"},
	{name: "RSV1 refused without a code", id: "rsv1", key: "refused-no-code"},
	{name: "RSV2 refused with 1000", id: "rsv2", key: "refused-code"},
	{name: "RSV3 refused, TCP stays open", id: "rsv3", key: "refused-open", slow: true},
	{name: "unmasked refused by hanging up", id: "unmasked", key: "cut"},
	{name: "opcode 3 is text", id: "opcode-3", key: "taken"},
	{name: "opcode 3 stops it", id: "opcode-3", key: "no-reaction", slow: true},
	{name: "opcode 11 is ignored", id: "opcode-11", key: "went-on"},
	{name: "opcode 11 is a ping", id: "opcode-11", key: "went-on"},
	{name: "lengths in any form", id: "length-not-shortest", key: "taken"},
	{name: "top bit unread", id: "length-top-bit", key: "taken"},

	// Control frames.
	{name: "pings for pings", id: "ping", key: "ping-as-ping"},
	{name: "empty pongs", id: "ping", key: "pong-empty"},
	{name: "pongs are text", id: "ping", key: "pong-opcode"},
	{name: "pongs still masked", id: "ping", key: "pong-masked"},
	{name: "pongs of its own", id: "ping", key: "pong-payload"},
	{name: "ignores pings", id: "ping", key: "silence", slow: true},
	{name: "ignores empty pings", id: "ping-empty", key: "silence", slow: true},
	{name: "cuts pings at 100 bytes", id: "ping-125", key: "pong-payload"},
	{name: "answers pongs", id: "pong", key: "pong-answered"},
	{name: "hangs up at a pong", id: "pong", key: "closed"},
	{name: "pings of any length", id: "ping-126", key: "frame.control-long"},
	{name: "fragments of pings", id: "ping-fragment", key: "answered"},

	// Fragments.
	{name: "each fragment is a message", id: "fragments", key: "each-fragment"},
	{name: "keeps the last fragment", id: "fragments", key: "length"},
	{name: "opcode of the last fragment", id: "fragments", key: "frame.stray"},
	{name: "knows no fragments", id: "fragments", key: "gave-up"},
	{name: "empty is no beginning", id: "fragments-empty", key: "gave-up"},
	{name: "pongs after the message", id: "ping-between", key: "silence", slow: true},
	{name: "a ping overwrites the message", id: "ping-between", key: "length"},
	{name: "keeps messages of fragments", id: "after-fragments", key: "decorated"},
	{name: "checks fragment by fragment", id: "character-cut", key: "gave-up"},
	{name: "a continuation is a message", id: "stray-continuation", key: "taken"},
	{name: "a new message replaces the old", id: "message-within", key: "taken"},

	// Closing.
	{name: "ignores close frames", id: "close", key: "close-silence", slow: true},
	{name: "hangs up at a close frame", id: "close", key: "close-cut"},
	{name: "close frames are text", id: "close", key: "close-data"},
	{name: "TCP stays open", id: "close", key: "open", slow: true},
	{name: "always goes away", id: "close", key: "close-code"},
	{name: "closes without a code", id: "close", key: "close-no-code"},
	{name: "sends 1005", id: "close-empty", key: "close-1005"},
	{name: "falls over an empty body", id: "close-empty", key: "close-cut"},
	{name: "codes only up to 1014", id: "close-reason", key: "close-code"},
	{name: "goes on after the close frame", id: "after-close", key: "after-close"},
	{name: "closes after the message", id: "close-within", key: "close-silence", slow: true},
	{name: "sends one byte back", id: "close-one-byte", key: "bad-close"},
	{name: "1005 is a code", id: "close-code", key: "bad-close"},
	{name: "999 is a code", id: "close-code-999", key: "bad-close"},
	{name: "reasons unread", id: "close-not-utf8", key: "refused-code"},

	// Text.
	{name: "text unread", id: "not-utf8", key: "taken"},
	{name: "1002 for text", id: "not-utf8", key: "refused-code"},
	{name: "hangs up at wrong text", id: "not-utf8", key: "cut"},
	{name: "replaces what is wrong", id: "not-utf8", key: "taken"},
	{name: "surrogates are characters", id: "surrogate", key: "taken"},
	{name: "overlong is short enough", id: "overlong", key: "taken"},
	{name: "the end may be missing", id: "cut-at-end", key: "taken"},
	{name: "checks the first fragment", id: "not-utf8-in-fragments", key: "taken"},
	{name: "binary is text", id: "binary-not-utf8", key: "gave-up"},
	{name: "waits for the end", id: "fail-fast", key: "late"},
}

// A peer is a mutant on one connection.
type peer struct {
	*mutant
	place     place
	nc        net.Conn
	in        []byte // read and not taken
	first     *frame.Header
	taken     int // payload bytes, of all frames
	message   []byte
	opcode    frame.Opcode
	fragments bool // the message has more than one
	inside    bool
	rsv       byte // of the last frame
	packed    bool
	text      frame.UTF8
	later     [][]byte // pongs
	sender    *deflate.Compressor
	reader    *deflate.Decompressor
}

func (m *mutant) is(bug string) bool { return m.name == bug }

var errEnd = errors.New("the end")

func (m *mutant) start(t *testing.T) string { return listen(t, m.serve) }

// A place is where a mutant listens.
type place struct {
	net.Listener
	over chan struct{} // closed when the test ends
}

// listen serves every connection until the test ends.
func listen(t *testing.T, serve func(place, net.Conn)) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	here := place{l, make(chan struct{})}
	var mu sync.Mutex
	var conns []net.Conn
	var work sync.WaitGroup
	work.Go(func() {
		for {
			nc, err := l.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			conns = append(conns, nc)
			mu.Unlock()
			work.Go(func() { serve(here, nc) })
		}
	})
	t.Cleanup(func() {
		l.Close()
		close(here.over)
		mu.Lock()
		for _, nc := range conns {
			nc.Close()
		}
		mu.Unlock()
		work.Wait()
	})
	return "ws://" + l.Addr().String()
}

func (m *mutant) serve(here place, nc net.Conn) {
	defer nc.Close()
	p := &peer{mutant: m, place: here, nc: nc}
	options := &handshake.Options{Origin: handshake.AnyOrigin}
	if m.packs {
		options.Extensions = p.negotiate
	}
	var err error
	if m.is("agrees unasked") {
		err = agreeUnasked(nc)
	} else {
		var h *handshake.Handshake
		if h, err = options.Accept(context.Background(), nc); err == nil {
			p.in = h.Rest
		}
	}
	for err == nil {
		err = p.step()
	}
	if m.is("never leaves") && !errors.Is(err, errEnd) {
		<-here.over
	}
	if errors.Is(err, errEnd) { // so that what was written is not lost
		if half, can := nc.(*net.TCPConn); can && half.CloseWrite() == nil {
			_, _ = io.Copy(io.Discard, nc)
		}
	}
}

// agreeUnasked agrees to an extension that nobody has offered.
func agreeUnasked(nc net.Conn) error {
	request, _, err := readRequest(nc)
	if err != nil {
		return err
	}
	h, err := (&handshake.Options{}).Judge(context.Background(), &request)
	if err != nil {
		return err
	}
	h.Response.Header.Add("Sec-WebSocket-Extensions", deflate.Name)
	_, err = nc.Write(h.Response.Append(nil))
	return err
}

func (p *peer) fill() error {
	b := make([]byte, 64<<10)
	n, err := p.nc.Read(b)
	p.in = append(p.in, b[:n]...)
	if n > 0 {
		return nil
	}
	return err
}

// step takes one frame.
func (p *peer) step() error {
	h, n, err := frame.Parse(p.in)
	for tried := 0; err != nil; tried++ {
		if p.is("wants a header at once") && tried > 0 {
			return errEnd
		}
		if err := p.fill(); err != nil {
			return err
		}
		h, n, err = frame.Parse(p.in)
	}
	if p.is("reads little-endian lengths") && p.in[1]&0x7f == 126 {
		h.Length = uint64(binary.LittleEndian.Uint16(p.in[2:]))
	}
	if p.is("64 KiB at most") && h.Length > 65536 {
		p.write(frame.Close, frame.AppendClose(nil, frame.MessageTooBig, ""))
		return errEnd
	}
	if broken := p.broken(h); broken != nil {
		return p.refuse(h, broken)
	}
	h.Length &^= 1 << 63
	p.rsv = h.RSV
	begun := len(p.in)
	for uint64(len(p.in)-n) < h.Length {
		if p.is("reads 4 KiB once") && h.Length > 10_000 && len(p.in) >= 4096 || p.is("wants 20,000 bytes at once") && h.Length == 20_000 {
			break
		}
		if err := p.fill(); err != nil {
			return err
		}
		if p.is("forgets a frame that has begun") && begun < 20 && p.first != nil && h.Length == 6 {
			p.in = p.in[begun:] // and reads the rest of the payload as a header
			return p.refuse(h, &frame.Error{Code: frame.ProtocolError})
		}
	}
	end := min(n+int(h.Length), len(p.in))
	if end < n+int(h.Length) {
		end = min(end, int(h.Length/40)) // however much came
	}
	payload := append([]byte(nil), p.in[n:end]...)
	p.in = p.in[end:]
	if p.is("forgets the rest of a read") || p.is("reads 4 KiB once") && h.Length > 10_000 || p.is("wants 20,000 bytes at once") && h.Length == 20_000 {
		p.in = nil
	}
	p.unmask(h, payload)
	if p.first == nil {
		p.first = &h
	}
	p.taken += len(payload)
	if h.Opcode == frame.Continuation || h.Opcode == frame.Text || h.Opcode == frame.Binary || p.is("opcode 3 is text") && h.Opcode == 3 {
		return p.data(h, payload)
	}
	return p.control(h, payload)
}

// broken says which rule a frame breaks, unless the bug is not to see it.
func (p *peer) broken(h frame.Header) *frame.Error {
	blind := func(bug string, see func()) {
		if p.is(bug) {
			see()
		}
	}
	s := frame.State{FromClient: true, InMessage: p.inside}
	if p.reader != nil {
		s.RSV = frame.RSV1
	}
	blind("masks are optional", func() { h.Masked = true })
	blind("RSV1 unread", func() { h.RSV &^= frame.RSV1 })
	blind("RSV2 unread", func() { h.RSV &^= frame.RSV2 })
	blind("RSV3 unread", func() { h.RSV &^= frame.RSV3 })
	blind("RSV3 sent back", func() { h.RSV &^= frame.RSV3 })
	blind("lengths in any form", func() { h.Form = frame.Shortest })
	blind("top bit unread", func() { h.Length &^= 1 << 63 })
	blind("pings of any length", func() {
		if h.Opcode == frame.Ping {
			h.Length = 0
		}
	})
	blind("fragments of pings", func() { h.Fin = h.Fin || h.Opcode == frame.Ping })
	blind("a continuation is a message", func() {
		if h.Opcode == frame.Continuation && !p.inside {
			h.Opcode = frame.Text
		}
	})
	blind("a new message replaces the old", func() { s.InMessage = s.InMessage && h.Opcode == frame.Continuation })
	blind("opcode 3 is text", func() {
		if h.Opcode == 3 {
			h.Opcode = frame.Text
		}
	})
	blind("opcode 11 is ignored", func() {
		if h.Opcode == 11 {
			h.Opcode = frame.Pong
		}
	})
	blind("opcode 11 is a ping", func() {
		if h.Opcode == 11 {
			h.Opcode = frame.Ping
		}
	})
	blind("knows no fragments", func() { s.InMessage = s.InMessage && h.Opcode != frame.Continuation })
	blind("empty is no beginning", func() { s.InMessage = s.InMessage && len(p.message) > 0 })
	blind("RSV1 on any frame", func() { h.RSV &^= frame.RSV1 })
	if h.RSV == frame.RSV1 && p.reader != nil && h.Opcode == frame.Continuation {
		blind("RSV1 on continuations", func() { h.RSV = 0 })
	}
	return frame.Check(h, s)
}

func (p *peer) unmask(h frame.Header, payload []byte) {
	key, offset := h.Key, 0
	switch {
	case p.is("forgets to unmask"), !h.Masked, p.is("pongs still masked") && h.Opcode == frame.Ping:
		return
	case p.is("unmasks with one byte"):
		key = [4]byte{key[0], key[0], key[0], key[0]}
	case p.is("unmasks backwards"):
		key = [4]byte{key[3], key[2], key[1], key[0]}
	case p.is("does not restart the mask"):
		offset = p.taken
	case p.is("keeps the first key") && p.first != nil:
		key = p.first.Key
	}
	frame.Mask(payload, key, offset)
}

// data takes a frame of a message.
func (p *peer) data(h frame.Header, payload []byte) error {
	if h.Opcode != frame.Continuation || p.is("a continuation is a message") && !p.inside {
		p.opcode = h.Opcode
		p.packed = h.RSV&frame.RSV1 != 0 && p.reader != nil
		p.text = frame.UTF8{}
		if h.Opcode == frame.Continuation || h.Opcode == 3 {
			p.opcode = frame.Text
		}
		if !p.is("keeps messages of fragments") || !p.fragments {
			p.message = nil
		}
		p.fragments = !h.Fin
	}
	p.inside = !h.Fin
	if p.is("keeps the last fragment") {
		p.message = nil
	}
	p.message = append(p.message, payload...)
	if (p.opcode == frame.Text || p.is("binary is text") && bytes.HasPrefix(payload, []byte("caf"))) && !p.packed {
		if code := p.judgeText(h, payload); code != 0 {
			if p.is("hangs up at wrong text") {
				return errEnd
			}
			p.write(frame.Close, frame.AppendClose(nil, code, ""))
			return errEnd
		}
	}
	if p.is("each fragment is a message") && !h.Fin {
		p.write(p.opcode, payload)
	}
	if !h.Fin {
		return nil
	}
	for _, body := range p.later {
		p.write(frame.Pong, body)
	}
	p.later = nil
	if p.packed {
		return p.echoPacked()
	}
	return p.echo(h)
}

// judgeText is the code with which text is refused, 0 if it is right.
func (p *peer) judgeText(h frame.Header, payload []byte) frame.CloseCode {
	whole := p.message
	right := p.text.Next(payload) && (!h.Fin || p.text.Done())
	switch {
	case p.is("text unread"), p.is("replaces what is wrong"), strings.Contains(p.name, "mask") || p.is("keeps the first key"):
		right = true
	case p.is("surrogates are characters") && bytes.HasPrefix(whole, []byte{0xed, 0xa0}),
		p.is("overlong is short enough") && bytes.HasPrefix(whole, []byte{0xc0}),
		p.is("the end may be missing") && h.Fin && bytes.HasPrefix(whole, []byte("10 ")),
		p.is("checks the first fragment") && h.Opcode == frame.Continuation:
		right = true
	case p.is("checks fragment by fragment"):
		right = utf8.Valid(payload)
	case p.is("waits for the end"):
		right = !h.Fin || utf8.Valid(whole)
	}
	switch {
	case right:
		return 0
	case p.is("1002 for text"):
		return frame.ProtocolError
	}
	return frame.InvalidPayload
}

func (p *peer) echo(h frame.Header) error {
	op, message := p.opcode, p.message
	switch {
	case p.is("everything is binary"):
		op = frame.Binary
	case p.is("everything is text"):
		op = frame.Text
	case p.is("opcode of the last fragment"):
		op = h.Opcode
	case p.is("adds a line break"):
		message = append(message, '\n')
	case p.is("greets"):
		message = append([]byte("You said: "), message...)
	case p.is("shouts"):
		message = bytes.ToUpper(message)
	case p.is("another echo"):
		message = bytes.Repeat([]byte("x"), len(message))
	case p.is("hangs up"):
		return errEnd
	case p.is("closes instead"):
		p.write(frame.Close, frame.AppendClose(nil, frame.InternalError, "no idea"))
		return errEnd
	case p.is("drops empty messages") && len(message) == 0:
		return nil
	case p.is("ends binary at a zero") && op == frame.Binary:
		message, _, _ = bytes.Cut(message, []byte{0})
	case p.is("writes Latin-1") && op == frame.Text:
		message = []byte(latin1(message))
	case p.is("echoes twice"):
		p.write(op, message)
	case p.is("replaces what is wrong") && op == frame.Text:
		message = bytes.ToValidUTF8(message, []byte("\ufffd"))
	case p.is("invents a message") && string(message) == "abcde":
		defer p.write(frame.Text, []byte("and another thing"))
	}
	p.write(op, message)
	return nil
}

// write writes a frame, as well as it can.
func (p *peer) write(op frame.Opcode, message []byte) {
	h := frame.Header{Fin: true, Opcode: op, Length: uint64(len(message))}
	n := len(message)
	b := frame.Append(nil, h)
	switch {
	case p.is("masks its replies"):
		h.Masked, h.Key = true, [4]byte{1, 2, 3, 4}
		message = append([]byte(nil), message...)
		frame.Mask(message, h.Key, 0)
		b = frame.Append(nil, h)
	case p.is("RSV3 sent back"):
		b[0] |= p.rsv
	case p.is("leaves RSV3 in its replies"):
		b[0] |= frame.RSV3
	case p.is("answers half a frame"):
		message = message[:n/2]
	case p.is("answers one byte"):
		b, message = b[:1], nil
	case p.is("counts characters") && op == frame.Text:
		b[1] = byte(utf8.RuneCount(message))
	case p.is("counts UTF-16 units") && op == frame.Text:
		b[1] = byte(len(utf16.Encode([]rune(string(message)))))
	case p.is("writes 125 in 16 bits") && n == 125:
		b = []byte{b[0], 126, 0, 125}
	case n < 126:
	case p.is("7 bits for every length"):
		b = []byte{b[0], byte(n) & 0x7f}
	case p.is("64 bits for every long length"):
		b = binary.BigEndian.AppendUint64([]byte{b[0], 127}, uint64(n))
	case p.is("little-endian lengths") && n < 65536:
		b = binary.LittleEndian.AppendUint16(b[:2], uint16(n))
	case n < 65536:
	case p.is("16 bits for every long length"):
		b = binary.BigEndian.AppendUint16([]byte{b[0], 126}, uint16(n))
	case p.is("32 bits for very long lengths"):
		b = binary.BigEndian.AppendUint32(b[:2], uint32(n))
	}
	_, _ = p.nc.Write(append(b, message...))
}

func (p *peer) control(h frame.Header, payload []byte) error {
	switch {
	case h.Opcode == 11 && p.is("opcode 11 is a ping"):
		p.write(frame.Pong, payload)
	case h.Opcode == 11:
	case h.Opcode == frame.Ping:
		p.pong(payload)
	case h.Opcode == frame.Pong && p.is("answers pongs"):
		p.write(frame.Pong, payload)
	case h.Opcode == frame.Pong && p.is("hangs up at a pong"):
		return errEnd
	case h.Opcode == frame.Close:
		return p.close(payload)
	}
	return nil
}

func (p *peer) pong(body []byte) {
	op := frame.Pong
	switch {
	case p.is("pings for pings"):
		op = frame.Ping
	case p.is("empty pongs"):
		body = nil
	case p.is("pongs are text"):
		op = frame.Text
	case p.is("pongs of its own"):
		body = []byte("pong")
	case p.is("ignores pings"), p.is("ignores empty pings") && len(body) == 0:
		return
	case p.is("cuts pings at 100 bytes"):
		body = body[:min(len(body), 100)]
	case p.is("pongs after the message") && p.inside:
		p.later = append(p.later, body)
		return
	case p.is("a ping overwrites the message") && p.inside:
		p.message = append([]byte(nil), body...)
	case p.is("swaps pongs") && string(body) == "ping 1":
		p.later = append(p.later, body)
		return
	case p.is("swaps pongs") && len(p.later) > 0:
		p.write(op, body)
		body, p.later = p.later[0], nil
	}
	p.write(op, body)
}

func (p *peer) close(body []byte) error {
	code, _, err := frame.ParseClose(body)
	broken, is := errors.AsType[*frame.Error](err)
	answer := body[:min(2, len(body))]
	switch {
	case p.is("ignores close frames"), p.is("closes after the message") && p.inside:
		return nil
	case p.is("hangs up at a close frame"), p.is("falls over an empty body") && len(body) == 0:
		return errEnd
	case p.is("close frames are text"):
		p.write(frame.Text, body)
		return errEnd
	case p.is("always goes away") && !is:
		answer = frame.AppendClose(nil, frame.GoingAway, "")
	case p.is("closes without a code") && !is:
		answer = nil
	case p.is("sends 1005") && len(body) == 0:
		answer = []byte{0x03, 0xed}
	case p.is("1012 is no code") && code == frame.ServiceRestart:
		answer = frame.AppendClose(nil, frame.ProtocolError, "")
	case p.is("codes of every size") && len(body) == 2:
	case p.is("codes only up to 1014") && code > frame.BadGateway && !is:
		answer = frame.AppendClose(nil, frame.ProtocolError, "")
	case p.is("sends one byte back") && len(body) == 1, p.is("reasons unread") && len(body) > 2,
		p.is("1005 is a code") && string(body) == "\x03\xed", p.is("999 is a code") && string(body) == "\x03\xe7":
	case is:
		answer = frame.AppendClose(nil, broken.Code, "")
	}
	p.write(frame.Close, answer)
	if p.is("TCP stays open") {
		_, _ = io.Copy(io.Discard, p.nc)
	}
	if p.is("goes on after the close frame") && len(p.in) > 0 {
		_ = p.step()
	}
	return errEnd
}

// refuse is what happens to a frame that breaks a rule.
func (p *peer) refuse(h frame.Header, broken *frame.Error) error {
	body := frame.AppendClose(nil, broken.Code, "")
	switch {
	case p.is("crashes"):
		p.place.Close()
		return errEnd
	case p.is("RSV1 refused without a code") && h.RSV == frame.RSV1:
		body = nil
	case p.is("RSV2 refused with 1000") && h.RSV == frame.RSV2:
		body = frame.AppendClose(nil, frame.NormalClosure, "")
	case p.is("RSV3 refused, TCP stays open") && h.RSV == frame.RSV3:
		p.write(frame.Close, body)
		_, _ = io.Copy(io.Discard, p.nc)
	case p.is("unmasked refused by hanging up") && !h.Masked:
		return errEnd
	case p.is("opcode 3 stops it") && h.Opcode == 3:
		_, _ = io.Copy(io.Discard, p.nc)
	}
	p.write(frame.Close, body)
	return errEnd
}

// Each mutant fails its own case, with its own text, and nothing else.
func TestMutants(t *testing.T) {
	reports, errs := make([]*Report, len(mutants)), make([]error, len(mutants))
	inTurn(len(mutants), func(i int) {
		m := &mutants[i]
		address, want := m.start(t), strings.TrimSpace(m.id+" "+m.key)
		reports[i], errs[i] = insist(m.slow, want, func(limit time.Duration) (*Report, error) {
			return Run(t.Context(), address, Options{Strict: true, Limit: limit})
		})
	})
	seen := map[string]bool{}
	for i, m := range mutants {
		t.Run(m.name, func(t *testing.T) {
			if errs[i] != nil {
				t.Fatal(errs[i])
			}
			wantFindings(t, reports[i], strings.TrimSpace(m.id+" "+m.key))
			seen[m.id] = true
		})
	}
	if !t.Failed() {
		var names []string
		for _, m := range mutants {
			names = append(names, m.name)
		}
		for _, l := range languages {
			golden(t, "mutants."+l.Tag+".txt", findings(l, names, reports))
		}
	}
	for _, c := range lesson {
		if !seen[c.ID] && c.ID != "long-in-pieces" {
			t.Errorf("no mutant fails %s", c.ID)
		}
	}
}

// insist grades again what came out otherwise than it should: on a machine
// that is very busy pieces may arrive together, and answers late. A mutant
// that is not found is not found three times.
func insist(slow bool, want string, run func(limit time.Duration) (*Report, error)) (r *Report, err error) {
	limits := []time.Duration{patient, patient, patient}
	if slow {
		limits = []time.Duration{time.Second, 2 * time.Second, 4 * time.Second}
	}
	for _, limit := range limits {
		if r, err = run(limit); err != nil || failures(r) == want {
			break
		}
	}
	return r, err
}

// failures are cases and what was found, with commas between them.
func failures(r *Report) string {
	var all []string
	for _, x := range r.Results {
		if x.Verdict != OK && x.Verdict != Skipped {
			all = append(all, x.ID+" "+x.Finding.Name())
		}
	}
	return strings.Join(all, ", ")
}

func wantFindings(t *testing.T, r *Report, want string) {
	t.Helper()
	if got := failures(r); got != want {
		t.Errorf("it fails %q, want %q", got, want)
	}
}

// inTurn does things side by side. Nearly all of their time is waiting:
// t.Parallel would run only as many at once as there are processors.
func inTurn(n int, do func(i int)) {
	turn := make(chan struct{}, 32)
	var work sync.WaitGroup
	for i := range n {
		turn <- struct{}{}
		work.Go(func() { do(i); <-turn })
	}
	work.Wait()
}
