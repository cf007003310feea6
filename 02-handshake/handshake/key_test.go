package handshake

import (
	"strings"
	"testing"
)

func TestAccept(t *testing.T) {
	for _, row := range []struct{ name, key, want string }{
		{"RFC 6455, section 1.3", "dGhlIHNhbXBsZSBub25jZQ==", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="},
		{"16 zero bytes", "AAAAAAAAAAAAAAAAAAAAAA==", "ICX+Yqv66kxgM0FcWaLWlFLwTAI="},
	} {
		if got := Accept(row.key); got != row.want {
			t.Errorf("%s: %s, want %s", row.name, got, row.want)
		}
	}
}

func TestNewKey(t *testing.T) {
	seen := map[string]bool{}
	for range 1000 {
		key := NewKey()
		if seen[key] || len(key) != 24 || keyBytes(key) != 16 {
			t.Fatalf("the key %q is no good, or came twice", key)
		}
		seen[key] = true
	}
}

func TestKeyBytes(t *testing.T) {
	for _, row := range []struct {
		name, key string
		want      int
	}{
		{"a good one", "dGhlIHNhbXBsZSBub25jZQ==", 16},
		{"unused bits that are not zero", "dGhlIHNhbXBsZSBub25jZR==", 16},
		{"nothing", "", 0},
		{"15 bytes", "AAAAAAAAAAAAAAAAAAAA", 15},
		{"17 bytes", "AAAAAAAAAAAAAAAAAAAAAAA=", 17},
		{"no padding", "dGhlIHNhbXBsZSBub25jZQ", -1},
		{"too much padding", "dGhlIHNhbXBsZSBub25jZQ===", -1},
		{"the alphabet of URLs", "__79_v79_v79_v79_v79_g==", -1},
		{"a space", "dGhlIHNhbXBs ZSBub25jZQ=", -1},
		{"not base64 at all", "!!!!", -1},
		{"very long", strings.Repeat("A", 4000), 3000},
	} {
		if got := keyBytes(row.key); got != row.want {
			t.Errorf("%s: %d bytes, want %d", row.name, got, row.want)
		}
	}
}
