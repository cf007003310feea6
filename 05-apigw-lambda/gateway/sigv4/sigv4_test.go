package sigv4

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

const (
	accessKey = "AKIDEXAMPLE"
	secret    = "a secret/with+signs"
	domain    = "abc123defg.execute-api.us-east-1.amazonaws.com"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func verifier() *Verifier {
	return &Verifier{
		Secret: func(key string) (string, bool) { return secret, key == accessKey },
		Region: "us-east-1",
		Now:    func() time.Time { return noon },
	}
}

// sent is a request as a server reads it from the wire.
func sent(t testing.TB, r *http.Request) *http.Request {
	t.Helper()
	var wire bytes.Buffer
	if err := r.Write(&wire); err != nil {
		t.Fatal(err)
	}
	got, err := http.ReadRequest(bufio.NewReader(&wire))
	if err != nil {
		t.Fatal(err)
	}
	return got
}

type toSign struct {
	method, path, body string
	headers            http.Header
	token              string
	region, service    string
	at                 time.Time
	payload            string // "" is the body's hash
	presign            bool
}

// signed is a request that the Go SDK signed.
func signed(t testing.TB, s toSign) (*http.Request, []byte) {
	t.Helper()
	if s.method == "" {
		s.method = http.MethodPost
	}
	if s.path == "" {
		s.path = "/prod/@connections/L0SM9cOFvHcCIhw%3D"
	}
	if s.region == "" {
		s.region = "us-east-1"
	}
	if s.service == "" {
		s.service = "execute-api"
	}
	if s.at.IsZero() {
		s.at = noon
	}
	if s.payload == "" {
		s.payload = hash([]byte(s.body))
	}
	r, err := http.NewRequest(s.method, "https://"+domain+s.path, strings.NewReader(s.body))
	if err != nil {
		t.Fatal(err)
	}
	for name, values := range s.headers {
		r.Header[name] = values
	}
	who := aws.Credentials{AccessKeyID: accessKey, SecretAccessKey: secret, SessionToken: s.token}
	signer := v4.NewSigner()
	if !s.presign {
		if err := signer.SignHTTP(t.Context(), who, r, s.payload, s.service, s.region, s.at); err != nil {
			t.Fatal(err)
		}
		return sent(t, r), []byte(s.body)
	}
	r.ContentLength, r.Body = 0, nil // there is none, and no header says so
	link, headers, err := signer.PresignHTTP(t.Context(), who, r, s.payload, s.service, s.region, s.at)
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(link)
	if err != nil {
		t.Fatal(err)
	}
	r.URL = u
	for name, values := range headers {
		if name != "Host" {
			r.Header[name] = values
		}
	}
	return sent(t, r), nil
}

// What the Go SDK signs is right, however odd the request.
func TestVerify(t *testing.T) {
	for _, tt := range []struct {
		name string
		toSign
	}{
		{"post", toSign{body: "hello"}},
		{"no body", toSign{method: "DELETE"}},
		{"encoded twice already", toSign{path: "/prod/%40connections/a%252Fb"}},
		{"every sign in the path", toSign{path: "/prod/a%20b!$&'()*+,;=:@-._~%C3%A9"}},
		{"the root", toSign{method: "GET", path: "/"}},
		{"no path", toSign{method: "GET", path: "?a=b"}},
		{"a slash at the end", toSign{path: "/prod/"}},
		{"query, sorted by its encoding", toSign{method: "GET", path: "/prod?b=1&a=a-b&a=a/b&a=&empty=&%E1%88%B4=bar&a%20b=c%2Bd"}},
		{"query, a space as plus", toSign{method: "GET", path: "/prod?q=um+dois"}},
		{"spaces in a header", toSign{headers: http.Header{"X-Note": {"  two   spaces ", "and a line"}}}},
		{"a session token", toSign{body: "hello", token: "IQoJ/token=="}},
		{"unsigned body", toSign{body: "whatever", payload: Unsigned, headers: http.Header{"X-Amz-Content-Sha256": {Unsigned}}}},
		{"the body's hash in a header", toSign{body: "hello", headers: http.Header{"X-Amz-Content-Sha256": {hash([]byte("hello"))}}}},
		{"five minutes late", toSign{at: noon.Add(-Skew)}},
		{"five minutes early", toSign{at: noon.Add(Skew)}},
		{"presigned", toSign{method: "GET", path: "/prod?token=a%20b", presign: true}},
		{"presigned, an hour later", toSign{method: "GET", path: "/prod?X-Amz-Expires=3600", at: noon.Add(-time.Hour), presign: true}},
		{"presigned, with a session token", toSign{method: "GET", path: "/prod", token: "IQoJ/token==", presign: true}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r, body := signed(t, tt.toSign)
			got, fail := verifier().Verify(r, body)
			if fail != nil {
				t.Fatal(fail)
			}
			at := tt.at
			if at.IsZero() {
				at = noon
			}
			want := Identity{accessKey, tt.token, "us-east-1", "execute-api", at, tt.presign}
			if got != want {
				t.Errorf("got  %+v\nwant %+v", got, want)
			}
		})
	}
}

