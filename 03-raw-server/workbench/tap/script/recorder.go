package script

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"websocket.example/03-raw-server/narrate"
	"websocket.example/03-raw-server/workbench/tap"
)

// Keep is how much a tap should keep of a payload when it is recorded: longer
// frames come in parts of that size, and are written as such.
const Keep = 64 << 10

// A Recorder is a sink that writes a script. The tap must have its Parts set.
type Recorder struct {
	out    io.Writer
	keep   uint64
	times  bool
	format Formatter
	parts  map[from]bool // who is in the middle of a frame that comes in parts
	err    error
}

type from struct {
	conn   int
	client bool
}

// NewRecorder makes a recorder for a tap that keeps so many bytes.
func NewRecorder(out io.Writer, keep int, times bool) *Recorder {
	return &Recorder{out: out, keep: uint64(keep), times: times, parts: make(map[from]bool)}
}

// Err is why not everything was written, nil if it was.
func (r *Recorder) Err() error { return r.err }

// Comment writes a line that means nothing.
func (r *Recorder) Comment(text string) { r.write("# " + text + "\n") }

// See writes an event.
func (r *Recorder) See(e tap.Event) {
	s := Step{Conn: strconv.Itoa(e.Conn), FromClient: e.FromClient, Timed: r.times, At: e.At.Round(time.Millisecond)}
	who := from{e.Conn, e.FromClient}
	switch e.Kind {
	case tap.Opened, tap.Shaken, tap.Closed:
	case tap.Request, tap.Response:
		r.head(s, e.Raw)
	case tap.Body, tap.Bytes:
		s.Kind, s.Payload = Raw, e.Raw
		r.step(&s)
	case tap.Part:
		s.Kind, s.Payload = More, e.Data
		if !r.parts[who] {
			s.Kind, s.Header = Frame, e.Frame.Header
		}
		r.parts[who] = true
		r.step(&s)
	case tap.Framed:
		if e.Frame.Header.Length > r.keep {
			delete(r.parts, who)
			return
		}
		s.Kind, s.Header, s.Payload, s.Note = Frame, e.Frame.Header, e.Frame.Payload, noteOf(e.Frame)
		r.step(&s)
	case tap.Lost:
		r.Comment(e.Text)
	case tap.End:
		delete(r.parts, who)
		s.Kind = End
		if e.Reset {
			s.Kind = Reset
		}
		r.step(&s)
	}
}

// noteOf is what can't be read in the payload.
func noteOf(f *narrate.Frame) string {
	switch m := f.Message; {
	case f.Broken != nil:
		return fmt.Sprintf("breaks section %s: %s", f.Broken.Section, f.Broken.Reason)
	case m == nil || m.Lost != "" || !readable(m.Bytes):
		return ""
	case len(m.Bytes) > 60:
		return tap.Quote(strings.ToValidUTF8(string(m.Bytes[:60]), "")) + " …"
	default:
		return tap.Quote(string(m.Bytes))
	}
}

// head writes the head of a message line by line, or as it is where lines
// would not be the same bytes.
func (r *Recorder) head(s Step, raw []byte) {
	s.Kind = Head
	text := string(raw)
	for line := range strings.Lines(text) {
		line, ended := strings.CutSuffix(line, "\r\n")
		if !ended || line != strings.TrimSpace(line) || !readable([]byte(line)) || strings.ContainsAny(line, "\r\n") {
			s.Kind, s.Payload = Raw, raw
			r.step(&s)
			return
		}
	}
	for line := range strings.Lines(text) {
		s.Text = strings.TrimSuffix(line, "\r\n")
		r.step(&s)
		s.Timed = false // the first line's is enough
	}
}

func (r *Recorder) step(s *Step) { r.write(r.format.Step(s)) }

func (r *Recorder) write(text string) {
	if r.err == nil {
		_, r.err = io.WriteString(r.out, text)
	}
}
