package handshake

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

const sampleKey = "dGhlIHNhbXBsZSBub25jZQ=="

// goodRequest is the one of RFC 6455, section 1.2, with an extension.
func goodRequest() Request {
	return Request{"GET", "/chat", "HTTP/1.1", Header{
		{"Host", "server.example.com"},
		{"Upgrade", "websocket"},
		{"Connection", "Upgrade"},
		{"Sec-WebSocket-Key", sampleKey},
		{"Origin", "http://server.example.com"},
		{"Sec-WebSocket-Protocol", "chat, superchat"},
		{"Sec-WebSocket-Extensions", "permessage-deflate; client_max_window_bits"},
		{"Sec-WebSocket-Version", "13"},
	}}
}

func goodResponse() Response {
	return Response{"HTTP/1.1", 101, "Switching Protocols", Header{
		{"Upgrade", "websocket"},
		{"Connection", "Upgrade"},
		{"Sec-WebSocket-Accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="},
	}}
}

// edited returns the header with changes such as "Name: value" (set),
// "+Name: value" (add) and "-Name" (remove).
func edited(h Header, changes string) Header {
	for change := range strings.SplitSeq(changes, "|") {
		name, value, _ := strings.Cut(change, ":")
		value = strings.TrimSpace(value)
		switch {
		case change == "":
		case name[0] == '+':
			h.Add(name[1:], value)
		case name[0] == '-':
			h = slices.DeleteFunc(h, func(f Field) bool { return equalFold(f.Name, name[1:]) })
		default:
			i := slices.IndexFunc(h, func(f Field) bool { return equalFold(f.Name, name) })
			h[i].Value = value
		}
	}
	return h
}

// Each row changes one thing of a good request.
var requestRuleRows = []struct {
	name   string
	line   string // the request line, if it is another one
	header string // changes of the header
	rule   string // that is broken, or ""
	status int
	answer string // a header line of the answer
}{
	{"as it should be", "", "", "", 0, ""},
	{"any case of names and tokens", "", "-Upgrade|-Connection|+uPGRADE: WebSocket|+CONNECTION: UPGRADE", "", 0, ""},
	{"websocket among others", "", "Upgrade: h2c, websocket", "", 0, ""},
	{"Upgrade in two lines", "", "+Upgrade: h2c", "", 0, ""},
	{"Firefox", "", "Connection: keep-alive, Upgrade", "", 0, ""},
	{"Connection in two lines", "", "Connection: keep-alive|+Connection: upgrade", "", 0, ""},
	{"a whole URL", "GET http://server.example.com/chat HTTP/1.1", "", "", 0, ""},
	{"a higher minor version", "GET /chat HTTP/1.2", "", "", 0, ""},
	{"a query", "GET /chat?a=b?c HTTP/1.1", "", "", 0, ""},
	{"no Origin", "", "-Origin", "", 0, ""},
	{"no offers", "", "-Sec-WebSocket-Protocol|-Sec-WebSocket-Extensions", "", 0, ""},
	{"offers in two lines", "", "+Sec-WebSocket-Protocol: x|+Sec-WebSocket-Extensions: permessage-deflate", "", 0, ""},
	{"an IPv6 host", "", "-Origin|Host: [::1]:8002", "", 0, ""},
	{"no body, and it says so", "", "+Content-Length: 0", "", 0, ""},

	{"HTTP/1.0", "GET /chat HTTP/1.0", "", "request-http", 505, ""},
	{"HTTP/2.0", "GET /chat HTTP/2.0", "", "request-http", 505, ""},
	{"POST", "POST /chat HTTP/1.1", "", "request-method", 405, "Allow: GET"},
	{"HEAD", "HEAD /chat HTTP/1.1", "", "request-method", 405, "Allow: GET"},
	{"get", "get /chat HTTP/1.1", "", "request-method", 405, "Allow: GET"},
	{"a fragment", "GET /chat#top HTTP/1.1", "", "request-target", 400, ""},
	{"a star", "GET * HTTP/1.1", "", "request-target", 400, ""},
	{"host and port", "GET server.example.com:80 HTTP/1.1", "", "request-target", 400, ""},
	{"an ftp URL", "GET ftp://server.example.com/ HTTP/1.1", "", "request-target", 400, ""},
	{"a broken escape", "GET /%zz HTTP/1.1", "", "request-target", 400, ""},
	{"no Host", "", "-Host", "request-host", 400, ""},
	{"two Hosts", "", "+Host: server.example.com", "request-host", 400, ""},
	{"an empty Host", "", "Host:", "request-host", 400, ""},
	{"Host with a path", "", "Host: server.example.com/x", "request-host", 400, ""},
	{"Host with a name", "", "Host: me@server.example.com", "request-host", 400, ""},
	{"Host that is a list", "", "Host: a, b", "request-host", 400, ""},
	{"Host with a strange port", "", "Host: server.example.com:http", "request-host", 400, ""},
	{"a body of 5 bytes", "", "+Content-Length: 5", "request-body", 400, ""},
	{"two lengths", "", "+Content-Length: 0|+Content-Length: 0", "request-body", 400, ""},
	{"a body in chunks", "", "+Transfer-Encoding: chunked", "request-body", 400, ""},
	{"no Upgrade", "", "-Upgrade", "request-upgrade", 426, "Upgrade: websocket"},
	{"another Upgrade", "", "Upgrade: h2c", "request-upgrade", 426, "Upgrade: websocket"},
	{"almost websocket", "", "Upgrade: websockets", "request-upgrade", 426, "Upgrade: websocket"},
	{"websocket in Unicode", "", "Upgrade: web\u017focket", "request-upgrade", 426, "Upgrade: websocket"},
	{"no Connection", "", "-Connection", "request-connection", 400, ""},
	{"another Connection", "", "Connection: keep-alive", "request-connection", 400, ""},
	{"no version", "", "-Sec-WebSocket-Version", "request-version", 400, ""},
	{"two versions", "", "+Sec-WebSocket-Version: 13", "request-version", 400, ""},
	{"version 8", "", "Sec-WebSocket-Version: 8", "request-version", 426, "Sec-WebSocket-Version: 13"},
	{"version 013", "", "Sec-WebSocket-Version: 013", "request-version", 426, "Sec-WebSocket-Version: 13"},
	{"a list of versions", "", "Sec-WebSocket-Version: 13, 8", "request-version", 426, "Sec-WebSocket-Version: 13"},
	{"no key", "", "-Sec-WebSocket-Key", "request-key", 400, ""},
	{"two keys", "", "+Sec-WebSocket-Key: " + sampleKey, "request-key", 400, ""},
	{"an empty key", "", "Sec-WebSocket-Key:", "request-key", 400, ""},
	{"a short key", "", "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAA", "request-key", 400, ""},
	{"a key that is not base64", "", "Sec-WebSocket-Key: ________________________", "request-key", 400, ""},
	{"two Origins", "", "+Origin: http://server.example.com", "request-origin", 400, ""},
	{"the same subprotocol twice", "", "Sec-WebSocket-Protocol: chat, x, chat", "request-subprotocols", 400, ""},
	{"a subprotocol of two words", "", "Sec-WebSocket-Protocol: my chat", "request-subprotocols", 400, ""},
	{"an empty list of subprotocols", "", "Sec-WebSocket-Protocol:", "request-subprotocols", 400, ""},
	{"an extension without a name", "", "Sec-WebSocket-Extensions: ; x", "request-extensions", 400, ""},
	{"an open quote", "", `Sec-WebSocket-Extensions: x; y="`, "request-extensions", 400, ""},
	{"a foreign page", "", "Origin: http://evil.example", "server-origin", 403, ""},
}

