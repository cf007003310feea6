package cluster

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"websocket.example/04-chat-hub/chat"
	"websocket.example/04-chat-hub/workbench/bots"
)

func TestFault(t *testing.T) {
	apart := func(a, b int) bool { return a == 2 || b == 2 }
	slow := func(i, j int, d time.Duration) (s sight) {
		s.typing[i][j] = d
		return s
	}
	for _, row := range []struct {
		name   string
		fault  fault
		seen   sight
		failed []string
	}{
		{"nothing", fault{}, sight{}, nil},
		{"typing goes on", fault{}, slow(0, 1, 3*time.Second), nil},
		{"typing does not go on", fault{}, slow(0, 1, 5*time.Second), []string{"hub-2 was not told for 5.0 s who types on hub-1"}},
		{"there is no server", fault{silent: true}, slow(0, 1, 5*time.Second), nil},
		{"on the other side", fault{}, slow(0, 2, 15*time.Second), nil},
		{"leaving is told late", fault{}, sight{leave: [size][size]time.Duration{1: {0: 11 * time.Second}}}, []string{"hub-1 was not told for 11.0 s who left on hub-2"}},
		{"an error", fault{silent: true}, sight{failed: []string{"internal"}}, []string{"internal"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			f := newFault(row.fault, &harm{apart: apart}, row.seen, 0)
			if !slices.Equal(f.Failed, row.failed) {
				t.Errorf("%q, want %q", f.Failed, row.failed)
			}
		})
	}
}

func TestVerdict(t *testing.T) {
	for _, row := range []struct {
		name string
		bots bots.Report
		harm Fault
		fine bool
		says string
	}{
		{"fine", bots.Report{Sent: 5, Acked: 5}, Fault{}, true, "Every acknowledged message"},
		{"lost", bots.Report{Sent: 5, Acked: 5, Lost: 1}, Fault{}, false, "1 lost"},
		{"doubled", bots.Report{Sent: 5, Acked: 5, Doubled: 1}, Fault{}, false, "1 doubled"},
		{"never acknowledged", bots.Report{Sent: 5, Acked: 4}, Fault{}, false, "1 messages were never acknowledged"},
		{"refused", bots.Report{Sent: 5, Acked: 5, Refused: 1}, Fault{}, false, "1 refused"},
		{"not resumed", bots.Report{Sent: 5, Acked: 5, Unrecovered: 1}, Fault{}, false, "1 could not resume"},
		{"no message", bots.Report{}, Fault{}, false, "NOT fine"},
		{"silence", bots.Report{Sent: 5, Acked: 5}, Fault{Failed: []string{"typing"}}, false, "NOT fine"},
	} {
		t.Run(row.name, func(t *testing.T) {
			r := &Report{Bots: &row.bots, Faults: []*Fault{&row.harm}}
			r.close(&runner{})
			var out bytes.Buffer
			r.text(&out)
			if r.Fine != row.fine || !strings.Contains(out.String(), row.says) {
				t.Errorf("fine is %v, and %q not in\n%s", r.Fine, row.says, &out)
			}
		})
	}
}

// What guests hear is measured from the beginning of the measuring at most.
func TestSight(t *testing.T) {
	g := &guests{leaves: map[string]*leave{}}
	for i := range g.guests {
		g.guests[i] = &guest{n: i, here: map[string]bool{}}
	}
	long := time.Now().Add(-time.Hour)
	g.guests[1].heard[0] = long
	g.begin()
	g.hear(g.guests[1], chat.Event{Type: chat.TypeTyping, Room: lounge, Name: "guest-0-1"})
	g.hear(g.guests[0], chat.Event{Type: chat.TypePresence, Room: door, Name: "visitor-3", State: chat.StateJoined})
	g.goes(2, "visitor-3") // guest 1 never knew it
	if s := g.end(); s.typing[0][1] > time.Minute || s.leave[2][0] == 0 || s.leave[2][1] != 0 {
		t.Errorf("%+v", s)
	}
	g.hear(g.guests[0], chat.Event{Type: chat.TypePresence, Room: door, Name: "visitor-3", State: chat.StateLeft})
	if len(g.leaves) > 0 {
		t.Error("everybody was told, and it is still waited for")
	}
	if !g.sends(g.guests[0], "1") || g.sends(g.guests[0], "2") {
		t.Error("one message at a time")
	}
	g.hear(g.guests[0], chat.Event{Type: chat.TypeError, ID: "1", Code: chat.Internal})
	if s := g.end(); len(s.failed) != 1 || g.guests[0].acked != (time.Time{}) {
		t.Errorf("%+v", s)
	}
}
