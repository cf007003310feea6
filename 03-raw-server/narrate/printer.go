package narrate

import (
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"time"

	"websocket.example/02-handshake/handshake"
	"websocket.example/03-raw-server/wsconn"
)

// A Printer writes what happens, as it happens. Any goroutine may tell it.
type Printer struct {
	Out    io.Writer
	Start  time.Time // what times count from, the same as that of the frames
	Draw   bool      // draw each frame below its line
	Colour bool

	mu sync.Mutex
}

// Opened tells that a handshake is done.
func (p *Printer) Opened(conn int, from net.Addr, h *handshake.Handshake) {
	var names []string
	for _, e := range h.Extensions {
		names = append(names, e.String())
	}
	agreed := "no extension"
	if len(names) > 0 {
		agreed = strings.Join(names, ", ")
	}
	p.event(conn, "opened", fmt.Sprintf("%s from %s, %s", shorten(h.Request.Target), from, agreed))
}

// Ended tells that a connection is over, and why.
func (p *Printer) Ended(conn int, err error) {
	text := "ended"
	if closed, is := errors.AsType[*wsconn.CloseError](err); is {
		text = closed.Error()
	} else if err != nil {
		text = err.Error()
	}
	p.event(conn, "ended", strings.ToValidUTF8(text, "?"))
}

// Frame tells of a frame.
func (p *Printer) Frame(f Frame) {
	text := line(f, p.style()) + "\n"
	if p.Draw {
		text += indent(Draw(f))
	}
	p.write(text)
}

func (p *Printer) event(conn int, what, text string) {
	s := p.style()
	p.write(fmt.Sprintf("%s  %s    %s %s\n", s.dim(stamp(time.Since(p.Start))), s.dim(fmt.Sprintf("#%-3d", conn)), s.bold(fmt.Sprintf("%-9s", what)), text))
}

func (p *Printer) write(text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	_, _ = io.WriteString(p.Out, text) // when nobody reads, there is nobody to tell
}

func (p *Printer) style() style {
	if p.Colour {
		return coloured
	}
	return noStyle
}

func stamp(t time.Duration) string { return fmt.Sprintf("%9.3fs", t.Seconds()) }

func shorten(target string) string {
	if len(target) > 60 {
		return target[:59] + "…"
	}
	return target
}

func indent(drawing string) string {
	var b strings.Builder
	for l := range strings.Lines(drawing) {
		b.WriteString("    ")
		b.WriteString(l)
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
