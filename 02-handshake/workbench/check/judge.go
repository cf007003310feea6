package check

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"websocket.example/02-handshake/handshake"
)

// A Finding is what is wrong with an answer: the key of a text, what stands
// in its gaps, and the lines to compare.
type Finding struct {
	Key    string
	Values map[string]string
	Came   string // the line that is wrong, if it is one line
	Wanted string // the line that would be right
}

func found(key string, pairs ...any) *Finding {
	f := &Finding{Key: key, Values: map[string]string{}}
	for i := 0; i+1 < len(pairs); i += 2 {
		f.Values[fmt.Sprint(pairs[i])] = fmt.Sprint(pairs[i+1])
	}
	return f
}

func (f *Finding) lines(came, wanted string) *Finding {
	f.Came, f.Wanted = came, wanted
	return f
}

// Caret is the column in which Came starts to differ from Wanted, or -1.
func (f *Finding) Caret() int {
	if f.Came == "" || f.Wanted == "" || f.Came == f.Wanted {
		return -1
	}
	i := 0
	for i < len(f.Came) && i < len(f.Wanted) && f.Came[i] == f.Wanted[i] {
		i++
	}
	return i
}

const statusLine101 = "HTTP/1.1 101 Switching Protocols"

func statusLine(r *handshake.Response) string {
	return strings.TrimSpace(fmt.Sprintf("%s %d %s", r.Proto, r.Status, r.Reason))
}

// unanswered tells why there is no answer to judge, or returns nil.
func unanswered(p *probe) *Finding {
	e, broken := errors.AsType[*handshake.Error](p.err)
	switch {
	case p.err == nil:
		return nil
	case errors.Is(p.err, errSilence) && len(p.came) == 0:
		return found("silence")
	case errors.Is(p.err, errSilence):
		return found("half", "bytes", len(p.came))
	case errors.Is(p.err, errClosed) && len(p.came) == 0:
		return found("closed")
	case errors.Is(p.err, errClosed):
		return found("cut", "bytes", len(p.came))
	case broken && e.Rule == "syntax-line" && strings.Contains(e.Reason, "LF without a CR"):
		line, _, _ := strings.Cut(string(p.came), "\n")
		return found("lf").lines(strconv.Quote(line+"\n"), strconv.Quote(line+"\r\n"))
	case broken:
		line, _, _ := strings.Cut(string(p.came), "\n")
		return found("no-http", "why", e.Reason).lines(strings.TrimSpace(line), statusLine101)
	}
	return found("no-connection", "why", p.err)
}

// accepted wants a 101, and looks at nothing else.
func accepted(p *probe) *Finding {
	if f := unanswered(p); f != nil {
		return f
	}
	key := "status"
	switch s := p.response.Status; {
	case s == 101:
		return nil
	case s == 200:
		key = "status-200"
	case s >= 400:
		key = "refused"
	}
	return found(key, "status", p.response.Status).lines(statusLine(&p.response), statusLine101)
}

// has wants a 101 with a header line that keeps a rule of package handshake.
func has(name, value string, r handshake.Rule) func(*probe) *Finding {
	return func(p *probe) *Finding {
		if f := accepted(p); f != nil {
			return f
		}
		if r.Apply(handshake.Exchange{Request: &p.request, Response: &p.response}) == nil {
			return nil
		}
		return lineFinding(p, name, name+": "+value)
	}
}

// lineFinding tells whether a line is missing, too much, or wrong.
func lineFinding(p *probe, name, wanted string) *Finding {
	switch n := p.response.Header.Count(name); n {
	case 0:
		return found("missing", "field", name).lines("", wanted)
	case 1:
		return found("value", "field", name).lines(name+": "+p.response.Header.Get(name), wanted)
	default:
		return found("twice", "field", name, "n", n)
	}
}

func rightAccept(p *probe) *Finding {
	const name = "Sec-WebSocket-Accept"
	if f := accepted(p); f != nil {
		return f
	}
	key := p.request.Header.Get("Sec-WebSocket-Key")
	wanted := proof(key)
	got := p.response.Header.Get(name)
	if got == wanted && p.response.Header.Count(name) == 1 {
		return nil
	}
	f := lineFinding(p, name, name+": "+wanted)
	if f.Key == "value" {
		if known, guid := whyAccept(key, got); known != "" {
			f.Key, f.Values["guid"] = known, guid
		}
	}
	return f
}

