package integration

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// A ProxyAnswer is what a function behind AWS_PROXY returns. ("Output format
// of a Lambda function for proxy integration")
type ProxyAnswer struct {
	Status            int
	Headers           map[string]string
	MultiValueHeaders map[string][]string
	Body              []byte // nil if there is none
	IsBase64Encoded   bool
}

// Header returns the first value of a header, "" if there is none. What stands
// in both maps counts from MultiValueHeaders.
func (a *ProxyAnswer) Header(name string) string {
	for k, v := range a.MultiValueHeaders {
		if strings.EqualFold(k, name) && len(v) > 0 {
			return v[0]
		}
	}
	for k, v := range a.Headers {
		if strings.EqualFold(k, name) {
			return v
		}
	}
	return ""
}

// Proxy reads what a function has returned. What is not as it has to be is
// ErrMalformed: null, what is no object, what has no numeric statusCode. On
// $connect it is a 502 then. (Seen in michalkvasnicak/aws-lambda-graphql#107.)
func Proxy(payload []byte, o Options) (ProxyAnswer, error) {
	var a ProxyAnswer
	if b := bytes.TrimSpace(payload); len(b) == 0 || b[0] != '{' {
		return a, malformed("it is no object: %.40s", b)
	}
	// Names count to the letter. Into a struct, json.Unmarshal would take Go's
	// StatusCode, of a type without tags, for statusCode; API Gateway does not.
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(payload, &fields); err != nil {
		return a, malformed("%v", err)
	}
	var headers map[string]scalar
	var multi map[string][]scalar
	var body *string
	for name, to := range map[string]any{
		"headers": &headers, "multiValueHeaders": &multi, "body": &body, "isBase64Encoded": &a.IsBase64Encoded,
	} {
		if raw, ok := fields[name]; ok && string(raw) != "null" {
			if err := json.Unmarshal(raw, to); err != nil {
				return a, malformed("%s: %v", name, err)
			}
		}
	}
	var err error
	if a.Status, err = status(fields["statusCode"], o); err != nil {
		return a, err
	}
	a.Headers = make(map[string]string, len(headers))
	for k, v := range headers {
		a.Headers[k] = string(v)
	}
	a.MultiValueHeaders = make(map[string][]string, len(multi))
	for k, values := range multi {
		for _, v := range values {
			a.MultiValueHeaders[k] = append(a.MultiValueHeaders[k], string(v))
		}
	}
	if body == nil {
		return a, nil
	}
	a.Body = []byte(*body)
	if a.IsBase64Encoded && !o.KeepBase64 {
		if a.Body, err = base64.StdEncoding.DecodeString(*body); err != nil {
			return a, malformed("isBase64Encoded, and the body is not base64")
		}
	}
	return a, nil
}

func malformed(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{ErrMalformed}, args...)...)
}

// status reads a statusCode.
func status(raw json.RawMessage, o Options) (int, error) {
	text := string(raw)
	if len(raw) > 0 && raw[0] == '"' && !o.StrictStatus {
		if err := json.Unmarshal(raw, &text); err != nil {
			return 0, malformed("%v", err)
		}
	}
	n, err := strconv.ParseFloat(text, 64)
	switch {
	case len(raw) == 0:
		return 0, malformed("it has no statusCode")
	case err != nil || n != math.Trunc(n):
		return 0, malformed("the statusCode %.40s is no number", raw)
	case n == 0 && o.ZeroStatus:
		return 0, nil
	case n < 100 || n > 599:
		return 0, malformed("the statusCode %.40s is none of HTTP's", raw)
	}
	return int(n), nil
}

// A scalar is a header's value: functions return numbers and booleans too.
type scalar string

func (s *scalar) UnmarshalJSON(b []byte) error {
	switch b[0] {
	case '"':
		return json.Unmarshal(b, (*string)(s))
	case '{', '[':
		return errors.New("a header's value is no text")
	case 'n':
		*s = ""
	default:
		*s = scalar(b)
	}
	return nil
}
