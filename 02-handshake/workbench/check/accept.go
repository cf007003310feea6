package check

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strings"
)

// guid stands here once more, so that a slip in package handshake is found.
const guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

// proof is the answer that belongs to a key.
func proof(key string) string {
	sum := sha1.Sum([]byte(key + guid))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// whyAccept recognizes the classic wrong answers to a key. It returns the
// key of a text, and for a wrong GUID that GUID.
func whyAccept(key, got string) (text, wrongGUID string) {
	b64 := base64.StdEncoding.EncodeToString
	sum := sha1.Sum([]byte(key + guid))
	right := b64(sum[:])
	of := func(s string) string { sum := sha1.Sum([]byte(s)); return b64(sum[:]) }
	decoded, _ := base64.StdEncoding.DecodeString(key)
	sum256 := sha256.Sum256([]byte(key + guid))
	sum5 := md5.Sum([]byte(key + guid))

	for _, known := range []struct{ text, answer string }{
		{"accept-key", key},
		{"accept-sample", proof(sampleKey)},
		{"accept-hex-base64", b64([]byte(hex.EncodeToString(sum[:])))},
		{"accept-hex-base64", b64([]byte(strings.ToUpper(hex.EncodeToString(sum[:]))))},
		{"accept-hex", hex.EncodeToString(sum[:])},
		{"accept-lower", strings.ToLower(right)},
		{"accept-padding", strings.TrimRight(right, "=")},
		{"accept-alphabet", base64.URLEncoding.EncodeToString(sum[:])},
		{"accept-decoded", of(string(decoded) + guid)},
		{"accept-no-guid", of(key)},
		{"accept-no-hash", b64([]byte(key + guid))},
		{"accept-order", of(guid + key)},
		{"accept-space", of(key + guid + "\n")},
		{"accept-space", of(key + guid + "\r\n")},
		{"accept-space", of(key + "\n" + guid)},
		{"accept-space", of(key + "\r\n" + guid)},
		{"accept-space", of(key + "\r" + guid)},
		{"accept-space", of(" " + key + guid)},
		{"accept-space", of(key + " " + guid)},
		{"accept-sha256", b64(sum256[:])},
		{"accept-md5", b64(sum5[:])},
	} {
		if got == known.answer {
			return known.text, ""
		}
	}
	for _, wrong := range misspelt(guid) {
		if got == of(key+wrong) {
			return "accept-guid", wrong
		}
	}
	if b, err := base64.StdEncoding.DecodeString(got); err == nil && len(b) == sha1.Size {
		return "accept-something", ""
	}
	return "", ""
}

// misspelt returns what becomes of a GUID through one slip of the pen.
func misspelt(guid string) []string {
	list := []string{strings.ToLower(guid), strings.ReplaceAll(guid, "-", ""), "{" + guid + "}"}
	for i := range len(guid) {
		before, after := guid[:i], guid[i+1:]
		list = append(list, before+after) // one left out
		for _, c := range "0123456789ABCDEF-" {
			list = append(list, before+string(c)+after, before+string(c)+guid[i:]) // another one, one more
		}
		if after != "" {
			list = append(list, before+after[:1]+guid[i:i+1]+after[1:]) // two exchanged
		}
	}
	return list
}
