package handshake

import (
	"errors"
	"reflect"
	"strings"
	"testing"
)

var responseRows = []struct {
	name, wire string
	value      Response
	same       bool
	rule, says string
}{
	{
		name: "RFC 6455, section 1.3", same: true,
		wire: "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n",
		value: Response{"HTTP/1.1", 101, "Switching Protocols", Header{
			{"Upgrade", "websocket"}, {"Connection", "Upgrade"}, {"Sec-WebSocket-Accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="},
		}},
	},
	{name: "no reason", same: true, wire: "HTTP/1.1 200 \r\n\r\n", value: Response{"HTTP/1.1", 200, "", Header{}}},
	{name: "a reason in any words", same: true, wire: "HTTP/1.0 999 a  b\t\xff\r\n\r\n", value: Response{"HTTP/1.0", 999, "a  b\t\xff", Header{}}},
	{name: "frames follow", wire: "HTTP/1.1 101 x\r\n\r\n\x81\x00", value: Response{"HTTP/1.1", 101, "x", Header{}}},
	{name: "no space after the status", wire: "HTTP/1.1 101\r\n\r\n", rule: "syntax-start", says: "status line"},
	{name: "two spaces", wire: "HTTP/1.1  101 x\r\n\r\n", rule: "syntax-start", says: `the status ""`},
	{name: "two digits", wire: "HTTP/1.1 10 x\r\n\r\n", rule: "syntax-start", says: `the status "10"`},
	{name: "four digits", wire: "HTTP/1.1 0101 x\r\n\r\n", rule: "syntax-start", says: `the status "0101"`},
	{name: "a sign", wire: "HTTP/1.1 +10 x\r\n\r\n", rule: "syntax-start", says: `the status "+10"`},
	{name: "below 100", wire: "HTTP/1.1 099 x\r\n\r\n", rule: "syntax-start", says: `the status "099"`},
	{name: "not HTTP", wire: "SSH-2.0-OpenSSH_9.6 is here\r\n\r\n", rule: "syntax-start", says: "not a version of HTTP"},
	{name: "LF only", wire: "HTTP/1.1 101 x\nUpgrade: websocket\n\n", rule: "syntax-line", says: "line 1: a LF without a CR"},
	{name: "a folded line", wire: "HTTP/1.1 101 x\r\na: b\r\n c\r\n\r\n", rule: "syntax-fold", says: "white space"},
}

func TestResponse(t *testing.T) {
	for _, row := range responseRows {
		t.Run(row.name, func(t *testing.T) {
			got, n, err := ParseResponse([]byte(row.wire))
			if row.rule != "" {
				wantError(t, err, row.rule, row.says)
				if e, is := errors.AsType[*Error](err); is && e.Status != 0 {
					t.Errorf("a client would answer %d", e.Status)
				}
			} else {
				if err != nil || !reflect.DeepEqual(got, row.value) {
					t.Fatalf("%+v, %v, want %+v", got, err, row.value)
				}
				if wire := string(got.Append(nil)); row.same && wire != row.wire {
					t.Errorf("written again: %q", wire)
				}
			}
			for i := range len(row.wire) {
				_, n2, err2 := ParseResponse([]byte(row.wire[:i]))
				if !errors.Is(err2, ErrIncomplete) && (n2 != n || !sameError(err, err2)) {
					t.Fatalf("of %q: %d, %v; of all: %d, %v", row.wire[:i], n2, err2, n, err)
				}
			}
		})
	}
}

func FuzzResponse(f *testing.F) {
	for _, row := range responseRows {
		f.Add([]byte(row.wire), uint8(3))
	}
	f.Add([]byte("HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"), uint8(1))
	f.Fuzz(func(t *testing.T, wire []byte, step uint8) {
		r, _, err := ParseResponse(wire)
		if err == nil {
			again, _, err := ParseResponse(r.Append(nil))
			if err != nil || !reflect.DeepEqual(again, r) {
				t.Errorf("%+v, written and read again, is %+v, %v", r, again, err)
			}
			offer := goodRequest()
			for _, rule := range append(ResponseRules[:len(ResponseRules):len(ResponseRules)], ResponseAdvice...) {
				_ = rule.Apply(Exchange{&offer, &r})
			}
		}
		answer := func(split int) string {
			r, _, err := readAnswer(&stepReader{string(wire), split}, make([]byte, 512))
			if err != nil {
				return strings.Map(digits, err.Error())
			}
			return string(r.Append(nil))
		}
		if split, whole := answer(int(step%7)+1), answer(1<<20); split != whole {
			t.Errorf("in pieces of %d: %s, in one: %s", step%7+1, split, whole)
		}
	})
}

// digits drops digits: how many bytes had come differs, what is wrong does not.
func digits(r rune) rune {
	if '0' <= r && r <= '9' {
		return -1
	}
	return r
}
