package check

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"websocket.example/02-handshake/handshake"
	"websocket.example/03-raw-server/deflate"
	"websocket.example/03-raw-server/frame"
)

// fullMutants fail cases that the lesson does not have. The findings are
// those of the cases in only.
var fullMutants = []struct {
	mutant
	only  string
	fails string // case and finding, with commas between them
}{
	{mutant{name: "none", packs: true}, "1.1,1.7,1.10,2,3,4.1,4.3,5.4,5.9,7.1,7.2,8.4,8.5,8.6,8.7,8.9", ""},
	{mutant{name: "swaps pongs"}, "2.2.7,2.2.9", "2.2.7 pong-order, 2.2.9 pong-order"},
	{mutant{name: "invents a message"}, "1.1.5,1.1.6", "1.1.6 extra"},
	{mutant{name: "1012 is no code"}, "5.3", "5.3.1 close-code"},
	{mutant{name: "codes of every size"}, "5.5", "5.5.1 bad-close, 5.5.2 bad-close, 5.5.3 bad-close, 5.5.4 bad-close, 5.5.5 bad-close, 5.5.6 bad-close, 5.5.7 bad-close, 5.5.8 bad-close"},
	{mutant{name: "never leaves", slow: true}, "5.11", "5.11.1 half-open, 5.11.2 half-open, 5.11.3 half-open, 5.11.4 half-open"},
	{mutant{name: "64 KiB at most"}, "1.1.24,1.1.29,6.1.1", "1.1.29 limit, 6.1.1 limit"},

	{mutant{name: "agrees to nothing", packs: true}, "8.5.1,7.1.1", "7.1.1 no-deflate, 8.5.1 no-deflate"},
	{mutant{name: "agrees unasked", packs: true}, "1.1.1", "1.1.1 deflate-unasked"},
	{mutant{name: "agrees to everything", packs: true}, "7.1.1,7.2.1,7.2.8,7.2.18", "7.2.1 offer-accepted, 7.2.8 offer-accepted, 7.2.18 offer-accepted"},
	{mutant{name: "ignores parameters", packs: true}, "7.1.2,7.1.12,7.1.6", "7.1.2 deflate-answer, 7.1.12 deflate-answer"},
	{mutant{name: "bounds every client", packs: true}, "7.1.1,7.1.6", "7.1.1 deflate-answer"},
	{mutant{name: "refuses wrong offers", packs: true}, "7.2.1,7.1.1", "7.2.1 offer-refused"},
	{mutant{name: "keeps its context", packs: true}, "8.1.6,8.1.2,8.1.10", "8.1.6 context-kept"},
	{mutant{name: "forgets the window", packs: true}, "8.1.19,8.1.3", "8.1.19 window-exceeded"},
	{mutant{name: "does not compress what it says", packs: true}, "8.5.1", "8.5.1 not-deflate"},
	{mutant{name: "compresses something else", packs: true}, "8.5.1", "8.5.1 inflated"},
	{mutant{name: "compresses too much", packs: true}, "8.5.1", "8.5.1 inflated-more"},
	{mutant{name: "forgets the client's context", packs: true}, "8.9.2,8.1.9", "8.9.2 gave-up"},
	{mutant{name: "keeps the client's context", packs: true}, "8.9.3", "8.9.3 taken"},
	{mutant{name: "takes what could be read", packs: true}, "8.7.1,8.7.4,8.5.1", "8.7.1 taken, 8.7.4 taken"},
	{mutant{name: "knows no final blocks", packs: true}, "8.5.1,8.6", "8.6.1 gave-up, 8.6.2 gave-up"},
	{mutant{name: "packed text unread", packs: true}, "8.10.1,8.10.2,8.10.50", "8.10.1 taken, 8.10.2 taken"},
	{mutant{name: "RSV1 on any frame", packs: true}, "8.4", "8.4.1 taken, 8.4.2 taken, 8.4.3 answered, 8.4.4 went-on, 8.4.5 refused-code, 8.4.6 taken, 8.4.11 refused-code"},
	{mutant{name: "crashes", packs: true}, "1.8.1", "1.8.1 crashed"},
}

