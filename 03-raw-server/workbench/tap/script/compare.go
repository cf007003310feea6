package script

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"

	"websocket.example/02-handshake/handshake"
	"websocket.example/03-raw-server/frame"
	"websocket.example/03-raw-server/narrate"
	"websocket.example/03-raw-server/workbench/tap"
)

// compared says which events are: what one side has sent.
func compared(e tap.Event) bool {
	switch e.Kind {
	case tap.Request, tap.Response, tap.Bytes, tap.Framed, tap.End:
		return true
	case tap.Body:
		return len(e.Data) > 0
	}
	return false
}

// expect waits for an event of the script, and says how what came differs.
func (c *talk) expect(ctx context.Context, want tap.Event, s *Step) *Difference {
	if b := loose(want); b != nil {
		return c.expectBytes(ctx, b)
	}
	if len(c.spare) > 0 {
		return &Difference{Wanted: describe(want), Came: fmt.Sprintf("%d bytes more: %s", len(c.spare), brief(c.spare))}
	}
	came, is := c.next(ctx)
	if !is {
		return &Difference{Wanted: describe(want), Came: c.describe(came, false)}
	}
	if came.Kind == tap.Request {
		c.asked, _, _ = handshake.ParseRequest(came.Raw) // it was parsed before
	}
	if came.Kind == tap.Framed && came.Frame.Header.Opcode == frame.Close {
		c.heardClose = true
	}
	var same bool
	switch {
	case came.Kind != want.Kind:
	case came.Kind == tap.Framed:
		same = sameFrame(want.Frame, came.Frame)
	case came.Kind == tap.End:
		same = true // whether it is by a reset, time decides as much as the other side
	default:
		for _, line := range headLines(want) {
			if !slices.Contains(headLines(came), line) {
				return &Difference{Wanted: line, Came: strings.Join(headLines(came), ", ")}
			}
		}
		same = len(headLines(want)) == len(headLines(came))
	}
	if !same {
		return &Difference{Wanted: describe(want), Came: describe(came)}
	}
	return nil
}

// loose are bytes that have no borders: those of bodies, without the sizes of
// chunks, and those that mean nothing.
func loose(e tap.Event) []byte {
	switch e.Kind {
	case tap.Body:
		return e.Data
	case tap.Bytes:
		return e.Raw
	}
	return nil
}

// expectBytes waits for bytes, in whatever pieces they come.
func (c *talk) expectBytes(ctx context.Context, want []byte) *Difference {
	for len(c.spare) < len(want) {
		came, is := c.next(ctx)
		b := loose(came)
		if !is || b == nil {
			return &Difference{Wanted: brief(want), Came: c.describe(came, is)}
		}
		c.spare = append(c.spare, b...)
	}
	got := c.spare[:len(want)]
	c.spare = c.spare[len(want):]
	if !bytes.Equal(got, want) {
		return &Difference{Wanted: brief(want), Came: brief(got)}
	}
	return nil
}

// headLines are what matters in a head. Dates, names of programs, keys and
// their proofs are different each time.
func headLines(e tap.Event) (lines []string) {
	var h handshake.Header
	if e.Kind == tap.Request {
		r, _, _ := handshake.ParseRequest(e.Raw) // it was parsed before
		h = r.Header
	} else {
		r, _, _ := handshake.ParseResponse(e.Raw)
		h = r.Header
	}
	first := e.Text
	if e.Kind == tap.Response { // the words behind the status mean nothing
		first = strings.Join(strings.Fields(first)[:2], " ")
	}
	lines = append(lines, first)
	for _, f := range h {
		for _, name := range []string{"Upgrade", "Sec-WebSocket-Extensions", "Sec-WebSocket-Protocol", "Sec-WebSocket-Version", "Content-Type"} {
			if strings.EqualFold(f.Name, name) {
				lines = append(lines, name+": "+f.Value)
			}
		}
	}
	return lines
}

// sameFrame compares all of two frames but their keys, and compressed
// messages by what they say.
func sameFrame(want, came *narrate.Frame) bool {
	w, g := want.Header, came.Header
	w.Key, g.Key = [4]byte{}, [4]byte{}
	if want.Compressed && came.Compressed {
		w.Length, g.Length = 0, 0
		w.Form, g.Form = 0, 0
		if want.Message != nil && came.Message != nil {
			return w == g && want.Message.Lost == came.Message.Lost && bytes.Equal(want.Message.Bytes, came.Message.Bytes)
		}
		return w == g
	}
	if w.Opcode == frame.Close && w.Opcode == g.Opcode && w.Length == 2 && g.Length >= 2 { // any reason
		w.Length, g.Length = 0, 0
		return w == g && bytes.Equal(want.Payload, came.Payload[:min(2, len(came.Payload))])
	}
	return w == g && want.Came == came.Came && bytes.Equal(want.Payload, came.Payload)
}

// describe is an event as a script has it.
func describe(e tap.Event) string {
	switch e.Kind {
	case tap.Framed:
		s := Step{Kind: Frame, FromClient: e.FromClient, Header: e.Frame.Header, Payload: e.Frame.Payload, AnyKey: e.FromClient}
		if len(s.Payload) > 200 {
			s.Payload = s.Payload[:200]
		}
		if m := e.Frame.Message; m != nil {
			s.Note = "says " + brief(m.Bytes)
		}
		return s.String()
	case tap.End:
		if e.Reset {
			return "a reset"
		}
		return "the end"
	case tap.Request, tap.Response:
		return strings.Join(headLines(e), ", ")
	case tap.Body, tap.Bytes:
		return brief(loose(e))
	}
	return string(e.Kind)
}

func (c *talk) describe(e tap.Event, came bool) string {
	if !came {
		return fmt.Sprintf("nothing within %v", c.wait)
	}
	return describe(e)
}

// brief is the start of some bytes.
func brief(b []byte) string {
	const most = 80
	s := Step{Kind: Raw, Payload: b[:min(len(b), most)]}
	text := strings.Join(s.payload(), " ")
	if len(b) > most {
		text += " …"
	}
	return text
}
