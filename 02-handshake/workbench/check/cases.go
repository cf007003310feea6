package check

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"websocket.example/02-handshake/handshake"
)

// Stages is how many there are: the proof, reading, refusing, agreeing,
// afterwards.
const Stages = 5

// A Case is one connection.
type Case struct {
	ID      string
	Stage   int
	Level   Level
	Section string
	Topic   string // of its hints
	Needs   string // a case of the same stage; if that fails, this one is not worth a word

	edit   func(*handshake.Request) // what is different from a good request
	judge  func(*probe) *Finding    // nil is fine
	tail   string                   // sent behind the request
	pieces bool                     // send it in pieces
	beside bool                     // another connection is open and idle
	listen time.Duration            // look at what comes behind the 101 for so long
}

const (
	sampleKey = "dGhlIHNhbXBsZSBub25jZQ==" // of RFC 6455, section 1.3
	unknown   = "x-nobody-knows-this"
)

func rfc(section string) string { return "RFC 6455, section " + section }

// Cases in the order in which they are worth mending.
var Cases = []Case{
	{ID: "open", Stage: 1, Level: Core, Section: rfc("4.2.2"), Topic: "answer", judge: accepted, edit: set("Sec-WebSocket-Key", sampleKey)},
	{ID: "upgrade", Stage: 1, Level: Core, Section: rfc("4.2.2"), Topic: "answer", Needs: "open", judge: has("Upgrade", "websocket", rule("response-upgrade"))},
	{ID: "connection", Stage: 1, Level: Core, Section: rfc("4.2.2"), Topic: "answer", Needs: "open", judge: has("Connection", "Upgrade", rule("response-connection"))},
	{ID: "accept", Stage: 1, Level: Core, Section: rfc("4.2.2"), Topic: "accept", Needs: "open", judge: rightAccept, edit: set("Sec-WebSocket-Key", sampleKey)},
	{ID: "accept-new", Stage: 1, Level: Core, Section: rfc("4.2.2"), Topic: "accept", Needs: "accept", judge: rightAccept},
	{ID: "no-length", Stage: 1, Level: Must, Section: "RFC 9110, section 8.6", Topic: "length", Needs: "open", judge: noLength},
	{ID: "clean-end", Stage: 1, Level: Must, Section: rfc("5.2"), Topic: "length", Needs: "open", judge: cleanEnd, listen: 40 * time.Millisecond},

	{ID: "browser", Stage: 2, Level: Core, Section: rfc("4.2.1"), Topic: "list", judge: accepted, edit: asBrowser},
	{ID: "connection-list", Stage: 2, Level: Core, Section: rfc("4.2.1"), Topic: "list", judge: accepted, edit: set("Connection", "keep-alive, Upgrade")},
	{ID: "names-any-case", Stage: 2, Level: Must, Section: rfc("4.2.1"), Topic: "case", judge: accepted, edit: swapNames},
	{ID: "values-any-case", Stage: 2, Level: Must, Section: rfc("4.2.1"), Topic: "case", judge: accepted, edit: both(set("Upgrade", "WebSocket"), set("Connection", "upgrade"))},
	{ID: "spaces", Stage: 2, Level: Must, Section: "RFC 9110, section 5.5", Topic: "spaces", judge: accepted, edit: both(set("Upgrade", "\t websocket"), set("Connection", "Upgrade  \t"))},
	{ID: "pieces", Stage: 2, Level: Must, Section: "RFC 9112, section 2.2", Topic: "pieces", judge: accepted, pieces: true},
	{ID: "large", Stage: 2, Level: Must, Section: "RFC 9110, section 5.4", Topic: "large", judge: accepted, edit: add("Cookie", "a="+strings.Repeat("0123456789abcdef", 250))},
	{ID: "query", Stage: 2, Level: Must, Section: rfc("3"), Topic: "target", judge: accepted, edit: withQuery},
	{ID: "upgrade-list", Stage: 2, Level: Strict, Section: rfc("4.2.1"), Topic: "list", judge: accepted, edit: set("Upgrade", "h2c, websocket")},
	{ID: "whole-url", Stage: 2, Level: Strict, Section: rfc("4.2.1"), Topic: "target", judge: accepted, edit: wholeURL},

	{ID: "no-upgrade", Stage: 3, Level: Must, Section: rfc("4.2.1"), Topic: "refuse", judge: notAccepted, edit: remove("Upgrade")},
	{ID: "no-connection", Stage: 3, Level: Must, Section: rfc("4.2.1"), Topic: "refuse", judge: notAccepted, edit: remove("Connection")},
	{ID: "no-key", Stage: 3, Level: Must, Section: rfc("4.2.1"), Topic: "refuse", judge: refused(), edit: remove("Sec-WebSocket-Key")},
	{ID: "short-key", Stage: 3, Level: Must, Section: rfc("4.2.1"), Topic: "key", judge: refused(), edit: set("Sec-WebSocket-Key", "MTUgYnl0ZXMgbG9uZy4u")},
	{ID: "no-version", Stage: 3, Level: Must, Section: rfc("4.2.1"), Topic: "version", judge: refused(), edit: remove("Sec-WebSocket-Version")},
	{ID: "old-version", Stage: 3, Level: Must, Section: rfc("4.4"), Topic: "version", judge: tellsVersion, edit: set("Sec-WebSocket-Version", "8")},
	{ID: "method", Stage: 3, Level: Must, Section: rfc("4.1"), Topic: "refuse", judge: notAccepted, edit: post},
	{ID: "no-host", Stage: 3, Level: Must, Section: "RFC 9112, section 3.2", Topic: "smuggling", judge: refused(), edit: remove("Host")},
	{ID: "old-version-426", Stage: 3, Level: Strict, Section: rfc("4.2.2"), Topic: "version", Needs: "old-version", judge: refused(426), edit: set("Sec-WebSocket-Version", "8")},
	{ID: "method-405", Stage: 3, Level: Strict, Section: "RFC 9110, section 15.5.6", Topic: "refuse", Needs: "method", judge: refused(405), edit: post},
	{ID: "http-1.0", Stage: 3, Level: Strict, Section: rfc("4.1"), Topic: "refuse", judge: notAccepted, edit: func(r *handshake.Request) { r.Proto = "HTTP/1.0" }},
	{ID: "two-keys", Stage: 3, Level: Strict, Section: rfc("11.3.1"), Topic: "key", judge: refused(), edit: add("Sec-WebSocket-Key", sampleKey)},
	{ID: "two-hosts", Stage: 3, Level: Strict, Section: "RFC 9112, section 3.2", Topic: "smuggling", judge: refused(), edit: add("Host", "other.example")},
	{ID: "body", Stage: 3, tail: "hello", Level: Strict, Section: "RFC 9112, section 6", Topic: "smuggling", judge: refused(), edit: add("Content-Length", "5")},
	{ID: "space-before-colon", Stage: 3, Level: Strict, Section: "RFC 9112, section 5.1", Topic: "smuggling", judge: refused(), edit: add("X-Check ", "1")},
	{ID: "folded-line", Stage: 3, Level: Strict, Section: "RFC 9112, section 5.2", Topic: "smuggling", judge: refused(), edit: add("X-Check", "1\r\n 2")},
	{ID: "foreign-origin", Stage: 3, Level: Strict, Section: rfc("10.2"), Topic: "origin", judge: refused(403), edit: set("Origin", "http://foreign.example")},
	{ID: "endless-header", Stage: 3, Level: Strict, Section: "RFC 6585, section 5", Topic: "large", judge: limited, edit: add("Cookie", "a="+strings.Repeat("0123456789abcdef", 80_000))},

	{ID: "no-subprotocol", Stage: 4, Level: Must, Section: rfc("4.2.2"), Topic: "subprotocol", judge: agreedSubprotocol, edit: remove("Sec-WebSocket-Protocol")},
	{ID: "one-subprotocol", Stage: 4, Level: Must, Section: rfc("4.2.2"), Topic: "subprotocol", judge: agreedSubprotocol, edit: both(remove("Sec-WebSocket-Protocol"), add("Sec-WebSocket-Protocol", "chat, superchat"))},
	{ID: "subprotocol-lines", Stage: 4, Level: Must, Section: rfc("11.3.4"), Topic: "subprotocol", judge: agreedSubprotocol, edit: both(remove("Sec-WebSocket-Protocol"), both(add("Sec-WebSocket-Protocol", "chat"), add("Sec-WebSocket-Protocol", "superchat")))},
	{ID: "no-extension", Stage: 4, Level: Must, Section: rfc("4.2.2"), Topic: "extension", judge: agreedExtensions},
	{ID: "unknown-extension", Stage: 4, Level: Must, Section: rfc("9.1"), Topic: "extension", judge: agreedExtensions, edit: add("Sec-WebSocket-Extensions", unknown+"; a; b=1")},
	{ID: "quoted-extension", Stage: 4, Level: Must, Section: rfc("9.1"), Topic: "extension", judge: agreedExtensions, edit: add("Sec-WebSocket-Extensions", unknown+`; a="1"; b="\2", `+unknown+"-either")},
	{ID: "broken-extension", Stage: 4, Level: Strict, Section: rfc("9.1"), Topic: "extension", judge: refused(), edit: add("Sec-WebSocket-Extensions", `;=", "`)},

	{ID: "side-by-side", Stage: 5, Level: Must, Section: rfc("4.2.2"), Topic: "afterwards", judge: accepted, beside: true},
	{ID: "stays-open", Stage: 5, Level: Strict, Section: rfc("7.1.1"), Topic: "afterwards", Needs: "side-by-side", judge: staysOpen, listen: 100 * time.Millisecond},
}

