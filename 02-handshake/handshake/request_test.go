package handshake

import (
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"
)

// A codecRow is bytes and what they stand for, or the rule they break.
type codecRow struct {
	name  string
	wire  string
	value Request
	same  bool   // Append writes exactly wire
	rule  string // of the error
	says  string // part of its reason
}

var requestRows = []codecRow{
	{
		name: "the smallest", same: true,
		wire:  "GET / HTTP/1.1\r\n\r\n",
		value: Request{"GET", "/", "HTTP/1.1", Header{}},
	}, {
		name: "order and spelling are kept", same: true,
		wire:  "GET /a?b=c HTTP/1.1\r\nB: 2\r\na: 1\r\nB: 3\r\n\r\n",
		value: Request{"GET", "/a?b=c", "HTTP/1.1", Header{{"B", "2"}, {"a", "1"}, {"B", "3"}}},
	}, {
		name:  "white space around a value is not part of it",
		wire:  "GET / HTTP/1.1\r\na:1\r\nb:\t 2 3 \t\r\nc:\r\n\r\n",
		value: Request{"GET", "/", "HTTP/1.1", Header{{"a", "1"}, {"b", "2 3"}, {"c", ""}}},
	}, {
		name: "what follows is left alone",
		wire: "GET / HTTP/1.1\r\n\r\n\x81\x80\x00\x00", value: Request{"GET", "/", "HTTP/1.1", Header{}},
	}, {
		name: "another method and a whole URL", same: true,
		wire:  "M-SEARCH http://h/p HTTP/1.0\r\n\r\n",
		value: Request{"M-SEARCH", "http://h/p", "HTTP/1.0", Header{}},
	}, {
		name: "a value may hold any byte above ASCII", same: true,
		wire:  "GET / HTTP/1.1\r\nx: \xff\x80\r\n\r\n",
		value: Request{"GET", "/", "HTTP/1.1", Header{{"x", "\xff\x80"}}},
	},
	{name: "an empty first line", wire: "\r\nGET / HTTP/1.1\r\n\r\n", rule: "syntax-start", says: "empty"},
	{name: "LF only", wire: "GET / HTTP/1.1\nHost: x\n\n", rule: "syntax-line", says: "line 1: a LF without a CR"},
	{name: "LF only in the second line", wire: "GET / HTTP/1.1\r\nHost: x\n\r\n", rule: "syntax-line", says: "line 2: a LF without a CR"},
	{name: "CR only", wire: "GET / HTTP/1.1\rHost: x\r\n\r\n", rule: "syntax-line", says: "line 1: a CR without its LF"},
	{name: "CR CR LF", wire: "GET / HTTP/1.1\r\r\n\r\n", rule: "syntax-line", says: "line 1: a CR"},
	{name: "NUL", wire: "GET / HTTP/1.1\r\nHost: x\x00y\r\n\r\n", rule: "syntax-bytes", says: "line 2: byte 8 is 0x00"},
	{name: "DEL", wire: "GET / HTTP/1.1\r\nHost: \x7f\r\n\r\n", rule: "syntax-bytes", says: "0x7f"},
	{name: "TLS on a plain port", wire: "\x16\x03\x01\x02\x00\x01", rule: "syntax-bytes", says: "line 1: byte 1 is 0x16"},
	{name: "two parts", wire: "GET /\r\n\r\n", rule: "syntax-start", says: "does not have three parts"},
	{name: "four parts", wire: "GET / x HTTP/1.1\r\n\r\n", rule: "syntax-start", says: `"x HTTP/1.1" is not a version`},
	{name: "two spaces", wire: "GET  / HTTP/1.1\r\n\r\n", rule: "syntax-start", says: "target"},
	{name: "a space at the end", wire: "GET / HTTP/1.1 \r\n\r\n", rule: "syntax-start", says: "version"},
	{name: "no method", wire: " / HTTP/1.1\r\n\r\n", rule: "syntax-start", says: "method"},
	{name: "a method that is no token", wire: "G(T / HTTP/1.1\r\n\r\n", rule: "syntax-start", says: "method"},
	{name: "a target that is not ASCII", wire: "GET /\xc3\xa9 HTTP/1.1\r\n\r\n", rule: "syntax-start", says: "target"},
	{name: "another protocol", wire: "GET / HTCPCP/1.0\r\n\r\n", rule: "syntax-start", says: "version"},
	{name: "a version in lower case", wire: "GET / http/1.1\r\n\r\n", rule: "syntax-start", says: "version"},
	{name: "a long version", wire: "GET / HTTP/1.10\r\n\r\n", rule: "syntax-start", says: "version"},
	{name: "no colon", wire: "GET / HTTP/1.1\r\nHost\r\n\r\n", rule: "syntax-field", says: "no colon"},
	{name: "a space before the colon", wire: "GET / HTTP/1.1\r\nHost : x\r\n\r\n", rule: "syntax-field", says: "before the colon"},
	{name: "a name of two words", wire: "GET / HTTP/1.1\r\nHo st: x\r\n\r\n", rule: "syntax-field", says: "not the name"},
	{name: "no name", wire: "GET / HTTP/1.1\r\n: x\r\n\r\n", rule: "syntax-field", says: "not the name"},
	{name: "a folded line", wire: "GET / HTTP/1.1\r\na: 1\r\n 2\r\n\r\n", rule: "syntax-fold", says: "white space"},
	{name: "a tab before the first name", wire: "GET / HTTP/1.1\r\n\ta: 1\r\n\r\n", rule: "syntax-fold", says: "white space"},
	{name: "too many lines", wire: "GET / HTTP/1.1\r\n" + strings.Repeat("a: b\r\n", MaxFields+1) + "\r\n", rule: "syntax-size", says: "more than 128"},
	{name: "just not too many", wire: "GET / HTTP/1.1\r\n" + strings.Repeat("a: b\r\n", MaxFields) + "\r\n", same: true,
		value: Request{"GET", "/", "HTTP/1.1", repeatField(Field{"a", "b"}, MaxFields)}},
}

