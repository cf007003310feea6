package tap

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"unicode/utf8"

	narrate02 "websocket.example/02-handshake/narrate"
	"websocket.example/03-raw-server/frame"
	"websocket.example/03-raw-server/narrate"
)

// A Printer is a sink that writes to a terminal: a line for each thing that
// is seen. See is not to be called by two goroutines at once.
type Printer struct {
	Out    io.Writer
	Peer   string // the server, for the explanation of handshakes
	Form   Form   // how payloads are shown; "" is as text
	Max    int    // how much of them; 0 is 160 bytes
	Bits   bool   // draw the header of each frame
	Colour bool

	// Explain says which handshakes are explained line by line, and not only
	// named: none, the first, or all.
	Explain  Explain
	Language *narrate02.Language // of the explanation; nil is English

	explained bool
}

// Explain says which handshakes are explained.
type Explain string

// The choices.
const (
	ExplainFirst Explain = "first"
	ExplainAll   Explain = "all"
	ExplainNone  Explain = "none"
)

// See writes an event.
func (p *Printer) See(e Event) {
	s := noStyle
	if p.Colour {
		s = coloured
	}
	arrow, colour := "<-", s.server
	if e.FromClient {
		arrow, colour = "->", s.client
	}
	start := fmt.Sprintf("%s  %s ", s.dim(fmt.Sprintf("%9.3fs", e.At.Seconds())), s.dim(fmt.Sprintf("#%-3d", e.Conn)))
	about := func(what, text string) { // something about the connection
		p.write(strings.TrimRight(start+"   "+s.bold(fmt.Sprintf("%-13s", what))+text, " ") + "\n")
	}
	said := func(what, text string) { // something that one side has sent
		p.write(strings.TrimRight(start+colour(fmt.Sprintf("%s %-13s", arrow, what))+text, " ") + "\n")
	}
	switch e.Kind {
	case Opened:
		about("opened", "from "+visible(e.Text))
	case Request, Response:
		said(string(e.Kind), visible(shorten(e.Text))+"  "+s.dim(amount(uint64(len(e.Raw)))))
	case Body:
		if len(e.Data) > 0 {
			text, below := p.show(e.Data, uint64(len(e.Data)), utf8.Valid(e.Data))
			said("body", amount(uint64(len(e.Data)))+"  "+text)
			p.write(indent(below))
		}
	case Shaken:
		p.handshake(e, s, about)
	case Framed:
		p.frame(*e.Frame, start, s, colour, arrow)
	case Lost:
		said("lost", s.wrong(visible(e.Text))+": from here on bytes are passed on and not understood")
	case Bytes:
		text, _ := AsHex.show(e.Raw, uint64(len(e.Raw)), false, p.max())
		said("bytes", amount(uint64(len(e.Raw)))+"  "+text)
	case End:
		said("end", visible(e.Text))
	case Closed:
		about("closed", visible(e.Text))
	case Part: // its frame is told as well
	}
}

// frame writes a frame: its flags, its masking key, its length, and the
// payload or the rule that it breaks.
func (p *Printer) frame(f narrate.Frame, start string, s style, colour func(string) string, arrow string) {
	text, below := p.what(f)
	if f.Broken != nil {
		fault := s.wrong(fmt.Sprintf("BREAKS %s (close %d)", narrate.Fault(f.Broken), uint16(f.Broken.Code)))
		if len(f.Payload) > 0 {
			fault += "  " + text
		}
		text = fault
	}
	p.write(fmt.Sprintf("%s%s%s  %s  %10s  %s\n", start,
		colour(fmt.Sprintf("%s %-13s", arrow, f.Header.Opcode)), fmt.Sprintf("%-8s", flags(f.Header)),
		s.dim(fmt.Sprintf("%-13s", key(f.Header))), amount(f.Header.Length), text))
	p.write(indent(below))
	if p.Bits {
		p.write(indent(narrate.Draw(f)))
	}
}

func flags(h frame.Header) string {
	var names []string
	for _, flag := range []struct {
		set  bool
		name string
	}{{h.Fin, "FIN"}, {h.RSV&frame.RSV1 != 0, "RSV1"}, {h.RSV&frame.RSV2 != 0, "RSV2"}, {h.RSV&frame.RSV3 != 0, "RSV3"}} {
		if flag.set {
			names = append(names, flag.name)
		}
	}
	if len(names) == 0 {
		return "-"
	}
	return strings.Join(names, " ")
}

