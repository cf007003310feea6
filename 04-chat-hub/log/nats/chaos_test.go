package nats

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"websocket.example/04-chat-hub/chat"
	"websocket.example/04-chat-hub/log"
	"websocket.example/04-chat-hub/log/logtest"
)

var chaosFor = flag.Duration("chaos", 0, "how long TestCluster goes on doing harm")

// A harm is what is done to a cluster while three hubs use it.
type harm struct {
	name string
	do   func(*scene)
	// deaf says that a hub may be cut off for some seconds, because its server
	// does not say that it is gone, or because there is none.
	deaf bool
}

// The first one is enough for every day. The others follow it in the long
// run, with freezing if the system can do that.
var harms = []harm{
	{name: "the leader of both streams is killed and brought back", do: func(s *scene) {
		leader := s.cluster.leader(s.T, s.hubs[0], logStream)
		leader.lead(s.T, s.hubs[0], dirStream)
		leader.kill(s.T)
		s.comeAndGo()
		s.posts.wait(100)
		leader.start(s.T)
	}},
	{name: "all are killed", deaf: true, do: func(s *scene) {
		for _, m := range s.cluster {
			m.kill(s.T)
		}
		time.Sleep(rand.N(3 * time.Second))
		for _, m := range s.cluster {
			m.start(s.T)
		}
	}},
	{name: "the directory's leader is killed", do: func(s *scene) {
		leader := s.cluster.leader(s.T, s.hubs[0], dirStream)
		leader.kill(s.T)
		s.comeAndGo()
		leader.start(s.T)
	}},
}

// A scene is three hubs on a cluster, and what goes on in a room of theirs.
type scene struct {
	*testing.T
	cluster   cluster
	room      string
	hubs      []*Store
	followers []*logtest.Following
	posts     *posts
}