func noLength(p *probe) *Finding {
	if f := accepted(p); f != nil {
		return f
	}
	for _, name := range []string{"Content-Length", "Transfer-Encoding"} {
		if p.response.Header.Count(name) > 0 {
			return found("length", "field", name).lines(name+": "+p.response.Header.Get(name), "")
		}
	}
	return nil
}

// cleanEnd wants nothing behind the 101, or the beginning of a frame.
func cleanEnd(p *probe) *Finding {
	if f := accepted(p); f != nil {
		return f
	}
	if len(p.behind) == 0 {
		return nil
	}
	// RFC 6455, section 5.2: FIN, three reserved bits, the opcode; then the
	// mask bit, which a server never sets.
	first := p.behind[0]
	opcodes := []byte{0x1, 0x2, 0x8, 0x9, 0xa}
	if first&0x70 == 0 && slices.Contains(opcodes, first&0x0f) && (len(p.behind) == 1 || p.behind[1]&0x80 == 0) {
		return nil
	}
	return found("garbage", "bytes", len(p.behind)).lines(fmt.Sprintf("%q", short(p.behind)), "")
}

func short(b []byte) []byte { return b[:min(len(b), 40)] }

// notAccepted wants any answer but a 101: a server may show a page there.
func notAccepted(p *probe) *Finding {
	if f := unanswered(p); f != nil {
		return f
	}
	if p.response.Status == 101 {
		return found("accepted").lines(statusLine(&p.response), "HTTP/1.1 400 Bad Request")
	}
	return nil
}

// refused wants an error status, or one of those given.
func refused(statuses ...int) func(*probe) *Finding {
	return func(p *probe) *Finding {
		if f := notAccepted(p); f != nil {
			if f.Key == "accepted" && len(statuses) > 0 {
				f.Wanted = fmt.Sprintf("HTTP/1.1 %d %s", statuses[0], http.StatusText(statuses[0]))
			}
			return f
		}
		s := p.response.Status
		switch {
		case s < 400:
			return found("no-error", "status", s).lines(statusLine(&p.response), "HTTP/1.1 400 Bad Request")
		case len(statuses) > 0 && !slices.Contains(statuses, s):
			return found("other-error", "status", s, "wanted", statuses[0])
		}
		return nil
	}
}

// tellsVersion wants a refusal that names the version that would be right.
func tellsVersion(p *probe) *Finding {
	if f := refused()(p); f != nil {
		return f
	}
	const name = "Sec-WebSocket-Version"
	for _, line := range p.response.Header.Values(name) {
		if list, err := handshake.ParseTokens(line); err == nil && slices.Contains(list, "13") {
			return nil
		}
	}
	return lineFinding(p, name, name+": 13")
}

// limited wants a server to lose patience with a header without end, in
// whatever way.
func limited(p *probe) *Finding {
	switch {
	case errors.Is(p.err, errClosed):
		return nil
	case p.err != nil:
		return unanswered(p)
	}
	return notAccepted(p)
}

// agreedSubprotocol wants a 101 with no subprotocol, or with one that was
// offered.
func agreedSubprotocol(p *probe) *Finding {
	if f := accepted(p); f != nil {
		return f
	}
	const name = "Sec-WebSocket-Protocol"
	if rule("response-subprotocol").Apply(handshake.Exchange{Request: &p.request, Response: &p.response}) == nil {
		return nil
	}
	chosen := strings.Join(p.response.Header.Values(name), ", ")
	key := "subprotocol-invented"
	switch {
	case chosen == "":
		key = "subprotocol-empty"
	case strings.Contains(chosen, ","):
		key = "subprotocol-list"
	}
	return found(key, "chosen", chosen).lines(name+": "+chosen, "")
}

// agreedExtensions wants a 101 with no extension that was not offered, nor
// one that nobody can know.
func agreedExtensions(p *probe) *Finding {
	if f := accepted(p); f != nil {
		return f
	}
	const name = "Sec-WebSocket-Extensions"
	chosen := strings.Join(p.response.Header.Values(name), ", ")
	switch {
	case strings.Contains(chosen, unknown):
		return found("extension-echoed").lines(name+": "+chosen, "")
	case rule("response-extensions").Apply(handshake.Exchange{Request: &p.request, Response: &p.response}) != nil:
		return found("extension-invented").lines(name+": "+chosen, "")
	}
	return nil
}

func staysOpen(p *probe) *Finding {
	if f := accepted(p); f != nil {
		return f
	}
	if p.ended && len(p.behind) == 0 {
		return found("closed-after")
	}
	return nil
}
