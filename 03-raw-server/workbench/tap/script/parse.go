package script

import (
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"websocket.example/03-raw-server/frame"
)

// mostPayload is how many bytes all payloads of a script may have together:
// "a"*1000000000 is written quickly.
const mostPayload = 256 << 20

var opcodes = map[string]frame.Opcode{
	"cont": frame.Continuation, "text": frame.Text, "binary": frame.Binary,
	"close": frame.Close, "ping": frame.Ping, "pong": frame.Pong,
}

// Parse reads a script. An error names the line and what is wrong with it.
func Parse(text string) (Script, error) { return parse(text, mostPayload) }

func parse(text string, most int) (s Script, err error) {
	p := parser{conn: "1", left: most}
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSuffix(line, "\r")
		if err := p.line(i+1, line); err != nil {
			return nil, fmt.Errorf("line %d: %w", i+1, err)
		}
	}
	return p.steps, nil
}

type parser struct {
	steps  Script
	conn   string
	indent bool // the next line may go on with the last step
	left   int  // bytes of payload
}

func (p *parser) line(n int, line string) error {
	indented := line != strings.TrimLeft(line, " \t")
	line = strings.TrimSpace(line)
	switch {
	case line == "":
		p.indent = false
		return nil
	case line[0] == '#':
		return nil
	case indented && p.indent:
		return p.words(&p.steps[len(p.steps)-1], line)
	}
	p.indent = false
	if name, is := strings.CutPrefix(line, "-- "); is {
		p.conn = strings.TrimSpace(name)
		return nil
	}
	step := Step{Conn: p.conn, Line: n}
	if role, is := strings.CutPrefix(line, "role "); is {
		step.Kind, step.Text = Role, strings.TrimSpace(role)
		if step.Text != "server" && step.Text != "client" {
			return fmt.Errorf("the role %q is not server or client", step.Text)
		}
		p.steps = append(p.steps, step)
		return nil
	}
	rest, err := step.when(line)
	if err != nil {
		return err
	}
	return p.step(step, rest)
}

// when takes "@0.012 " from the front of a line.
func (s *Step) when(line string) (rest string, err error) {
	if line[0] != '@' {
		return line, nil
	}
	at, rest, _ := strings.Cut(line[1:], " ")
	seconds, err := strconv.ParseFloat(at, 64)
	if err != nil || !(seconds >= 0 && seconds < 1e9) {
		return "", fmt.Errorf("the time @%s is not a number of seconds", at)
	}
	s.Timed, s.At = true, time.Duration(math.Round(seconds*1e3))*time.Millisecond
	return strings.TrimLeft(rest, " \t"), nil
}

// step reads the mark and what follows it.
func (p *parser) step(s Step, line string) error {
	if line == "" {
		return errors.New("there is nothing behind the time")
	}
	mark, rest := line[:1], line[1:]
	switch mark {
	case ">", "<":
		s.FromClient = mark == ">"
		mark = "frame"
		if rest != "" && strings.Contains(":+!", rest[:1]) {
			mark, rest = rest[:1], rest[1:]
		}
	case "+", "!": // as in the tests of wsconn
		s.FromClient = true
	default:
		return fmt.Errorf("it begins with %q: begin with > for the client, < for the server, or # for a comment", mark)
	}
	var err error
	switch mark {
	case ":":
		s.Kind, s.Text = Head, strings.TrimPrefix(rest, " ")
		if strings.Contains(s.Text, "\r") {
			return errors.New("a CR in the middle of a head, which is to be written with >! or <! as bytes")
		}
		p.steps = append(p.steps, s)
		return nil
	case "+":
		s.Kind = More
	case "!":
		s.Kind = Raw
	default:
		if rest, err = s.opcode(rest); err != nil {
			return err
		}
		if s.Kind != Frame {
			p.steps = append(p.steps, s)
			return nil
		}
	}
	if err := p.words(&s, rest); err != nil {
		return err
	}
	p.steps, p.indent = append(p.steps, s), true
	return nil
}

// opcode reads the first word of a frame, or of an end.
func (s *Step) opcode(line string) (rest string, err error) {
	word, rest, _ := strings.Cut(strings.TrimLeft(line, " \t"), " ")
	rest = strings.TrimLeft(rest, " \t")
	switch word {
	case "":
		return "", errors.New("what is sent? Write text, binary, cont, close, ping, pong, end or reset")
	case "end", "reset":
		s.Kind = map[string]Kind{"end": End, "reset": Reset}[word]
		if rest != "" && rest[0] != '#' {
			return "", fmt.Errorf("%q behind %s means nothing", rest, word)
		}
		s.Note = note(rest)
		return "", nil
	}
	op, known := opcodes[word]
	if !known {
		n, err := strconv.ParseUint(word, 0, 4)
		if err != nil {
			return "", fmt.Errorf("%q is no opcode: write text, binary, cont, close, ping, pong, or 0x3 for a reserved one", word)
		}
		op = frame.Opcode(n)
	}
	s.Kind = Frame
	s.Header = frame.Header{Fin: true, Opcode: op, Masked: s.FromClient}
	s.AnyKey = s.FromClient
	return rest, nil
}

