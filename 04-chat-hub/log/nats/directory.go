package nats

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"sync"
	"sync/atomic"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"websocket.example/04-chat-hub/log"
)

// owner is what is stored of a claim.
type owner struct {
	Hub  string `json:"hub"`
	Name string `json:"name"`
	Room string `json:"room"`
}

// seats are the names that this hub holds, or is about to hold or give back.
type seats struct {
	hub   string        // this hub's id, another one each time
	lease atomic.Uint64 // the number of its lease

	mu       sync.Mutex
	held     map[string]*seat // by subject
	sweeping atomic.Bool
}

type seat struct {
	owner
	claim  atomic.Uint64 // zero while it is not known to be in the directory
	leaves bool          // it is being given back; guarded by seats.mu
	mu     sync.Mutex    // one talks to the directory about it at a time
}

// Claim writes the name's first message, which only one can.
func (t *Store) Claim(ctx context.Context, room, name string) error {
	subject := nameSubject(room, name)
	t.seats.mu.Lock()
	s := t.seats.held[subject]
	if s != nil && !s.leaves {
		t.seats.mu.Unlock()
		return log.ErrTaken
	}
	mine := &seat{owner: owner{t.seats.hub, name, room}}
	t.seats.held[subject] = mine
	t.seats.mu.Unlock()

	mine.mu.Lock()
	defer mine.mu.Unlock()
	err := t.retry(ctx, func(ctx context.Context) error {
		if s != nil { // this hub gives it back just now
			if err := t.giveBack(ctx, s); err != nil {
				return err
			}
		}
		return t.take(ctx, subject, mine)
	})
	if err != nil {
		// An attempt without an answer may have taken it all the same.
		if !errors.Is(err, log.ErrTaken) {
			t.release(subject, mine)
			return err
		}
		t.seats.forget(subject, mine)
		return err
	}
	t.tell(room, log.Presence{Name: name, Claim: mine.claim.Load()})
	return nil
}

// take is one attempt to put a name into the directory.
func (t *Store) take(ctx context.Context, subject string, s *seat) error {
	data, err := json.Marshal(s.owner)
	if err != nil {
		return err
	}
	for {
		ack, err := t.js.PublishMsg(ctx, &nats.Msg{Subject: subject, Data: data},
			jetstream.WithExpectLastSequencePerSubject(0), jetstream.WithRetryAttempts(0))
		if err == nil {
			s.claim.Store(ack.Sequence)
			return nil
		}
		if !isWrongSequence(err) {
			return err
		}
		found, _, err := t.get(ctx, dirStream, query{LastOf: subject})
		if err != nil {
			return err
		}
		if len(found) == 0 {
			return errors.New("the name was taken just now") // a replica that lags
		}
		seq, err := sequence(found[0])
		if err != nil {
			return err
		}
		var o owner
		_ = json.Unmarshal(found[0].Data, &o) // what can't be read has no owner
		if o == s.owner {
			s.claim.Store(seq) // an earlier attempt, whose answer was lost
			return nil
		}
		alive, err := t.alive(ctx)
		if err != nil {
			return err
		}
		if alive.has(o.Hub, seq) {
			return log.ErrTaken
		}
		if err := t.remove(ctx, seq); err != nil {
			return err
		}
		t.tell(o.Room, log.Presence{Name: o.Name, Claim: seq, Gone: true})
	}
}

// remove deletes one message of the directory: this claim and no other.
func (t *Store) remove(ctx context.Context, seq uint64) error {
	s, err := t.js.Stream(ctx, dirStream)
	if err != nil {
		return err
	}
	err = s.DeleteMsg(ctx, seq)
	if errors.Is(err, jetstream.ErrMsgDeleteUnsuccessful) {
		// The server has several ways of saying that it was deleted before.
		if found, _, err1 := t.get(ctx, dirStream, query{Seq: seq}); err1 == nil && len(found) == 0 {
			return nil
		}
	}
	return err
}

func isWrongSequence(err error) bool {
	var api *jetstream.APIError
	return errors.As(err, &api) && api.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequence
}

