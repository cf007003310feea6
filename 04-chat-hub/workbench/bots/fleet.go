// Package bots loads a chat hub with clients that check what it promises:
// every acknowledged message reaches everybody who is in the room, once and in
// order, also those who were cut off and came back.
//
//	ledger.go   what was sent, acknowledged and seen in a room; faults.go what is wrong
//	bot.go      one client: joins and resumes; hear.go and send.go its two directions
//	fleet.go    many of them, and when they send; chaos cuts them off
//	report.go   what came of it
//	command.go  the command
package bots

import (
	"context"
	crand "crypto/rand"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/gorilla/websocket"
)

// Options are what a run does.
type Options struct {
	URLs     []string // of the hubs of one cluster
	Bots     int
	Rooms    int
	Rate     float64 // messages a second in each room
	Size     int     // bytes of a text
	Duration time.Duration
	Patience time.Duration // for what is still under way at the end
	Chaos    time.Duration // one connection is cut in each, none if zero
	Seed     uint64
	Show     func(string) // gets a line that says how far it is

	// Acked gets how long a message waited for its ack since it was sent for
	// the first time, from several goroutines. It may be nil.
	Acked func(waited time.Duration)
}

// A fleet is all bots of a run.
type fleet struct {
	*Options
	dialer  websocket.Dialer
	dialing chan struct{} // as many as dial at the same time
	ledgers []*Ledger
	bots    []*bot

	joined      atomic.Int64 // bots that were in their room at least once
	reconnects  atomic.Int64 // joins after that
	unrecovered atomic.Int64 // of these, those that could not get what they missed
	taken       atomic.Int64 // answers that the name is taken
	cuts        atomic.Int64

	mu    sync.Mutex
	notes []note // what happened that a client has to live with

	ctx  context.Context // of the connections
	work sync.WaitGroup
}

func newFleet(o *Options) *fleet {
	f := &fleet{Options: o, dialing: make(chan struct{}, 64)}
	f.dialer = websocket.Dialer{
		NetDialContext:   (&net.Dialer{Timeout: 10 * time.Second}).DialContext,
		HandshakeTimeout: 10 * time.Second,
		ReadBufferSize:   1024,
		WriteBufferSize:  1024,
		WriteBufferPool:  new(sync.Pool),
	}
	// Names of a run of their own: those of one that was killed may be taken
	// for half a minute.
	run := strings.ToLower(crand.Text()[:6])
	for i := range o.Rooms {
		f.ledgers = append(f.ledgers, NewLedger(fmt.Sprintf("bots-%d", i+1), o.Size))
	}
	for i := range o.Bots {
		f.bots = append(f.bots, &bot{
			fleet: f, ledger: f.ledgers[i%o.Rooms],
			name: fmt.Sprintf("bot-%d-%s", i+1, run), key: crand.Text(),
			rng: rand.New(rand.NewPCG(o.Seed, uint64(i))),
		})
	}
	return f
}

// errNobody is that of a run in which not all could join.
var errNobody = errors.New("not all bots could join")

// run does all of it, and returns for how long messages were sent.
func (f *fleet) run(ctx context.Context) (time.Duration, error) {
	var hangUp context.CancelFunc
	f.ctx, hangUp = context.WithCancel(context.WithoutCancel(ctx))
	defer f.work.Wait()
	defer hangUp()
	for i, b := range f.bots {
		f.work.Go(func() { b.run(f.ctx, i%len(f.URLs)) })
	}
	if err := f.gather(ctx); err != nil {
		return 0, err
	}
	began := time.Now()
	sending, sent := context.WithCancel(ctx)
	defer sent()
	var senders, others sync.WaitGroup
	for i := range f.ledgers {
		senders.Go(func() { f.sendIn(ctx, i, began) })
	}
	if f.Chaos > 0 {
		others.Go(func() { f.chaos(sending) })
	}
	others.Go(func() { f.watch(sending, began) })
	senders.Wait()
	took := time.Since(began)
	sent()
	others.Wait()
	f.settle(ctx)
	return took, nil
}

const tick = 100 * time.Millisecond

// gather waits until everybody is in a room.
func (f *fleet) gather(ctx context.Context) error {
	ticks := time.NewTicker(tick)
	defer ticks.Stop()
	limit, before := time.Now().Add(f.Patience), int64(0)
	for {
		n := f.joined.Load()
		switch {
		case n == int64(f.Bots):
			return nil
		case n > before: // as long as it goes on, it may take its time
			limit, before = time.Now().Add(f.Patience), n
		case time.Now().After(limit):
			return fmt.Errorf("%w: %d of %d were there, and nobody more in %v%s", errNobody, n, f.Bots, f.Patience, f.why())
		}
		f.Show(fmt.Sprintf("%d of %d bots are in their rooms", n, f.Bots))
		select {
		case <-ctx.Done():
			return fmt.Errorf("%w: stopped when %d of %d were there", errNobody, n, f.Bots)
		case <-ticks.C:
		}
	}
}