func (p *peer) negotiate(offers []handshake.Extension) ([]handshake.Extension, error) {
	switch {
	case p.is("agrees to nothing"):
		return nil, nil
	case p.is("agrees to everything"):
		offers = []handshake.Extension{{Name: deflate.Name}}
	}
	params, answer, ok := deflate.Options{}.Negotiate(offers)
	switch {
	case !ok && p.is("refuses wrong offers"):
		return nil, errors.New("no")
	case !ok:
		return nil, nil
	case p.is("ignores parameters"):
		params, answer = deflate.Params{}, handshake.Extension{Name: deflate.Name}
	case p.is("bounds every client"):
		params.ClientMaxWindowBits = 10
		answer.Params = append(answer.Params, handshake.Param{Name: "client_max_window_bits", Value: "10"})
	}
	kept := params
	switch {
	case p.is("keeps its context"):
		kept.ServerNoContextTakeover = false
	case p.is("forgets the window"):
		kept.ServerMaxWindowBits = 15
	case p.is("forgets the client's context"):
		kept.ClientNoContextTakeover = true
	case p.is("keeps the client's context"):
		kept.ClientNoContextTakeover = false
	}
	p.sender, p.reader = deflate.NewCompressor(kept, true, 6), deflate.NewDecompressor(kept, true)
	return []handshake.Extension{answer}, nil
}

func (p *peer) echoPacked() error {
	plain, err := p.reader.Append(nil, p.message, 64<<20)
	switch {
	case p.is("takes what could be read"):
	case p.is("knows no final blocks") && p.message[0]&1 != 0, err != nil, p.opcode == frame.Text && !p.is("packed text unread") && !isText(plain):
		p.write(frame.Close, frame.AppendClose(nil, frame.InvalidPayload, ""))
		return errEnd
	case p.is("compresses something else"):
		plain = []byte(strings.ToUpper(string(plain)))
	case p.is("compresses too much"):
		plain = append(plain, make([]byte, 100_000)...)
	}
	packed, err := p.sender.Append(nil, plain)
	if err != nil {
		return err
	}
	if p.is("does not compress what it says") {
		packed = plain
	}
	h := frame.Header{Fin: true, RSV: frame.RSV1, Opcode: p.opcode, Length: uint64(len(packed))}
	_, err = p.nc.Write(append(frame.Append(nil, h), packed...))
	return err
}

func isText(b []byte) bool {
	var u frame.UTF8
	return u.Next(b) && u.Done()
}

func TestFullMutants(t *testing.T) {
	reports, errs := make([]*Report, len(fullMutants)), make([]error, len(fullMutants))
	inTurn(len(fullMutants), func(i int) {
		m := &fullMutants[i]
		o := Options{Full: true, Strict: true, Only: strings.Split(m.only, ","), Large: 1 << 20}
		if errs[i] = o.Unknown(); errs[i] != nil {
			return
		}
		address := m.start(t)
		reports[i], errs[i] = insist(m.slow, m.fails, func(limit time.Duration) (*Report, error) {
			o.Limit = limit
			return Run(t.Context(), address, o)
		})
	})
	for i := range fullMutants {
		m := &fullMutants[i]
		t.Run(m.name, func(t *testing.T) {
			if errs[i] != nil {
				t.Fatal(errs[i])
			}
			wantFindings(t, reports[i], m.fails)
		})
	}
	if !t.Failed() {
		var names []string
		for i := range fullMutants {
			names = append(names, fullMutants[i].name)
		}
		for _, l := range languages {
			golden(t, "full-mutants."+l.Tag+".txt", findings(l, names, reports))
		}
	}
}

var errGone = errors.New("410 Gone")

// A clientMutant is a client written by hand, with one bug.
type clientMutant struct {
	name, only, fails string

	takes func(r *handshake.Response) bool // the answer to its handshake
	spoil func(h *frame.Header)            // what it does to its frames
	key   string                           // of its handshakes
}

