// Package narrate explains a handshake line by line: what each header is
// for, which rules hold, how the proof is computed, and how it ends. The
// terminal, the page and the inspector tell the same story.
package narrate

import (
	"crypto/sha1"
	"errors"
	"fmt"
	"net/http"
	"net/textproto"
	"strings"
	"unicode"
	"unicode/utf8"

	"websocket.example/02-handshake/handshake"
)

// A Story is a handshake as it went over the wire.
type Story struct {
	ID     string // that the page has given it; may be empty
	Peer   string // who was on the other side
	Sorted bool   // the request comes from net/http: not the bytes, only what they mean

	Request []byte // all that the client has sent
	Answer  []byte // all that the server has sent, with the body of a refusal
	Err     error  // of handshake.Accept, Upgrade or Dial
	Forged  bool   // the server gave a wrong proof on purpose
}

// A Telling is a story in one language. Its JSON is what the page shows.
type Telling struct {
	ID       string `json:"id,omitempty"`
	Peer     string `json:"peer"`
	Accepted bool   `json:"accepted"`
	Status   int    `json:"status,omitempty"`
	Verdict  string `json:"verdict"`
	Reason   string `json:"reason,omitempty"` // in English, as the server says it
	Broken   string `json:"broken,omitempty"` // ID of the rule that decided
	Section  string `json:"section,omitempty"`
	Note     string `json:"note,omitempty"`
	Request  []Line `json:"request"`
	Rules    []Rule `json:"rules"`
	Proof    *Proof `json:"proof,omitempty"`
	Answer   []Line `json:"answer"`
	Body     string `json:"body,omitempty"`
}

// A Line is one line on the wire, and what it is for.
type Line struct {
	Text    string `json:"text"`
	Means   string `json:"means"`
	Section string `json:"section,omitempty"`
	Bad     bool   `json:"bad,omitempty"`
}

// What came of a rule.
const (
	Kept   = "ok"
	Broken = "broken"
	Unread = "unread" // another rule had decided before
	Noted  = "noted"  // broken, without harm
)

// A Rule is one sentence and what came of it.
type Rule struct {
	ID      string `json:"id"`
	Says    string `json:"says"`
	Section string `json:"section"`
	Mark    string `json:"mark"`
	Reason  string `json:"reason,omitempty"`
}

// A Proof is the computation of Sec-WebSocket-Accept in its steps.
type Proof struct {
	Key    string `json:"key"`
	GUID   string `json:"guid"`
	Text   string `json:"text"`
	Sum    string `json:"sum"` // hex digits in pairs
	Accept string `json:"accept"`
	Came   string `json:"came,omitempty"` // what the server has answered, if it is something else
}

// proofOf computes the answer to a key step by step.
func proofOf(key string) *Proof {
	text := key + handshake.GUID
	return &Proof{
		Key: key, GUID: handshake.GUID, Text: text,
		Sum: fmt.Sprintf("% x", sha1.Sum([]byte(text))), Accept: handshake.Accept(key),
	}
}

// ToServer tells the story as a server lives it: the request is judged.
func (s *Story) ToServer(l *Language) Telling {
	t := s.begin(l)
	broken, _ := errors.AsType[*handshake.Error](s.Err)
	request, _, err := handshake.ParseRequest(s.Request)
	var rules []handshake.Rule
	rules = append(rules, handshake.SyntaxRules...)
	rules = append(rules, handshake.RequestRules...)
	mark := Kept
	for _, rule := range append(rules, handshake.ServerRules...) {
		one := Rule{rule.ID, l.Say("rule." + rule.ID), rule.Section, mark, ""}
		if broken != nil && rule.ID == broken.Rule {
			one.Mark, one.Reason, mark = Broken, broken.Reason, Unread
		}
		switch rule.ID {
		case "server-time", "server-fault", "server-extensions": // worth a word only when they fail
			if one.Mark != Broken {
				continue
			}
		}
		t.Rules = append(t.Rules, one)
	}
	if broken != nil {
		markField(t.Request, broken.Field)
	}
	if key := request.Header.Get("Sec-WebSocket-Key"); err == nil && key != "" && (broken == nil || broken.Rule != "request-key") {
		t.Proof = proofOf(key)
		t.Proof.Came = s.otherAccept(t.Proof.Accept)
	}
	switch {
	case s.Forged:
		markField(t.Answer, "Sec-WebSocket-Accept")
		t.Verdict = l.Say("verdict.forged")
	case s.Err == nil:
		t.Accepted, t.Verdict = true, l.Say("verdict.accepted")
	case broken == nil:
		t.Verdict, t.Reason = l.Say("verdict.gone"), s.Err.Error()
	default:
		t.Verdict = l.Say("verdict.refused", "status", status(broken.Status))
		t.Reason, t.Broken, t.Section = broken.Reason, broken.Rule, broken.Section
		if broken.Field != "" {
			t.Reason = broken.Field + ": " + broken.Reason
		}
	}
	return t
}

