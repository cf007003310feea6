package nats

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"websocket.example/04-chat-hub/chat"
	"websocket.example/04-chat-hub/log"
)

// A query is a direct get: any server that has a replica answers, in order,
// from what it has. (ADR-31 of NATS; nats.go has no call for the batch.)
type query struct {
	Seq        uint64   `json:"seq,omitempty"`
	NextOf     string   `json:"next_by_subj,omitempty"`
	LastOf     string   `json:"last_by_subj,omitempty"`
	LastOfEach []string `json:"multi_last,omitempty"`
	Batch      int      `json:"batch,omitempty"`
}

// mostAnswers is how many messages may come for one query, its end included: a
// server gives the last of at most 1,024 subjects. Room for them is made for
// every query, and the client's default of 65,536 would be half a megabyte.
const mostAnswers = 1024 + 1

var errTooMany = errors.New("direct get: too many for one answer")

// get asks once. Nothing found is no error.
func (t *Store) get(ctx context.Context, stream string, q query) (found []*nats.Msg, pending int, err error) {
	data, err := json.Marshal(q)
	if err != nil {
		return nil, 0, err
	}
	subject := "$JS.API.DIRECT.GET." + stream
	if q.Batch == 0 && q.LastOfEach == nil { // one answer needs no subscription
		m, err := t.nc.RequestWithContext(ctx, subject, data)
		if err != nil {
			return nil, 0, err
		}
		last, _, err := answered(m)
		if !last {
			found = []*nats.Msg{m}
		}
		return found, 0, err
	}
	inbox := t.nc.NewInbox()
	sub, err := t.nc.SubscribeSync(inbox)
	if err != nil {
		return nil, 0, err
	}
	defer func() { _ = sub.Unsubscribe() }()
	if err := t.nc.PublishRequest(subject, inbox, data); err != nil {
		return nil, 0, err
	}
	for {
		m, err := sub.NextMsgWithContext(ctx)
		if err != nil {
			return nil, 0, err
		}
		last, pending, err := answered(m)
		switch {
		case err != nil:
			return nil, 0, err
		case last:
			return found, pending, nil
		}
		found = append(found, m)
	}
}

// answered says whether a message is no answer but the end of them, and how
// many there would be after it.
func answered(m *nats.Msg) (last bool, pending int, err error) {
	switch status := m.Header.Get("Status"); status {
	case "":
		return false, 0, nil
	case "204": // the end of the batch
		pending, err = strconv.Atoi(m.Header.Get("Nats-Num-Pending"))
		return true, pending, err
	case "404":
		return true, 0, nil
	case "413":
		return true, 0, errTooMany
	case "503":
		return true, 0, nats.ErrNoResponders
	default:
		return true, 0, fmt.Errorf("direct get: %s %s", status, m.Header.Get("Description"))
	}
}

func sequence(m *nats.Msg) (uint64, error) {
	return strconv.ParseUint(m.Header.Get(jetstream.SequenceHeader), 10, 64)
}

// message reads what JetStream stored or republished.
func message(room string, epoch uint64, m *nats.Msg) (*log.Message, error) {
	var b body
	if err := json.Unmarshal(m.Data, &b); err != nil {
		return nil, err
	}
	seq, err1 := sequence(m)
	at, err2 := time.Parse(time.RFC3339Nano, m.Header.Get(jetstream.TimeStampHeaer))
	if err := errors.Join(err1, err2); err != nil {
		return nil, err
	}
	// Only live it is the room's; in a batch it is the one before it there.
	prev, _ := strconv.ParseUint(m.Header.Get(jetstream.LastSequenceHeader), 10, 64)
	return &log.Message{
		Post:   log.Post{Room: room, From: b.From, ID: b.ID, Text: b.Text},
		Cursor: chat.Cursor{Epoch: epoch, Seq: seq}, At: at, Prev: prev,
	}, nil
}

// After reads from the cursor's own message on. If that is still there,
// nothing after it is missing, because the oldest messages of a room are
// forgotten first.
func (t *Store) After(ctx context.Context, room string, since chat.Cursor, limit int) (page log.Page, err error) {
	var d doubt
	err = t.retry(ctx, func(ctx context.Context) error {
		epoch := t.epoch.Load()
		if since.Epoch != epoch {
			return log.ErrOtherEpoch
		}
		found, pending, err := t.get(ctx, logStream, query{
			Seq: max(since.Seq, 1), NextOf: logSubject(epoch, room), Batch: limit + 1})
		if err != nil {
			return err
		}
		page = log.Page{More: pending > 0}
		complete := false
		for _, raw := range found {
			m, err := message(room, epoch, raw)
			switch {
			case err != nil:
				return fmt.Errorf("%s has a message that no chat hub wrote: %w", logStream, err)
			case m.Cursor == since:
				complete = true
			case len(page.Messages) == limit:
				page.More = true
			default:
				page.Messages = append(page.Messages, m)
			}
		}
		switch {
		case complete:
			return nil
		case len(found) == 0:
			if err := t.within(ctx, since, &d); err != nil {
				return err
			}
		}
		page.Missed, err = t.missed(ctx, room, since)
		return err
	})
	return page, err
}

