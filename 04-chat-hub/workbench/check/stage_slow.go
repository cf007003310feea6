package check

import (
	"fmt"
	"strings"
)

// Stage 5, the slow: one stops reading, and nobody else may feel it.

// A flood is more than sockets buffer: a text that is twice as long in JSON,
// so often that it is nearly six megabytes.
const (
	floodText  = 8 << 10
	floodBatch = 5 // of each of two
	floods     = 36
)

// flood has two talk while a third one does not read.
func flood(s *scene) (ana, leo *guest, since string, heard []event) {
	leo = s.deaf("Leo")
	since = leo.join().text("cursor")
	ana, rui := s.enter("Ana"), s.enter("Rui")
	text := strings.Repeat(`"`, s.floodText)
	for batch := range s.Floods {
		for _, g := range []*guest{ana, rui} {
			for i := range floodBatch {
				g.say("action", "send", "room", s.room, "id", numbered(g.name, batch*floodBatch+i), "text", text)
			}
		}
		heard = append(heard, ana.collect(2*floodBatch, "stalled")...)
		rui.collect(2*floodBatch, "stalled")
	}
	return ana, leo, since, heard
}

func stall(s *scene) { flood(s) }

func noHole(s *scene) {
	ana, leo, _, all := flood(s)
	leo.catchUp(ana, all)
}

// catchUp has the guest read again. It hears n of all messages, among them one
// that is said when there is room again, or is cut off after them.
func (g *guest) catchUp(talks *guest, all []event) (n int, cut bool) {
	g.listen()
	const room = 60 // messages of a megabyte
	for n < len(all) {
		if n == room && talks != nil {
			talks.send("last")
			all, talks = append(all, talks.collect(1, "stalled")...), nil
		}
		e, err := g.read(g.scene.until(g.scene.Limit))
		switch {
		case late(err):
			g.came = nil
			g.fail("neither", "", "n", fmt.Sprint(len(all)), "heard", fmt.Sprint(n))
		case err != nil:
			return n, true
		case !e.is("message"):
			continue
		}
		if got, want := e.text("id"), all[n].text("id"); got != want {
			g.came = []string{e.raw}
			g.fail("hole", object([]any{"type", "message", "room", g.scene.room, "id", want}), "id", got)
		}
		n++
	}
	return n, false
}
