package check

import (
	"bytes"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"io"
	"maps"
	"net"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"websocket.example/02-handshake/handshake"
)

// A mutant is a server with one bug.
type mutant struct {
	name  string
	fails map[string]string // case: key of its finding

	endless bool                                                // it reads on and on
	ignore  []string                                            // rules that it does not know
	before  func(wire []byte) []byte                            // what it does to a request before it reads it
	answer  func(r *handshake.Request, good string) string      // what it does to the 101
	refusal func(status int, wire string) string                // what it does to a refusal
	talk    func(conn net.Conn, serve func(net.Conn))           // how it treats a connection
	wrap    func(serve func(conn net.Conn)) func(conn net.Conn) // how it treats all of them
}

// accept is a mutant whose Sec-WebSocket-Accept is wrong.
func accept(name, key string, of func(key string) string) mutant {
	return mutant{name: name, fails: map[string]string{"accept": key}, answer: func(r *handshake.Request, good string) string {
		sent := r.Header.Get("Sec-WebSocket-Key")
		return strings.Replace(good, handshake.Accept(sent), of(sent), 1)
	}}
}

func replaced(old, with string) func(*handshake.Request, string) string {
	return func(_ *handshake.Request, good string) string { return strings.Replace(good, old, with, 1) }
}

// added puts a line into the answer.
func added(line string) func(*handshake.Request, string) string {
	return replaced("\r\n\r\n", "\r\n"+line+"\r\n\r\n")
}

func sum(s string) []byte { b := sha1.Sum([]byte(s)); return b[:] }

func b64(b []byte) string { return base64.StdEncoding.EncodeToString(b) }

func one(id, key string) map[string]string { return map[string]string{id: key} }

