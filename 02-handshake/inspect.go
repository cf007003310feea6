package main

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"net"
	"net/url"
	"time"

	"websocket.example/02-handshake/handshake"
	"websocket.example/02-handshake/narrate"
)

const inspectLesson = `
Usage: go run ./02-handshake inspect [flags] URL

Connects to any WebSocket server and explains both halves of the handshake line
by line: what each header is for, the rules that a client has to apply, and the
proof step by step. Exits with 1 when the answer breaks a rule or refuses.

  go run ./02-handshake inspect ws://127.0.0.1:8002/chat
  go run ./02-handshake inspect -subprotocol chat,superchat -H 'Cookie: a=b' wss://example.com/ws
`

func inspectCommand(ctx context.Context, args []string, t terminal) error {
	fs := newFlags("inspect", inspectLesson, t)
	header := headerFlag(fs)
	subprotocols := listFlag(fs, "subprotocol", "offer these `names`, the favourite first")
	extensions := fs.String("extension", "", "offer these `extensions`, as the header writes them")
	origin := fs.String("origin", "", "pretend to be a page of this `origin`, such as https://example.com")
	insecure := fs.Bool("insecure", false, "wss: do not check the certificate")
	tag := languageFlag(fs, "explain in `language` en or pt-BR")
	asJSON := fs.Bool("json", false, "explain as JSON")
	u, err := parse(fs, args, true)
	if err != nil {
		return err
	}
	language, err := narrate.Speak(*tag)
	if err != nil {
		return wrong("-lang: %w", err)
	}
	if *origin != "" {
		header.Set("Origin", *origin)
	}
	o := &handshake.DialOptions{Header: header, Subprotocols: *subprotocols}
	if *extensions != "" {
		if o.Extensions, err = handshake.ParseExtensions(*extensions); err != nil {
			return wrong("-extension: %w", err)
		}
	}
	if *insecure {
		o.TLS = &tls.Config{InsecureSkipVerify: true}
	}
	request, err := handshake.NewRequest(u, o)
	if err != nil {
		return usageError{err}
	}
	story, err := look(ctx, u, o, request)
	if err != nil {
		return err
	}
	telling := story.ToClient(language)
	if *asJSON {
		encoder := json.NewEncoder(t.out)
		encoder.SetIndent("", "  ")
		encoder.SetEscapeHTML(false)
		if err := encoder.Encode(telling); err != nil {
			return err
		}
	} else {
		narrate.View{Language: language, Colour: t.colour, Client: true}.Text(t.out, telling)
	}
	if !telling.Accepted {
		return errFailed
	}
	return nil
}

// look does the handshake and keeps what went over the wire. Without an
// answer there is nothing to explain, and that is an error.
func look(ctx context.Context, u *url.URL, o *handshake.DialOptions, request handshake.Request) (*narrate.Story, error) {
	const limit = 10 * time.Second
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	conn, err := o.Connect(ctx, u)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", u.Redacted(), err)
	}
	defer conn.Close()
	wire := &tap{Conn: conn}
	_, err = o.Ask(ctx, wire, request)
	if err != nil && len(wire.read) == 0 {
		return nil, fmt.Errorf("%s: %w", u.Redacted(), err)
	}
	return &narrate.Story{Peer: u.Redacted(), Request: request.Append(nil), Answer: wire.read, Err: err}, nil
}

// A tap keeps what a server says.
type tap struct {
	net.Conn
	read []byte
}

func (t *tap) Read(b []byte) (int, error) {
	const most = 64 << 10
	n, err := t.Conn.Read(b)
	t.read = append(t.read, b[:min(n, most-len(t.read))]...)
	return n, err
}
