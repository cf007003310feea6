package check

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"websocket.example/03-raw-server/frame"
)

// The limits, in bytes of payload.
const (
	maxFrame   = 32 << 10
	maxMessage = 128 << 10
)

var frameRows = []Row{
	{ID: "binary", Mark: Documented, Fact: "1.6", Source: guideStatus, run: binary},
	{ID: "frame-30k", Mark: Documented, Fact: "4.1", Source: guideQuotas, run: takes(30_000, 30_000)},
	{ID: "frame-40k", Mark: Documented, Fact: "4.1", Source: guideQuotas, run: refuses(40_000, 40_000)},
	{ID: "frame-boundary", Mark: Unsure, Fact: "4.1", run: boundary},
	{ID: "message-fragments", Mark: Documented, Fact: "4.1", Source: guideQuotas, run: takes(100, 40)},
	{ID: "message-128k", Mark: Documented, Fact: "4.1", Source: guideQuotas, run: takes(maxMessage, 16<<10)},
	{ID: "message-over-128k", Mark: Documented, Fact: "4.1", Source: guideQuotas, run: refuses(maxMessage+1, 16<<10)},
	{ID: "fragments-mixed-with-ping", Mark: Documented, Fact: "4.3", Source: "RFC 6455, section 5.4", run: pingBetween},
	{ID: "ping", Mark: Unsure, Fact: "4.3", run: ping},
	{ID: "answer-frames", Mark: Unsure, Fact: "3.6", run: answerFrames},
	{ID: "text-not-utf8", Mark: Unsure, Fact: "4.2", run: notUTF8},
}

// padded is a message of so many bytes that is answered with itself.
func padded(size int) string {
	const before, after = `{"action":"echo","pad":"`, `"}`
	return before + strings.Repeat("x", size-len(before)-len(after)) + after
}

func takes(size, part int) func(*trial) {
	return func(t *trial) {
		p, text := t.open(""), padded(size)
		p.sendParts(text, part)
		p.want(text)
	}
}

func refuses(size, part int) func(*trial) {
	return func(t *trial) {
		p := t.open("")
		p.sendParts(padded(size), part)
		p.closes(int(frame.MessageTooBig))
	}
}

func binary(t *trial) {
	p := t.open("")
	t.sent("(binary) %s", echo)
	p.write(p.Write(t.ctx, frame.Binary, []byte(echo)))
	p.closes(int(frame.UnsupportedData))
}

// boundary looks for the longest frame that is taken.
func boundary(t *trial) {
	var told []string
	for _, size := range []int{maxFrame - 1, maxFrame, maxFrame + 1, maxFrame + 14} {
		p, text := t.open(""), padded(size)
		p.send(text)
		select {
		case m, ok := <-p.in:
			switch {
			case !ok:
				p.tellEnd()
				code, _ := p.closeCode()
				told = append(told, fmt.Sprintf("%d: close %d", size, code))
			case m.text == text:
				told = append(told, fmt.Sprintf("%d: taken", size))
			default:
				told = append(told, fmt.Sprintf("%d: %s", size, short(m.text)))
			}
		case <-t.ctx.Done():
			told = append(told, fmt.Sprintf("%d: silent", size))
		}
	}
	t.tell("%s", strings.Join(told, ", "))
}

func pingBetween(t *trial) {
	p := t.open("")
	t.sent("%s, (ping), %s", echo[:5], echo[5:])
	w, err := p.NextWriter(t.ctx, frame.Text)
	if err == nil {
		_, err = w.Write([]byte(echo[:5]))
	}
	if err == nil {
		err = p.Ping(t.ctx, []byte("check"))
	}
	if err == nil {
		err = w.Last([]byte(echo[5:]))
	}
	p.write(err)
	p.want(echo)
}

func ping(t *trial) {
	p := t.open("")
	t.sent("(ping)")
	p.write(p.Ping(t.ctx, []byte("check")))
	select {
	case <-p.pong:
		t.came("(pong)")
		t.tell("pong")
	case <-time.After(2 * t.quiet):
		t.came("(nothing)")
		t.tell("no pong")
	}
}

// answerFrames looks at how a message comes that is longer than a frame may
// be.
func answerFrames(t *trial) {
	p, text := t.open(""), padded(100_000)
	p.sendParts(text, 16<<10)
	p.want(text)
	frames := p.frames()
	t.tell("%d frames, the longest has %d bytes", len(frames), slices.Max(frames))
}

// notUTF8 sends text that is none.
func notUTF8(t *trial) {
	p := t.open("")
	t.sent("(text) ff")
	p.write(p.Write(t.ctx, frame.Text, []byte{0xff}))
	got, _ := p.quiet()
	t.tell("%s", short(got))
}