// ToClient tells the story as a client lives it: the answer is judged.
func (s *Story) ToClient(l *Language) Telling {
	t := s.begin(l)
	request, _, _ := handshake.ParseRequest(s.Request)
	response, _, err := handshake.ParseResponse(s.Answer)
	t.Proof = proofOf(request.Header.Get("Sec-WebSocket-Key"))
	t.Proof.Came = s.otherAccept(t.Proof.Accept)
	broken, _ := errors.AsType[*handshake.Error](err)
	mark := Kept
	for _, rule := range handshake.SyntaxRules {
		one := Rule{rule.ID, l.Say("rule." + rule.ID), rule.Section, mark, ""}
		if broken != nil && rule.ID == broken.Rule {
			one.Mark, one.Reason, mark = Broken, broken.Reason, Unread
		}
		t.Rules = append(t.Rules, one)
	}
	if err != nil {
		t.Verdict = l.Say("verdict.broken")
		t.Reason = err.Error()
		if broken != nil {
			t.Reason, t.Broken, t.Section = broken.Reason, broken.Rule, broken.Section
		}
		return t
	}
	if response.Status != http.StatusSwitchingProtocols {
		t.Verdict = l.Say("verdict.declined", "status", status(response.Status))
		return t
	}
	x := handshake.Exchange{Request: &request, Response: &response}
	judge := func(rules []handshake.Rule, bad string) {
		for _, rule := range rules {
			one := Rule{rule.ID, l.Say("rule." + rule.ID), rule.Section, Kept, ""}
			if e := rule.Apply(x); e != nil {
				one.Mark, one.Reason = bad, e.Reason
				markField(t.Answer, e.Field)
				if bad == Broken && t.Broken == "" {
					t.Broken, t.Section, t.Reason = rule.ID, rule.Section, strings.TrimPrefix(e.Field+": "+e.Reason, ": ")
				}
			}
			t.Rules = append(t.Rules, one)
		}
	}
	judge(handshake.ResponseRules, Broken)
	judge(handshake.ResponseAdvice, Noted)
	t.Accepted = t.Broken == ""
	t.Verdict = l.Say("verdict.valid")
	if !t.Accepted {
		t.Verdict = l.Say("verdict.broken")
	}
	return t
}

// begin tells what needs no judgement.
func (s *Story) begin(l *Language) Telling {
	t := Telling{ID: s.ID, Peer: s.Peer, Rules: []Rule{}}
	var body string
	t.Request, _ = l.lines(s.Request, "request")
	t.Answer, body = l.lines(s.Answer, "response")
	if s.Sorted {
		t.Note = l.Say("order")
	}
	if response, _, err := handshake.ParseResponse(s.Answer); err == nil {
		t.Status = response.Status
		if t.Status != http.StatusSwitchingProtocols {
			t.Body = body
		}
	}
	return t
}

// otherAccept is the proof that was given, if it is not the right one.
func (s *Story) otherAccept(right string) string {
	response, _, err := handshake.ParseResponse(s.Answer)
	if came := response.Header.Get("Sec-WebSocket-Accept"); err == nil && came != right {
		return came
	}
	return ""
}

// lines explains a message line by line, up to its empty line, and returns
// what follows. It takes any bytes: what is wrong with them, the rules say.
func (l *Language) lines(wire []byte, side string) (lines []Line, body string) {
	rest := printable(wire)
	for n := 0; rest != ""; n++ {
		text, after, found := strings.Cut(rest, "\n")
		rest = after
		text = strings.TrimSuffix(text, "\r")
		line := Line{Text: text}
		name, _, colon := strings.Cut(text, ":")
		switch {
		case n == 0 && side == "request":
			line.Means, line.Section = l.Say("start.request"), "RFC 6455, section 4.1"
		case n == 0 && strings.Contains(text, " 101"):
			line.Means, line.Section = l.Say("start.response.101"), "RFC 6455, section 4.2.2"
		case n == 0:
			line.Means, line.Section = l.Say("start.response"), "RFC 6455, section 4.2.2"
		case text == "" && found:
			key := "empty." + side
			if side == "response" && strings.Contains(lines[0].Text, " 101") {
				key = "empty.101"
			}
			line.Means = l.Say(key)
			return append(lines, line), rest
		case colon:
			line.Means, line.Section = l.field(side, name)
		}
		lines = append(lines, line)
	}
	return lines, ""
}

// field says what a header line is for.
func (l *Language) field(side, name string) (means, section string) {
	for key, section := range sections {
		if strings.EqualFold(key, side+"."+name) {
			return l.Say("field." + key), section
		}
	}
	return l.Say("field." + side + ".other"), ""
}

// markField marks the lines of the header that a rule is about.
func markField(lines []Line, field string) {
	for i := range lines {
		name, _, _ := strings.Cut(lines[i].Text, ":")
		if i > 0 && field != "" && textproto.CanonicalMIMEHeaderKey(name) == textproto.CanonicalMIMEHeaderKey(field) {
			lines[i].Bad = true
		}
	}
}

// printable keeps line breaks and makes everything else visible.
func printable(b []byte) string {
	var out strings.Builder
	for len(b) > 0 {
		r, size := utf8.DecodeRune(b)
		switch {
		case r == '\r' || r == '\n' || r == '\t' || unicode.IsPrint(r) && r != utf8.RuneError:
			out.WriteRune(r)
		default:
			for _, c := range b[:size] {
				fmt.Fprintf(&out, `\x%02x`, c)
			}
		}
		b = b[size:]
	}
	return out.String()
}

func status(code int) string { return strings.TrimSpace(fmt.Sprint(code, " ", http.StatusText(code))) }