// Whatever is changed on the way is noticed.
func TestTampered(t *testing.T) {
	header := func(name, value string) func(*http.Request, *[]byte) {
		return func(r *http.Request, _ *[]byte) { r.Header.Set(name, value) }
	}
	authorization := func(old, new string) func(*http.Request, *[]byte) {
		return func(r *http.Request, _ *[]byte) {
			before := r.Header.Get("Authorization")
			after := strings.Replace(before, old, new, 1)
			if after == before {
				panic(old + " is not in " + before)
			}
			r.Header.Set("Authorization", after)
		}
	}
	target := func(edit func(string) string) func(*http.Request, *[]byte) {
		return func(r *http.Request, _ *[]byte) { r.RequestURI = edit(r.RequestURI) }
	}
	const (
		wrong   = "InvalidSignatureException: The request signature we calculated does not match the signature you provided."
		token   = "UnrecognizedClientException: The security token included in the request is invalid."
		missing = "MissingAuthenticationTokenException: Missing Authentication Token"
	)
	for _, tt := range []struct {
		name string
		as   toSign
		edit func(r *http.Request, body *[]byte)
		want string // how the error begins
	}{
		{"body", toSign{body: "hello"}, func(_ *http.Request, b *[]byte) { *b = []byte("hellp") }, wrong},
		{"body gone", toSign{body: "hello"}, func(_ *http.Request, b *[]byte) { *b = nil }, wrong},
		{"body, its hash in a header", toSign{body: "hello", headers: http.Header{"X-Amz-Content-Sha256": {hash([]byte("hello"))}}},
			func(_ *http.Request, b *[]byte) { *b = []byte("hellp") }, wrong},
		{"body said to be unsigned", toSign{body: "hello", headers: http.Header{"X-Amz-Content-Sha256": {hash([]byte("hello"))}}},
			header("X-Amz-Content-Sha256", Unsigned), wrong},
		{"method", toSign{}, func(r *http.Request, _ *[]byte) { r.Method = "DELETE" }, wrong},
		{"path", toSign{}, target(func(s string) string { return strings.Replace(s, "L0", "L1", 1) }), wrong},
		{"path, encoded otherwise", toSign{}, target(func(s string) string { return strings.Replace(s, "%3D", "=", 1) }), wrong},
		{"query added", toSign{}, target(func(s string) string { return s + "?a" }), wrong},
		{"query changed", toSign{path: "/prod?a=1"}, target(func(s string) string { return s[:len(s)-1] + "2" }), wrong},
		{"a pair that net/url drops", toSign{path: "/prod?a=1"}, target(func(s string) string { return s + "&b=%zz" }), wrong},
		{"host", toSign{}, func(r *http.Request, _ *[]byte) { r.Host = "other" + r.Host[5:] }, wrong},
		{"a signed header", toSign{headers: http.Header{"X-Note": {"a"}}}, header("X-Note", "b"), wrong},
		{"a line more of it", toSign{headers: http.Header{"X-Note": {"a"}}}, func(r *http.Request, _ *[]byte) { r.Header.Add("X-Note", "b") }, wrong},
		{"a signed header gone", toSign{headers: http.Header{"X-Note": {"a"}}}, func(r *http.Request, _ *[]byte) { r.Header.Del("X-Note") }, wrong},
		{"the date, by a second", toSign{}, header("X-Amz-Date", "20261123T120001Z"), wrong},
		{"the token", toSign{token: "one"}, header("X-Amz-Security-Token", "two"), wrong},
		{"the signature, one bit", toSign{}, func(r *http.Request, _ *[]byte) {
			a := []byte(r.Header.Get("Authorization"))
			a[len(a)-1] = map[bool]byte{true: '1', false: '0'}[a[len(a)-1] == '0']
			r.Header.Set("Authorization", string(a))
		}, wrong},
		{"the signature cut", toSign{}, func(r *http.Request, _ *[]byte) {
			whole := r.Header.Get("Authorization")
			r.Header.Set("Authorization", whole[:len(whole)-2])
		}, wrong},
		{"no hexadecimal", toSign{}, authorization("Signature=", "Signature=x"), wrong},
		{"a presigned signature", toSign{method: "GET", presign: true}, target(func(s string) string { return s[:len(s)-2] + "zz" }), wrong},
		{"a presigned query", toSign{method: "GET", path: "/prod?room=a", presign: true}, target(func(s string) string { return strings.Replace(s, "room=a", "room=b", 1) }), wrong},
		{"presigned for longer", toSign{method: "GET", path: "/prod?X-Amz-Expires=60", presign: true}, target(func(s string) string { return strings.Replace(s, "Expires=60", "Expires=90", 1) }), wrong},

		{"an unsigned x-amz- header", toSign{}, header("X-Amz-Target", "x"), "InvalidSignatureException: 'x-amz-target' must be a 'SignedHeader'"},
		{"the host unsigned", toSign{}, authorization("host;", ""), "InvalidSignatureException: 'Host' or ':authority' must be a 'SignedHeader'"},
		{"another key", toSign{}, authorization(accessKey, "AKIDNOBODY"), token},
		{"another region", toSign{region: "sa-east-1"}, nil, "InvalidSignatureException: Credential should be scoped to a valid region, not 'sa-east-1'. "},
		{"another service", toSign{service: "s3"}, nil, "InvalidSignatureException: Credential should be scoped to correct service: 'execute-api'. "},
		{"region and service", toSign{service: "s3", region: "sa-east-1"}, nil,
			"InvalidSignatureException: Credential should be scoped to a valid region, not 'sa-east-1'. Credential should be scoped to correct service: 'execute-api'. "},
		{"another terminator", toSign{}, authorization("aws4_request", "aws5_request"), "InvalidSignatureException: Credential should be scoped with a valid terminator: 'aws4_request', not 'aws5_request'. "},
		{"another day", toSign{}, authorization("/20261123/", "/20261122/"), "InvalidSignatureException: Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '20261122' != '20261123', from '20261123T120000Z'. "},
		{"too late", toSign{at: noon.Add(-Skew - time.Second)}, nil, "InvalidSignatureException: Signature expired: 20261123T115459Z is now earlier than 20261123T115500Z (20261123T120000Z - 5 min.)"},
		{"too early", toSign{at: noon.Add(Skew + time.Second)}, nil, "InvalidSignatureException: Signature not yet current: 20261123T120501Z is still later than 20261123T120500Z (20261123T120000Z + 5 min.)"},
		{"presigned, too late", toSign{method: "GET", path: "/prod?X-Amz-Expires=90", at: noon.Add(-91 * time.Second), presign: true}, nil,
			"InvalidSignatureException: Signature expired: 20261123T115829Z is now earlier than 20261123T115830Z (20261123T120000Z - 90 sec.)"},

		{"nothing", toSign{}, func(r *http.Request, _ *[]byte) { r.Header.Del("Authorization") }, missing},
		{"a bearer's token", toSign{}, header("Authorization", "Bearer abc"), "IncompleteSignatureException: 'abc' not a valid key=value pair (missing equal-sign) in Authorization header: 'Bearer abc'."},
		{"a space in the key", toSign{}, authorization("Credential=", "Credential= "), "IncompleteSignatureException: 'AKIDEXAMPLE/20261123/us-east-1/execute-api/aws4_request' not a valid key=value pair"},
		{"only a word", toSign{}, func(r *http.Request, _ *[]byte) {
			r.Header.Set("Authorization", "29547877")
			r.Header.Del("X-Amz-Date")
		}, "IncompleteSignatureException: Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter. Authorization header requires 'SignedHeaders' parameter. Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. Authorization=29547877"},
		{"another algorithm", toSign{}, authorization("AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256"), "IncompleteSignatureException: Unsupported AWS 'algorithm': 'AWS4-ECDSA-P256-SHA256'."},
		{"a short credential", toSign{}, authorization("/aws4_request", ""), "IncompleteSignatureException: Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got 'AKIDEXAMPLE/20261123/us-east-1/execute-api'."},
		{"no date", toSign{}, header("X-Amz-Date", "yesterday"), "IncompleteSignatureException: Date must be in ISO-8601 'basic format'. Got 'yesterday'."},
		{"fractions of a second", toSign{}, header("X-Amz-Date", "20261123T120000.5Z"), "IncompleteSignatureException: Date must be in ISO-8601 'basic format'. Got '20261123T120000.5Z'."},
		{"presigned, half of it", toSign{}, func(r *http.Request, _ *[]byte) {
			r.Header.Del("Authorization")
			r.RequestURI += "?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=00"
		}, "IncompleteSignatureException: AWS query-string parameters must include 'X-Amz-Credential', 'X-Amz-SignedHeaders', 'X-Amz-Date'."},
		{"presigned for a year", toSign{method: "GET", path: "/prod?X-Amz-Expires=31536000", presign: true}, nil, "IncompleteSignatureException: 'X-Amz-Expires' must be a number of seconds from 1 to 604800. Got '31536000'."},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r, body := signed(t, tt.as)
			if tt.edit != nil {
				tt.edit(r, &body)
			}
			_, fail := verifier().Verify(r, body)
			if fail == nil {
				t.Fatal("it was taken")
			}
			if !strings.HasPrefix(fail.Error(), tt.want) {
				t.Errorf("got  %s\nwant %s", fail, tt.want)
			}
			if fail.Status != http.StatusForbidden {
				t.Errorf("status %d", fail.Status)
			}
		})
	}
}

