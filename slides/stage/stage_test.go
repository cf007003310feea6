package stage

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"websocket.example/03-raw-server/frame"
	"websocket.example/03-raw-server/wsconn"
)

// A page is the other end of a follower.
type page struct {
	t    *testing.T
	conn *wsconn.Conn
	nc   net.Conn
}

// enter brings a page onto the stage, over a connection in memory.
func enter(t *testing.T, s *Stage, role Role) *page {
	ours, theirs := net.Pipe()
	go s.follow(wsconn.New(ours, wsconn.Server, limits, wsconn.Agreed{}), role, "pipe")
	t.Cleanup(func() { theirs.Close() })
	return &page{t, wsconn.New(theirs, wsconn.Client, nil, wsconn.Agreed{}), theirs}
}

// told returns the next position.
func (p *page) told() (now at) {
	p.t.Helper()
	_, message, err := p.conn.Read(p.t.Context())
	if err == nil {
		err = json.Unmarshal(message, &now)
	}
	if err != nil || now.Type != "at" {
		p.t.Fatalf("%s, %v", message, err)
	}
	return now
}

// until reads positions until one is as wanted.
func (p *page) until(want func(at) bool) at {
	p.t.Helper()
	for range 100 {
		if now := p.told(); want(now) {
			return now
		}
	}
	p.t.Fatal("it is never told")
	return at{}
}

func (p *page) say(message string) {
	p.t.Helper()
	if err := p.conn.Write(p.t.Context(), frame.Text, []byte(message)); err != nil {
		p.t.Fatal(err)
	}
}

func (p *page) step(slide string) { p.say(fmt.Sprintf(`{"type":"go","slide":%q}`, slide)) }

// ended reads on until the connection ends, and says how.
func (p *page) ended() frame.CloseCode {
	p.t.Helper()
	for {
		_, _, err := p.conn.Read(p.t.Context())
		if closed, is := errors.AsType[*wsconn.CloseError](err); is {
			return closed.Code
		}
		if err != nil {
			p.t.Fatal(err)
		}
	}
}

var slides = Options{Slides: []string{"title", "handshake", "frames", "closing"}}

func TestEverybodyIsToldOfAStep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New(slides)
		deck, view, phone := enter(t, s, Driver), enter(t, s, Driver), enter(t, s, Audience)
		if now := phone.told(); now.Slide != "" || now.Role != Audience || now.Run == "" {
			t.Errorf("at first: %+v", now)
		}
		deck.until(func(now at) bool { return now.Drivers == 2 && now.Audience == 1 })
		view.until(func(now at) bool { return now.Drivers == 2 && now.Audience == 1 })
		deck.step("frames")
		for name, p := range map[string]*page{"deck": deck, "view": view, "phone": phone} {
			now := p.until(func(now at) bool { return now.Slide != "" }) // who is there may be told once more
			acked := map[string]int{"deck": 1}[name]                     // its own steps only
			if now.Slide != "frames" || now.Seq != 1 || now.Ack != acked || now.Drivers != 2 || now.Audience != 1 {
				t.Errorf("%s: %+v", name, now)
			}
		}
		// What there is not, or is already, is answered, and moves nobody.
		for _, slide := range []string{"nowhere", "frames"} {
			deck.step(slide)
			if now := deck.told(); now.Slide != "frames" || now.Seq != 1 {
				t.Errorf("%s: %+v", slide, now)
			}
		}
		// Whoever comes late is told where the talk is.
		if now := enter(t, s, Audience).told(); now.Slide != "frames" || now.Audience != 2 {
			t.Errorf("late: %+v", now)
		}
		deck.until(func(now at) bool { return now.Audience == 2 && now.Ack == 3 })
		end(s)
	})
}

// A follower that does not read holds up nobody, and skips what is over by the
// time that it reads again.
func TestASlowFollower(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New(slides)
		deck, slow := enter(t, s, Driver), enter(t, s, Audience)
		begin := time.Now()
		for i := range 1000 {
			deck.step([]string{"handshake", "frames"}[i%2])
			deck.until(func(now at) bool { return now.Ack == i+1 })
		}
		if took := time.Since(begin); took != 0 {
			t.Errorf("1000 steps took %v", took)
		}
		synctest.Wait()
		slow.told() // stuck since the beginning
		if now := slow.told(); now.Seq != 1000 || now.Slide != "frames" {
			t.Errorf("then %+v", now)
		}
		end(s)
	})
}

