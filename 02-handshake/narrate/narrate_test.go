package narrate

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"websocket.example/02-handshake/handshake"
)

const (
	good = "GET /chat HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nX-Other: 1\r\n\r\n"
	yes = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
		"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
)

// story is what a server with these options makes of a request.
func story(t *testing.T, wire string) *Story {
	s := &Story{Peer: "client", Request: []byte(wire)}
	request, _, err := handshake.ParseRequest(s.Request)
	var h *handshake.Handshake
	if err == nil {
		h, err = (*handshake.Options)(nil).Judge(t.Context(), &request)
	}
	if s.Err = err; err == nil {
		s.Answer = h.Response.Append(nil)
		return s
	}
	e, is := errors.AsType[*handshake.Error](err)
	if !is {
		t.Fatal(err)
	}
	response, body := e.Response(true)
	s.Answer = append(response.Append(nil), body...)
	return s
}

func marks(rules []Rule, mark string) (ids []string) {
	for _, r := range rules {
		if r.Mark == mark {
			ids = append(ids, r.ID)
		}
	}
	return ids
}

func TestToServer(t *testing.T) {
	for _, row := range []struct {
		name, wire string
		status     int
		broken     string
		bad        string // the line that is marked
		proof      bool
	}{
		{"accepted", good, 101, "", "", true},
		{"a wrong version", strings.Replace(good, "Version: 13", "Version: 8", 1), 426, "request-version", "Sec-WebSocket-Version: 8", true},
		{"no key", strings.Replace(good, "Sec-WebSocket-Key", "X-Key", 1), 400, "request-key", "", false},
		{"a foreign page", strings.Replace(good, "X-Other: 1", "oRIGIN: http://x", 1), 403, "server-origin", "oRIGIN: http://x", true},
		{"no HTTP", "\x00\xff\r\n", 400, "syntax-bytes", "", false},
	} {
		t.Run(row.name, func(t *testing.T) {
			for _, l := range []*Language{English, Portuguese} {
				got := story(t, row.wire).ToServer(l)
				if got.Status != row.status || got.Broken != row.broken || got.Accepted != (row.broken == "") || (got.Proof != nil) != row.proof {
					t.Errorf("%+v", got)
				}
				if broken := marks(got.Rules, Broken); row.broken != "" && !slices.Equal(broken, []string{row.broken}) {
					t.Errorf("broken: %v", broken)
				}
				i := slices.IndexFunc(got.Request, func(l Line) bool { return l.Bad })
				if (i >= 0) != (row.bad != "") || i >= 0 && got.Request[i].Text != row.bad {
					t.Errorf("the line marked is %d", i)
				}
				var out bytes.Buffer
				View{Language: l, Colour: true}.Text(&out, got)
				if strings.Contains(out.String(), "[no text") || strings.ContainsRune(out.String(), 0) {
					t.Errorf("in %s:\n%s", l.Tag, out.String())
				}
			}
		})
	}
}

func TestToClient(t *testing.T) {
	for _, row := range []struct {
		name, answer string
		broken       []string
		noted        []string
		verdict      string
	}{
		{"as it should be", yes, nil, nil, "A correct handshake"},
		{"two faults", strings.NewReplacer("websocket", "x", "xOo=", "xOO=").Replace(yes), []string{"response-upgrade", "response-accept"}, nil, "breaks the RFC"},
		{"a length", strings.Replace(yes, "\r\n\r\n", "\r\nContent-Length: 0\r\n\r\n", 1), nil, []string{"response-length"}, "A correct handshake"},
		{"LF only", strings.ReplaceAll(yes, "\r\n", "\n"), []string{"syntax-line"}, nil, "breaks the RFC"},
		{"refused", "HTTP/1.1 403 Forbidden\r\nContent-Length: 3\r\n\r\nno\n", nil, nil, "refused with 403 Forbidden"},
		{"half of it", yes[:30], nil, nil, "breaks the RFC"},
	} {
		s := &Story{Peer: "server", Request: []byte(good), Answer: []byte(row.answer)}
		got := s.ToClient(English)
		if !slices.Equal(marks(got.Rules, Broken), row.broken) || !slices.Equal(marks(got.Rules, Noted), row.noted) || !strings.Contains(got.Verdict, row.verdict) {
			t.Errorf("%s: %+v", row.name, got)
		}
		if len(row.broken) > 0 && got.Broken != row.broken[0] {
			t.Errorf("%s: the verdict names %s", row.name, got.Broken)
		}
		if got.Body != "" && got.Body != "no\n" {
			t.Errorf("%s: the body is %q", row.name, got.Body)
		}
	}
}

// The proof of RFC 6455, section 1.3.
func TestProof(t *testing.T) {
	p := proofOf("dGhlIHNhbXBsZSBub25jZQ==")
	if p.Sum != "b3 7a 4f 2c c0 62 4f 16 90 f6 46 06 cf 38 59 45 b2 be c4 ea" || p.Accept != "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" {
		t.Errorf("%+v", p)
	}
}

// Every rule says in both languages what it says in the code.
func TestRulesAreTranslated(t *testing.T) {
	for _, rule := range slices.Concat(handshake.SyntaxRules, handshake.RequestRules, handshake.ServerRules, handshake.ResponseRules, handshake.ResponseAdvice) {
		if got := English.Say("rule." + rule.ID); got != rule.Says {
			t.Errorf("%s: %q, and the code says %q", rule.ID, got, rule.Says)
		}
		if strings.HasPrefix(Portuguese.Say("rule."+rule.ID), "[no text") {
			t.Errorf("%s has no Portuguese", rule.ID)
		}
	}
	for key := range sections {
		for _, l := range []*Language{English, Portuguese} {
			if strings.HasPrefix(l.Say("field."+key), "[no text") {
				t.Errorf("%s has no text in %s", key, l.Tag)
			}
		}
	}
}

// Whatever a client sends, the terminal is safe from it.
func TestPrintable(t *testing.T) {
	for in, want := range map[string]string{
		"a\x1b[31mb": `a\x1b[31mb`, "é\xff": `é\xff`, "a\tb\r\n": "a\tb\r\n", "\x7f": `\x7f`, "\u009b": `\xc2\x9b`,
	} {
		if got := printable([]byte(in)); got != want {
			t.Errorf("%q becomes %q, want %q", in, got, want)
		}
	}
}
