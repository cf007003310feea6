package check

import (
	"errors"

	"websocket.example/02-handshake/handshake"
	"websocket.example/03-raw-server/deflate"
	"websocket.example/03-raw-server/frame"
)

// terms are what a case wants to be agreed about compression.
type terms struct {
	deflate.Options
	offer string                                   // of a client: this line, right or wrong; "" is that of Options
	judge func(a answered) (params, *Finding)      // of its answer; nil is confirmed
	need  func(p deflate.Params, client bool) bool // what must have come of it; nil is anything
}

type params = *deflate.Params

// answered is what became of an offer.
type answered struct {
	offer  string
	status int
	line   string                // Sec-WebSocket-Extensions of the answer
	list   []handshake.Extension // the same, nil if there is none or it breaks the grammar
	err    error                 // why it breaks the grammar
}

// ask is the line that a client sends, "" if none.
func (o *terms) ask() string {
	switch {
	case o == nil:
		return ""
	case o.offer != "":
		return o.offer
	}
	return o.Offer().String()
}

// agree judges the answer of a server.
func (o *terms) agree(a answered) (params, *Finding) {
	if o == nil {
		if a.line != "" {
			return nil, found("deflate-unasked").in(rfc("9.1"))
		}
		return nil, nil
	}
	if o.judge != nil {
		return o.judge(a)
	}
	p, f := confirmed(o.Options, a)
	if f == nil && o.need != nil && !o.need(*p, true) {
		return nil, absent("no-parameter")
	}
	return p, f
}

// confirmed judges an answer by what was offered.
func confirmed(o deflate.Options, a answered) (params, *Finding) {
	switch {
	case a.line == "":
		return nil, absent("no-deflate")
	case a.err != nil || len(a.list) != 1:
		return nil, found("deflate-answer", "answer", a.line)
	}
	p, err := o.Confirm(a.list[0])
	if broken, is := errors.AsType[*deflate.Error](err); is {
		return nil, found("deflate-answer", "answer", a.line).in(rfc7692(broken.Section))
	}
	return &p, nil
}

// accept is what a server answers to a client's offers.
func (o *terms) accept(offers []handshake.Extension) (params, []handshake.Extension, bool) {
	if o == nil {
		return nil, nil, true
	}
	p, answer, ok := o.Negotiate(offers)
	if !ok || o.ClientWindowBits != 0 && p.ClientMaxWindowBits > o.ClientWindowBits || o.need != nil && !o.need(p, false) {
		return nil, nil, false
	}
	return &p, []handshake.Extension{answer}, true
}

// pmd is permessage-deflate as it was agreed for one connection.
type pmd struct {
	params deflate.Params
	client bool // we are
	sender *deflate.Compressor
	reader *deflate.Decompressor
	came   [][]byte // all compressed messages, for a second look
	size   int      // of all of them
}

func newPMD(p params, client bool) *pmd {
	if p == nil {
		return nil
	}
	return &pmd{
		params: *p, client: client,
		sender: deflate.NewCompressor(*p, !client, 1),
		reader: deflate.NewDecompressor(*p, !client),
	}
}

func (p *pmd) release() {
	if p != nil {
		p.sender.Release()
		p.reader.Release()
	}
}

func (p *pmd) compress(message []byte) []byte {
	b, err := p.sender.Append(nil, message)
	if err != nil {
		panic(err) // there is no such level: a slip of this package, which every test meets
	}
	return b
}

// decompress makes the message of what came, within what was agreed.
func (p *pmd) decompress(came []byte, wanted int) ([]byte, *Finding) {
	if p.size += len(came); p.size < 1<<20 {
		p.came = append(p.came, came)
	}
	plain, err := p.reader.Append(nil, came, wanted+1<<16)
	switch {
	case err == nil:
		return plain, nil
	case errors.Is(err, deflate.ErrTooBig):
		return nil, found("inflated-more", "wanted", wanted)
	}
	long, wide := p.params, p.params
	long.ServerNoContextTakeover, long.ClientNoContextTakeover = false, false
	wide.ServerMaxWindowBits, wide.ClientMaxWindowBits = 15, 15
	switch {
	case p.would(long):
		return nil, found("context-kept").in(rfc7692("7.1.1"))
	case p.would(wide):
		return nil, found("window-exceeded").in(rfc7692("7.1.2"))
	}
	return nil, found("not-deflate").in(rfc7692("7.2.2"))
}

// would says whether all that came is right by other params.
func (p *pmd) would(params deflate.Params) bool {
	d := deflate.NewDecompressor(params, !p.client)
	defer d.Release()
	for _, came := range p.came {
		if _, err := d.Append(nil, came, 64<<20); err != nil {
			return false
		}
	}
	return true
}

// sendPacked sends a compressed message, in fragments of so many compressed
// bytes, or in one frame if that is 0.
func sendPacked(op frame.Opcode, message []byte, size int) step {
	return func(t *talk) *Finding {
		t.write(0, t.packedParts(op, message, size)...)
		return nil
	}
}

func (t *talk) packedParts(op frame.Opcode, message []byte, size int) []shot {
	return streamParts(op, t.pmd.compress(message), size)
}

// streamParts is a message of any bytes that claim to be compressed.
func streamParts(op frame.Opcode, stream []byte, size int) []shot {
	if size == 0 {
		size = max(1, len(stream))
	}
	shots := inParts(op, stream, size)
	shots[0].RSV = frame.RSV1
	return shots
}