var clientMutants = []clientMutant{
	{name: "none", only: "1.1.3,2.1,9.1.11,9.2,9.3"},
	{name: "takes any answer", only: "9.1", fails: "9.1.1 stayed, 9.1.2 stayed, 9.1.3 stayed, 9.1.4 stayed, 9.1.5 stayed, 9.1.6 stayed, 9.1.7 stayed, 9.1.9 stayed, 9.1.10 stayed",
		takes: func(r *handshake.Response) bool { return r.Status == http.StatusSwitchingProtocols }},
	{name: "takes 200 as well", only: "9.1.1,9.1.8", fails: "9.1.8 stayed", takes: func(r *handshake.Response) bool {
		return r.Status == http.StatusOK || handshake.Accept(zeroKey) == r.Header.Get("Sec-WebSocket-Accept")
	}, key: zeroKey},
	{name: "does not mask", only: "1.1.3,2.1.2", fails: "1.1.3 frame.unmasked, 2.1.2 frame.unmasked", spoil: func(h *frame.Header) { h.Masked = false }},
	{name: "masks with zeroes", only: "1.1.3,9.3", fails: "9.3.1 key-zero, 9.3.2 key-zero", spoil: func(h *frame.Header) { h.Key = [4]byte{} }},
	{name: "has one masking key", only: "1.1.3,9.3", fails: "9.3.1 key-same, 9.3.2 key-same", spoil: func(h *frame.Header) { h.Key = [4]byte{1, 2, 3, 4} }},
	{name: "has one key", only: "1.1.3,9.2", fails: "9.2.1 key-again", key: zeroKey},
	{name: "takes masked frames", only: "1.1.3,1.7.1", fails: "1.7.1 taken"},
}

const zeroKey = "AAAAAAAAAAAAAAAAAAAAAA=="

// connect is one connection: a handshake, and echoes until the end.
func (m *clientMutant) connect(ctx context.Context, url string) error {
	u, err := handshake.ParseURL(url)
	if err != nil {
		return err
	}
	nc, err := (&handshake.DialOptions{}).Connect(ctx, u)
	if err != nil {
		return err
	}
	defer nc.Close()
	request, err := handshake.NewRequest(u, nil)
	if err != nil {
		return err
	}
	for i, f := range request.Header {
		if f.Name == "Sec-WebSocket-Key" && m.key != "" {
			request.Header[i].Value = m.key
		}
	}
	if _, err := nc.Write(request.Append(nil)); err != nil {
		return err
	}
	p := &peer{mutant: &mutant{}, nc: nc}
	r, n, err := handshake.ParseResponse(p.in)
	for errors.Is(err, handshake.ErrIncomplete) {
		if err := p.fill(); err != nil {
			return nil // a case may end like that
		}
		r, n, err = handshake.ParseResponse(p.in)
	}
	if r.Status == http.StatusGone {
		return errGone
	}
	if err != nil || !m.wants(&request, &r) {
		return nil // and the next connection, please
	}
	p.in = p.in[n:]
	for m.step(p) == nil {
	}
	return nil
}

// wants says whether the client goes on after an answer.
func (m *clientMutant) wants(request *handshake.Request, r *handshake.Response) bool {
	if m.takes != nil {
		return m.takes(r)
	}
	for _, rule := range handshake.ResponseRules {
		if rule.Apply(handshake.Exchange{Request: request, Response: r}) != nil {
			return false
		}
	}
	return r.Status == http.StatusSwitchingProtocols
}

// step takes a frame, whatever it is, and answers it.
func (m *clientMutant) step(p *peer) error {
	h, n, err := frame.Parse(p.in)
	for err != nil || uint64(len(p.in)-n) < h.Length {
		if err := p.fill(); err != nil {
			return err
		}
		h, n, err = frame.Parse(p.in)
	}
	payload := append([]byte(nil), p.in[n:n+int(h.Length)]...)
	p.in = p.in[n+int(h.Length):]
	if h.Masked {
		frame.Mask(payload, h.Key, 0)
	}
	answer := frame.Header{Fin: true, Opcode: h.Opcode, Masked: true, Length: h.Length}
	if h.Opcode == frame.Ping {
		answer.Opcode = frame.Pong
	}
	_, _ = rand.Read(answer.Key[:])
	if m.spoil != nil {
		m.spoil(&answer)
	}
	if answer.Masked {
		frame.Mask(payload, answer.Key, 0)
	}
	if _, err := p.nc.Write(append(frame.Append(nil, answer), payload...)); err != nil {
		return err
	}
	if h.Opcode == frame.Close {
		return errEnd
	}
	return nil
}

func TestClientMutants(t *testing.T) {
	for _, m := range clientMutants {
		t.Run(m.name, func(t *testing.T) {
			o := Options{Full: true, Limit: patient / 2, Only: strings.Split(m.only, ",")}
			r := grade(t, o, 1, func(ctx context.Context, url string) error {
				for {
					err := m.connect(ctx, url)
					switch {
					case errors.Is(err, errGone):
						return nil
					case err != nil:
						return err
					}
				}
			})
			wantFindings(t, r, m.fails)
		})
	}
}
