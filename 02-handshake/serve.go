package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"sync"
	"syscall"
	"time"

	"websocket.example/02-handshake/narrate"
	"websocket.example/02-handshake/web"
)

const serveLesson = `
Usage: go run ./02-handshake [flags]

A WebSocket server that narrates. It answers every handshake at /chat and tells
on the terminal what it saw: each header and what it is for, the rules in the
order in which a server applies them, the proof step by step, and the verdict.
The page on the same port does the same for the browser that opens it.

Other handshakes to look at:
  curl -i http://127.0.0.1:8002/chat              not a handshake: 426
  go run ./02-handshake inspect 'ws://127.0.0.1:8002/chat?try=403'
  go run ./02-handshake check ws://127.0.0.1:8002/chat

?try=401, 403 and 302 make the server refuse, and ?try=proof makes it lie.
`

func serveCommand(ctx context.Context, args []string, t terminal) error {
	fs := newFlags("02-handshake", serveLesson, t)
	addr := fs.String("addr", "127.0.0.1:8002", "listen on `host:port`; port 0 picks a free one")
	tag := languageFlag(fs, "narrate in `language` en or pt-BR")
	asJSON := fs.Bool("json", false, "narrate as one line of JSON per handshake")
	hold := fs.Duration("hold", time.Minute, "close an accepted connection after this `time`")
	if _, err := parse(fs, args, false); err != nil {
		return err
	}
	if *hold <= 0 {
		return wrong("-hold: a connection can't be open for %v: give more than 0", *hold)
	}
	language, err := narrate.Speak(*tag)
	if err != nil {
		return wrong("-lang: %w", err)
	}
	listener, err := net.Listen("tcp", *addr)
	if err != nil {
		return wrong("-addr: %w", addressError(*addr, err))
	}
	narrator := &narrator{t: t, language: language, json: *asJSON}
	page := web.NewPage(web.Options{Tell: narrator.tell, Hold: *hold})
	defer page.Close()
	if !*asJSON {
		fmt.Fprintf(t.out, "Open http://%s\nor connect to ws://%[1]s/chat. Ctrl-C stops.\n", listener.Addr())
	}
	return page.Serve(ctx, listener)
}

// A narrator tells one story at a time.
type narrator struct {
	t        terminal
	language *narrate.Language
	json     bool

	mu sync.Mutex
	n  int
}

func (n *narrator) tell(s *narrate.Story) {
	var out bytes.Buffer
	telling := s.ToServer(n.language)
	n.mu.Lock()
	defer n.mu.Unlock()
	n.n++
	if n.json {
		_ = json.NewEncoder(&out).Encode(telling) // a buffer takes everything
	} else {
		fmt.Fprintf(&out, "\n#%d ", n.n)
		narrate.View{Language: n.language, Colour: n.t.colour}.Text(&out, telling)
	}
	_, _ = n.t.out.Write(out.Bytes()) // if it fails, nobody listens
}

func addressError(addr string, err error) error {
	var unknown *net.AddrError
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("%s is taken by another program: choose another port, or port 0 for a free one", addr)
	case errors.Is(err, syscall.EACCES):
		return fmt.Errorf("%s is not for everyone: choose a port above 1023", addr)
	case errors.As(err, &unknown):
		return fmt.Errorf("%q is not host:port: write it like 127.0.0.1:8002", addr)
	}
	return fmt.Errorf("%s can't be listened on (%w): write host:port of this machine, like 127.0.0.1:8002", addr, err)
}