// Edits of a good request.

func set(name, value string) func(*handshake.Request) {
	return func(r *handshake.Request) {
		for i := range r.Header {
			if r.Header[i].Name == name {
				r.Header[i].Value = value
				return
			}
		}
		r.Header.Add(name, value)
	}
}

func add(name, value string) func(*handshake.Request) {
	return func(r *handshake.Request) { r.Header.Add(name, value) }
}

func remove(name string) func(*handshake.Request) {
	return func(r *handshake.Request) {
		r.Header = slices.DeleteFunc(r.Header, func(f handshake.Field) bool { return strings.EqualFold(f.Name, name) })
	}
}

func both(a, b func(*handshake.Request)) func(*handshake.Request) {
	return func(r *handshake.Request) { a(r); b(r) }
}

func post(r *handshake.Request) {
	r.Method = "POST"
	r.Header.Add("Content-Length", "0")
}

func withQuery(r *handshake.Request) {
	separator := "?"
	if strings.Contains(r.Target, "?") {
		separator = "&"
	}
	r.Target += separator + "check=a%20b"
}

func wholeURL(r *handshake.Request) { r.Target = "http://" + r.Header.Get("Host") + r.Target }

// swapNames writes aBC for Abc: no server may care.
func swapNames(r *handshake.Request) {
	for i, f := range r.Header {
		r.Header[i].Name = strings.Map(func(c rune) rune {
			switch {
			case 'a' <= c && c <= 'z':
				return c - 'a' + 'A'
			case 'A' <= c && c <= 'Z':
				return c - 'A' + 'a'
			}
			return c
		}, f.Name)
	}
}

