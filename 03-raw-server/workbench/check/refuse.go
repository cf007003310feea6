package check

import (
	"errors"
	"slices"
	"time"

	"websocket.example/03-raw-server/frame"
)

// refuse wants the other side to fail the connection, because of what was
// sent: a close frame with one of these codes, and the end of TCP. Messages
// that were sent before, and were right, may be answered.
//
// RFC 6455, section 7.1.7: to fail the connection is to send a close frame
// with a fitting code, unless there is a reason not to, and to end TCP.
func refuse(codes ...frame.CloseCode) step {
	return func(t *talk) *Finding { return t.wantRefusal(codes, time.Now().Add(t.limit), nil) }
}

// refuseAfter is refuse where messages may be echoed first.
func refuseAfter(echoes []string, codes ...frame.CloseCode) step {
	return func(t *talk) *Finding { return t.wantRefusal(codes, time.Now().Add(t.limit), echoes) }
}

// refuseEarly wants a refusal before the rest is sent: all that must be known
// to refuse is there already. A refusal after the rest is loose.
func refuseEarly(c frame.CloseCode, rest ...shot) step {
	return func(t *talk) *Finding {
		if !t.waits(t.limit / 3) {
			return t.wantRefusal([]frame.CloseCode{c}, time.Now().Add(t.limit), nil)
		}
		t.write(0, rest...)
		if f := t.wantRefusal([]frame.CloseCode{c}, time.Now().Add(t.limit), nil); f != nil {
			return f
		}
		return loose("late").bytes(nil, t.closeFrame(c))
	}
}

// waits says whether nothing comes for so long.
func (t *talk) waits(d time.Duration) bool {
	return len(t.in) == 0 && errors.Is(t.fill(time.Now().Add(d)), errTime)
}

func (t *talk) closeFrame(c frame.CloseCode) []byte {
	return t.right(frame.Close, frame.AppendClose(nil, c, ""))
}

// areYouThere is the payload of a ping that makes a silent peer betray that
// it goes on.
const areYouThere = "there?"

func (t *talk) wantRefusal(codes []frame.CloseCode, until time.Time, echoes []string) *Finding {
	right := t.closeFrame(codes[0])
	asked := false
	for {
		wait := until
		if !asked {
			wait = time.Now().Add(t.limit / 6)
		}
		h, n, err := t.header(wait)
		if errors.Is(err, errTime) && len(t.in) == 0 && !asked {
			// Who has understood says so at once. Who has not is asked, which
			// is quicker than to wait.
			asked = true
			t.write(0, ping(areYouThere))
			continue
		}
		if err != nil {
			return t.unrefused(err, right)
		}
		if f := t.illegal(h, n); f != nil {
			return f
		}
		payload, err := t.take(h, n, until)
		if err != nil {
			return found("half", "came", len(payload), "length", int(h.Length)).bytes(t.lastCame(), right)
		}
		switch {
		case h.Opcode == frame.Close:
			return t.judgeRefusal(payload, codes, right)
		case h.Opcode == frame.Pong && asked && string(payload) == areYouThere:
			return found("went-on").bytes(t.lastCame(), right)
		case h.Opcode == frame.Pong && len(payload) > 0:
			return found("answered", "what", h.Opcode).bytes(t.lastCame(), right)
		case h.Opcode.IsControl(): // one of its own
		case len(echoes) > 0 && t.isEcho(h, payload, echoes[0]):
			echoes = echoes[1:]
		default:
			return found("taken").bytes(t.lastCame(), right)
		}
	}
}

func (t *talk) isEcho(h frame.Header, payload []byte, want string) bool {
	if h.RSV&frame.RSV1 == 0 {
		return h.Fin && string(payload) == want
	}
	plain, f := t.pmd.decompress(payload, len(want))
	return f == nil && string(plain) == want
}

// unrefused is what it means that no close frame came.
func (t *talk) unrefused(err error, right []byte) *Finding {
	if len(t.in) > 0 {
		t.note(false, t.in)
		t.in = nil
		return found("part", "n", len(t.lastCame())).bytes(t.lastCame(), right)
	}
	if errors.Is(err, errTime) {
		t.remark(false, "log.silence")
		return found("no-reaction").bytes(nil, right)
	}
	return loose("cut").bytes(nil, right)
}

// judgeRefusal looks at the close frame, and at what comes after it.
func (t *talk) judgeRefusal(payload []byte, codes []frame.CloseCode, right []byte) *Finding {
	code, _, err := frame.ParseClose(payload)
	came := t.lastCame()
	open := t.leave(code)
	switch {
	case err != nil:
		return found("bad-close").bytes(came, right).in(rfc("7.4"))
	case code == frame.NoStatus:
		return loose("refused-no-code", "wanted", codes[0].String()).bytes(came, right)
	case !slices.Contains(codes, code):
		return loose("refused-code", "came", code.String(), "wanted", codes[0].String()).bytes(came, right)
	case open:
		return loose("refused-open").in(rfc("7.1.7"))
	}
	return nil
}

// leave answers a close frame and ends TCP, after the other side if that is a
// server. It says whether the other side has not ended it.
func (t *talk) leave(c frame.CloseCode) (open bool) {
	if t.end == nil {
		t.write(0, closing(frame.AppendClose(nil, c, "")))
	}
	if half, can := t.nc.(interface{ CloseWrite() error }); can && !t.client {
		_ = half.CloseWrite() // if it fails, so does reading
	}
	until := time.Now().Add(t.limit)
	for t.fill(until) == nil {
		t.in = nil // whatever was on its way
	}
	open = t.end == nil
	if open {
		t.remark(false, "log.open")
	}
	return open
}