// A doubt is about a leader who knows less than was acknowledged. A new one
// may not yet know all that the one before it has acknowledged; an old one
// that is cut off from the others leads on for up to 20 s, and knows nothing
// of what came after.
type doubt struct {
	leader string
	since  time.Time
}

// settled says whether it was the same leader for long enough. The time in
// which there is none does not count.
func (d *doubt) settled(leader string, now time.Time, enough time.Duration) bool {
	if leader != d.leader {
		*d = doubt{leader, now}
	}
	return now.Sub(d.since) >= enough
}

// within says whether the log is as far as the cursor. If a replica knows
// less, it may lag: then the leader decides. Only when that knows less, and it
// stays so, the history went back.
func (t *Store) within(ctx context.Context, c chat.Cursor, d *doubt) error {
	found, _, err := t.get(ctx, logStream, query{LastOf: allSubjects(c.Epoch)})
	if err != nil {
		return err
	}
	if len(found) > 0 {
		if last, err := sequence(found[0]); err != nil || last >= c.Seq {
			return err
		}
	}
	info, err := t.leaderInfo(ctx, c.Epoch)
	switch {
	case err != nil:
		*d = doubt{}
		return err
	case info.State.LastSeq >= c.Seq:
		return nil
	case t.o.Replicas > 1 && info.Cluster != nil && !d.settled(info.Cluster.Leader, time.Now(), t.o.doubt):
		return errors.New("the leader does not know the cursor yet")
	}
	t.o.Log.Warn("the chat's history went back", "from", c, "to", info.State.LastSeq)
	return log.ErrOtherEpoch
}

// missed says whether something of the room after the cursor may have been
// forgotten, when no message is at the cursor.
func (t *Store) missed(ctx context.Context, room string, since chat.Cursor) (bool, error) {
	first, more, err := t.first(ctx, logSubject(since.Epoch, room))
	if err != nil {
		return false, err
	}
	if first > 0 && first <= since.Seq {
		return false, nil // an older one is still there
	}
	if first > 0 && int64(1+more) >= t.o.MaxPerRoom {
		return true, nil // the room may have forgotten the ones before
	}
	// Otherwise only age or size could have taken them, and these take from
	// the log's beginning.
	oldest, _, err := t.first(ctx, allSubjects(since.Epoch))
	if err != nil || oldest > 0 && oldest <= since.Seq+1 {
		return false, err
	}
	info, err := t.leaderInfo(ctx, since.Epoch)
	return err == nil && info.State.FirstSeq > since.Seq+1, err
}

// first is the number of the oldest message, and how many come after it.
func (t *Store) first(ctx context.Context, subject string) (seq uint64, more int, err error) {
	found, more, err := t.get(ctx, logStream, query{Seq: 1, NextOf: subject, Batch: 1})
	if err != nil || len(found) == 0 {
		return 0, 0, err
	}
	seq, err = sequence(found[0])
	return seq, more, err
}

// leaderInfo is what the leader has, if it has the same history.
func (t *Store) leaderInfo(ctx context.Context, epoch uint64, filter ...jetstream.StreamInfoOpt) (*jetstream.StreamInfo, error) {
	s, err := t.js.Stream(ctx, logStream)
	if err != nil {
		return nil, err
	}
	info := s.CachedInfo()
	if len(filter) > 0 {
		if info, err = s.Info(ctx, filter...); err != nil {
			return nil, err
		}
	}
	// While there is no leader, any server answers with what it has.
	if info.Cluster != nil && info.Cluster.Leader == "" {
		return nil, errors.New("the history has no leader")
	}
	if info.Config.Metadata[epochKey] != strconv.FormatUint(epoch, 10) {
		t.reopen(ctx)
		return nil, errors.New("the history has changed")
	}
	return info, nil
}

// Head asks any replica for the room's last message. A replica that lags
// gives an older one, after which nothing is missed either; but a room that
// seems empty is looked for at the leader.
func (t *Store) Head(ctx context.Context, room string) (head log.Head, err error) {
	err = t.retry(ctx, func(ctx context.Context) error {
		epoch := t.epoch.Load()
		head = log.Head{Cursor: chat.Cursor{Epoch: epoch}}
		found, _, err := t.get(ctx, logStream, query{LastOf: logSubject(epoch, room)})
		if err != nil {
			return err
		}
		if len(found) > 0 {
			head.Cursor.Seq, err = sequence(found[0])
			return err
		}
		info, err := t.leaderInfo(ctx, epoch, jetstream.WithSubjectFilter(logSubject(epoch, room)))
		switch {
		case err != nil:
			return err
		case len(info.State.Subjects) > 0:
			return errors.New("the room has its first message just now")
		}
		head.Cursor.Seq, head.Empty = info.State.LastSeq, true
		return nil
	})
	return head, err
}