// sendIn has the bots of a room send, at moments that do not depend on how the
// hub is doing: one at a moment of chance in each part of a second, whoever it is.
func (f *fleet) sendIn(ctx context.Context, room int, began time.Time) {
	rng := rand.New(rand.NewPCG(f.Seed, 1<<32+uint64(room)))
	var members []*bot
	for i := room; i < len(f.bots); i += f.Rooms {
		members = append(members, f.bots[i])
	}
	part := float64(time.Second) / f.Rate
	for n := 0; ; n++ {
		due := began.Add(time.Duration((float64(n) + rng.Float64()) * part))
		if due.Sub(began) >= f.Duration {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(time.Until(due)):
		}
		members[rng.IntN(len(members))].post(due)
	}
}

// chaos cuts connections: every other one while a message has just been sent
// on it and is not acknowledged.
func (f *fleet) chaos(ctx context.Context) {
	rng := rand.New(rand.NewPCG(f.Seed, 1<<40))
	for n := 0; ; n++ {
		select {
		case <-ctx.Done():
			return
		case <-time.After(f.Chaos/2 + rand.N(f.Chaos)):
		}
		b := f.bots[rng.IntN(len(f.bots))]
		b.mu.Lock()
		l := b.link
		now := l != nil && l.joined && !l.armed
		if now && n%2 == 1 {
			l.armed = true
			now = false
		}
		b.mu.Unlock()
		if now {
			b.cut(l)
		}
	}
}

// watch shows how it goes, until the sending ends.
func (f *fleet) watch(ctx context.Context, began time.Time) {
	ticks := time.NewTicker(tick)
	defer ticks.Stop()
	var before int
	var rate float64
	for n := 1; ; n++ {
		select {
		case <-ctx.Done():
			return
		case <-ticks.C:
		}
		r := f.sum()
		if n%10 == 0 {
			rate, before = float64(r.Delivered-before), r.Delivered
		}
		f.Show(r.line(time.Since(began), f.Duration, rate))
	}
}

// settle waits until everybody has everything. Whoever presses Ctrl-C waits no
// longer than a few seconds.
func (f *fleet) settle(ctx context.Context) {
	limit := time.NewTimer(f.Patience)
	defer limit.Stop()
	stopped := context.AfterFunc(ctx, func() { limit.Reset(min(f.Patience, 5*time.Second)) })
	defer stopped()
	ticks := time.NewTicker(tick / 5)
	defer ticks.Stop()
	for slices.ContainsFunc(f.ledgers, func(l *Ledger) bool { return !l.Settled() }) {
		f.Show("the last messages are under way")
		select {
		case <-limit.C:
			return
		case <-ticks.C:
		}
	}
	// A double of the very last message is still a double.
	time.Sleep(tick)
}

// later does something after a time, or at the end of the run.
func (f *fleet) later(d time.Duration, do func()) {
	f.work.Go(func() {
		select {
		case <-f.ctx.Done():
		case <-time.After(d):
		}
		do()
	})
}

// tell notes what a client has to live with, and how often.
func (f *fleet) tell(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	f.mu.Lock()
	defer f.mu.Unlock()
	i := slices.IndexFunc(f.notes, func(n note) bool { return n.text == text })
	switch {
	case i >= 0:
		f.notes[i].times++
	case len(f.notes) < 8:
		f.notes = append(f.notes, note{text, 1})
	}
}

type note struct {
	text  string
	times int
}

func (n note) String() string {
	if n.times == 1 {
		return n.text
	}
	return fmt.Sprintf("%s (%d times)", n.text, n.times)
}

// ended says why a connection did, without what differs from one to another.
func ended(err error) string {
	var closed *websocket.CloseError
	var system syscall.Errno
	switch {
	case errors.As(err, &closed) && closed.Code == websocket.CloseServiceRestart:
		return "the hub restarts: close code 1012"
	case errors.As(err, &closed) && closed.Code == websocket.CloseAbnormalClosure:
		return "a connection ended without a close frame"
	case errors.As(err, &closed):
		return closed.Error()
	case errors.As(err, &system):
		return system.Error()
	case errors.Is(err, os.ErrDeadlineExceeded):
		return "the hub was silent for too long"
	}
	return err.Error()
}

func (f *fleet) why() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.notes) == 0 {
		return ""
	}
	return ": " + f.notes[0].String()
}
