package tap

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"websocket.example/02-handshake/handshake"
)

// A Tap is what sits between clients and a server. Set its fields before
// Serve.
type Tap struct {
	// TLS is for wss; nil checks the server's certificate as usual.
	TLS *tls.Config

	// Host says that the Host line of each request is to name the server, and
	// its Origin line the server's own, where they named the tap. It is the
	// only thing that can be changed; nothing is, unless this is set. What is
	// told is what is passed on.
	Host bool

	Keep  int           // how much of a payload is kept; 0 is 4 KiB
	Parts bool          // tell all bytes of longer frames, as Part events of that size
	Start time.Time     // what times count from; zero is New
	Limit time.Duration // how long reaching the server may take; 0 is 10 s

	target *url.URL

	mu   sync.Mutex // one event at a time
	sink Sink
	last atomic.Int64 // the number of the latest connection
}

// New makes a tap before the server at a ws, wss, http or https URL. Of its
// path nothing is used: clients ask for their own.
func New(target string, sink Sink) (*Tap, error) {
	u, err := ParseTarget(target)
	if err != nil {
		return nil, err
	}
	return &Tap{target: u, sink: sink, Start: time.Now()}, nil
}

// ParseTarget reads the URL of a server, and writes its scheme as ws or wss.
func ParseTarget(text string) (*url.URL, error) {
	scheme, rest, found := strings.Cut(text, "://")
	if !found {
		return nil, fmt.Errorf("%q does not say how to get there: it must start with ws:// or wss://", text)
	}
	other := map[string]string{"http": "ws", "https": "wss"}[strings.ToLower(scheme)]
	if other != "" {
		text = other + "://" + rest
	}
	u, err := handshake.ParseURL(text)
	if err != nil {
		return nil, errors.New(strings.TrimPrefix(err.Error(), "handshake: "))
	}
	return u, nil
}

// Target is the server's URL.
func (t *Tap) Target() *url.URL { return t.target }

// Serve taps every connection of a listener, until the context ends or the
// listener fails; then it ends all of them and waits for that. The listener is
// closed.
func (t *Tap) Serve(ctx context.Context, l net.Listener) error {
	ctx, cancel := context.WithCancel(ctx)
	var work sync.WaitGroup
	defer work.Wait()
	defer cancel()
	defer context.AfterFunc(ctx, func() { l.Close() })()
	for {
		client, err := l.Accept()
		switch {
		case ctx.Err() != nil:
			if err == nil {
				client.Close()
			}
			return nil
		case err != nil:
			if errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE) {
				time.Sleep(50 * time.Millisecond) // connections will end
				continue
			}
			l.Close()
			return fmt.Errorf("tap: %w", err)
		}
		number := int(t.last.Add(1))
		work.Go(func() { t.tap(ctx, client, number) })
	}
}

// tap taps one connection.
func (t *Tap) tap(ctx context.Context, client net.Conn, number int) {
	defer client.Close()
	f := Follow(FollowOptions{
		Conn: number, Keep: t.Keep, Parts: t.Parts,
		Now: func() time.Duration { return time.Since(t.Start) },
	}, t.tell)
	server, err := t.reach(ctx)
	if err != nil {
		reset(client)
		f.Tell(Event{Kind: Closed, Text: "the server can't be reached: " + err.Error()})
		return
	}
	defer server.Close()
	f.Tell(Event{Kind: Opened, Text: client.RemoteAddr().String()})
	f.Close(t.join(ctx, client, server, f))
}

// tell brings the events of all connections into one order.
func (t *Tap) tell(e Event) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.sink(e)
}

// reach connects to the server.
func (t *Tap) reach(ctx context.Context) (net.Conn, error) {
	limit := t.Limit
	if limit == 0 {
		limit = 10 * time.Second
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	o := handshake.DialOptions{TLS: t.TLS, Proxy: http.ProxyFromEnvironment}
	return o.Connect(ctx, t.target)
}
