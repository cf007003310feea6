package check

import (
	"bytes"
	"encoding/binary"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"websocket.example/03-raw-server/frame"
)

// Classic wrong answers are known by name.

// wrongLength tells why a message is longer or shorter than it should be.
func (t *talk) wrongLength(h frame.Header, n int, before, want, right []byte) *Finding {
	raw := append([]byte(nil), t.settle()...)
	payload := raw[n:]
	payload = payload[:min(uint64(len(payload)), h.Length)]
	if h.Masked {
		frame.Mask(payload, h.Key, 0)
	}
	t.note(false, t.in)
	t.in = nil
	key := t.lengthKey(h, raw, payload, before, want)
	return found(key, "came", int(min(h.Length, 1<<62)), "wanted", len(want)).bytes(raw, right)
}

func (t *talk) lengthKey(h frame.Header, raw, payload, before, want []byte) string {
	length := len(want)
	is := func(b []byte, value uint64) bool {
		got := uint64(0)
		for _, c := range b {
			got = got<<8 | uint64(c)
		}
		return got == value
	}
	second := byte(0)
	if len(raw) > 1 {
		second = raw[1] & 0x7f
	}
	whole := len(before) == 0
	switch {
	case whole && second == 126 && uint64(binary.LittleEndian.Uint16(raw[2:])) == uint64(length&0xffff) && length <= 0xffff,
		whole && second == 127 && binary.LittleEndian.Uint64(raw[2:]) == uint64(length):
		return "little-endian"
	case whole && second == 126 && length > 0xffff && is(raw[2:4], uint64(length&0xffff)):
		return "length-16-bits"
	case whole && second == 127 && is(raw[2:6], uint64(length)):
		return "length-32-bits"
	case whole && length > 125 && int(second) == length&0x7f && len(raw) > 10 && startsSame(raw[2:], want):
		return "length-7-bits"
	case whole && utf8.Valid(want) && latin1(want) == string(payload) && !bytes.Equal(payload, want):
		return "latin1"
	case utf8.Valid(want) && int(h.Length) == utf8.RuneCount(want):
		return "length-characters"
	case utf8.Valid(want) && int(h.Length) == len(utf16.Encode([]rune(string(want)))):
		return "length-units"
	case h.Fin && t.isFragment(payload):
		return "each-fragment"
	case int(h.Length) < length && h.Fin && length > 1024 && startsSame(payload, want):
		return "one-read"
	case whole && bytes.Equal(bytes.TrimSpace(payload), want) && length > 0:
		return "line-break"
	case whole && length > 0 && bytes.Contains(payload, want):
		return "decorated"
	}
	return "length"
}

// isFragment says whether this is one of the fragments that were sent.
func (t *talk) isFragment(payload []byte) bool {
	for _, e := range t.log {
		if e.Sent && e.Header != nil && !e.Header.Fin && e.Came == len(payload) && bytes.Equal(e.Payload, payload[:min(len(payload), len(e.Payload))]) {
			return len(payload) > 0
		}
	}
	return false
}

// wasSent says whether this is a message that was sent, though not the last.
func (t *talk) wasSent(got []byte) bool {
	for _, e := range t.log {
		if e.Sent && e.Header != nil && e.Came == len(got) && bytes.HasPrefix(got, e.Payload) {
			return true
		}
	}
	return false
}

// startsSame says whether the bytes that came are the first of those wanted.
func startsSame(came, want []byte) bool {
	n := min(len(came), len(want), 64)
	return n > 0 && bytes.Equal(came[:n], want[:n])
}

// latin1 is text as a program writes it that has one byte for each character.
func latin1(want []byte) string {
	var b strings.Builder
	for _, r := range string(want) {
		if r > 0xff {
			r = '?'
		}
		b.WriteByte(byte(r))
	}
	return b.String()
}

// wrongContent tells why a message of the right length has other bytes.
func (t *talk) wrongContent(got, want, right []byte) *Finding {
	key := "content"
	sent := t.sentFor(len(want))
	switch {
	case sent == nil:
	case xored(got, want, sent.key):
		key = "not-unmasked"
	case xored(got, want, shifted(sent.key, t.before(sent))):
		key = "mask-not-restarted"
	case xored(got, want, reversed(sent.key)):
		key = "mask-reversed"
	case xored(got, want, [4]byte{0, sent.key[0] ^ sent.key[1], sent.key[0] ^ sent.key[2], sent.key[0] ^ sent.key[3]}):
		key = "mask-one-byte"
	case len(t.sent) > 1 && xored(got, want, mix(sent.key, t.sent[0].key)):
		key = "mask-of-first"
	case bytes.EqualFold(got, want):
		key = "case"
	case t.wasSent(got):
		key = "earlier"
	}
	return found(key).bytes(t.lastCame(), right)
}

// stillMasked says whether a payload came back as it was on the wire.
func (t *talk) stillMasked(got, want []byte) bool {
	sent := t.sentFor(len(want))
	return sent != nil && len(got) == len(want) && xored(got, want, sent.key)
}

// sentFor is the last masked frame of that length.
func (t *talk) sentFor(length int) *sentKey {
	for i := len(t.sent) - 1; i >= 0; i-- {
		if t.sent[i].length == length && t.client && length > 0 {
			return &t.sent[i]
		}
	}
	return nil
}

// before is how many bytes were sent before a frame.
func (t *talk) before(s *sentKey) int {
	n := 0
	for i := range t.sent {
		if &t.sent[i] == s {
			break
		}
		n += t.sent[i].length
	}
	return n
}

// xored says whether the difference of two texts is this key, over and over.
func xored(got, want []byte, key [4]byte) bool {
	if key == [4]byte{} || len(got) != len(want) {
		return false
	}
	for i := range got {
		if got[i]^want[i] != key[i%4] {
			return false
		}
	}
	return true
}

// shifted is what remains of a mask if its key is applied from byte n on.
func shifted(key [4]byte, n int) [4]byte {
	return mix(key, [4]byte{key[n%4], key[(n+1)%4], key[(n+2)%4], key[(n+3)%4]})
}

func reversed(key [4]byte) [4]byte {
	return mix(key, [4]byte{key[3], key[2], key[1], key[0]})
}

func mix(a, b [4]byte) (c [4]byte) {
	for i := range a {
		c[i] = a[i] ^ b[i]
	}
	return c
}