func TestRequestRules(t *testing.T) {
	broken := map[string]bool{}
	for _, row := range requestRuleRows {
		t.Run(row.name, func(t *testing.T) {
			r := goodRequest()
			if row.line != "" {
				parts := strings.Fields(row.line)
				r.Method, r.Target, r.Proto = parts[0], parts[1], parts[2]
			}
			r.Header = edited(r.Header, row.header)
			h, err := (*Options)(nil).Judge(t.Context(), &r)
			if row.rule == "" {
				if err != nil || h.Response.Status != 101 {
					t.Errorf("%v", err)
				}
				return
			}
			wantError(t, err, row.rule, "")
			broken[row.rule] = true
			e, is := errors.AsType[*Error](err)
			if !is {
				return
			}
			answer, body := e.Response(true)
			if answer.Status != row.status {
				t.Errorf("the answer is %d, want %d: %v", answer.Status, row.status, err)
			}
			if (body == "") != (r.Method == "HEAD") {
				t.Errorf("the body is %q", body)
			}
			if wire := string(answer.Append(nil)); !strings.Contains(wire, row.answer+"\r\n") || !strings.Contains(wire, "Connection: close") {
				t.Errorf("the answer lacks %q:\n%s", row.answer, wire)
			}
		})
	}
	for _, rule := range RequestRules {
		if !broken[rule.ID] {
			t.Errorf("nothing breaks %s", rule.ID)
		}
	}
}