var mutants = []mutant{
	{name: "none", fails: nil},

	// The answer.
	{name: "200", fails: one("open", "status-200"), answer: func(*handshake.Request, string) string {
		return "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
	}},
	{name: "LF only", fails: one("open", "lf"), answer: func(_ *handshake.Request, good string) string {
		return strings.ReplaceAll(good, "\r\n", "\n")
	}},
	{name: "no empty line", fails: one("open", "half"), answer: func(_ *handshake.Request, good string) string {
		return strings.TrimSuffix(good, "\r\n")
	}},
	{name: "closes without a word", fails: one("open", "closed"), talk: func(conn net.Conn, _ func(net.Conn)) {
		_, _ = conn.Read(make([]byte, 4096))
	}},
	{name: "hangs up", fails: one("open", "cut"), talk: func(conn net.Conn, serve func(net.Conn)) { serve(&shut{conn}) },
		answer: func(_ *handshake.Request, good string) string { return good[:30] }},
	{name: "redirects", fails: one("open", "status"), answer: func(*handshake.Request, string) string {
		return "HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n"
	}},
	{name: "another protocol", fails: one("open", "no-http"), answer: func(*handshake.Request, string) string {
		return "WEBSOCKET OK\r\n\r\n"
	}},
	{name: "no Upgrade", fails: one("upgrade", "missing"), answer: replaced("Upgrade: websocket\r\n", "")},
	{name: "another Upgrade", fails: one("upgrade", "value"), answer: replaced("Upgrade: websocket", "Upgrade: websockets")},
	{name: "two Upgrades", fails: one("upgrade", "twice"), answer: added("Upgrade: websocket")},
	{name: "no Connection", fails: one("connection", "missing"), answer: replaced("Connection: Upgrade\r\n", "")},
	{name: "another Connection", fails: one("connection", "value"), answer: replaced("Connection: Upgrade", "Connection: keep-alive")},
	{name: "Content-Length", fails: one("no-length", "length"), answer: added("Content-Length: 0")},
	{name: "a line break too much", fails: one("clean-end", "garbage"), answer: func(_ *handshake.Request, good string) string { return good + "\r\n" }},

	// The proof.
	{name: "no Accept", fails: one("accept", "missing"), answer: func(r *handshake.Request, good string) string {
		return strings.Replace(good, "Sec-WebSocket-Accept: "+handshake.Accept(r.Header.Get("Sec-WebSocket-Key"))+"\r\n", "", 1)
	}},
	{name: "one Accept for all", fails: one("accept-new", "accept-sample"), answer: func(r *handshake.Request, good string) string {
		return strings.Replace(good, handshake.Accept(r.Header.Get("Sec-WebSocket-Key")), handshake.Accept(sampleKey), 1)
	}},
	accept("key echoed", "accept-key", func(key string) string { return key }),
	accept("hex in base64", "accept-hex-base64", func(key string) string { return b64([]byte(hex.EncodeToString(sum(key + guid)))) }),
	accept("HEX in base64", "accept-hex-base64", func(key string) string {
		return b64([]byte(strings.ToUpper(hex.EncodeToString(sum(key + guid)))))
	}),
	accept("hex", "accept-hex", func(key string) string { return hex.EncodeToString(sum(key + guid)) }),
	accept("lower case", "accept-lower", func(key string) string { return strings.ToLower(handshake.Accept(key)) }),
	accept("no padding", "accept-padding", func(key string) string { return strings.TrimSuffix(handshake.Accept(key), "=") }),
	accept("base64 for URLs", "accept-alphabet", func(string) string { return base64.URLEncoding.EncodeToString(sum(sampleKey + guid)) }),
	accept("SHA-256", "accept-sha256", func(key string) string { b := sha256.Sum256([]byte(key + guid)); return b64(b[:]) }),
	accept("MD5", "accept-md5", func(key string) string { b := md5.Sum([]byte(key + guid)); return b64(b[:]) }),
	accept("decoded first", "accept-decoded", func(key string) string {
		raw, _ := base64.StdEncoding.DecodeString(key)
		return b64(sum(string(raw) + guid))
	}),
	accept("no GUID", "accept-no-guid", func(key string) string { return b64(sum(key)) }),
	accept("no hash", "accept-no-hash", func(key string) string { return b64([]byte(key + guid)) }),
	accept("GUID first", "accept-order", func(key string) string { return b64(sum(guid + key)) }),
	accept("line break hashed", "accept-space", func(key string) string { return b64(sum(key + guid + "\n")) }),
	accept("space hashed", "accept-space", func(key string) string { return b64(sum(" " + key + guid)) }),
	accept("GUID misspelt", "accept-guid", func(key string) string { return b64(sum(key + "258EAFA5-E914-47DA-95CA-5AB0DC85B11")) }),
	accept("GUID in lower case", "accept-guid", func(key string) string { return b64(sum(key + strings.ToLower(guid))) }),
	accept("another GUID", "accept-something", func(key string) string { return b64(sum(key + "00000000-0000-0000-0000-000000000000")) }),
	accept("not base64", "value", func(string) string { return "yes" }),

	// Reading.
	{name: "whole value of Connection", fails: map[string]string{"connection-list": "refused"}, before: refuseIf("Connection: keep-alive, Upgrade")},
	{name: "case of names", fails: one("names-any-case", "refused"), before: refuseIf("uPGRADE:")},
	{name: "case of values", fails: one("values-any-case", "refused"), before: refuseIf("Upgrade: WebSocket")},
	{name: "no trim", fails: one("spaces", "refused"), before: refuseIf("Upgrade: \t websocket")},
	{name: "one read", fails: one("pieces", "closed"), talk: func(conn net.Conn, serve func(net.Conn)) {
		buf := make([]byte, 16<<10)
		if n, _ := conn.Read(buf); n > 100 {
			serve(&again{conn, bytes.NewReader(buf[:n])})
		}
	}},
	{name: "1 KB of header", fails: map[string]string{"large": "refused"}, before: func(wire []byte) []byte {
		if len(wire) > 1024 {
			return []byte("\r\n\r\n")
		}
		return wire
	}},
	{name: "no query", fails: one("query", "refused"), before: refuseIf("?check=")},
	{name: "Upgrade is no list", fails: one("upgrade-list", "refused"), before: refuseIf("Upgrade: h2c")},
	{name: "no whole URL", fails: one("whole-url", "refused"), before: refuseIf("GET http://")},
	{name: "no browsers", fails: one("browser", "refused"), before: refuseIf("Mozilla")},

	// Refusing.
	{name: "Upgrade unread", fails: one("no-upgrade", "accepted"), ignore: []string{"request-upgrade"}},
	{name: "Connection unread", fails: one("no-connection", "accepted"), ignore: []string{"request-connection"}},
	{name: "key may be missing", fails: one("no-key", "accepted"), before: when("Sec-WebSocket-Key", "Sec-WebSocket-Key: "+sampleKey)},
	{name: "key unchecked", fails: one("short-key", "accepted"), before: swap("MTUgYnl0ZXMgbG9uZy4u", sampleKey)},
	{name: "the last key", fails: one("two-keys", "accepted"), before: swap("Sec-WebSocket-Key: "+sampleKey+"\r\n\r\n", "\r\n")},
	{name: "version may be missing", fails: one("no-version", "accepted"), before: when("Sec-WebSocket-Version", "Sec-WebSocket-Version: 13")},
	{name: "any version", fails: one("old-version", "accepted"), before: swap("Sec-WebSocket-Version: 8", "Sec-WebSocket-Version: 13")},
	{name: "keeps its version to itself", fails: one("old-version", "missing"), refusal: func(_ int, wire string) string {
		return strings.Replace(wire, "Sec-WebSocket-Version: 13\r\n", "", 1)
	}},
	{name: "400 for a version", fails: one("old-version-426", "other-error"), refusal: func(_ int, wire string) string {
		if strings.Contains(wire, "Sec-WebSocket-Version: 13") {
			return strings.Replace(wire, "426 Upgrade Required", "400 Bad Request", 1)
		}
		return wire
	}},
	{name: "any method", fails: one("method", "accepted"), ignore: []string{"request-method"}},
	{name: "400 for a method", fails: one("method-405", "other-error"), refusal: func(status int, wire string) string {
		if status == 405 {
			return strings.Replace(wire, "405 Method Not Allowed", "400 Bad Request", 1)
		}
		return wire
	}},
	{name: "HTTP/1.0 will do", fails: one("http-1.0", "accepted"), ignore: []string{"request-http"}},
	{name: "Host may be missing", fails: one("no-host", "accepted"), before: when("Host", "Host: x")},
	{name: "the first Host", fails: one("two-hosts", "accepted"), before: swap("Host: other.example\r\n", "")},
	{name: "body unread", fails: one("body", "accepted"), ignore: []string{"request-body"}},
	{name: "spaces before colons", fails: one("space-before-colon", "accepted"), before: swap(" : ", ": ")},
	{name: "folded lines", fails: one("folded-line", "accepted"), before: swap("\r\n 2", " 2")},
	{name: "any origin", fails: one("foreign-origin", "accepted"), ignore: []string{"server-origin"}},
	{name: "no limit", fails: one("endless-header", "accepted"), endless: true, before: func(wire []byte) []byte {
		if len(wire) > 1<<20 {
			return append(wire[:bytes.Index(wire, []byte("Cookie"))], "\r\n"...)
		}
		return wire
	}},
	{name: "refuses with a page", fails: map[string]string{
		"no-key": "no-error", "short-key": "no-error", "no-version": "no-error", "no-host": "no-error", "two-keys": "no-error", "two-hosts": "no-error",
		"body": "no-error", "space-before-colon": "no-error", "folded-line": "no-error", "broken-extension": "no-error",
	}, refusal: func(status int, wire string) string {
		if status == 400 {
			return strings.Replace(wire, "400 Bad Request", "200 OK", 1)
		}
		return wire
	}},
	{name: "refuses in silence", fails: one("foreign-origin", "silence"), refusal: func(status int, wire string) string {
		if status == 403 {
			return ""
		}
		return wire
	}},

	// Agreeing.
	{name: "a subprotocol of its own", fails: one("no-subprotocol", "subprotocol-invented"), answer: func(r *handshake.Request, good string) string {
		if r.Header.Count("Sec-WebSocket-Protocol") == 0 {
			return added("Sec-WebSocket-Protocol: echo")(r, good)
		}
		return good
	}},
	{name: "the whole offer of subprotocols", fails: one("one-subprotocol", "subprotocol-list"), answer: func(r *handshake.Request, good string) string {
		if r.Header.Get("Sec-WebSocket-Protocol") == "chat, superchat" {
			return added("Sec-WebSocket-Protocol: chat, superchat")(r, good)
		}
		return good
	}},
	{name: "every line of subprotocols", fails: one("subprotocol-lines", "subprotocol-list"), answer: func(r *handshake.Request, good string) string {
		if r.Header.Count("Sec-WebSocket-Protocol") == 2 {
			return added("Sec-WebSocket-Protocol: chat\r\nSec-WebSocket-Protocol: superchat")(r, good)
		}
		return good
	}},
	{name: "an empty subprotocol", fails: one("one-subprotocol", "subprotocol-empty"), answer: func(r *handshake.Request, good string) string {
		if r.Header.Get("Sec-WebSocket-Protocol") == "chat, superchat" {
			return added("Sec-WebSocket-Protocol:")(r, good)
		}
		return good
	}},
	{name: "an extension of its own", fails: one("no-extension", "extension-invented"), answer: func(r *handshake.Request, good string) string {
		if r.Header.Count("Sec-WebSocket-Extensions") == 0 {
			return added("Sec-WebSocket-Extensions: x-own")(r, good)
		}
		return good
	}},
	{name: "offers echoed", fails: one("unknown-extension", "extension-echoed"), answer: func(r *handshake.Request, good string) string {
		if v := r.Header.Get("Sec-WebSocket-Extensions"); strings.HasPrefix(v, unknown) && !strings.Contains(v, `"`) {
			return added("Sec-WebSocket-Extensions: "+v)(r, good)
		}
		return good
	}},
	{name: "no quotes", fails: one("quoted-extension", "refused"), before: refuseIf(`a="1"`)},
	{name: "extensions unread", fails: one("broken-extension", "accepted"), ignore: []string{"request-extensions"}},

	// Afterwards.
	{name: "one client at a time", fails: one("side-by-side", "silence"), wrap: func(serve func(net.Conn)) func(net.Conn) {
		turn := make(chan struct{}, 1)
		return func(conn net.Conn) {
			head := make([]byte, 16<<10)
			n, _ := conn.Read(head)
			conn = &again{conn, bytes.NewReader(head[:n])}
			if !bytes.Contains(head[:n], []byte("x-stage: 5")) { // only there, or everything would be slow
				serve(conn)
				return
			}
			turn <- struct{}{}
			serve(conn)
			<-turn
		}
	}},
	{name: "closes at once", fails: one("stays-open", "closed-after"), talk: func(conn net.Conn, serve func(net.Conn)) {
		serve(&shut{Conn: conn})
	}},
}

