package sigv4

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// canonicalRequest is the request in the one spelling that is hashed:
// method, path, query, headers, their names, the body's hash.
func canonicalRequest(r *http.Request, s *signature, payload string) string {
	var b strings.Builder
	b.WriteString(r.Method + "\n")
	b.WriteString(canonicalPath(rawPath(r)) + "\n")
	b.WriteString(canonicalQuery(parseQuery(rawQuery(r))) + "\n")
	names := slices.Sorted(slices.Values(s.headers))
	for _, name := range names {
		b.WriteString(name + ":" + canonicalHeader(r, name) + "\n")
	}
	b.WriteString("\n" + strings.Join(names, ";") + "\n" + payload)
	return b.String()
}

func stringToSign(s *signature, canonical string) string {
	scope := strings.Join([]string{s.day, s.region, s.service, s.terminator}, "/")
	return algorithm + "\n" + s.date + "\n" + scope + "\n" + hash([]byte(canonical))
}

func hash(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// payloadHash is that of the body which came. What the header says it was is
// not believed: if it differs, so does the signature.
func payloadHash(r *http.Request, s *signature, body []byte) string {
	said := r.Header.Get("X-Amz-Content-Sha256")
	if said == "" && s.presigned {
		said = parseQuery(rawQuery(r)).get("X-Amz-Content-Sha256")
	}
	if said == Unsigned {
		return Unsigned
	}
	return hash(body)
}

// canonicalPath is the path as it was sent, without "." and "..", and with
// everything encoded that may be: once more, for what was encoded already.
// A connection's ID ends in "=", which is sent as %3D and signed as %253D.
//
// IAM User Guide, "Create a signed AWS API request": all services but S3
// encode each part of the path twice.
func canonicalPath(sent string) string {
	parts := strings.Split(sent, "/")
	kept := parts[:0:0]
	for i, part := range parts {
		last := i == len(parts)-1
		switch {
		case part == "..":
			kept = kept[:max(0, len(kept)-1)]
		case part == "." || part == "":
		default:
			kept = append(kept, encode(part))
			continue
		}
		if last && len(kept) > 0 { // what ends in a slash still does
			kept = append(kept, "")
		}
	}
	return "/" + strings.Join(kept, "/")
}

// canonicalHeader is a header's value: of several lines one, of several
// spaces one.
func canonicalHeader(r *http.Request, name string) string {
	values := r.Header.Values(name)
	switch { // these net/http keeps elsewhere
	case name == "host" || name == ":authority":
		values = []string{r.Host}
		if r.Host == "" {
			values = []string{r.URL.Host}
		}
	case name == "content-length" && len(values) == 0 && r.ContentLength >= 0:
		values = []string{strconv.FormatInt(r.ContentLength, 10)}
	case name == "transfer-encoding" && len(values) == 0:
		values = r.TransferEncoding
	}
	trimmed := make([]string, len(values))
	for i, value := range values {
		trimmed[i] = strings.Join(strings.Fields(value), " ")
	}
	return strings.Join(trimmed, ",")
}

// rawPath is the path as it was sent.
func rawPath(r *http.Request) string {
	if strings.HasPrefix(r.RequestURI, "/") {
		path, _, _ := strings.Cut(r.RequestURI, "?")
		return path
	}
	return r.URL.EscapedPath()
}

func rawQuery(r *http.Request) string {
	if strings.HasPrefix(r.RequestURI, "/") {
		_, query, _ := strings.Cut(r.RequestURI, "?")
		return query
	}
	return r.URL.RawQuery
}

type pair struct{ name, value string }

// A query is decoded. net/url's would drop what it does not understand, and
// then nobody would have signed it.
type query []pair

func parseQuery(raw string) query {
	var q query
	for part := range strings.SplitSeq(raw, "&") {
		if part == "" {
			continue
		}
		name, value, _ := strings.Cut(part, "=")
		q = append(q, pair{decode(name), decode(value)})
	}
	return q
}

func (q query) get(name string) string {
	for _, p := range q {
		if p.name == name {
			return p.value
		}
	}
	return ""
}

func (q query) has(name string) bool {
	return slices.ContainsFunc(q, func(p pair) bool { return p.name == name })
}

// canonicalQuery encodes first and sorts then; the signature itself can't be
// in it.
func canonicalQuery(q query) string {
	var list []pair
	for _, p := range q {
		if p.name != "X-Amz-Signature" {
			list = append(list, pair{encode(p.name), encode(p.value)})
		}
	}
	slices.SortFunc(list, func(a, b pair) int {
		return cmp.Or(cmp.Compare(a.name, b.name), cmp.Compare(a.value, b.value))
	})
	texts := make([]string, len(list))
	for i, p := range list {
		texts[i] = p.name + "=" + p.value
	}
	return strings.Join(texts, "&")
}

// encode leaves the unreserved characters of RFC 3986, section 2.3, and
// nothing else.
func encode(s string) string {
	const digits = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(s) {
		c := s[i]
		switch {
		case 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("-._~", c) >= 0:
			b.WriteByte(c)
		default:
			b.Write([]byte{'%', digits[c>>4], digits[c&15]})
		}
	}
	return b.String()
}

// decode is its inverse. "+" is a space, as in a form; a "%" that begins
// nothing stands for itself.
func decode(s string) string {
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			if c, err := strconv.ParseUint(s[i+1:i+3], 16, 8); err == nil {
				b = append(b, byte(c))
				i += 2
				continue
			}
		}
		if s[i] == '+' {
			b = append(b, ' ')
			continue
		}
		b = append(b, s[i])
	}
	return string(b)
}