func repeatField(f Field, n int) (h Header) {
	for range n {
		h = append(h, f)
	}
	return h
}

func TestRequest(t *testing.T) {
	for _, row := range requestRows {
		t.Run(row.name, func(t *testing.T) {
			got, n, err := ParseRequest([]byte(row.wire))
			if row.rule != "" {
				wantError(t, err, row.rule, row.says)
			} else {
				if err != nil || !reflect.DeepEqual(got, row.value) {
					t.Fatalf("%+v, %v, want %+v", got, err, row.value)
				}
				if end := strings.Index(row.wire, "\r\n\r\n") + 4; n != end {
					t.Errorf("%d bytes, want %d", n, end)
				}
				if wire := string(got.Append(nil)); row.same && wire != row.wire {
					t.Errorf("written again: %q", wire)
				}
			}
			// Until a parser has made up its mind it says so, and then it never changes it.
			for i := range len(row.wire) {
				_, n2, err2 := ParseRequest([]byte(row.wire[:i]))
				if !errors.Is(err2, ErrIncomplete) && (n2 != n || !sameError(err, err2)) {
					t.Fatalf("of %q: %d, %v; of all: %d, %v", row.wire[:i], n2, err2, n, err)
				}
			}
			if one := readAll(iotest.OneByteReader(strings.NewReader(row.wire))); one != readAll(strings.NewReader(row.wire)) {
				t.Errorf("read byte by byte it is %s", one)
			}
		})
	}
}

func FuzzRequest(f *testing.F) {
	for _, row := range requestRows {
		f.Add([]byte(row.wire), uint8(3))
	}
	f.Fuzz(func(t *testing.T, wire []byte, step uint8) {
		r, n, err := ParseRequest(wire)
		if err == nil {
			again, n2, err := ParseRequest(r.Append(nil))
			if err != nil || n2 == 0 || !reflect.DeepEqual(again, r) {
				t.Errorf("%+v, written and read again, is %+v, %v", r, again, err)
			}
			if _, n3, err := ParseRequest(wire[:n]); n3 != n || err != nil {
				t.Errorf("without what follows it is %d, %v", n3, err)
			}
			judgeNeverPanics(t, r)
		}
		whole := readAll(strings.NewReader(string(wire)))
		if split := readAll(&stepReader{string(wire), int(step%7) + 1}); split != whole {
			t.Errorf("in pieces of %d: %s, in one: %s", step%7+1, split, whole)
		}
	})
}

// judgeNeverPanics, and what it lets through, our own client accepts.
func judgeNeverPanics(t *testing.T, r Request) {
	options := &Options{Origin: AnyOrigin, Subprotocols: []string{"chat"}}
	options.Extensions = func(offers []Extension) ([]Extension, error) { return offers[:1], nil }
	h, err := options.Judge(t.Context(), &r)
	if err != nil {
		if _, is := errors.AsType[*Error](err); !is {
			t.Errorf("the error %v has no rule", err)
		}
		return
	}
	if err := firstBreach(ResponseRules, Exchange{&r, &h.Response}); err != nil {
		t.Errorf("%+v: our own answer breaks a rule: %v", r, err)
	}
}

// readAll reads a request as a server does and says what came of it.
func readAll(r io.Reader) string {
	var request Request
	_, n, err := readHead(r, make([]byte, 512), 0, func(b []byte) (n int, err error) {
		request, n, err = ParseRequest(b)
		return n, err
	})
	if err != nil {
		return err.Error()
	}
	return string(request.Append(nil)) + strings.Repeat(".", n)
}

// A stepReader gives a few bytes at a time.
type stepReader struct {
	rest string
	step int
}

func (s *stepReader) Read(b []byte) (int, error) {
	if s.rest == "" {
		return 0, io.EOF
	}
	n := copy(b[:min(s.step, len(b))], s.rest)
	s.rest = s.rest[n:]
	return n, nil
}

func wantError(t *testing.T, err error, rule, says string) {
	t.Helper()
	e, is := errors.AsType[*Error](err)
	if !is || e.Rule != rule || !strings.Contains(e.Error(), says) || e.Section == "" {
		t.Errorf("the error is %v, want %s: %s", err, rule, says)
	}
}

func sameError(a, b error) bool {
	return a == nil && b == nil || a != nil && b != nil && a.Error() == b.Error()
}
