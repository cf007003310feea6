package check

import (
	"bytes"
	"errors"
	"io"
	"time"

	"websocket.example/03-raw-server/frame"
)

// A step is something that a case does. It returns what is wrong, or nil.
type step func(*talk) *Finding

// send sends frames in one write.
func send(shots ...shot) step {
	return func(t *talk) *Finding { t.write(0, shots...); return nil }
}

// chopped sends frames in pieces of so many bytes.
func chopped(size int, shots ...shot) step {
	return func(t *talk) *Finding { t.write(size, shots...); return nil }
}

// apart sends each frame in a write of its own.
func apart(shots ...shot) step {
	return func(t *talk) *Finding {
		for _, s := range shots {
			t.write(0, s)
			time.Sleep(pause)
		}
		return nil
	}
}

// echo wants a message back.
func echo(op frame.Opcode, want []byte) step {
	return func(t *talk) *Finding { return t.wantMessage(op, want) }
}

func echoText(want string) step { return echo(frame.Text, []byte(want)) }

// wantMessage waits for a message: in one frame or in several, compressed or
// not, with control frames in between.
func (t *talk) wantMessage(op frame.Opcode, want []byte) *Finding {
	until := time.Now().Add(t.limit)
	right := t.right(op, want)
	var got []byte
	first, compressed := true, false
	for {
		h, n, err := t.header(until)
		if err != nil {
			return t.missing(err, right)
		}
		if h.Form != frame.Shortest && first && h.Opcode == op && h.Length != uint64(len(want)) && !h.Masked {
			return t.wrongLength(h, n, got, want, right) // which says more than that the form is wrong
		}
		if f := t.illegal(h, n); f != nil {
			return f
		}
		if h.Opcode.IsControl() {
			if f := t.control(h, n, until, right); f != nil {
				return f
			}
			continue
		}
		if first {
			first, compressed = false, h.RSV&frame.RSV1 != 0
			if h.Opcode != op {
				t.settle()
				f := found("opcode", "came", h.Opcode, "wanted", op).bytes(t.in, right)
				_, _ = t.take(h, n, until)
				return f
			}
		}
		if !compressed {
			if size := uint64(len(got)) + h.Length; size > uint64(len(want)) || h.Fin && size < uint64(len(want)) {
				return t.wrongLength(h, n, got, want, right)
			}
		}
		payload, err := t.take(h, n, until)
		if err != nil {
			return found("half", "came", len(payload), "length", int(h.Length)).bytes(t.lastCame(), right)
		}
		if got = append(got, payload...); !h.Fin {
			continue
		}
		if compressed {
			plain, f := t.pmd.decompress(got, len(want))
			if f != nil {
				f.Came = t.lastCame()
				return f
			}
			if !bytes.Equal(plain, want) {
				return found("inflated", "came", len(plain), "wanted", len(want)).bytes(plain, want)
			}
			return nil
		}
		if !bytes.Equal(got, want) {
			return t.wrongContent(got, want, right)
		}
		return nil
	}
}

// right is the frame that a good peer would send: unmasked, because of a
// client's mask nobody knows the key.
func (t *talk) right(op frame.Opcode, payload []byte) []byte {
	return append(frame.Append(nil, frame.Header{Fin: true, Opcode: op, Length: uint64(len(payload))}), payload[:min(len(payload), kept)]...)
}

// lastCame is the beginning of what came last.
func (t *talk) lastCame() []byte {
	for i := len(t.log) - 1; i >= 0; i-- {
		if e := t.log[i]; !e.Sent && e.Note == "" {
			return e.Wire
		}
	}
	return nil
}

// missing tells why there is no frame.
func (t *talk) missing(err error, right []byte) *Finding {
	part := len(t.in)
	if part > 0 {
		t.note(false, t.in)
		t.in = nil
	}
	switch {
	case part > 0 && errors.Is(err, errTime):
		return found("part", "n", part).bytes(t.lastCame(), right)
	case errors.Is(err, errTime):
		t.remark(false, "log.silence")
		return found("silence").bytes(nil, right)
	case errors.Is(err, io.EOF):
		return found("closed").bytes(nil, right)
	}
	return found("reset").bytes(nil, right)
}