// refuseIf is a server that stumbles over some text.
func refuseIf(text string) func([]byte) []byte {
	return func(wire []byte) []byte {
		if bytes.Contains(wire, []byte(text)) {
			return []byte("\r\n\r\n")
		}
		return wire
	}
}

// swap is a server that does not see the difference between two texts.
func swap(old, with string) func([]byte) []byte {
	return func(wire []byte) []byte { return bytes.Replace(wire, []byte(old), []byte(with), 1) }
}

// when is a server that imagines a line if there is none of that name.
func when(name, line string) func([]byte) []byte {
	return func(wire []byte) []byte {
		if bytes.Contains(bytes.ToLower(wire), []byte("\n"+strings.ToLower(name)+":")) {
			return wire
		}
		return bytes.Replace(wire, []byte("\r\n"), []byte("\r\n"+line+"\r\n"), 1)
	}
}

// again is a connection of which something has been read already.
type again struct {
	net.Conn
	first *bytes.Reader
}

func (a *again) Read(b []byte) (int, error) {
	if a.first.Len() > 0 {
		return a.first.Read(b)
	}
	return a.Conn.Read(b)
}

// shut is a connection that is closed after one write.
type shut struct{ net.Conn }

func (s *shut) Write(b []byte) (int, error) {
	defer s.Close()
	return s.Conn.Write(b)
}