// One that never reads again is cut off.
func TestAStuckFollower(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New(slides)
		enter(t, s, Audience)
		time.Sleep(time.Minute)
		synctest.Wait()
		if _, audience := present(s); audience != 0 {
			t.Error("it is still there")
		}
		end(s)
	})
}

// A phone that has left the room says nothing; one whose reader just listens
// answers pings.
func TestSilence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New(slides)
		listens, gone := enter(t, s, Audience), enter(t, s, Audience)
		heard := make(chan int)
		go func() {
			n := 0
			for {
				if _, _, err := listens.conn.Read(context.Background()); err != nil {
					heard <- n
					return
				}
				n++
			}
		}()
		// It takes everything, and answers nothing.
		go func() {
			for b := make([]byte, 1024); ; {
				if _, err := gone.nc.Read(b); err != nil {
					return
				}
			}
		}()
		time.Sleep(59 * time.Second)
		if _, audience := present(s); audience != 2 {
			t.Errorf("after 59 s: %d", audience)
		}
		time.Sleep(2 * time.Second)
		if _, audience := present(s); audience != 1 {
			t.Errorf("after 61 s: %d", audience)
		}
		time.Sleep(time.Hour)
		if _, audience := present(s); audience != 1 {
			t.Errorf("after an hour: %d", audience)
		}
		end(s)
		if n := <-heard; n < 180 { // with every ping, so that the page knows as well
			t.Errorf("it was told the position %d times", n)
		}
	})
}

func TestWhatMustNotBeSaid(t *testing.T) {
	for _, row := range []struct {
		name, message string
		role          Role
		want          frame.CloseCode
	}{
		{"a step of the audience", `{"type":"go","slide":"frames"}`, Audience, frame.PolicyViolation},
		{"no JSON", `go frames`, Driver, frame.PolicyViolation},
		{"another type", `{"type":"at","slide":"frames"}`, Driver, frame.PolicyViolation},
		{"a slide that is a number", `{"type":"go","slide":7}`, Driver, frame.PolicyViolation},
		{"too much", fmt.Sprintf(`{"type":"go","slide":"%02000d"}`, 0), Driver, frame.MessageTooBig},
	} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := New(slides)
				p := enter(t, s, row.role)
				p.told()
				p.say(row.message)
				if code := p.ended(); code != row.want {
					t.Errorf("it ends with %v", code)
				}
				synctest.Wait()
				if drivers, audience := present(s); drivers+audience != 0 || s.slide != "" {
					t.Errorf("%d, %d, at %q", drivers, audience, s.slide)
				}
				end(s)
			})
		})
	}
}

// Everybody gets 1001, so that browsers come back; who does not answer is cut
// off when the time is up.
func TestShutdown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New(slides)
		polite, deaf := enter(t, s, Driver), enter(t, s, Audience)
		code := make(chan frame.CloseCode)
		go func() { code <- polite.ended() }()
		go func() {
			for b := make([]byte, 1024); ; {
				if _, err := deaf.nc.Read(b); err != nil {
					return
				}
			}
		}()
		synctest.Wait()
		begin := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second/2) // before the connection itself gives up
		defer cancel()
		if err := s.Shutdown(ctx); err == nil {
			t.Error("the deaf one is not told of")
		}
		if took := time.Since(begin); took != time.Second/2 {
			t.Errorf("it took %v", took)
		}
		if got := <-code; got != frame.GoingAway {
			t.Errorf("goodbye was %v", got)
		}
		// Too late.
		if late := enter(t, s, Audience).ended(); late != frame.GoingAway {
			t.Errorf("late: %v", late)
		}
	})
}

// end shuts down. The pages of a test do not read any more, and don't answer.
func end(s *Stage) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = s.Shutdown(ctx)
}

// present counts who is there.
func present(s *Stage) (drivers, audience int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.count()
}
