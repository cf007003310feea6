// Package sigv4 verifies AWS Signature Version 4: that whoever sent a request
// knows the secret of an access key, and that nobody changed the request on
// its way.
//
//	sigv4.go     Verify: from the request to who signed it
//	read.go      where a signature stands: the header Authorization, or the query
//	canonical.go the one spelling of a request that both sides hash
//	errors.go    what API Gateway answers, in its words
//
// The client hashes the request in a fixed spelling, the canonical request.
// It signs that hash with a key made of its secret, the date, the region and
// the service. The server does the same and compares.
//
// AWS documents the algorithm: IAM User Guide, "Create a signed AWS API
// request". The answers are as users of API Gateway recorded them.
package sigv4

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
	"time"
)

const (
	algorithm  = "AWS4-HMAC-SHA256"
	terminator = "aws4_request"
	basic      = "20060102T150405Z" // ISO 8601, the basic format

	// Unsigned stands for the hash of the body when that is not signed.
	Unsigned = "UNSIGNED-PAYLOAD"

	// Skew is how far the two clocks may be apart.
	Skew = 5 * time.Minute
)

// A Verifier checks signatures. Its fields are not changed once it is used;
// then any number of goroutines may use it.
type Verifier struct {
	// Secret is the secret of an access key, and whether there is such a key.
	Secret func(accessKey string) (secret string, ok bool)

	// Token says whether a session token belongs to an access key; without
	// one in the request it is asked for "". Nil takes any: the token is
	// signed, but only who issued it could read it.
	Token func(accessKey, token string) bool

	Region  string           // "" takes any
	Service string           // "" is execute-api
	Now     func() time.Time // nil is time.Now

	// Nobody outside AWS knows these two for sure.
	RefuseUnsigned bool // do not take UNSIGNED-PAYLOAD
	LooseHeaders   bool // take x-amz- headers that are not signed
}

// An Identity is who signed a request.
type Identity struct {
	AccessKey string
	Token     string // the session token, "" without one
	Region    string
	Service   string
	At        time.Time
	Presigned bool // the signature was in the query
}

// Verify says who signed a request. The body is what came, all of it; it may
// be nil when the request says that it is not signed.
//
// The path is taken from r.RequestURI, as it was sent: a handler may have cut
// something off r.URL.
func (v *Verifier) Verify(r *http.Request, body []byte) (Identity, *Error) {
	s, fail := read(r)
	if fail != nil {
		return Identity{}, fail
	}
	if fail := v.checkScope(s); fail != nil {
		return Identity{}, fail
	}
	if fail := v.checkTime(s); fail != nil {
		return Identity{}, fail
	}
	if fail := v.checkHeaders(r, s); fail != nil {
		return Identity{}, fail
	}
	secret, known := v.Secret(s.accessKey)
	if !known || v.Token != nil && !v.Token(s.accessKey, s.token) {
		return Identity{}, unrecognized()
	}
	payload := payloadHash(r, s, body)
	if payload == Unsigned && v.RefuseUnsigned {
		return Identity{}, invalid("%s is not taken: sign the SHA-256 of the body", Unsigned)
	}

	canonical := canonicalRequest(r, s, payload)
	toSign := stringToSign(s, canonical)
	want := sign(signingKey(secret, s), toSign)
	got, err := hex.DecodeString(s.signature)
	if err != nil || !hmac.Equal(got, want) { // in constant time: the answer's delay tells nothing
		return Identity{}, mismatch(canonical, toSign)
	}
	return Identity{s.accessKey, s.token, s.region, s.service, s.at, s.presigned}, nil
}

func (v *Verifier) service() string {
	if v.Service == "" {
		return "execute-api"
	}
	return v.Service
}

func (v *Verifier) now() time.Time {
	if v.Now == nil {
		return time.Now().UTC()
	}
	return v.Now().UTC()
}

// checkScope wants a signature for this region and service, and for the day
// of its date. A key made for another scope opens nothing here.
func (v *Verifier) checkScope(s *signature) *Error {
	var wrong []string
	if v.Region != "" && s.region != v.Region {
		wrong = append(wrong, "Credential should be scoped to a valid region, not '"+s.region+"'. ")
	}
	if s.service != v.service() {
		wrong = append(wrong, "Credential should be scoped to correct service: '"+v.service()+"'. ")
	}
	if s.terminator != terminator {
		wrong = append(wrong, "Credential should be scoped with a valid terminator: '"+terminator+"', not '"+s.terminator+"'. ")
	}
	if day := s.date[:8]; s.day != day {
		wrong = append(wrong, "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '"+
			s.day+"' != '"+day+"', from '"+s.date+"'. ")
	}
	if wrong != nil {
		return invalid("%s", strings.Join(wrong, ""))
	}
	return nil
}

// checkTime wants a date of these minutes. A signature in a URL says itself
// how long it is good.
func (v *Verifier) checkTime(s *signature) *Error {
	now, good := v.now(), Skew
	if s.expires > 0 {
		good = s.expires
	}
	if oldest := now.Add(-good); s.at.Before(oldest) {
		return invalid("Signature expired: %s is now earlier than %s (%s - %s)",
			s.date, oldest.Format(basic), now.Format(basic), minutes(good))
	}
	if newest := now.Add(Skew); s.at.After(newest) {
		return invalid("Signature not yet current: %s is still later than %s (%s + %s)",
			s.date, newest.Format(basic), now.Format(basic), minutes(Skew))
	}
	return nil
}

// checkHeaders wants signed what must be: the host, or the request could be
// sent to another API; and what begins with x-amz-, such as the token.
func (v *Verifier) checkHeaders(r *http.Request, s *signature) *Error {
	signed := make(map[string]bool, len(s.headers))
	for _, name := range s.headers {
		signed[name] = true
	}
	if !signed["host"] && !signed[":authority"] {
		return invalid("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.")
	}
	if v.LooseHeaders {
		return nil
	}
	for name := range r.Header {
		lower := strings.ToLower(name)
		if strings.HasPrefix(lower, "x-amz-") && !signed[lower] {
			return invalid("'%s' must be a 'SignedHeader' in the AWS Authorization.", lower)
		}
	}
	return nil
}

func sign(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text)) // never fails
	return h.Sum(nil)
}

// signingKey is good for one day, one region and one service: a leak
// of it is not a leak of the secret.
func signingKey(secret string, s *signature) []byte {
	key := sign([]byte("AWS4"+secret), s.day)
	key = sign(key, s.region)
	key = sign(key, s.service)
	return sign(key, s.terminator)
}
