package link

import (
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/Shopify/toxiproxy/v2/stream"
	"github.com/Shopify/toxiproxy/v2/toxics"
)

// wan is the toxic that delays one direction of a connection. Toxiproxy's
// own latency toxic leaves out three things that a comparison of transports
// needs: opening a connection costs a round trip, its end takes as long to
// arrive as any byte, and a new delay counts from the next byte on.
type wan struct {
	Link   string `json:"link"`   // key of the settings in paths
	Opener bool   `json:"opener"` // this direction waits for the connection to be opened
}

// A path is what the toxics of one link share.
type path struct {
	settings atomic.Pointer[Settings]
	closed   chan struct{} // nobody takes what is still on its way
}

// paths holds every open link. Toxiproxy makes a toxic from JSON, so a toxic
// can be given a key but not a pointer.
var paths sync.Map // string -> *path

func init() { toxics.Register("wan", new(wan)) }

// patience is how long a chunk may wait for a receiver that does not read.
// Toxiproxy does not tell a toxic that the receiver has gone.
const patience = 30 * time.Second

// GetBufferSize lets later chunks queue while the first one travels: a
// network delays every packet, it does not take one packet at a time.
func (*wan) GetBufferSize() int { return 1024 }

// NewState remembers when the connection was opened.
func (*wan) NewState() any { return &opened{at: time.Now()} }

type opened struct {
	at   time.Time
	paid bool // the first chunk has waited for the opening
}

// Pipe passes chunks on, in order, each one a delay after it came in.
func (w *wan) Pipe(stub *toxics.ToxicStub) {
	found, open := paths.Load(w.Link)
	if !open { // the link was closed while this connection came
		drain(stub)
		return
	}
	link, connection := found.(*path), stub.State.(*opened)
	for {
		select {
		case <-stub.Interrupt:
			return
		case chunk := <-stub.Input:
			now := *link.settings.Load()
			if chunk == nil { // the end of the stream travels as far as its bytes
				if link.pause(stub, delay(now)) {
					stub.Close()
				}
				return
			}
			due := chunk.Timestamp.Add(delay(now))
			if w.Opener && !connection.paid {
				// TCP sends no data before SYN and SYN-ACK have gone there and back.
				connection.paid = true
				ready := connection.at.Add(now.RTT + now.OneWay())
				if ready.After(due) {
					due = ready
				}
			}
			through := link.pause(stub, time.Until(due))
			select {
			case stub.Output <- &stream.StreamChunk{Data: chunk.Data, Timestamp: due}:
			case <-link.closed:
				drain(stub)
				return
			case <-time.After(patience):
				drain(stub)
				return
			}
			if !through {
				return
			}
		}
	}
}

// drain ends a direction whose receiver has gone: what still comes in is
// thrown away, so that nobody waits for it to be taken.
func drain(stub *toxics.ToxicStub) {
	for {
		select {
		case <-stub.Interrupt:
			return
		case chunk := <-stub.Input:
			if chunk == nil {
				stub.Close()
				return
			}
		}
	}
}

// delay is how long one chunk travels.
func delay(s Settings) time.Duration {
	d := s.OneWay()
	if j := s.OneWayJitter(); j > 0 {
		d += rand.N(2*j) - j
	}
	return d
}

// pause sleeps, or until the link is closed. It says no if the toxic was
// interrupted.
func (p *path) pause(stub *toxics.ToxicStub, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	select {
	case <-time.After(d):
		return true
	case <-p.closed:
		return true
	case <-stub.Interrupt:
		return false
	}
}