// asBrowser sends what a page of the same host makes Chromium send, in its
// order.
func asBrowser(r *handshake.Request) {
	host, key := r.Header.Get("Host"), r.Header.Get("Sec-WebSocket-Key")
	own := r.Header[4:] // behind our five lines
	r.Header = handshake.Header{
		{Name: "Host", Value: host},
		{Name: "Connection", Value: "Upgrade"},
		{Name: "Pragma", Value: "no-cache"},
		{Name: "Cache-Control", Value: "no-cache"},
		{Name: "User-Agent", Value: "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36"},
		{Name: "Upgrade", Value: "websocket"},
		{Name: "Origin", Value: "http://" + host},
		{Name: "Sec-WebSocket-Version", Value: "13"},
		{Name: "Accept-Encoding", Value: "gzip, deflate, br, zstd"},
		{Name: "Accept-Language", Value: "pt-BR,pt;q=0.9,en-US;q=0.8,en;q=0.7"},
		{Name: "Sec-WebSocket-Key", Value: key},
		{Name: "Sec-WebSocket-Extensions", Value: "permessage-deflate; client_max_window_bits"},
	}
	for _, f := range own {
		if r.Header.Count(f.Name) == 0 {
			r.Header = append(r.Header, f)
		}
	}
}

func rule(id string) handshake.Rule {
	for _, r := range slices.Concat(handshake.ResponseRules, handshake.ResponseAdvice) {
		if r.ID == id {
			return r
		}
	}
	panic(fmt.Sprintf("no rule is called %s", id)) // a slip of this package, which every test meets
}