// chaos checks that every follower on every hub has all that was
// acknowledged, once and in order; that what can't be stored yet waits and
// does not fail; and that meanwhile nobody seems to leave, and whatever is
// not stored goes on.
func chaos(t *testing.T, c cluster, o Options, h harm) {
	s := &scene{T: t, cluster: c, room: t.Name()}
	o.Lease = 3 * time.Second // an election takes longer
	if h.deaf {
		o.Lease = 10 * time.Second
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for i := range 3 {
		s.hubs = append(s.hubs, open(t, o))
		if err := s.hubs[i].Claim(ctx, s.room, fmt.Sprint("member ", i)); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.hubs[1].Claim(ctx, s.room, "leaver"); err != nil {
		t.Fatal(err)
	}
	at, err := s.hubs[0].Head(ctx, s.room)
	if err != nil {
		t.Fatal(err)
	}
	for _, hub := range s.hubs {
		s.followers = append(s.followers, logtest.Follow(t, hub, s.room, at.Cursor))
	}

	s.posts = send(ctx, t, s.hubs, s.room)
	silence := s.typing()
	s.posts.wait(300)
	h.do(s)
	s.posts.wait(300)
	acked := s.posts.end()
	longest := silence()

	for i, f := range s.followers {
		logtest.Eventually(t, func() error {
			if err := logtest.Exactly(f, acked); err != nil {
				return fmt.Errorf("hub %d: %w", i, err)
			}
			return nil
		})
		for _, p := range f.Presence() {
			if p.Gone && p.Name != "leaver" {
				t.Errorf("hub %d was told that %+v has gone", i, p)
			}
		}
	}
	t.Logf("%s; nobody was heard typing for %v at most", s.posts, longest.Round(time.Millisecond))
	if longest > 3*time.Second && !h.deaf {
		t.Error("that is too long")
	}
	for _, hub := range s.hubs {
		hub.Close()
	}
}

// comeAndGo gives up a name, which needs no leader, and claims one, which
// waits for it.
func (s *scene) comeAndGo() {
	s.Helper()
	time.Sleep(500 * time.Millisecond) // the last acknowledgements are here
	before, began := s.posts.stored.Load(), time.Now()
	s.hubs[1].Release(s.room, "leaver")
	leaver := func(p log.Presence) bool { return p.Gone && p.Name == "leaver" }
	logtest.Eventually(s.T, func() error {
		for i, f := range s.followers {
			if all := f.Presence(); !slices.ContainsFunc(all, leaver) {
				return fmt.Errorf("hub %d was not told who has left: %v", i, all)
			}
		}
		return nil
	})
	told := time.Since(began)
	s.Logf("all knew who left after %v; %d posts were stored meanwhile",
		told.Round(time.Millisecond), s.posts.stored.Load()-before)
	if told > 3*time.Second {
		s.Error("that is too late")
	}
	s.hurry()
	if err := s.hubs[2].Claim(s.Context(), s.room, "late"); err != nil {
		s.Error(err)
	}
	s.Logf("who came was in after %v", time.Since(began).Round(time.Millisecond))
}

// hurry is many who do not want to wait for a leader, and need not.
func (s *scene) hurry() {
	ctx, cancel := context.WithTimeout(s.Context(), time.Second)
	defer cancel()
	began := time.Now()
	var all sync.WaitGroup
	for i := range 2 * inFlight {
		all.Go(func() { _, _ = s.hubs[0].Append(ctx, logtest.Post(s.room+" beside", "Ana", i)) })
	}
	all.Wait()
	if d := time.Since(began); d > 3*time.Second {
		s.Errorf("who would wait for 1 s waited for %v", d)
	}
}

// typing has somebody type on every hub. silence ends that and says for how
// long one of the hubs heard nothing from the others.
func (s *scene) typing() (silence func() time.Duration) {
	ctx, cancel := context.WithCancel(s.Context())
	var typists sync.WaitGroup
	var mu sync.Mutex
	var longest time.Duration
	for i, hub := range s.hubs {
		last := time.Now()
		stop, err := hub.Live(s.room, func(e log.Event) {
			if e, ok := e.(log.Typing); ok && e.Name != fmt.Sprint(i) {
				mu.Lock()
				defer mu.Unlock()
				longest = max(longest, time.Since(last))
				last = time.Now()
			}
		})
		if err != nil {
			s.Fatal(err)
		}
		context.AfterFunc(ctx, stop)
	}
	for i, hub := range s.hubs {
		typists.Go(func() {
			for tick := time.Tick(20 * time.Millisecond); ctx.Err() == nil; <-tick {
				_ = hub.Typing(s.room, fmt.Sprint(i)) // while it looks for another server there is nobody to tell
			}
		})
	}
	return func() time.Duration {
		cancel()
		typists.Wait()
		mu.Lock()
		defer mu.Unlock()
		return longest
	}
}

// posts are six senders, two on a hub, each of which waits for an
// acknowledgement before it sends the next one.
type posts struct {
	ctx     context.Context
	stored  atomic.Int64
	ended   atomic.Bool
	senders sync.WaitGroup
	acked   [6][]chat.Cursor
	waits   [6][]time.Duration
}

func send(ctx context.Context, t *testing.T, hubs []*Store, room string) *posts {
	p := &posts{ctx: ctx}
	for i := range p.acked {
		p.senders.Go(func() {
			for n := 0; !p.ended.Load(); n++ {
				sent := time.Now()
				r, err := hubs[i%len(hubs)].Append(ctx, logtest.Post(room, fmt.Sprint("sender ", i), n))
				if err != nil {
					t.Errorf("sender %d: %v", i, err)
					return
				}
				p.waits[i] = append(p.waits[i], time.Since(sent))
				p.acked[i] = append(p.acked[i], r.Cursor)
				p.stored.Add(1)
			}
		})
	}
	return p
}

// wait waits until n more are stored.
func (p *posts) wait(n int64) {
	for target := p.stored.Load() + n; p.stored.Load() < target && p.ctx.Err() == nil; {
		time.Sleep(10 * time.Millisecond)
	}
}

func (p *posts) end() [][]chat.Cursor {
	p.ended.Store(true)
	p.senders.Wait()
	return p.acked[:]
}

func (p *posts) String() string {
	all := slices.Sorted(slices.Values(slices.Concat(p.waits[:]...)))
	return fmt.Sprintf("%d posts, acknowledged after %v in the middle and %v at most", len(all),
		all[len(all)/2].Round(10*time.Microsecond), all[len(all)-1].Round(time.Millisecond))
}