var responseRuleRows = []struct {
	name   string
	line   string
	header string
	rule   string
	says   string
}{
	{"as it should be", "", "", "", ""},
	{"any case", "", "Upgrade: WebSocket|Connection: UPGRADE", "", ""},
	{"Connection is a list", "", "Connection: keep-alive, upgrade", "", ""},
	{"what was offered", "", "+Sec-WebSocket-Protocol: superchat|+Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits=10", "", ""},

	{"HTTP/1.0", "HTTP/1.0 101 x", "", "response-http", "HTTP/1.0"},
	{"200", "HTTP/1.1 200 OK", "", "response-status", "200"},
	{"no Upgrade", "", "-Upgrade", "response-upgrade", "missing"},
	{"two Upgrades", "", "+Upgrade: websocket", "response-upgrade", "comes 2 times"},
	{"another Upgrade", "", "Upgrade: WebSockets", "response-upgrade", `it is "WebSockets"`},
	{"a list in Upgrade", "", "Upgrade: h2c, websocket", "response-upgrade", "must be websocket"},
	{"no Connection", "", "-Connection", "response-connection", "Upgrade"},
	{"another Connection", "", "Connection: keep-alive", "response-connection", "Upgrade"},
	{"no Accept", "", "-Sec-WebSocket-Accept", "response-accept", "comes 0 times"},
	{"two Accepts", "", "+Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", "response-accept", "comes 2 times"},
	{"the key again", "", "Sec-WebSocket-Accept: " + sampleKey, "response-accept", "must be \"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\""},
	{"Accept in lower case", "", "Sec-WebSocket-Accept: s3pplmbitxaq9kygzzhzrbk+xoo=", "response-accept", "must be"},
	{"an extension of its own", "", "+Sec-WebSocket-Extensions: mux", "response-extensions", "mux was not offered"},
	{"an extension in another case", "", "+Sec-WebSocket-Extensions: Permessage-Deflate", "response-extensions", "was not offered"},
	{"extensions in two lines", "", "+Sec-WebSocket-Extensions: permessage-deflate|+Sec-WebSocket-Extensions: permessage-deflate", "response-extensions", "2 times"},
	{"extensions without grammar", "", "+Sec-WebSocket-Extensions: ;", "response-extensions", "not a name"},
	{"an empty list of extensions", "", "+Sec-WebSocket-Extensions:", "response-extensions", "empty"},
	{"a subprotocol of its own", "", "+Sec-WebSocket-Protocol: soap", "response-subprotocol", "soap was not offered"},
	{"a subprotocol in another case", "", "+Sec-WebSocket-Protocol: Chat", "response-subprotocol", "Chat was not offered"},
	{"two subprotocols", "", "+Sec-WebSocket-Protocol: chat, superchat", "response-subprotocol", "not one token"},
	{"subprotocols in two lines", "", "+Sec-WebSocket-Protocol: chat|+Sec-WebSocket-Protocol: superchat", "response-subprotocol", "comes 2 times"},
	{"no subprotocol in its line", "", "+Sec-WebSocket-Protocol:", "response-subprotocol", "not one token"},
	{"a length", "", "+Content-Length: 0", "response-length", "frames follow"},
	{"a coding", "", "+Transfer-Encoding: chunked", "response-coding", "frames follow"},
}

func TestResponseRules(t *testing.T) {
	rules := slices.Concat(ResponseRules, ResponseAdvice)
	broken := map[string]bool{}
	for _, row := range responseRuleRows {
		t.Run(row.name, func(t *testing.T) {
			request, response := goodRequest(), goodResponse()
			if row.line != "" {
				var err error
				if response, _, err = ParseResponse([]byte(row.line + "\r\n" + string(response.Header.Append(nil)) + "\r\n")); err != nil {
					t.Fatal(err)
				}
			}
			response.Header = edited(response.Header, row.header)
			err := firstBreach(rules, Exchange{&request, &response})
			if row.rule == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			wantError(t, err, row.rule, row.says)
			broken[row.rule] = true
		})
	}
	for _, rule := range rules {
		if !broken[rule.ID] {
			t.Errorf("nothing breaks %s", rule.ID)
		}
	}
}

// Whoever walks the rules finds each under one name, with a section and a
// sentence.
func TestRuleTables(t *testing.T) {
	seen := map[string]bool{}
	for _, rule := range slices.Concat(SyntaxRules, RequestRules, ServerRules, ResponseRules, ResponseAdvice) {
		if seen[rule.ID] || !strings.HasPrefix(rule.Section, "RFC ") || !strings.Contains(rule.Section, ", section ") || !strings.HasSuffix(rule.Says, ".") {
			t.Errorf("%+v", rule)
		}
		seen[rule.ID] = true
	}
}

func TestSameOrigin(t *testing.T) {
	for _, row := range []struct {
		origin, host string
		want         bool
	}{
		{"http://example.com", "example.com", true},
		{"http://example.com", "EXAMPLE.com", true},
		{"http://example.com", "example.com:80", true},
		{"http://example.com:80", "example.com", true},
		{"https://example.com", "example.com", true}, // behind a TLS proxy
		{"https://example.com", "example.com:443", true},
		{"http://[::1]:8002", "[::1]:8002", true},
		{"http://[::1]", "[::1]:80", true},
		{"http://localhost:8002", "localhost:8002", true},
		{"http://example.com:81", "example.com", false},
		{"https://example.com", "example.com:80", false},
		{"http://example.com.evil.example", "example.com", false},
		{"http://evil.example", "example.com", false},
		{"http://127.0.0.1:8002", "localhost:8002", false},
		{"http://example.com/", "example.com", false}, // an origin has no path
		{"http://me@example.com", "example.com", false},
		{"http://example.com http://evil.example", "example.com", false},
		{"null", "example.com", false},
		{"file://", "example.com", false},
		{"", "example.com", false},
		{"example.com", "example.com", false},
	} {
		r := Request{Target: "/", Header: Header{{"Host", row.host}}}
		if got := SameOrigin(row.origin, &r); got != row.want {
			t.Errorf("%q at %q: %t", row.origin, row.host, got)
		}
	}
}