// serve is a server without a bug, into which one is put.
func (m *mutant) serve(conn net.Conn) {
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(10 * time.Second)) // if it fails, so does reading
	var wire []byte
	chunk := make([]byte, 64<<10)
	for !bytes.Contains(wire[max(0, len(wire)-len(chunk)-4):], []byte("\r\n\r\n")) {
		n, err := conn.Read(chunk)
		if wire = append(wire, chunk[:n]...); err != nil {
			return
		}
		if len(wire) > 8192 && !m.endless {
			m.refuse(conn, &handshake.Error{Status: 431})
			return
		}
	}
	if m.before != nil {
		wire = m.before(wire)
	}
	r, _, err := handshake.ParseRequest(wire)
	for _, rule := range handshake.RequestRules {
		if err == nil && !slices.Contains(m.ignore, rule.ID) {
			if e := rule.Apply(handshake.Exchange{Request: &r}); e != nil {
				err = e
			}
		}
	}
	if origin := r.Header.Get("Origin"); err == nil && origin != "" && !slices.Contains(m.ignore, "server-origin") && !handshake.SameOrigin(origin, &r) {
		err = &handshake.Error{Status: 403}
	}
	if err != nil {
		m.refuse(conn, err)
		return
	}
	good := statusLine101 + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " +
		handshake.Accept(r.Header.Get("Sec-WebSocket-Key")) + "\r\n\r\n"
	if m.answer != nil {
		good = m.answer(&r, good)
	}
	if _, err := io.WriteString(conn, good); err == nil {
		_, _ = io.Copy(io.Discard, conn) // until the client has gone
	}
}