// control takes a control frame that comes before what is waited for.
func (t *talk) control(h frame.Header, n int, until time.Time, right []byte) *Finding {
	payload, err := t.take(h, n, until)
	if err != nil {
		return found("half", "came", len(payload), "length", int(h.Length)).bytes(t.lastCame(), right)
	}
	switch h.Opcode {
	case frame.Ping:
		t.write(0, data(frame.Pong, payload))
	case frame.Close:
		code, reason, err := frame.ParseClose(payload)
		switch {
		case err != nil:
			return found("bad-close").bytes(t.lastCame(), right).in(rfc("7.4"))
		case code == frame.MessageTooBig:
			return absent("limit")
		}
		return found("gave-up", "code", codeName(code), "reason", string(reason)).bytes(t.lastCame(), right)
	}
	return nil // a pong that nobody asked for is nobody's business
}

func codeName(c frame.CloseCode) any {
	if c == frame.NoStatus {
		return say("no-code")
	}
	return c.String()
}

// answer wants a pong with this payload.
func answer(want string) step {
	return func(t *talk) *Finding { return t.wantPong([]byte(want)) }
}

func (t *talk) wantPong(want []byte) *Finding {
	until := time.Now().Add(t.limit)
	right := t.right(frame.Pong, want)
	for {
		h, n, err := t.header(until)
		if err != nil {
			return t.missing(err, right)
		}
		if f := t.illegal(h, n); f != nil {
			return f
		}
		if h.Opcode == frame.Close {
			return t.control(h, n, until, right)
		}
		if !h.Opcode.IsControl() {
			t.settle()
			f := found("pong-opcode", "came", h.Opcode).bytes(t.in, right)
			_, _ = t.take(h, n, until)
			return f
		}
		payload, err := t.take(h, n, until)
		switch {
		case err != nil:
			return found("half", "came", len(payload), "length", int(h.Length)).bytes(t.lastCame(), right)
		case h.Opcode == frame.Ping && bytes.Equal(payload, want):
			return found("ping-as-ping").bytes(t.lastCame(), right)
		case h.Opcode == frame.Ping:
			t.write(0, data(frame.Pong, payload)) // one of its own
		case bytes.Equal(payload, want):
			return nil
		case t.wasPong(payload):
			return found("pong-answered").bytes(t.lastCame(), right)
		case len(payload) == 0:
			return found("pong-empty").bytes(t.lastCame(), right)
		case t.stillMasked(payload, want):
			return found("pong-masked").bytes(t.lastCame(), right)
		default:
			return found("pong-payload").bytes(t.lastCame(), right)
		}
	}
}

// wasPong says whether these are the bytes of a pong that was sent.
func (t *talk) wasPong(payload []byte) bool {
	for _, e := range t.log {
		if e.Sent && e.Header != nil && e.Header.Opcode == frame.Pong && bytes.Equal(e.Payload, payload[:min(len(payload), kept)]) {
			return true
		}
	}
	return false
}

// pongs wants pongs to several pings: to all of them, or at least to the last.
//
// RFC 6455, section 5.5.3: a pong for only the most recent ping will do.
func pongs(wants ...string) step {
	return func(t *talk) *Finding {
		until := time.Now().Add(t.limit)
		right := t.right(frame.Pong, []byte(wants[len(wants)-1]))
		for at := 0; ; {
			h, n, err := t.header(until)
			if err != nil {
				return t.missing(err, right)
			}
			if f := t.illegal(h, n); f != nil {
				return f
			}
			payload, err := t.take(h, n, until)
			if err != nil || h.Opcode != frame.Pong {
				return found("pong-opcode", "came", h.Opcode).bytes(t.lastCame(), right)
			}
			for at < len(wants) && wants[at] != string(payload) {
				at++
			}
			switch at++; {
			case at > len(wants):
				return found("pong-order").bytes(t.lastCame(), right)
			case at == len(wants):
				return nil
			}
		}
	}
}