// The three that can be turned.
func TestOptions(t *testing.T) {
	v := verifier()
	v.RefuseUnsigned = true
	r, body := signed(t, toSign{payload: Unsigned, headers: http.Header{"X-Amz-Content-Sha256": {Unsigned}}})
	if _, fail := v.Verify(r, body); fail == nil || fail.Type != "InvalidSignatureException" {
		t.Errorf("RefuseUnsigned: %v", fail)
	}

	v = verifier()
	v.LooseHeaders = true
	r, body = signed(t, toSign{})
	r.Header.Set("X-Amz-Cf-Id", "added by somebody on the way")
	if _, fail := v.Verify(r, body); fail != nil {
		t.Errorf("LooseHeaders: %v", fail)
	}

	v = verifier()
	v.Token = func(key, token string) bool { return key == accessKey && token == "good" }
	for token, want := range map[string]bool{"good": true, "bad": false, "": false} {
		r, body = signed(t, toSign{token: token})
		if _, fail := v.Verify(r, body); (fail == nil) != want {
			t.Errorf("token %q: %v", token, fail)
		}
	}

	v = verifier()
	v.Service, v.Region = "lambda", ""
	r, body = signed(t, toSign{service: "lambda", region: "eu-west-1"})
	if _, fail := v.Verify(r, body); fail != nil {
		t.Errorf("another service, any region: %v", fail)
	}
}

