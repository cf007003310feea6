package check

import (
	"bytes"
	"errors"
	"time"

	"websocket.example/03-raw-server/frame"
)

// closes wants the answer to a close frame that was sent: the same code, and
// then the end of TCP. Messages that were sent before may still be answered.
//
// RFC 6455, section 5.5.1: MUST send a close frame in response. When sending
// it, the endpoint typically echoes the code.
func closes(sent []byte, before ...string) step {
	return func(t *talk) *Finding {
		until := time.Now().Add(t.limit)
		right := t.right(frame.Close, sent[:min(2, len(sent))])
		for {
			h, n, err := t.header(until)
			if err != nil {
				return t.unclosed(err, right)
			}
			if f := t.illegal(h, n); f != nil {
				return f
			}
			payload, err := t.take(h, n, until)
			switch {
			case err != nil:
				return found("half", "came", len(payload), "length", int(h.Length)).bytes(t.lastCame(), right)
			case h.Opcode == frame.Close:
				return t.judgeClose(payload, sent, right)
			case h.Opcode.IsControl(): // one of its own
			case len(before) > 0 && t.isEcho(h, payload, before[0]):
				before = before[1:]
			default:
				return found("close-data", "what", h.Opcode).bytes(t.lastCame(), right)
			}
		}
	}
}

func (t *talk) unclosed(err error, right []byte) *Finding {
	if len(t.in) > 0 {
		t.note(false, t.in)
		t.in = nil
		return found("part", "n", len(t.lastCame())).bytes(t.lastCame(), right)
	}
	if errors.Is(err, errTime) {
		t.remark(false, "log.silence")
		return found("close-silence").bytes(nil, right)
	}
	return found("close-cut").bytes(nil, right)
}

func (t *talk) judgeClose(payload, sent, right []byte) *Finding {
	came := t.lastCame()
	if half, can := t.nc.(interface{ CloseWrite() error }); can && !t.client {
		_ = half.CloseWrite() // RFC 6455, section 7.1.1: the server ends TCP first
	}
	if f := t.judgeCode(payload, sent, came, right); f != nil {
		return f
	}
	if !t.ends() {
		t.remark(false, "log.open")
		if !t.client {
			return loose("open-client").in(rfc("7.1.1"))
		}
		return found("open").in(rfc("7.1.1"))
	}
	return nil
}

// ends says whether the other side ends TCP in time, and nothing else comes.
func (t *talk) ends() bool {
	until := time.Now().Add(t.limit)
	for t.fill(until) == nil {
	}
	return t.end != nil
}

func (t *talk) judgeCode(payload, sent, came, right []byte) *Finding {
	code, _, err := frame.ParseClose(payload)
	wanted, _, _ := frame.ParseClose(sent)
	switch {
	case err != nil && len(payload) >= 2 && len(sent) == 0 && payload[0] == 0x03 && payload[1] == 0xed:
		return found("close-1005").bytes(came, right).in(rfc("7.4.1"))
	case err != nil:
		return found("bad-close").bytes(came, right).in(rfc("7.4"))
	case code == wanted || bytes.Equal(payload, sent):
		return nil
	case wanted == frame.NoStatus && code == frame.NormalClosure:
		return nil // nothing was said, and 1000 is what it means
	case code == frame.NoStatus:
		return loose("close-no-code", "wanted", codeName(wanted)).bytes(came, right)
	}
	return loose("close-code", "came", codeName(code), "wanted", codeName(wanted)).bytes(came, right)
}

// goodbye ends a case that is about something else: no message may come that
// nobody has sent. How the other side closes is judged elsewhere.
func goodbye(t *talk) *Finding {
	t.write(0, code(frame.NormalClosure, ""))
	until := time.Now().Add(t.limit / 6)
	for {
		h, n, err := t.header(until)
		if err != nil {
			return nil // neither silence nor the end is judged here
		}
		payload, err := t.take(h, n, until)
		switch {
		case err != nil || h.Opcode == frame.Close:
			t.hangUp(until)
			return nil
		case !h.Opcode.IsControl():
			return found("extra", "n", len(payload)).bytes(t.lastCame(), nil)
		}
	}
}

// hangUp ends TCP so that it does not cost the other side patience.
func (t *talk) hangUp(until time.Time) {
	if half, can := t.nc.(interface{ CloseWrite() error }); can {
		_ = half.CloseWrite() // if it fails, so does reading
	}
	for t.fill(until) == nil {
	}
}
