package check

import (
	"time"

	"websocket.example/03-raw-server/frame"
)

// The clocks of API Gateway.
const (
	idle = 10 * time.Minute
	life = 2 * time.Hour
)

var clockRows = []Row{
	{ID: "idle", Mark: Documented, Fact: "4.1", Source: guideQuotas, clock: idle, run: idles},
	{ID: "idle-message", Mark: Documented, Fact: "4.1", Source: guideQuotas, clock: 14 * time.Minute, run: idleMessage},
	{ID: "idle-post", Mark: Observed, Fact: "3.6", Source: "hotsock.io, keep alive", clock: 14 * time.Minute, needs: connections, run: idlePost},
	{ID: "idle-ping", Mark: Unsure, Fact: "4.3", clock: 14 * time.Minute, run: idlePing},
	{ID: "no-server-ping", Mark: Observed, Fact: "4.3", Source: "andyrichardson/subscriptionless#3", clock: 9 * time.Minute, run: noServerPing},
	{ID: "life", Mark: Documented, Fact: "4.1", Source: guideQuotas, clock: life, run: lives},
}

// scaled is a time by the endpoint's clocks.
func (t *trial) scaled(d time.Duration) time.Duration {
	return time.Duration(float64(d) / max(t.Scale, 1))
}

// wait waits, by the endpoint's clocks.
func (t *trial) wait(d time.Duration) {
	t.sent("(nothing for %v)", t.scaled(d))
	select {
	case <-time.After(t.scaled(d)):
	case <-t.ctx.Done():
		t.fail("silence", "")
	}
}

// around wants something to have taken as long as a clock says. Nobody said
// how exact the clock is.
func (t *trial) around(start time.Time, wanted time.Duration) {
	took := time.Since(start)
	exact := t.scaled(wanted)
	if took < exact*9/10 || took > exact*12/10+time.Second {
		t.fail("took", exact.String(), "got", took.Round(time.Millisecond))
	}
}

func idles(t *trial) {
	p := t.open("")
	start := time.Now()
	p.closes(int(frame.GoingAway))
	t.around(start, idle)
}

// keeps does something for longer than a connection may be idle, and wants it
// to be open then.
func keeps(t *trial, p *peer, do func()) {
	for range 2 {
		t.wait(6 * time.Minute)
		do()
	}
	p.alive()
}

func idleMessage(t *trial) {
	p := t.open("")
	keeps(t, p, p.alive)
}

func idlePost(t *trial) {
	p := t.open("")
	id := p.connectionID()
	keeps(t, p, func() {
		t.post(id, "hello")
		p.want("hello")
	})
}

func idlePing(t *trial) {
	p := t.open("")
	for range 2 {
		t.wait(6 * time.Minute)
		t.sent("(ping)")
		p.write(p.Ping(t.ctx, nil))
	}
	p.send(echo)
	got, _ := p.quiet()
	if got == echo {
		got = "stays open"
	}
	t.tell("%s", got)
}

func noServerPing(t *trial) {
	p := t.open("")
	t.wait(9 * time.Minute)
	select {
	case <-p.ping:
		t.came("(ping)")
		t.fail("pinged", "")
	default:
	}
	p.alive()
}

func lives(t *trial) {
	p := t.open("")
	start := time.Now()
	for time.Since(start) < t.scaled(life)*98/100 {
		p.alive()
		select {
		case <-time.After(t.scaled(3 * time.Minute)):
		case <-t.ctx.Done():
			t.fail("silence", "")
		}
	}
	p.closes(int(frame.GoingAway))
	t.around(start, life)
}