// The answer to a wrong signature shows what should have been signed, as API
// Gateway's does.
func TestMismatchExplains(t *testing.T) {
	r, _ := signed(t, toSign{body: "hello"})
	_, fail := verifier().Verify(r, []byte("hallo"))
	want := "\n\nThe Canonical String for this request should have been\n" +
		"'POST\n/prod/%40connections/L0SM9cOFvHcCIhw%253D\n\n" +
		"content-length:5\nhost:" + domain + "\nx-amz-date:20261123T120000Z\n\n" +
		"content-length;host;x-amz-date\n" + hash([]byte("hallo")) + "'\n\n" +
		"The String-to-Sign should have been\n" +
		"'AWS4-HMAC-SHA256\n20261123T120000Z\n20261123/us-east-1/execute-api/aws4_request\n"
	if fail == nil || !strings.Contains(fail.Message, want) {
		t.Errorf("got %v\nwant %s", fail, want)
	}
}

// The rules of the path, apart from any signer: the Go SDK's does not know
// that of the dots.
func TestCanonicalPath(t *testing.T) {
	for sent, want := range map[string]string{
		"":                      "/",
		"/":                     "/",
		"//":                    "/",
		"/.":                    "/",
		"/a/..":                 "/",
		"/../..":                "/",
		"/a/./b//c":             "/a/b/c",
		"/a/b/../c/":            "/a/c/",
		"/a/b/..":               "/a/",
		"/@connections/x=":      "/%40connections/x%3D",
		"/@connections/x%3D":    "/%40connections/x%253D",
		"/%40connections/x%3D":  "/%2540connections/x%253D",
		"/\xe1\x88\xb4/a b/~-_": "/%E1%88%B4/a%20b/~-_",
	} {
		if got := canonicalPath(sent); got != want {
			t.Errorf("%q: %q, not %q", sent, got, want)
		}
	}
}