func key(h frame.Header) string {
	if !h.Masked {
		return "-"
	}
	return fmt.Sprintf("mask %x", h.Key)
}

// what is the payload, and what stands below the line.
func (p *Printer) what(f narrate.Frame) (text, below string) {
	if f.Header.Opcode == frame.Close && f.Broken == nil && !f.CutOff() {
		code, reason, _ := frame.ParseClose(f.Payload)
		switch {
		case code == frame.NoStatus:
			return "no code", ""
		case len(reason) == 0:
			return code.String(), ""
		}
		return code.String() + " " + Quote(string(reason)), ""
	}
	switch m := f.Message; {
	case !f.Compressed:
		isText := f.Kind == frame.Text || f.Header.Opcode.IsControl() && utf8.Valid(f.Payload)
		text, below = p.show(f.Payload, f.Header.Length, isText)
	case m == nil:
		text, _ = AsHex.show(f.Payload, f.Header.Length, false, p.max())
		text = "deflated " + text
	case m.Lost != "":
		text = "deflated, " + m.Lost
	default:
		text, below = p.show(m.Bytes, uint64(m.Length), f.Kind == frame.Text)
		text = fmt.Sprintf("inflated %s: %s", amount(uint64(m.Length)), text)
	}
	if f.CutOff() && f.Broken == nil {
		text += "  cut off after " + amount(f.Came)
	}
	return text, below
}

func (p *Printer) show(b []byte, length uint64, isText bool) (text, below string) {
	return p.Form.show(b, length, isText, p.max())
}

func (p *Printer) max() int {
	if p.Max == 0 {
		return 160
	}
	return p.Max
}

// handshake names what was agreed on, and explains it if asked to.
func (p *Printer) handshake(e Event, s style, about func(what, text string)) {
	h := e.Handshake
	text := fmt.Sprintf("refused with %d %s", h.Response.Status, http.StatusText(h.Response.Status))
	if h.Accepted {
		text = "WebSocket"
		switch {
		case h.Deflate != nil:
			text += ", " + h.Response.Header.Get("Sec-WebSocket-Extensions")
		case h.Unknown != "":
			text += ", " + h.Unknown + " (unknown here: payloads are shown as they are)"
		default:
			text += ", no extension"
		}
		if h.Subprotocol != "" {
			text += ", subprotocol " + h.Subprotocol
		}
	}
	about("handshake", visible(text))
	for _, broken := range h.Broken {
		about("", s.wrong(visible("BREAKS "+strings.TrimPrefix(broken.Error(), "handshake: "))))
	}
	if p.Explain == ExplainNone || p.Explain != ExplainAll && p.explained {
		return
	}
	p.explained = true
	language := p.Language
	if language == nil {
		language = narrate02.English
	}
	var out strings.Builder
	narrate02.View{Language: language, Colour: p.Colour, Client: true}.Text(&out, h.Telling(p.Peer, language))
	p.write("\n" + indent(out.String()) + "\n")
}

func (p *Printer) write(text string) {
	_, _ = io.WriteString(p.Out, text) // when nobody reads, there is nobody to tell
}

func shorten(line string) string {
	if len(line) > 120 {
		return strings.ToValidUTF8(line[:117], "") + "…"
	}
	return line
}

func indent(text string) string {
	var b strings.Builder
	for l := range strings.Lines(text) {
		b.WriteString(strings.TrimRight("    "+l, " \n") + "\n")
	}
	return b.String()
}

// A style is how parts of a line look. Each takes a text that is padded
// already, because colours have no width.
type style struct{ dim, client, server, wrong, bold func(string) string }

func ansi(code string) func(string) string {
	return func(text string) string { return "\x1b[" + code + "m" + text + "\x1b[0m" }
}

func plain(text string) string { return text }

var (
	noStyle  = style{plain, plain, plain, plain, plain}
	coloured = style{dim: ansi("2"), client: ansi("33"), server: ansi("36"), wrong: ansi("1;31"), bold: ansi("1")}
)
