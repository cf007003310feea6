package integration

import (
	"errors"
	"reflect"
	"strings"
	"testing"
)

func TestProxy(t *testing.T) {
	for _, row := range []struct {
		name, payload string
		options       Options
		want          ProxyAnswer
		malformed     string
	}{
		{"a status", `{"statusCode":200}`, Options{}, ProxyAnswer{Status: 200}, ""},
		{"what aws-lambda-go makes", `{"statusCode":200,"headers":null,"multiValueHeaders":null,"body":""}`, Options{},
			ProxyAnswer{Status: 200, Body: []byte{}}, ""},
		{"all of it", `{"statusCode":400,"headers":{"a":"b","n":1,"t":true,"z":null},"multiValueHeaders":{"m":["x",2]},"body":"hi","isBase64Encoded":false,"other":1}`, Options{},
			ProxyAnswer{Status: 400, Headers: map[string]string{"a": "b", "n": "1", "t": "true", "z": ""}, MultiValueHeaders: map[string][]string{"m": {"x", "2"}}, Body: []byte("hi")}, ""},
		{"no body", `{"statusCode":200,"body":null}`, Options{}, ProxyAnswer{Status: 200}, ""},
		{"base64", `{"statusCode":200,"body":"aGk=","isBase64Encoded":true}`, Options{}, ProxyAnswer{Status: 200, Body: []byte("hi"), IsBase64Encoded: true}, ""},
		{"base64, kept", `{"statusCode":200,"body":"aGk=","isBase64Encoded":true}`, Options{KeepBase64: true}, ProxyAnswer{Status: 200, Body: []byte("aGk="), IsBase64Encoded: true}, ""},
		{"a float", `{"statusCode":2e2}`, Options{}, ProxyAnswer{Status: 200}, ""},
		{"in quotes", `{"statusCode":"200"}`, Options{}, ProxyAnswer{Status: 200}, ""},
		{"in quotes, strictly", `{"statusCode":"200"}`, Options{StrictStatus: true}, ProxyAnswer{}, "no number"},
		{"zero", `{"statusCode":0}`, Options{}, ProxyAnswer{}, "none of HTTP's"},
		{"zero, switched", `{"statusCode":0}`, Options{ZeroStatus: true}, ProxyAnswer{}, ""},

		{"null", `null`, Options{}, ProxyAnswer{}, "no object: null"},
		{"nothing", ``, Options{}, ProxyAnswer{}, "no object"},
		{"a string", `"ok"`, Options{}, ProxyAnswer{}, "no object"},
		{"a list", `[]`, Options{}, ProxyAnswer{}, "no object"},
		{"half of it", `{"statusCode":200`, Options{}, ProxyAnswer{}, "unexpected end"},
		{"an empty object", `{}`, Options{}, ProxyAnswer{}, "no statusCode"},
		{"Go without tags", `{"StatusCode":200,"Body":"hi"}`, Options{}, ProxyAnswer{}, "no statusCode"},
		{"no number", `{"statusCode":"ok"}`, Options{}, ProxyAnswer{}, "no number"},
		{"null as status", `{"statusCode":null}`, Options{}, ProxyAnswer{}, "no number"},
		{"NaN", `{"statusCode":"NaN"}`, Options{}, ProxyAnswer{}, "no number"},
		{"half a status", `{"statusCode":200.5}`, Options{}, ProxyAnswer{}, "no number"},
		{"no status of HTTP's", `{"statusCode":1000}`, Options{}, ProxyAnswer{}, "none of HTTP's"},
		{"a body that is an object", `{"statusCode":200,"body":{"a":1}}`, Options{}, ProxyAnswer{}, "body"},
		{"a header that is an object", `{"statusCode":200,"headers":{"a":{}}}`, Options{}, ProxyAnswer{}, "headers"},
		{"no base64", `{"statusCode":200,"body":"?","isBase64Encoded":true}`, Options{}, ProxyAnswer{}, "not base64"},
	} {
		got, err := Proxy([]byte(row.payload), row.options)
		if row.malformed != "" {
			if !errors.Is(err, ErrMalformed) || !strings.Contains(err.Error(), row.malformed) {
				t.Errorf("%s: %v; want %q", row.name, err, row.malformed)
			}
			continue
		}
		if row.want.Headers == nil {
			row.want.Headers = map[string]string{}
		}
		if row.want.MultiValueHeaders == nil {
			row.want.MultiValueHeaders = map[string][]string{}
		}
		if err != nil || !reflect.DeepEqual(got, row.want) {
			t.Errorf("%s: %+v, %v; want %+v", row.name, got, err, row.want)
		}
	}
}

func TestProxyHeader(t *testing.T) {
	a, err := Proxy([]byte(`{"statusCode":200,"headers":{"sec-websocket-protocol":"a","x":"1"},"multiValueHeaders":{"Sec-WebSocket-Protocol":["b"]}}`), Options{})
	if err != nil || a.Header("Sec-WebSocket-Protocol") != "b" || a.Header("X") != "1" || a.Header("y") != "" {
		t.Errorf("%+v, %v", a, err)
	}
}

func FuzzProxy(f *testing.F) {
	f.Add([]byte(`{"statusCode":200,"headers":{"a":1},"body":"hi"}`))
	f.Add([]byte(`{"statusCode":"200","multiValueHeaders":{"a":[null]},"body":"aGk=","isBase64Encoded":true}`))
	f.Fuzz(func(t *testing.T, payload []byte) {
		a, err := Proxy(payload, Options{})
		if err == nil && (a.Status < 100 || a.Status > 599) {
			t.Errorf("status %d", a.Status)
		}
		if err != nil && !errors.Is(err, ErrMalformed) {
			t.Errorf("%v is not ErrMalformed", err)
		}
	})
}
