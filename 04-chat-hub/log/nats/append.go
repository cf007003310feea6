package nats

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"websocket.example/04-chat-hub/chat"
	"websocket.example/04-chat-hub/log"
)

// body is what is stored of a message; room, number and time are NATS's.
type body struct {
	From string `json:"from"`
	ID   string `json:"id"`
	Text string `json:"text"`
}

// msgID is what the server knows a post by. Clients choose their ids, so two
// may choose the same.
func msgID(p log.Post) string {
	h := sha256.Sum256(fmt.Appendf(nil, "%q %q %q", p.Room, p.From, p.ID))
	return base64.RawURLEncoding.EncodeToString(h[:16])
}

// inFlight is how many posts of a hub the server has to store at a time. It
// keeps a disk busy; with more, an answer would take longer than a try, and
// everything would be sent twice.
const inFlight = 256

// Append publishes until the server says that the message is stored. It may
// publish one many times, for an answer that does not come says nothing; the
// id makes that harmless.
func (t *Store) Append(ctx context.Context, p log.Post) (log.Receipt, error) {
	data, err := json.Marshal(body{p.From, p.ID, p.Text})
	if err != nil {
		return log.Receipt{}, err
	}
	select {
	case t.sending <- struct{}{}:
		defer func() { <-t.sending }()
	case <-ctx.Done():
		return log.Receipt{}, context.Cause(ctx)
	case <-t.ctx.Done():
		return log.Receipt{}, log.ErrClosed
	}
	id := msgID(p)
	var receipt log.Receipt
	err = t.retry(ctx, func(ctx context.Context) error {
		epoch := t.epoch.Load()
		ack, err := t.js.PublishMsg(ctx, &nats.Msg{Subject: logSubject(epoch, p.Room), Data: data},
			jetstream.WithMsgID(id), jetstream.WithRetryAttempts(0))
		if err != nil {
			return err
		}
		receipt = log.Receipt{Cursor: chat.Cursor{Epoch: epoch, Seq: ack.Sequence}, Duplicate: ack.Duplicate}
		return nil
	})
	if err == nil && receipt.Duplicate {
		err = t.checkDuplicate(ctx, p, receipt.Cursor)
	}
	return receipt, err
}

// checkDuplicate tells a resend from another post with the same id, which
// must not be swallowed without a word. And the live message may be lost, if
// the leader died between storing and announcing it: it is announced again.
func (t *Store) checkDuplicate(ctx context.Context, p log.Post, at chat.Cursor) error {
	page, err := t.After(ctx, p.Room, chat.Cursor{Epoch: at.Epoch, Seq: at.Seq - 1}, 1)
	if err != nil {
		return err
	}
	if len(page.Messages) == 0 || page.Messages[0].Cursor != at {
		return nil // a replica that lags, or it is forgotten already
	}
	if page.Messages[0].Post != p {
		return log.ErrIDReused
	}
	m := nats.NewMsg(liveSubject(p.Room, epochToken(at.Epoch)))
	m.Data, _ = json.Marshal(body{p.From, p.ID, p.Text})
	m.Header.Set(jetstream.SequenceHeader, fmt.Sprint(at.Seq))
	// Nobody knows the one before it: whoever has not this one looks for all.
	m.Header.Set(jetstream.LastSequenceHeader, fmt.Sprint(at.Seq-1))
	m.Header.Set(jetstream.TimeStampHeaer, page.Messages[0].At.Format(time.RFC3339Nano))
	_ = t.nc.PublishMsg(m) // or a Follower's check finds it
	return nil
}
