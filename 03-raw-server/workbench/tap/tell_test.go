package tap

import (
	"fmt"
	"strings"
)

// tell writes events one on a line, for tests to compare. What depends on how
// bytes were cut is put together: bytes and pieces of bodies.
func tell(events []Event) string {
	var lines []string
	var raw, data []byte
	var last Event
	flush := func() {
		if last.Kind == Bytes || last.Kind == Body {
			lines = append(lines, strings.TrimSpace(fmt.Sprintf("%d%s %s %q %q", last.Conn, arrow(last), last.Kind, raw, data)))
		}
		raw, data, last = nil, nil, Event{}
	}
	for _, e := range events {
		if e.Kind != last.Kind || e.FromClient != last.FromClient || e.Conn != last.Conn {
			flush()
		}
		last = e
		switch e.Kind {
		case Bytes, Body:
			raw, data = append(raw, e.Raw...), append(data, e.Data...)
		case Framed:
			f := e.Frame
			text := fmt.Sprintf("%d%s %+v %q %d %v %v", e.Conn, arrow(e), f.Header, f.Payload, f.Came, f.Kind, f.Broken)
			if f.Message != nil {
				text += fmt.Sprintf(" %q %d %s", f.Message.Bytes, f.Message.Length, f.Message.Lost)
			}
			lines = append(lines, text)
		case Part:
			lines = append(lines, fmt.Sprintf("%d%s part %v %q", e.Conn, arrow(e), e.Frame.Header.Length, e.Data))
		case Shaken:
			h := e.Handshake
			lines = append(lines, fmt.Sprintf("%d%s handshake %v %v %q %v", e.Conn, arrow(e), h.Accepted, h.Deflate, h.Unknown, h.Broken))
		default:
			lines = append(lines, strings.TrimSpace(fmt.Sprintf("%d%s %s %s", e.Conn, arrow(e), e.Kind, e.Text)))
		}
	}
	flush()
	return strings.Join(lines, "\n")
}

func arrow(e Event) string {
	if e.FromClient {
		return ">"
	}
	return "<"
}