func note(text string) string { return strings.TrimSpace(strings.TrimLeft(text, "#")) }

// words reads flags and payload, and adds them to a step.
func (p *parser) words(s *Step, line string) error {
	claimed := s.Header.Length != uint64(len(s.Payload))
	for line = strings.TrimSpace(line); line != ""; line = strings.TrimLeft(line, " \t") {
		if line[0] == '#' {
			s.Note = note(line)
			break
		}
		word, rest, err := cut(line)
		if err != nil {
			return err
		}
		line = rest
		if claim, is := strings.CutPrefix(word, "claim="); is && s.Kind == Frame {
			if s.Header.Length, err = strconv.ParseUint(claim, 0, 64); err != nil {
				return fmt.Errorf("%q is no number of bytes", claim)
			}
			claimed = true
			continue
		}
		if s.Kind == Frame {
			if is, err := s.flag(word); is || err != nil {
				if err != nil {
					return err
				}
				continue
			}
		}
		part, err := p.payload(word)
		if err != nil {
			return err
		}
		s.Payload = append(s.Payload, part...)
	}
	// As in the tests of wsconn: a claim is the least that the header says.
	if s.Kind == Frame && (!claimed || s.Header.Length < uint64(len(s.Payload))) {
		s.Header.Length = uint64(len(s.Payload))
	}
	return nil
}

// flag reads a flag of a frame.
func (s *Step) flag(word string) (is bool, err error) {
	h := &s.Header
	key, isKey := strings.CutPrefix(word, "mask=")
	switch {
	case isKey:
		b, err := hex.DecodeString(key)
		if err != nil || len(b) != len(h.Key) {
			return true, fmt.Errorf("the key %q is not 4 bytes in hexadecimal", key)
		}
		h.Masked, h.Key, s.AnyKey = true, [4]byte(b), false
	case word == "unmasked" || word == "mask" && s.FromClient:
		h.Masked, h.Key, s.AnyKey = false, [4]byte{}, false
	case word == "mask":
		h.Masked, s.AnyKey = true, true
	case word == "more":
		h.Fin = false
	case word == "rsv1":
		h.RSV |= frame.RSV1
	case word == "rsv2":
		h.RSV |= frame.RSV2
	case word == "rsv3":
		h.RSV |= frame.RSV3
	case word == "len16":
		h.Form = frame.In16Bits
	case word == "len64":
		h.Form = frame.In64Bits
	default:
		return false, nil
	}
	return true, nil
}

// cut takes a word from the front of a line: up to a space that is not
// between quotation marks.
func cut(line string) (word, rest string, err error) {
	end := 0
	if line[0] == '"' || line[0] == '`' {
		quoted, err := strconv.QuotedPrefix(line)
		if err != nil {
			return "", "", errors.New("a quotation mark without its other one, or a wrong escape")
		}
		end = len(quoted)
	}
	if space := strings.IndexAny(line[end:], " \t"); space >= 0 {
		return line[:end+space], line[end+space:], nil
	}
	return line, "", nil
}

// payload reads "text", `text`, "text"*1000, x00ff, or 1000 for a close code.
func (p *parser) payload(word string) (b []byte, err error) {
	times := 1
	switch {
	case word[0] == '"' || word[0] == '`':
		quoted, _ := strconv.QuotedPrefix(word) // cut has read it before
		text, _ := strconv.Unquote(quoted)
		if more := word[len(quoted):]; more != "" {
			n, err := strconv.Atoi(strings.TrimPrefix(more, "*"))
			if err != nil || more[0] != '*' || n < 0 {
				return nil, fmt.Errorf("%q behind a text: write a space, or *10 for ten times", more)
			}
			times = n
		}
		b = []byte(text)
	case word[0] == 'x':
		if b, err = hex.DecodeString(word[1:]); err != nil {
			return nil, fmt.Errorf("%q are not bytes in hexadecimal", word)
		}
	default:
		code, err := strconv.ParseUint(word, 10, 16)
		if err != nil {
			return nil, fmt.Errorf("%q is no flag and no payload: write \"text\", x00ff for bytes, or a close code", word)
		}
		b = []byte{byte(code >> 8), byte(code)}
	}
	if len(b) > 0 && times > p.left/len(b) {
		return nil, errors.New("the payloads are too long")
	}
	p.left -= times * len(b)
	if times != 1 {
		b = []byte(strings.Repeat(string(b), times))
	}
	return b, nil
}