func (m *mutant) refuse(conn net.Conn, err error) {
	e := err.(*handshake.Error) //nolint:errorlint // it is one of ours
	response, body := e.Response(true)
	wire := string(response.Append(nil)) + body
	if m.refusal != nil {
		wire = m.refusal(e.Status, wire)
	}
	if _, err := io.WriteString(conn, wire); err == nil && wire != "" {
		_ = conn.(interface{ CloseWrite() error }).CloseWrite()
	}
	_, _ = io.Copy(io.Discard, conn)
}

func (a *again) CloseWrite() error { return a.Conn.(*net.TCPConn).CloseWrite() }
func (s *shut) CloseWrite() error  { return s.Conn.(*net.TCPConn).CloseWrite() }

// start listens and serves the mutant until the test ends.
func (m *mutant) start(t *testing.T) string {
	serve := m.serve
	if m.talk != nil {
		serve = func(conn net.Conn) {
			defer conn.Close()
			m.talk(conn, m.serve)
		}
	}
	if m.wrap != nil {
		serve = m.wrap(serve)
	}
	return listen(t, serve)
}

// grade runs the checks that say something about the mutant.
func (m *mutant) grade(t *testing.T) (*Report, error) {
	config := configFor(t, m.start(t))
	config.All, config.Strict = true, true
	config.Limit = 4 * time.Second // of a machine that may be busy
	for i := range Cases {
		key, fails := m.fails[Cases[i].ID]
		switch {
		case !fails:
		case key == "silence" || key == "half": // the limit itself is what is tested
			config.Limit = time.Second
			config.Stage = Cases[i].Stage
		case Cases[i].ID == "open" || Cases[i].Stage == 5: // the others would suffer
			config.Stage = Cases[i].Stage
		}
	}
	if m.wrap != nil {
		config.Header.Add("x-stage", "5")
	}
	return Run(t.Context(), config)
}

// Each mutant fails its own case, with its own text, and nothing else.
func TestMutants(t *testing.T) {
	// Nearly all of their time is waiting: t.Parallel would run only as many
	// at once as there are processors.
	reports, errs := make([]*Report, len(mutants)), make([]error, len(mutants))
	turn := make(chan struct{}, 8)
	var work sync.WaitGroup
	for i := range mutants {
		turn <- struct{}{}
		work.Go(func() {
			reports[i], errs[i] = mutants[i].grade(t)
			<-turn
		})
	}
	work.Wait()

	seen := map[string]bool{}
	for i, m := range mutants {
		t.Run(m.name, func(t *testing.T) {
			if errs[i] != nil {
				t.Fatal(errs[i])
			}
			got := map[string]string{}
			for _, r := range reports[i].Results {
				if r.Verdict != Failed {
					continue
				}
				got[r.ID] = r.Finding.Key
				seen[r.ID], seen["found."+r.Finding.Key] = true, true
				for _, l := range []*Language{English, Portuguese} {
					if text := l.Why(r.Finding); strings.ContainsAny(text, "{}[]") {
						t.Errorf("%s, in %s: %s", r.ID, l.Tag, text)
					}
				}
			}
			if !maps.Equal(got, m.fails) {
				t.Errorf("it fails %v, want %v", got, m.fails)
			}
		})
	}
	for _, c := range Cases {
		if !seen[c.ID] {
			t.Errorf("no mutant fails %s", c.ID)
		}
	}
	data, err := files.ReadFile("i18n/en.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range regexp.MustCompile(`"(found\.[^"]+)"`).FindAllSubmatch(data, -1) {
		if k := string(key[1]); !seen[k] && k != "found.no-connection" && k != "found.crashed" {
			t.Errorf("no mutant brings out %s", k)
		}
	}
}