func TestCanonicalQuery(t *testing.T) {
	for sent, want := range map[string]string{
		"":                        "",
		"&&":                      "",
		"a":                       "a=",
		"b=2&a=1":                 "a=1&b=2",
		"a=b&a=B&a=":              "a=&a=B&a=b",
		"a-b=1&a/b=1":             "a%2Fb=1&a-b=1",
		"a=x+y%2B%20":             "a=x%20y%2B%20",
		"a=1=2;b":                 "a=1%3D2%3Bb",
		"a=%e1%88%b4":             "a=%E1%88%B4",
		"a=%&b=%4":                "a=%25&b=%254",
		"a=1&X-Amz-Signature=abc": "a=1",
	} {
		if got := canonicalQuery(parseQuery(sent)); got != want {
			t.Errorf("%q: %q, not %q", sent, got, want)
		}
	}
}

// The order in which the signed headers are listed is not signed: they are
// sorted.
func TestListedInAnotherOrder(t *testing.T) {
	r, body := signed(t, toSign{body: "hello"})
	before := r.Header.Get("Authorization")
	after := strings.Replace(before, "content-length;host;x-amz-date", "x-amz-date;host;content-length", 1)
	r.Header.Set("Authorization", after)
	if _, fail := verifier().Verify(r, body); fail != nil || after == before {
		t.Error(fail)
	}
}

// The path was cut by a handler before: the signature is of what was sent.
func TestStripPrefix(t *testing.T) {
	r, body := signed(t, toSign{})
	h := http.StripPrefix("/prod", http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if _, fail := verifier().Verify(r, body); fail != nil {
			t.Error(fail)
		}
	}))
	h.ServeHTTP(nil, r)
}

func ExampleVerifier_Verify() {
	v := &Verifier{
		Secret: func(key string) (string, bool) { return "wJalr...", key == "AKIDEXAMPLE" },
		Region: "us-east-1",
	}
	r, _ := http.NewRequestWithContext(context.Background(), http.MethodGet, "https://abc123defg.execute-api.us-east-1.amazonaws.com/prod", nil)
	_, fail := v.Verify(r, nil)
	fmt.Println(fail.Status, fail)
	// Output: 403 MissingAuthenticationTokenException: Missing Authentication Token
}

// Nothing that comes makes it panic, nothing is taken but what was signed,
// and canonical spellings are stable.
func FuzzVerify(f *testing.F) {
	seeds := []toSign{{body: "hello"}, {token: "t"}, {method: "GET", path: "/prod?a=b&c", presign: true}, {payload: Unsigned, headers: http.Header{"X-Amz-Content-Sha256": {Unsigned}}}}
	for _, seed := range seeds {
		r, body := signed(f, seed)
		f.Add(r.Method, r.RequestURI, r.Header.Get("Authorization"), r.Header.Get("X-Amz-Date"), r.Header.Get("X-Amz-Content-Sha256"), body)
	}
	f.Add("GET", "/?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=////&X-Amz-Date=00000000T000000Z&X-Amz-SignedHeaders=;&X-Amz-Signature=%", "", "", "", []byte(nil))
	f.Add("GET", "/%", "AWS4-HMAC-SHA256 Credential=////,SignedHeaders=;;,Signature==", "Mon, 23 Nov 2026 12:00:00 GMT", "", []byte(nil))
	f.Fuzz(func(t *testing.T, method, target, authorization, date, sum string, body []byte) {
		r := &http.Request{Method: method, RequestURI: target, Host: domain, URL: &url.URL{Path: target}, Header: http.Header{}, Body: io.NopCloser(bytes.NewReader(body)), ContentLength: int64(len(body))}
		for name, value := range map[string]string{"Authorization": authorization, "X-Amz-Date": date, "X-Amz-Content-Sha256": sum} {
			if value != "" {
				r.Header.Set(name, value)
			}
		}
		v := verifier()
		who, fail := v.Verify(r, body)
		if (fail == nil) != (who != Identity{}) {
			t.Fatalf("%+v and %v", who, fail)
		}
		if fail == nil {
			v.Secret = func(string) (string, bool) { return "another", true }
			if _, fail := v.Verify(r, body); fail == nil {
				t.Fatal("another secret does as well")
			}
		}
		once := canonicalQuery(parseQuery(rawQuery(r)))
		if twice := canonicalQuery(parseQuery(once)); twice != once {
			t.Fatalf("the query %q becomes %q", once, twice)
		}
	})
}
