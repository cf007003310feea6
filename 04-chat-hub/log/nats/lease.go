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
// runs out. One per hub, however many names it holds.
func (t *Store) renew(ctx context.Context) error {
	data, err := json.Marshal(owner{Hub: t.seats.hub})
	if err != nil {
		return err
	}
	ack, err := t.js.PublishMsg(ctx, &nats.Msg{Subject: hubSubject(t.seats.hub), Data: data},
		jetstream.WithMsgTTL(t.o.Lease), jetstream.WithRetryAttempts(0),
		jetstream.WithExpectLastSequencePerSubject(t.seats.lease.Load()))
	if err == nil {
		t.seats.lease.Store(ack.Sequence)
		return nil
	}
	if isWrongSequence(err) {
		// It ran out, or an attempt without an answer has written it. Either
		// way: what is there now?
		found, _, err1 := t.get(ctx, dirStream, query{LastOf: hubSubject(t.seats.hub)})
		if err1 != nil {
			return err1
		}
		t.seats.lease.Store(0)
		if len(found) > 0 {
			seq, err1 := sequence(found[0])
			t.seats.lease.Store(seq)
			return errors.Join(err, err1)
		}
		return errLapsed
	}
	return err
}

var errLapsed = errors.New("the lease of this hub ran out")

// keepLease runs until the store is closed.
func (t *Store) keepLease() {
	tick := time.NewTicker(t.o.Lease / 3)
	defer tick.Stop()
	for {
		select {
		case <-t.ctx.Done():
			return
		case <-tick.C:
		}
		lapsed := false
		err := t.retry(t.ctx, func(ctx context.Context) error {
			err := t.renew(ctx)
			lapsed = lapsed || errors.Is(err, errLapsed)
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
		err := t.retry(t.ctx, func(ctx context.Context) error { return t.take(ctx, subject, s) })
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

// leases are the hubs that live.
type leases struct {
	hubs map[string]bool
	upTo uint64
}

func (t *Store) alive(ctx context.Context) (leases, error) {
	all, upTo, err := t.claims(ctx, hubSubject("*"))
	l := leases{map[string]bool{t.seats.hub: true}, upTo}
	for _, o := range all {
		l.hubs[o.Hub] = true
	}
	return l, err
}

// has says whether a claim is a living hub's. A hub that came after the list
// was made, or is not known to the replica that made it, is believed.
func (l leases) has(hub string, claim uint64) bool { return l.hubs[hub] || claim > l.upTo }

// leave gives everything back when the hub ends. What it can't reach is free
// when the lease runs out.
func (t *Store) leave(ctx context.Context) {
	var all sync.WaitGroup
	slots := make(chan struct{}, 32)
	for _, s := range t.seats.settled() {
		t.tell(s.Room, log.Presence{Name: s.Name, Claim: s.claim.Load(), Gone: true})
		slots <- struct{}{}
		all.Go(func() {
			_ = t.giveBack(ctx, s)
			<-slots
		})
	}
	all.Wait()
	_ = t.remove(ctx, t.seats.lease.Load())
}
