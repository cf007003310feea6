package frame

import (
	"bytes"
	"encoding/binary"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"
)

// RFC 6455, section 7.4.2, and the IANA registry: who may use which range.
func TestCloseCodes(t *testing.T) {
	sendable := func(code int) bool {
		switch {
		case code <= 999: // not used
			return false
		case code <= 1003, code >= 1007 && code <= 1014: // defined for close frames
			return true
		case code <= 2999: // 1004 reserved; 1005, 1006, 1015 never sent; the others not defined
			return false
		case code <= 3999: // registered by libraries
			return true
		case code <= 4999: // private
			return true
		}
		return false
	}
	for code := range 1 << 16 {
		want := sendable(code)
		if got := CloseCode(code).Sendable(); got != want {
			t.Errorf("%d: sendable is %v", code, got)
		}
		payload := binary.BigEndian.AppendUint16(nil, uint16(code))
		switch got, reason, err := ParseClose(payload); {
		case want && (int(got) != code || len(reason) != 0 || err != nil):
			t.Errorf("ParseClose of %d: %v, %q, %v", code, got, reason, err)
		case !want && !isError(err, ProtocolError, "7.4"):
			t.Errorf("ParseClose of %d: got %v, want a protocol error", code, err)
		}
	}
}

func TestCloseCodeString(t *testing.T) {
	for code, want := range map[CloseCode]string{
		NormalClosure:  "1000 normal closure",
		InvalidPayload: "1007 invalid payload",
		TLSHandshake:   "1015 TLS handshake",
		4000:           "4000",
	} {
		if got := code.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestParseClose(t *testing.T) {
	reason := func(s string) []byte { return append([]byte{0x03, 0xe8}, s...) } // 1000
	for _, row := range []struct {
		name    string
		payload []byte
		code    CloseCode
		reason  string
		failure CloseCode // 0 if none
		section string
	}{
		{"empty", nil, NoStatus, "", 0, ""},
		{"one byte", []byte{0x03}, 0, "", ProtocolError, "5.5.1"},
		{"a code", []byte{0x03, 0xe9}, GoingAway, "", 0, ""},
		{"a code and a reason", reason("bye"), NormalClosure, "bye", 0, ""},
		{"a reason beyond ASCII", reason("até logo"), NormalClosure, "até logo", 0, ""},
		{"123 bytes of reason", reason(strings.Repeat("x", 123)), NormalClosure, strings.Repeat("x", 123), 0, ""},
		{"a code that is never sent", []byte{0x03, 0xed}, 0, "", ProtocolError, "7.4"},
		{"a bad code and a bad reason", []byte{0, 0, 0xff}, 0, "", ProtocolError, "7.4"},
		{"a reason that is cut inside a character", reason("at\xc3"), 0, "", InvalidPayload, "5.5.1"},
		{"a reason with a stray byte", reason("a\x80b"), 0, "", InvalidPayload, "5.5.1"},
		{"a reason with a surrogate", reason("\xed\xa0\x80"), 0, "", InvalidPayload, "5.5.1"},
	} {
		t.Run(row.name, func(t *testing.T) {
			code, reason, err := ParseClose(row.payload)
			if row.failure != 0 {
				if !isError(err, row.failure, row.section) {
					t.Errorf("got %v, want code %v and section %s", err, row.failure, row.section)
				}
				return
			}
			if code != row.code || string(reason) != row.reason || err != nil {
				t.Errorf("got %v, %q, %v, want %v, %q", code, reason, err, row.code, row.reason)
			}
			if got := AppendClose(nil, code, string(reason)); !bytes.Equal(got, row.payload) {
				t.Errorf("AppendClose: got % x, want % x", got, row.payload)
			}
		})
	}
}

func TestAppendClose(t *testing.T) {
	x := func(n int) string { return strings.Repeat("x", n) }
	for _, row := range []struct {
		name   string
		code   CloseCode
		reason string
		want   string
	}{
		{"no status, no bytes", NoStatus, "", ""},
		{"no status, no reason", NoStatus, "not sent", ""},
		{"a code", NormalClosure, "", "\x03\xe8"},
		{"a code and a reason", MessageTooBig, "big", "\x03\xf1big"},
		{"123 bytes", NormalClosure, x(123), "\x03\xe8" + x(123)},
		{"124 bytes", NormalClosure, x(124), "\x03\xe8" + x(123)},
		{"a character ends at 123", NormalClosure, x(121) + "éé", "\x03\xe8" + x(121) + "é"},
		{"two bytes across 123", NormalClosure, x(122) + "é", "\x03\xe8" + x(122)},
		{"three bytes across 123", NormalClosure, x(121) + "€", "\x03\xe8" + x(121)},
		{"four bytes across 123", NormalClosure, x(120) + "😀", "\x03\xe8" + x(120)},
		{"no character at all", NormalClosure, strings.Repeat("\x80", 130), "\x03\xe8"},
	} {
		t.Run(row.name, func(t *testing.T) {
			got := AppendClose([]byte("before"), row.code, row.reason)
			if string(got) != "before"+row.want {
				t.Errorf("got %q, want %q", got, "before"+row.want)
			}
		})
	}
}

// FuzzClose: what is accepted can be sent, and what is sent is accepted.
func FuzzClose(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte{0x03, 0xe8})
	f.Add([]byte("\x03\xe8bye"))
	f.Add([]byte("\x03\xe8\xed\xa0\x80"))
	f.Add([]byte("\x03\xf0" + strings.Repeat("€", 50)))
	f.Fuzz(func(t *testing.T, payload []byte) {
		code, reason, err := ParseClose(payload)
		if err != nil {
			return
		}
		got := AppendClose(nil, code, string(reason))
		if len(got) > max7 || !bytes.HasPrefix(payload, got) {
			t.Fatalf("% x became % x", payload, got)
		}
		if len(payload) <= max7 && len(got) != len(payload) || len(got) < min(len(payload), max7-utf8.UTFMax+1) {
			t.Fatalf("% x lost too much: % x", payload, got)
		}
		if _, _, err := ParseClose(got); err != nil {
			t.Fatalf("% x: %v", got, err)
		}
	})
}

func isError(err error, code CloseCode, section string) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.Code == code && e.Section == section
}
