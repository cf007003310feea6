package nats

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"websocket.example/04-chat-hub/log"
)

// A Store is one hub's handle. It owns its connection, one goroutine that
// keeps its lease, and the embedded server if there is one.
type Store struct {
	o      Options
	server *server.Server // nil if it is external
	owned  *os.File       // the lock of the server's folder
	nc     *nats.Conn
	js     jetstream.JetStream
	dir    jetstream.Stream // by its name alone, whichever server has it

	epoch    atomic.Uint64
	openMu   sync.Mutex // one looks for the history at a time
	openedAt time.Time  // when somebody last looked

	sending chan struct{} // a slot for each post in flight
	leaving chan struct{} // and for each name that is given back
	seats   seats
	stay    stay
	ctx     context.Context // ends when the store is closed
	stop    context.CancelFunc
	closeMu sync.Mutex
	running sync.WaitGroup // what background has started
}

var _ log.Store = (*Store)(nil)

// Open connects to the log, and makes it if it is not there yet. It tries for
// as long as the context allows: a cluster that has just started needs some
// seconds to find its leaders.
func Open(ctx context.Context, o Options) (*Store, error) {
	o.setDefaults()
	t := &Store{o: o, sending: make(chan struct{}, inFlight), leaving: make(chan struct{}, inFlight)}
	t.ctx, t.stop = context.WithCancel(context.Background())
	if err := t.connect(ctx); err != nil {
		t.end()
		return nil, err
	}
	set(&t.o.Replicas, t.replicas())
	t.seats.hub, t.seats.held = rand.Text(), map[string]*seat{}
	err := t.retry(ctx, func(ctx context.Context) error { return t.openLog(ctx) })
	if err == nil {
		err = t.retry(ctx, func(ctx context.Context) error { return t.openDirectory(ctx) })
	}
	if err != nil {
		t.end()
		return nil, fmt.Errorf("open the log: %w", err)
	}
	t.background(t.keepLease)
	return t, nil
}

func (t *Store) connect(ctx context.Context) (err error) {
	options := []nats.Option{
		nats.Name("chat hub"),
		nats.MaxReconnects(-1),
		nats.ReconnectWait(100 * time.Millisecond),
		nats.ReconnectJitter(100*time.Millisecond, 100*time.Millisecond),
		// What could not be sent is not sent later: a message is sent again
		// by whoever waits for its acknowledgement, and old news is no news.
		nats.ReconnectBufSize(-1),
		// A server that hangs is left within some seconds.
		nats.PingInterval(2 * time.Second),
		nats.MaxPingsOutstanding(2),
		nats.Timeout(2 * time.Second),
		nats.SyncQueueLen(mostAnswers),
		nats.ErrorHandler(func(_ *nats.Conn, s *nats.Subscription, err error) {
			if errors.Is(err, nats.ErrSlowConsumer) {
				return // a Follower sees the gap and reads what was dropped
			}
			t.o.Log.Warn("nats: " + err.Error())
		}),
	}
	switch {
	case t.o.share != nil:
		options = append(options, nats.InProcessServer(t.o.share))
	case t.o.URL == "":
		if t.server, t.owned, err = embed(ctx, t.o); err != nil {
			return err
		}
		options = append(options, nats.InProcessServer(t.server))
	}
	for {
		if t.nc, err = nats.Connect(t.o.URL, options...); err == nil {
			t.js, err = jetstream.New(t.nc)
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("connect to the log at %s: %w", t.o.URL, err)
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// replicas is what is safe with the servers that there are.
func (t *Store) replicas() int {
	named := strings.Count(t.o.URL, ",") + 1
	if t.nc.ConnectedClusterName() != "" && max(named, len(t.nc.Servers())) >= 3 {
		return 3
	}
	return 1
}

// background runs fn in a goroutine that Close waits for, unless it is too
// late for that.
func (t *Store) background(fn func()) {
	t.closeMu.Lock()
	defer t.closeMu.Unlock()
	if t.ctx.Err() == nil {
		t.running.Go(fn)
	}
}

// Close gives the names of this hub back, and ends everything.
func (t *Store) Close() error {
	t.closeMu.Lock()
	closed := t.ctx.Err() != nil
	t.stop()
	t.closeMu.Unlock()
	if closed {
		return nil
	}
	t.running.Wait()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	t.leave(ctx)
	_ = t.nc.FlushWithContext(ctx) // so that the others hear who has left
	t.end()
	return nil
}

func (t *Store) end() {
	t.stop()
	if t.nc != nil {
		t.nc.Close()
	}
	if t.server != nil {
		shutdown(t.server)
		t.owned.Close()
	}
}

// try is how long one attempt may take. A request that was sent to a server
// as it died is never answered.
const try = time.Second

// retry attempts something until it succeeds, fails for good, or the context
// is done: then it tells what was wrong last. An election takes 4 to 9 s.
func (t *Store) retry(ctx context.Context, attempt func(context.Context) error) error {
	for wait := 5 * time.Millisecond; ; wait = min(2*wait, 250*time.Millisecond) {
		if t.ctx.Err() != nil {
			return log.ErrClosed
		}
		ctx1, cancel := context.WithTimeout(ctx, try)
		err := attempt(ctx1)
		cancel()
		if err = t.closedError(err); err == nil || isFinal(err) {
			return err
		}
		// Nobody listens: there is no leader, or the history is gone.
		if errors.Is(err, nats.ErrNoResponders) || errors.Is(err, jetstream.ErrNoStreamResponse) {
			t.reopen(ctx)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%w: %w", context.Cause(ctx), err)
		case <-t.ctx.Done():
			return log.ErrClosed
		case <-time.After(wait):
		}
	}
}

func isFinal(err error) bool {
	return errors.Is(err, log.ErrTaken) || errors.Is(err, log.ErrIDReused) ||
		errors.Is(err, log.ErrOtherEpoch) || errors.Is(err, log.ErrClosed) ||
		errors.Is(err, nats.ErrMaxPayload)
}
