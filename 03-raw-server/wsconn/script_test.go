package wsconn

import (
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"websocket.example/03-raw-server/frame"
)

// A conversation is what a villain sends and wants to hear. In testdata it is
// written as
//
//	-- name of the conversation
//	role server            only for this role of ours; otherwise for both
//	> text more "Hel"      sends a frame: opcode, flags, payload
//	> cont "lo"            a payload is made of "text", "text"*1000, x00ff and,
//	< text "Hello"         for close codes, 1000
//	+ "..."                sends more of the last frame's payload
//	! x8100                sends bytes as they are, unmasked
//	< close 1002           wants a frame; of a close without a reason, the code
//
// The flags are more (no FIN), rsv1, rsv2, rsv3, mask (wrongly masked, or
// wrongly not), len16 and len64 (a length not written in the shortest way),
// and claim=N (the header says that there are N bytes).
//
// A conversation without a close frame in it is closed by the villain; all of
// them end with the end of TCP, without a reset.
type conversation struct {
	name  string
	roles []Role
	steps []step
	bytes int // that the villain sends
}

type step struct {
	line    string
	kind    byte // one of > < + !
	header  frame.Header
	payload string
	anyText bool // a close frame whose reason does not matter
}

func readConversations(t testing.TB) []conversation {
	t.Helper()
	files, err := filepath.Glob("testdata/conversations/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no conversations: %v", err)
	}
	var all []conversation
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		group := strings.TrimSuffix(filepath.Base(file), ".txt")
		list, err := parseConversations(group, string(text))
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		all = append(all, list...)
	}
	return all
}

func parseConversations(group, text string) (list []conversation, err error) {
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		if name, is := strings.CutPrefix(line, "-- "); is {
			list = append(list, conversation{name: group + "/" + name, roles: []Role{Server, Client}})
			continue
		}
		if len(list) == 0 {
			return nil, fmt.Errorf("line %d: a step of no conversation", i+1)
		}
		c := &list[len(list)-1]
		switch line {
		case "role server":
			c.roles = []Role{Server}
			continue
		case "role client":
			c.roles = []Role{Client}
			continue
		}
		s, err := parseStep(line)
		if err != nil {
			return nil, fmt.Errorf("line %d: %s: %w", i+1, line, err)
		}
		if s.kind != '<' {
			c.bytes += len(s.payload) + 8
		}
		c.steps = append(c.steps, s)
	}
	return list, nil
}

var opcodes = map[string]frame.Opcode{
	"cont": frame.Continuation, "text": frame.Text, "binary": frame.Binary,
	"close": frame.Close, "ping": frame.Ping, "pong": frame.Pong,
}

func parseStep(line string) (s step, err error) {
	s = step{line: line, kind: line[0], header: frame.Header{Fin: true}}
	words, err := split(line[1:])
	if err != nil {
		return s, err
	}
	switch s.kind {
	case '>', '<':
		if len(words) == 0 {
			return s, fmt.Errorf("an opcode is missing")
		}
		op, known := opcodes[words[0]]
		if !known {
			n, err := strconv.ParseUint(words[0], 0, 4)
			if err != nil {
				return s, err
			}
			op = frame.Opcode(n)
		}
		s.header.Opcode = op
		words = words[1:]
	case '+', '!':
	default:
		return s, fmt.Errorf("what is this?")
	}
	reason := false
	for _, word := range words {
		if is, err := s.flag(word); is || err != nil {
			if err != nil {
				return s, err
			}
			continue
		}
		part, err := payload(word)
		if err != nil {
			return s, err
		}
		reason = reason || word[0] == '"'
		s.payload += part
	}
	s.anyText = s.kind == '<' && s.header.Opcode == frame.Close && len(s.payload) > 0 && !reason
	return s, nil
}

func (s *step) flag(word string) (is bool, err error) {
	claim, isClaim := strings.CutPrefix(word, "claim=")
	switch {
	case isClaim:
		s.header.Length, err = strconv.ParseUint(claim, 0, 64)
	case word == "more":
		s.header.Fin = false
	case word == "rsv1":
		s.header.RSV |= frame.RSV1
	case word == "rsv2":
		s.header.RSV |= frame.RSV2
	case word == "rsv3":
		s.header.RSV |= frame.RSV3
	case word == "mask":
		s.header.Masked = true
	case word == "len16":
		s.header.Form = frame.In16Bits
	case word == "len64":
		s.header.Form = frame.In64Bits
	default:
		return false, nil
	}
	return true, err
}

