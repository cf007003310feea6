package bots

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"websocket.example/04-chat-hub/chat"
)

// A bot is one member of one room. It does what a good client does: after a
// drop it joins again with its last cursor, sends again what was not
// acknowledged, and waits between attempts.
//
// The goroutine of run dials and reads. What is to be sent waits in queue,
// and a goroutine writes while there is something.
type bot struct {
	fleet  *fleet
	ledger *Ledger
	name   string
	key    string
	rng    *rand.Rand // of run's goroutine
	member *Member    // nil before the first join
	head   string     // where the room was at the last join

	mu     sync.Mutex
	stale  bool    // all wait until all before head was seen; only run's goroutine sets it
	link   *link   // nil while there is no connection
	queue  []*send // due, and not yet sent
	flight []*send // sent, and not yet acknowledged
}

// A send is a message on its way.
type send struct {
	id    string
	frame []byte
	first time.Time // when it was sent for the first time
}

// A link is one connection of a bot.
type link struct {
	conn    *websocket.Conn
	pen     sync.Mutex // of who writes
	joined  bool       // now messages may be sent
	writing bool
	armed   bool // chaos cuts it when the next message has just been sent
	cut     bool // chaos has cut it
}

// An event is what a client needs to know of a server's message. To it a
// cursor is a string that grows.
type event struct {
	Type      chat.Type `json:"type"`
	Cursor    string    `json:"cursor"`
	ID        string    `json:"id"`
	From      string    `json:"from"`
	Text      string    `json:"text"`
	Recovered *bool     `json:"recovered"`
	Code      chat.Code `json:"code"`
	Message   string    `json:"message"`
}

type request struct {
	Action chat.Action `json:"action"`
	Room   string      `json:"room"`
	Name   string      `json:"name,omitempty"`
	Key    string      `json:"key,omitempty"`
	Since  string      `json:"since,omitempty"`
	ID     string      `json:"id,omitempty"`
	Text   string      `json:"text,omitempty"`
}

func (r request) encode() []byte {
	b, err := json.Marshal(r)
	if err != nil {
		panic(err) // of strings it never is
	}
	return b
}

const (
	silence    = 45 * time.Second       // the hub pings every 25 s or so
	takenAgain = 500 * time.Millisecond // from one try for the name to the next
	window     = 100 * time.Second      // the hub remembers an id for 2 minutes
)

// run keeps the bot in its room until the context is done.
func (b *bot) run(ctx context.Context, url int) {
	for failures := 0; ctx.Err() == nil; failures++ {
		l, err := b.dial(ctx, url)
		var wait time.Duration
		if err == nil {
			var joined bool
			if joined, err = b.talk(ctx, l); joined {
				failures = 0
			}
			wait = b.pause(l, err, failures)
		} else {
			wait = b.backoff(failures)
		}
		if ctx.Err() != nil {
			return
		}
		if l == nil || !l.cut {
			b.fleet.tell("%s", ended(err))
		}
		if n := len(b.fleet.URLs); n > 1 { // another one
			url = (url + 1 + b.rng.IntN(n-1)) % n
		}
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
	}
}

func (b *bot) dial(ctx context.Context, url int) (*link, error) {
	select {
	case b.fleet.dialing <- struct{}{}:
		defer func() { <-b.fleet.dialing }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	conn, answer, err := b.fleet.dialer.DialContext(ctx, b.fleet.URLs[url], nil)
	if answer != nil {
		answer.Body.Close()
	}
	if err != nil {
		return nil, err
	}
	conn.SetPingHandler(func(data string) error {
		_ = conn.SetReadDeadline(time.Now().Add(silence))
		// What can't be written is noticed by whoever reads.
		_ = conn.WriteControl(websocket.PongMessage, []byte(data), time.Now().Add(time.Second))
		return nil
	})
	return &link{conn: conn}, nil
}

// pause is how long to wait after the end of a connection.
func (b *bot) pause(l *link, err error, failures int) time.Duration {
	var closed *websocket.CloseError
	if errors.As(err, &closed) && closed.Code == websocket.CloseServiceRestart {
		if wait, ok := comeBack(closed.Text); ok {
			return wait
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if l.cut && failures == 0 { // some come back before the hub has noticed
		return time.Duration(b.rng.IntN(100)) * time.Millisecond
	}
	return b.backoff(failures)
}

// comeBack reads the reason of a hub that restarts: "reconnect in 350 ms".
func comeBack(reason string) (time.Duration, bool) {
	text, is := strings.CutPrefix(reason, "reconnect in ")
	wait, err := time.ParseDuration(strings.ReplaceAll(text, " ", ""))
	return min(max(wait, 0), time.Minute), is && err == nil
}

// backoff is any time up to 200 ms, then 400 ms, and so on up to 5 s: bots
// that were dropped together don't come back together.
func (b *bot) backoff(failures int) time.Duration {
	most := min(200*time.Millisecond<<min(failures, 10), 5*time.Second)
	return time.Duration(b.rng.Int64N(int64(most)))
}

// talk joins, and reads until the connection ends.
func (b *bot) talk(ctx context.Context, l *link) (joined bool, err error) {
	b.mu.Lock()
	b.link = l
	b.mu.Unlock()
	defer func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.link = nil
		joined = l.joined
		if !l.cut { // chaos closes what it has cut
			l.conn.Close()
		}
	}()
	stop := context.AfterFunc(ctx, func() {
		bye := websocket.FormatCloseMessage(websocket.CloseNormalClosure, "")
		_ = l.conn.WriteControl(websocket.CloseMessage, bye, time.Now().Add(time.Second)) // it is a courtesy
		l.conn.Close()
	})
	defer stop()
	if err := b.join(l); err != nil {
		return false, err
	}
	for {
		_ = l.conn.SetReadDeadline(time.Now().Add(silence)) // an error comes from the read, too
		_, r, err := l.conn.NextReader()
		if err != nil {
			return false, err
		}
		// A bot that waits holds no buffer.
		in := buffers.Get().(*bytes.Buffer)
		in.Reset()
		_, err = in.ReadFrom(r)
		if err == nil {
			err = b.hear(l, in.Bytes())
		}
		buffers.Put(in)
		if err != nil {
			return false, err
		}
	}
}

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

func (b *bot) join(l *link) error { return l.write(b.joining()) }

func (b *bot) joining() []byte {
	r := request{Action: chat.Join, Room: b.ledger.room, Name: b.name, Key: b.key}
	if b.member != nil {
		r.Since = b.member.Last()
	}
	return r.encode()
}