// Release tells everybody first, for that needs no leader, and cleans up
// in the background.
func (t *Store) Release(room, name string) {
	subject := nameSubject(room, name)
	t.seats.mu.Lock()
	s := t.seats.held[subject]
	if s == nil || s.leaves || s.claim.Load() == 0 {
		t.seats.mu.Unlock()
		return
	}
	t.seats.mu.Unlock()
	t.release(subject, s)
}

func (t *Store) release(subject string, s *seat) {
	t.seats.mu.Lock()
	s.leaves = true
	t.seats.mu.Unlock()
	if claim := s.claim.Load(); claim > 0 {
		t.tell(s.Room, log.Presence{Name: s.Name, Claim: claim, Gone: true})
	}
	t.background(func() {
		if t.retry(t.ctx, func(ctx context.Context) error { return t.giveBack(ctx, s) }) == nil {
			t.seats.forget(subject, s)
		}
	})
}

// giveBack removes a claim of this hub.
func (t *Store) giveBack(ctx context.Context, s *seat) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	seq := s.claim.Load()
	if seq == 0 { // it may be there, from an attempt whose answer was lost
		found, _, err := t.get(ctx, dirStream, query{LastOf: nameSubject(s.Room, s.Name)})
		if err != nil || len(found) == 0 {
			return err
		}
		var o owner
		if json.Unmarshal(found[0].Data, &o) != nil || o != s.owner {
			return nil
		}
		if seq, err = sequence(found[0]); err != nil {
			return err
		}
	}
	return t.remove(ctx, seq)
}

func (s *seats) forget(subject string, mine *seat) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.held[subject] == mine {
		delete(s.held, subject)
	}
}

// settled are the names that are this hub's and not about to leave.
func (s *seats) settled() map[string]*seat {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := maps.Clone(s.held)
	maps.DeleteFunc(all, func(_ string, s *seat) bool { return s.leaves || s.claim.Load() == 0 })
	return all
}

// Members reads the leases first and the names then, so that no name in the
// list is there only because its hub is not known to be dead yet.
func (t *Store) Members(ctx context.Context, room string) (members log.Members, err error) {
	err = t.retry(ctx, func(ctx context.Context) error {
		alive, err := t.alive(ctx)
		if err != nil {
			return err
		}
		claims, _, err := t.claims(ctx, root+"name."+token(room)+".*")
		if err != nil {
			return err
		}
		members = log.Members{Claims: map[string]uint64{}, UpTo: alive.upTo}
		var dead []uint64
		for seq, o := range claims {
			if alive.has(o.Hub, seq) {
				members.Claims[o.Name] = seq
			} else {
				dead = append(dead, seq)
			}
		}
		t.sweep(dead)
		return nil
	})
	return members, err
}

// sweep removes the claims of dead hubs, one sweep at a time. Other hubs may
// be at it too.
func (t *Store) sweep(dead []uint64) {
	if len(dead) == 0 || !t.seats.sweeping.CompareAndSwap(false, true) {
		return
	}
	t.background(func() {
		defer t.seats.sweeping.Store(false)
		for _, seq := range dead {
			ctx, cancel := context.WithTimeout(t.ctx, try)
			err := t.remove(ctx, seq)
			cancel()
			if err != nil {
				return // the next list has the rest
			}
		}
	})
}

// claims reads all of a kind, in pages.
func (t *Store) claims(ctx context.Context, subject string) (claims map[uint64]owner, last uint64, err error) {
	claims = map[uint64]owner{}
	for more := 1; more > 0; {
		var found []*nats.Msg
		found, more, err = t.get(ctx, dirStream, query{Seq: last + 1, NextOf: subject, Batch: 1000})
		if err != nil {
			return nil, 0, err
		}
		for _, m := range found {
			var o owner
			if last, err = sequence(m); err != nil {
				return nil, 0, err
			}
			if json.Unmarshal(m.Data, &o) == nil {
				claims[last] = o
			}
		}
		if len(found) == 0 {
			break
		}
	}
	return claims, last, nil
}
