package bots

import (
	"math/rand/v2"
	"net"
	"time"

	"github.com/gorilla/websocket"

	"websocket.example/04-chat-hub/chat"
)

// post sends a new message, or as soon as the bot is back.
func (b *bot) post(due time.Time) {
	id, text := b.member.Post(due)
	b.send(&send{id: id, frame: request{Action: chat.Send, Room: b.ledger.room, ID: id, Text: text}.encode()})
}

func (b *bot) send(s *send) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.queue = append(b.queue, s)
	b.kick()
}

// kick has a goroutine write what waits. It is called with the mutex held.
func (b *bot) kick() {
	if l := b.link; l != nil && l.joined && !b.stale && !l.writing && !l.cut && len(b.queue) > 0 {
		l.writing = true
		go b.flush(l)
	}
}

func (b *bot) flush(l *link) {
	for {
		b.mu.Lock()
		if b.link != l || l.cut || len(b.queue) == 0 {
			l.writing = false
			b.mu.Unlock()
			return
		}
		s := b.queue[0]
		b.queue = b.queue[1:]
		b.flight = append(b.flight, s)
		armed := l.armed
		if s.first.IsZero() {
			s.first = time.Now()
		}
		b.mu.Unlock()
		if err := l.write(s.frame); err != nil {
			l.conn.Close() // for the reader to notice
			return
		}
		if armed {
			b.cut(l)
		}
	}
}

// cut ends the connection without a word, in one of three ways. It is chaos.
func (b *bot) cut(l *link) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if l.cut {
		return
	}
	l.cut = true
	b.fleet.cuts.Add(1)
	nc := l.conn.NetConn()
	switch rand.IntN(3) {
	case 0: // a reset, as of a process that is killed while data wait to be read
		if tcp, is := nc.(*net.TCPConn); is {
			_ = tcp.SetLinger(0)
		}
		nc.Close()
	case 1: // an end of the TCP stream without a close frame
		nc.Close()
	case 2: // silence, as of a telephone that has lost its network
		_ = nc.SetReadDeadline(time.Unix(1, 0))
		b.fleet.later(2*time.Second, func() { nc.Close() })
	}
}

func (l *link) write(frame []byte) error {
	l.pen.Lock()
	defer l.pen.Unlock()
	_ = l.conn.SetWriteDeadline(time.Now().Add(silence)) // an error comes from the write, too
	return l.conn.WriteMessage(websocket.TextMessage, frame)
}