// payload reads "text", "text"*1000, x00ff or 1000.
func payload(word string) (string, error) {
	switch {
	case word[0] == '"':
		quoted, err := strconv.QuotedPrefix(word)
		if err != nil {
			return "", err
		}
		text, err := strconv.Unquote(quoted)
		times, repeated := strings.CutPrefix(word[len(quoted):], "*")
		if err != nil || !repeated {
			return text, err
		}
		n, err := strconv.Atoi(times)
		return strings.Repeat(text, n), err
	case word[0] == 'x':
		b, err := hex.DecodeString(word[1:])
		return string(b), err
	}
	code, err := strconv.ParseUint(word, 10, 16)
	return string([]byte{byte(code >> 8), byte(code)}), err
}

// split cuts a line at spaces that are not between quotation marks.
func split(line string) (words []string, err error) {
	for line = strings.TrimSpace(line); line != ""; line = strings.TrimSpace(line) {
		end := strings.IndexByte(line, ' ')
		if line[0] == '"' {
			quoted, err := strconv.QuotedPrefix(line)
			if err != nil {
				return nil, err
			}
			if end = strings.IndexByte(line[len(quoted):], ' '); end >= 0 {
				end += len(quoted)
			}
		}
		if end < 0 {
			end = len(line)
		}
		words = append(words, line[:end])
		line = line[end:]
	}
	return words, nil
}

// play has the villain hold its part of the conversation.
func (v *villain) play(c conversation) {
	v.t.Helper()
	closed := false
	for _, s := range c.steps {
		switch {
		case s.kind == '>':
			v.send(s.header, s.payload)
		case s.kind == '+':
			v.more(s.payload)
		case s.kind == '!':
			v.write([]byte(s.payload))
		case s.anyText:
			code, _, err := frame.ParseClose([]byte(s.payload))
			if err != nil {
				v.t.Fatalf("%s: %v", s.line, err)
			}
			v.expectClose(code)
		default:
			v.expect(s.header, s.payload)
		}
		closed = closed || s.header.Opcode == frame.Close
	}
	if !closed {
		v.goodbye()
		return
	}
	v.expectEnd()
}

// goodbye closes the connection in good order.
func (v *villain) goodbye() {
	v.t.Helper()
	v.close(frame.NormalClosure, "")
	v.expectClose(frame.NormalClosure)
	v.expectEnd()
}

func TestConversations(t *testing.T) {
	for _, c := range readConversations(t) {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			for _, role := range c.roles {
				everywhere(t, role, c.bytes, func(v *villain) { v.play(c) })
			}
		})
	}
}

// everywhere holds a conversation on all wires, with the villain's bytes in
// pieces of all sizes, and takes turns with the ways to read.
func everywhere(t *testing.T, role Role, bytes int, play func(v *villain)) {
	t.Helper()
	for _, w := range wires {
		for _, chop := range chops(bytes) {
			l := loops[turn.Add(1)%uint32(len(loops))]
			hold(t, setting{w, role, l, chop, nil, Agreed{}}, play)
		}
	}
}

var turn atomic.Uint32

// chops are the sizes of the pieces that so many bytes are sent in.
func chops(bytes int) []int {
	switch {
	case bytes <= 300:
		return []int{0, 1, 7}
	case bytes <= 1<<17:
		return []int{0, 997}
	}
	return []int{0}
}

// A setting is everything around a conversation.
type setting struct {
	wire    wire
	role    Role // ours
	loop    loop
	chop    int
	options *Options
	agreed  Agreed
}

func (s setting) String() string {
	return fmt.Sprintf("%s/%s/%s/%d", nameOf(s.role), s.wire.name, s.loop.name, s.chop)
}

func nameOf(r Role) string { return [...]string{"server", "client"}[r] }

// hold holds a conversation with an echo, which must end with it, and returns
// the echo's reason.
func hold(t *testing.T, s setting, play func(v *villain)) (reason error) {
	t.Helper()
	conn, v := against(t, s.wire, s.role, s.options, s.agreed)
	v.chop = s.chop
	v.pump()
	ended := make(chan error, 1)
	go func() { ended <- s.loop.echo(conn) }()
	defer func() {
		v.leave()
		if reason = <-ended; reason == nil {
			t.Errorf("it ended without a reason")
		}
		if t.Failed() {
			t.Logf("in %s: %v", s, reason)
		}
	}()
	play(v)
	return nil
}
