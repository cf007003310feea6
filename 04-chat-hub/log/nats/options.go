package nats

import (
	"log/slog"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// Options say where the log is and how much it keeps. The zero value of a
// bound is its default.
type Options struct {
	// URL is that of an external server, or of several of a cluster with
	// commas between. If it is empty, a server runs inside the process and
	// keeps its files in Dir.
	URL string
	Dir string

	// Replicas is how many servers of a cluster keep each message: 1, 3 or 5.
	// Zero is 3 in a cluster that has as many, else 1.
	// A message is acknowledged when most of them have it.
	Replicas int

	MaxAge     time.Duration // a message is kept for this long, 7 days if zero
	MaxPerRoom int64         // a room keeps the newest, 10,000 if zero
	MaxBytes   int64         // all rooms together, 1 GiB if zero

	// Window is how long the server remembers the ids of posts, 2 minutes if
	// zero; each costs it some 200 bytes of memory. A client that comes back
	// later than that finds its unacknowledged posts in what it has missed,
	// and must look there before it sends them again.
	Window time.Duration

	// Lease is how long a dead hub's names stay taken, 10 s if zero, at least 1 s.
	Lease time.Duration

	// Taken is called when a name of this hub went to another hub, because
	// this one was out of reach for longer than its lease.
	Taken func(room, name string)

	// patience is how long a server of a cluster may store nothing before the
	// hub goes to another one, 20 s if zero: an election takes 4 to 9 s, and
	// sometimes a second one is needed.
	patience time.Duration

	// doubt is how long the leader of a cluster must know less than was
	// acknowledged before the hub believes that the history went back, 20 s if
	// zero.
	doubt time.Duration

	// share is another store's embedded server, for tests.
	share *server.Server

	// Log gets what an operator should know, slog.Default if nil.
	Log *slog.Logger
}

func (o *Options) setDefaults() {
	set(&o.MaxAge, 7*24*time.Hour)
	set(&o.MaxPerRoom, 10_000)
	set(&o.MaxBytes, 1<<30)
	set(&o.Window, 2*time.Minute)
	set(&o.Lease, 10*time.Second)
	set(&o.patience, 20*time.Second)
	set(&o.doubt, 20*time.Second)
	o.Lease = max(o.Lease, time.Second) // the server counts in seconds
	o.Window = min(o.Window, o.MaxAge)  // the server demands it
	if o.Taken == nil {
		o.Taken = func(string, string) {}
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
}

func set[T comparable](v *T, d T) {
	var zero T
	if *v == zero {
		*v = d
	}
}
