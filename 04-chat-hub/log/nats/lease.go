package nats

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"websocket.example/04-chat-hub/log"
)

// renew writes the hub's lease, which the server forgets by itself when it
// runs out. One per hub, however many names it holds. It fails if it follows
// the last one, and that is not there any more.
func (t *Store) renew(ctx context.Context, follow bool) error {
	data, err := json.Marshal(owner{Hub: t.seats.hub})
	if err != nil {
		return err
	}
	options := []jetstream.PublishOpt{jetstream.WithMsgTTL(t.o.Lease), jetstream.WithRetryAttempts(0)}
	if follow {
		options = append(options, jetstream.WithExpectLastSequencePerSubject(t.seats.lease.Load()))
	}
	ack, err := t.js.PublishMsg(ctx, &nats.Msg{Subject: hubSubject(t.seats.hub), Data: data}, options...)
	if err == nil {
		t.seats.lease.Store(ack.Sequence)
		t.seats.renewed(t.o.Lease)
	}
	return err
}

// keepLease runs until the store is closed.
func (t *Store) keepLease() {
	tick := time.NewTicker(t.o.Lease / 3)
	defer tick.Stop()
	t.stay.good()
	if sub, err := t.nc.Subscribe(elsewhereSubject, t.comeAlong); err == nil {
		defer func() { _ = sub.Unsubscribe() }()
	}
	for {
		select {
		case <-t.ctx.Done():
			return
		case <-tick.C:
		}
		lapsed := false
		err := t.retry(t.ctx, func(ctx context.Context) error {
			err := t.renew(ctx, !lapsed)
			// It ran out, or an attempt without an answer has renewed it.
			lapsed = lapsed || isWrongSequence(err)
			if err == nil {
				t.stay.good()
			} else if t.stay.longerThan(t.o.patience) {
				t.elsewhere()
			}
			return err
		})
		if err == nil && lapsed {
			t.o.Log.Warn("this hub was out of reach for longer than its lease, and claims its names again")
			t.claimAgain()
		}
	}
}

// claimAgain makes sure of every name this hub holds. Others may have taken
// some meanwhile.
func (t *Store) claimAgain() {
	for subject, s := range t.seats.settled() {
		old := s.claim.Load()
		s.mu.Lock()
		err := t.retry(t.ctx, func(ctx context.Context) error {
			if t.seats.left(s.owner) {
				return nil
			}
			return t.take(ctx, subject, s)
		})
		s.mu.Unlock()
		switch {
		case errors.Is(err, log.ErrTaken):
			t.seats.forget(subject, s)
			t.o.Taken(s.Room, s.Name)
		case err == nil && s.claim.Load() != old:
			t.tell(s.Room, log.Presence{Name: s.Name, Claim: s.claim.Load()})
		}
	}
}

// While nobody can renew a lease, because there is no leader, all of them run
// out. So a hub that is late with its own does not judge the others, and
// afterwards leaves them the time to renew theirs.
func (s *seats) renewed(lease time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	if !s.renewal.IsZero() && now.Sub(s.renewal) > lease/2 {
		s.judgesFrom = now.Add(lease + try)
	}
	s.renewal = now
}

func (s *seats) judges(lease time.Duration) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return time.Since(s.renewal) <= lease/2 && time.Now().After(s.judgesFrom)
}

// leases are the hubs that live, as a replica knows them.
type leases struct {
	hubs map[string]bool
	upTo uint64 // what came later may be missing
	lags bool   // it does not even know of this hub's last renewal
	all  bool   // nobody can be said to be dead
}

// leases makes a list of what a replica had. One that lags may have seen old
// leases run out and not the new ones.
func (t *Store) leases(all map[uint64]owner, upTo uint64) leases {
	l := leases{hubs: map[string]bool{t.seats.hub: true}, upTo: upTo}
	for _, o := range all {
		l.hubs[o.Hub] = true
	}
	l.lags = upTo < t.seats.lease.Load()
	l.all = l.lags || !t.seats.judges(t.o.Lease)
	return l
}

func (t *Store) alive(ctx context.Context) (leases, error) {
	all, upTo, err := t.claims(ctx, hubSubject("*"))
	return t.leases(all, upTo), err
}

// has says whether a claim is a living hub's. A hub that came after the list
// was made is believed.
func (l leases) has(hub string, claim uint64) bool { return l.all || l.hubs[hub] || claim > l.upTo }

// leave gives everything back when the hub ends. What it can't reach is free
// when the lease runs out.
func (t *Store) leave(ctx context.Context) {
	var all sync.WaitGroup
	slots := make(chan struct{}, 32)
	for subject, s := range t.seats.settled() {
		t.tellGone(s)
		slots <- struct{}{}
		all.Go(func() {
			_ = t.giveBack(ctx, subject, s)
			<-slots
		})
	}
	all.Wait()
	_ = t.remove(ctx, t.seats.lease.Load())
}
