package check

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/apigatewaymanagementapi"
	"github.com/aws/smithy-go"
)

// A call is one to @connections, made by hand.
type call struct {
	method   string
	at       string // of the path what follows the stage; "" is /@connections/ID
	id       string
	host     bool // at follows the host, and there is no stage
	body     []byte
	unsigned bool
}

// An answer is what came of it.
type answer struct {
	status int
	header http.Header
	body   []byte
	length int64 // as the header says; -1 if it does not
}

// nobody is a well-formed ID that no connection has.
const nobody = "AAAAAAAAAAAAAAA="

func (t *trial) call(c call) *answer {
	base := *t.Connections
	if c.host {
		base.Path = ""
	}
	if c.at == "" {
		c.at = "/@connections/" + url.PathEscape(c.id)
	}
	u, err := url.Parse(strings.TrimSuffix(base.String(), "/") + c.at)
	if err != nil {
		t.fail("no-request", "", "error", err)
	}
	r, err := http.NewRequestWithContext(t.ctx, c.method, u.String(), bytes.NewReader(c.body))
	if err != nil {
		t.fail("no-request", "", "error", err)
	}
	if !c.unsigned {
		t.sign(r, c.body)
	}
	t.sent("%s %s\n%s", c.method, u.EscapedPath(), short(string(c.body)))
	response, err := t.http.Do(r)
	if err != nil {
		t.came("(%s)", reason(err))
		t.fail("no-answer", "")
	}
	defer response.Body.Close()
	b, err := io.ReadAll(io.LimitReader(response.Body, 64<<10))
	if err != nil {
		t.came("HTTP %d (%s)", response.StatusCode, reason(err))
		t.fail("no-answer", "")
	}
	a := &answer{response.StatusCode, response.Header, b, response.ContentLength}
	t.came("HTTP %d\n%s%s", a.status, headers(a.header, "content-type", "x-amzn-errortype"), short(string(b)))
	return a
}

func headers(h http.Header, names ...string) string {
	var b strings.Builder
	for _, name := range names {
		if v := h.Get(name); v != "" {
			fmt.Fprintf(&b, "%s: %s\n", name, v)
		}
	}
	return b.String()
}

// sign signs a request as the SDKs do, if there is something to sign with.
func (t *trial) sign(r *http.Request, body []byte) {
	if t.Credentials == nil {
		return
	}
	keys, err := t.Credentials.Retrieve(t.ctx)
	if err == nil {
		sum := sha256.Sum256(body)
		err = v4.NewSigner().SignHTTP(t.ctx, keys, r, hex.EncodeToString(sum[:]), "execute-api", t.Region, time.Now())
	}
	if err != nil {
		t.fail("not-signed", "", "error", err)
	}
}

// is wants a status and, if it is an error, a kind: an SDK makes a typed error
// of that header, not of the status.
func (t *trial) is(a *answer, status int, kind string) {
	if a.status != status {
		t.fail("status", fmt.Sprintf("HTTP %d", status), "got", a.status)
	}
	got, _, _ := strings.Cut(a.header.Get("x-amzn-errortype"), ":") // some add a URL
	if got != kind {
		t.fail("header", "x-amzn-errortype: "+kind, "name", "x-amzn-errortype", "got", got)
	}
}

// empty wants no body.
func (t *trial) empty(a *answer) {
	if len(a.body) > 0 {
		t.fail("body", "(an empty body)")
	}
}

// post posts a text to a connection, and wants it to be taken.
func (t *trial) post(id, text string) {
	t.is(t.call(call{method: http.MethodPost, id: id, body: []byte(text)}), http.StatusOK, "")
}

// sdk is the client that programs use.
func (t *trial) sdk() *apigatewaymanagementapi.Client {
	keys := t.Credentials
	if keys == nil {
		keys = credentials.NewStaticCredentialsProvider("local", "local", "")
	}
	endpoint := strings.TrimSuffix(t.Connections.String(), "/")
	return apigatewaymanagementapi.New(apigatewaymanagementapi.Options{
		Region: t.Region, Credentials: keys, BaseEndpoint: &endpoint, HTTPClient: t.http, Retryer: aws.NopRetryer{},
	})
}

// sdkSays keeps what became of a call of the SDK.
func (t *trial) sdkSays(call string, err error) {
	t.sent("%s", call)
	var answered *awshttp.ResponseError
	var coded smithy.APIError
	switch {
	case err == nil:
		t.came("no error")
	case errors.Is(err, context.DeadlineExceeded):
		t.came("(nothing)")
	case errors.As(err, &coded) && errors.As(err, &answered):
		t.came("HTTP %d, %T %s: %s", answered.HTTPStatusCode(), coded, coded.ErrorCode(), coded.ErrorMessage())
	default:
		t.came("%s", short(err.Error()))
	}
}

// sdkFine wants a call to succeed.
func (t *trial) sdkFine(call string, err error) {
	t.sdkSays(call, err)
	if err != nil {
		t.fail("sdk", "no error")
	}
}

// sdkError wants a typed error.
func sdkError[E error](t *trial, call string, err error) {
	t.sdkSays(call, err)
	var wanted E
	if !errors.As(err, &wanted) {
		t.fail("sdk", fmt.Sprintf("%T", wanted))
	}
}
