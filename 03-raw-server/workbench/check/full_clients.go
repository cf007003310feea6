package check

import (
	"slices"
	"strings"

	"websocket.example/02-handshake/handshake"
)

// clientsOnly is what only clients do: RFC 6455, section 4.1, and masking.
func clientsOnly(b *book) {
	b.begin(Must, rfc("4.1"), "client-handshake").whom(clients)
	for _, row := range []struct {
		name  string
		spoil func(*handshake.Response)
	}{
		{"accept", set("Sec-WebSocket-Accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")},
		{"no-accept", remove("Sec-WebSocket-Accept")},
		{"accept-case", func(r *handshake.Response) {
			set("Sec-WebSocket-Accept", strings.ToLower(r.Header.Get("Sec-WebSocket-Accept")))(r)
		}},
		{"upgrade", set("Upgrade", "h2c")},
		{"no-upgrade", remove("Upgrade")},
		{"connection", set("Connection", "keep-alive")},
		{"no-connection", remove("Connection")},
		{"status-200", func(r *handshake.Response) { r.Status, r.Reason = 200, "OK" }},
		{"subprotocol", func(r *handshake.Response) { r.Header.Add("Sec-WebSocket-Protocol", "x-nobody-asked") }},
		{"extension", func(r *handshake.Response) { r.Header.Add("Sec-WebSocket-Extensions", "x-nobody-asked") }},
	} {
		b.add(say("client."+row.name), walksAway).spoil = row.spoil
	}
	for _, row := range []struct {
		name  string
		spoil func(*handshake.Response)
	}{
		{"case", func(r *handshake.Response) { set("Upgrade", "WebSocket")(r); set("Connection", "upgrade")(r) }},
		{"list", set("Connection", "keep-alive, Upgrade")},
		{"names", func(r *handshake.Response) {
			for i := range r.Header {
				r.Header[i].Name = strings.ToLower(r.Header[i].Name)
			}
		}},
		{"reason", func(r *handshake.Response) { r.Reason = "" }},
		{"more", func(r *handshake.Response) {
			r.Header.Add("Date", "Fri, 27 Aug 2021 19:00:00 GMT")
			r.Header.Add("Server", "check")
		}},
	} {
		b.good(say("client-takes."+row.name), send(text("Hello")), echoText("Hello")).spoil = row.spoil
	}
	b.good(say("client.at-once"), echoText("with the 101")).early = shots(text("with the 101"))

	b.begin(Must, rfc("4.1"), "client-key").whom(clients)
	b.good(say("client.key-new"), echoed("Hello")...).asked = func(r *handshake.Request, before []string) *Finding {
		if slices.Contains(before, r.Header.Get("Sec-WebSocket-Key")) {
			return found("key-again")
		}
		return nil
	}
	b.begin(Must, rfc("5.3"), "client-key").whom(clients)
	var rally []step
	for range 8 {
		rally = append(rally, echoed("Hello")...)
	}
	b.good(say("client.mask-new"), append(rally, newKeys)...)
	b.good(say("client.mask-pong"), send(ping("a"), ping("b"), ping("c")), pongs("a", "b", "c"), send(text("Hello")), echoText("Hello"), newKeys)
}

// newKeys wants masking keys that differ from frame to frame.
func newKeys(t *talk) *Finding {
	if len(t.came) < 2 {
		return nil
	}
	zero, same := true, true
	for _, h := range t.came {
		zero = zero && h.Key == [4]byte{}
		same = same && h.Key == t.came[0].Key
	}
	switch {
	case zero:
		return found("key-zero")
	case same:
		return found("key-same")
	}
	return nil
}

func set(name, value string) func(*handshake.Response) {
	return func(r *handshake.Response) {
		for i := range r.Header {
			if r.Header[i].Name == name {
				r.Header[i].Value = value
			}
		}
	}
}

func remove(name string) func(*handshake.Response) {
	return func(r *handshake.Response) {
		r.Header = slices.DeleteFunc(r.Header, func(f handshake.Field) bool { return f.Name == name })
	}
}
