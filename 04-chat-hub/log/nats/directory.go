package nats

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"maps"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"websocket.example/04-chat-hub/log"
)

// owner is what is stored of a claim. A hub may claim a name while it still
// gives the same one back: Seat tells the two apart.
type owner struct {
	Hub  string `json:"hub"`
	Seat string `json:"seat,omitempty"`
	Name string `json:"name"`
	Room string `json:"room"`
}

// seats are the names that this hub holds, or is about to hold or give back.
type seats struct {
	hub   string        // this hub's id, another one each time
	lease atomic.Uint64 // the number of its lease

	mu         sync.Mutex
	held       map[string]*seat // by subject
	renewal    time.Time        // the last of the lease
	judgesFrom time.Time
	sweeping   atomic.Bool
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
	if s := t.seats.held[subject]; s != nil && !s.leaves {
		t.seats.mu.Unlock()
		return log.ErrTaken
	}
	mine := &seat{owner: owner{t.seats.hub, rand.Text(), name, room}}
	t.seats.held[subject] = mine
	t.seats.mu.Unlock()

	mine.mu.Lock()
	defer mine.mu.Unlock()
	err := t.retry(ctx, func(ctx context.Context) error { return t.take(ctx, subject, mine) })
	switch {
	case err == nil:
		t.tell(room, log.Presence{Name: name, Claim: mine.claim.Load()})
	case errors.Is(err, log.ErrTaken):
		t.seats.forget(subject, mine)
	default: // an attempt without an answer may have taken it all the same
		t.release(subject, mine)
	}
	return err
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
		seq, o, err := claimOf(found[0])
		if err != nil {
			return err
		}
		if o == s.owner {
			s.claim.Store(seq) // an earlier attempt, whose answer was lost
			return nil
		}
		alive, err := t.alive(ctx)
		if err != nil {
			return err
		}
		// What this hub gives back just now is free, but not for what is
		// given back itself.
		ownOld := o.Hub == t.seats.hub && t.seats.holds(subject, s)
		switch {
		case ownOld:
		case alive.lags && o.Hub != t.seats.hub:
			return errors.New("a replica lags")
		case alive.has(o.Hub, seq):
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
	err := t.dir.DeleteMsg(ctx, seq)
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
	t.tellGone(s)
	t.background(func() {
		// With thousands at once the server would throw requests away.
		select {
		case t.leaving <- struct{}{}:
			defer func() { <-t.leaving }()
		case <-t.ctx.Done():
			return
		}
		err := t.retry(t.ctx, func(ctx context.Context) error {
			err := t.giveBack(ctx, subject, s)
			if err != nil {
				t.tellGone(s) // again: what keeps this from the directory may have kept that from others
			}
			return err
		})
		if err == nil {
			t.seats.forget(subject, s)
		}
	})
}

func (t *Store) tellGone(s *seat) {
	if claim := s.claim.Load(); claim > 0 {
		t.tell(s.Room, log.Presence{Name: s.Name, Claim: claim, Gone: true})
	}
}

// giveBack removes a claim of this hub. If no answer came to an attempt, only
// another attempt shows what is there: it comes after all before it.
func (t *Store) giveBack(ctx context.Context, subject string, s *seat) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.claim.Load() == 0 {
		err := t.take(ctx, subject, s)
		if errors.Is(err, log.ErrTaken) {
			return nil
		}
		if err != nil {
			return err
		}
		t.tellGone(s)
	}
	return t.remove(ctx, s.claim.Load())
}

// holds says whether nobody in this hub came after s.
func (s *seats) holds(subject string, mine *seat) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.held[subject] == mine
}

// left says whether a claim is of this hub, which holds it no more.
func (s *seats) left(o owner) bool {
	if o.Hub != s.hub {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	mine := s.held[nameSubject(o.Room, o.Name)]
	return mine == nil || mine.leaves || mine.owner != o
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

// Members are those whose hub lives.
func (t *Store) Members(ctx context.Context, room string) (members log.Members, err error) {
	err = t.retry(ctx, func(ctx context.Context) error {
		claims, alive, err := t.names(ctx, root+"name."+token(room)+".*")
		if err != nil {
			return err
		}
		members = log.Members{Claims: map[string]uint64{}, UpTo: alive.upTo}
		var dead []uint64
		for seq, o := range claims {
			if alive.has(o.Hub, seq) && !t.seats.left(o) {
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

// names reads the names and the leases in one answer, of one replica at one
// moment. All that is in it was stored before its greatest number.
func (t *Store) names(ctx context.Context, subject string) (claims map[uint64]owner, alive leases, err error) {
	found, _, err := t.get(ctx, dirStream, query{LastOfEach: []string{subject, hubSubject("*")}})
	if errors.Is(err, errTooMany) { // more than 1,024 are read in pages
		if alive, err = t.alive(ctx); err == nil {
			claims, _, err = t.claims(ctx, subject)
		}
		return claims, alive, err
	}
	if err != nil {
		return nil, leases{}, err
	}
	claims = map[uint64]owner{}
	hubs := map[uint64]owner{}
	var last uint64
	for _, m := range found {
		seq, o, err := claimOf(m)
		if err != nil {
			return nil, leases{}, err
		}
		last = max(last, seq)
		if strings.HasPrefix(m.Header.Get(jetstream.SubjectHeader), hubSubject("")) {
			hubs[seq] = o
		} else {
			claims[seq] = o
		}
	}
	return claims, t.leases(hubs, last), nil
}

// claimOf reads a claim. What can't be read has no owner.
func claimOf(m *nats.Msg) (seq uint64, o owner, err error) {
	_ = json.Unmarshal(m.Data, &o)
	seq, err = sequence(m)
	return seq, o, err
}

// sweep removes the claims of dead hubs, and those of this one that landed
// late, from a server that hung. One sweep at a time; other hubs may be at
// it too.
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
			if last, o, err = claimOf(m); err != nil {
				return nil, 0, err
			}
			claims[last] = o
		}
		if len(found) == 0 {
			break
		}
	}
	return claims, last, nil
}
