// Package stage keeps everybody in step: whoever drives says which slide is
// shown, and everybody is told.
//
//	deck, presenter, remote -- {"type":"go","slide":"frames"} --> Stage
//	everybody <-- {"type":"at","slide":"frames","seq":7,...} ---- Stage
//
// They talk over a WebSocket of this workshop: the handshake is that of step
// 02, the frames are those of step 03.
//
//	stage.go    where the talk is
//	follower.go one connection: what it says, and what it is told
//	serve.go    who may connect, and who may drive
//	pages.go    the presenter view and the remote
package stage

import (
	"context"
	"crypto/rand"
	"errors"
	"slices"
	"sync"
)

// Options of a stage.
type Options struct {
	Slides []string // ids of the slides that there are
	Key    string   // whoever has it may drive from elsewhere; empty is nobody
}

// A Stage is where the talk is, and who follows it. Shut it down at the end.
type Stage struct {
	slides []string
	key    string
	run    string // differs each time the program runs

	ctx  context.Context // ends with Shutdown
	stop context.CancelFunc
	work sync.WaitGroup // followers

	mu        sync.Mutex
	slide     string // empty until a driver has said where it is
	seq       int    // grows with each step
	followers map[*follower]bool
}

// New makes a stage on which nobody is yet.
func New(o Options) *Stage {
	s := &Stage{slides: o.Slides, key: o.Key, run: rand.Text()[:8], followers: make(map[*follower]bool)}
	s.ctx, s.stop = context.WithCancel(context.Background())
	return s
}

// A Role is what a page may do.
type Role string

// The roles.
const (
	Driver   Role = "driver"   // takes everybody along
	Audience Role = "audience" // follows, or looks around on its own
)

// at is what everybody is told.
type at struct {
	Type     string `json:"type"`
	Slide    string `json:"slide"` // empty: no driver has said yet
	Run      string `json:"run"`
	Seq      int    `json:"seq"`
	Drivers  int    `json:"drivers"`
	Audience int    `json:"audience"`

	// To this one only: what it may do, and how many of its own steps this
	// position takes into account. A driver that has taken more is ahead of
	// what it is told, and does not let itself be taken back.
	Role Role `json:"role"`
	Ack  int  `json:"ack"`
}

// at is the position at this moment.
func (s *Stage) at(f *follower) at {
	s.mu.Lock()
	defer s.mu.Unlock()
	drivers, audience := s.count()
	return at{"at", s.slide, s.run, s.seq, drivers, audience, f.role, f.steps}
}

func (s *Stage) count() (drivers, audience int) {
	for f := range s.followers {
		if f.role == Driver {
			drivers++
		}
	}
	return drivers, len(s.followers) - drivers
}

// step is taken by a driver. A slide that there is not was there before the
// program was started anew: its page stays alone with it.
func (s *Stage) step(f *follower, slide string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f.steps++
	if !slices.Contains(s.slides, slide) || slide == s.slide {
		f.tell()
		return
	}
	s.slide = slide
	s.seq++
	for other := range s.followers {
		other.tell()
	}
}

// enter adds a follower. How many there are, the drivers are told at once;
// the others with the next step, or a full room would be busy with telling
// everybody of everybody.
func (s *Stage) enter(f *follower) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ctx.Err() != nil {
		return false
	}
	s.work.Add(1)
	s.followers[f] = true
	f.tell()
	s.tellDrivers()
	return true
}

func (s *Stage) leave(f *follower) {
	s.mu.Lock()
	delete(s.followers, f)
	s.tellDrivers()
	s.mu.Unlock()
	s.work.Done()
}

func (s *Stage) tellDrivers() {
	for f := range s.followers {
		if f.role == Driver {
			f.tell()
		}
	}
}

// Shutdown says goodbye to everybody, with 1001, and waits for the answers
// until ctx ends. Then it cuts off who has not answered.
func (s *Stage) Shutdown(ctx context.Context) error {
	s.mu.Lock()
	s.stop()
	s.mu.Unlock()
	gone := make(chan struct{})
	go func() {
		s.work.Wait()
		close(gone)
	}()
	select {
	case <-gone:
		return nil
	case <-ctx.Done():
	}
	s.mu.Lock()
	for f := range s.followers {
		f.conn.Abort()
	}
	s.mu.Unlock()
	<-gone
	return errors.New("stage: some did not say goodbye, and were cut off")
}
