package check

import (
	"fmt"
	"time"
)

// Stage 7, coming back: nothing that was acknowledged is lost, and nothing
// comes twice.

// key is a secret of Ana's.
const key = "c2VjcmV0"

// miss has Ana hear one message, lose her connection, and miss some.
func miss(s *scene, n int) (rui *guest, since string, missed []string) {
	ana, rui := s.enter("Ana", "key", key), s.enter("Rui")
	rui.send("before")
	since = ana.hear("before")[0].text("cursor")
	ana.cut()
	rui.wantPresence("still-there", "Ana", "left")
	missed = s.many(rui, n)
	for _, id := range missed {
		rui.want("no-ack", "type", "ack", "room", s.room, "id", id)
	}
	return rui, since, missed
}

// rejoin comes back, and is told that all is there.
func (s *scene) rejoin(since string) *guest {
	ana := s.connect("Ana")
	ana.say("action", "join", "room", s.room, "name", "Ana", "key", key, "since", since)
	ana.want("silence", "type", "joined", "room", s.room, "recovered", true)
	ana.quiet = true
	return ana
}

func resume(s *scene) {
	rui, since, missed := miss(s, 3)
	ana := s.rejoin(since)
	rui.send("after")
	ana.hear(append(missed, "after")...)
}

// seam: others talk on while the history is told.
func seam(s *scene) {
	rui, since, missed := miss(s, 10)
	ana := s.connect("Ana")
	for i := range 30 {
		if i == 10 {
			ana.say("action", "join", "room", s.room, "name", "Ana", "key", key, "since", since)
			ana.quiet = true
		}
		if i >= 10 {
			time.Sleep(time.Millisecond) // else all is said before she is in
		}
		missed = append(missed, fmt.Sprintf("meanwhile-%03d", i+1))
		rui.send(missed[len(missed)-1])
	}
	ana.want("silence", "type", "joined", "room", s.room, "recovered", true)
	ana.hear(missed...)
}

// afterSlow: who was cut off for being slow gets the rest.
func afterSlow(s *scene) {
	ana, leo, since, all := flood(s)
	n, cut := leo.catchUp(nil, all)
	if !cut {
		return // there is no rest
	}
	leo.cut()
	ana.wantPresence("still-there", "Leo", "left")
	if n > 0 {
		since = all[n-1].text("cursor")
	}
	leo = s.connect("Leo")
	leo.end = "cut-again"
	leo.say("action", "join", "room", s.room, "name", "Leo", "since", since)
	leo.want("silence", "type", "joined", "room", s.room, "recovered", true)
	leo.hear(ids(all[n:])...)
}

// bogus: a cursor that this server never gave.
func bogus(s *scene) {
	ana := s.connect("Ana")
	ana.say("action", "join", "room", s.room, "name", "Ana", "since", "no-cursor-of-yours")
	wanted := object([]any{"type", "joined", "room", s.room, "recovered", false})
	e, ok := ana.take(s.Limit, func(e event) bool { return e.is("joined", "error") })
	switch {
	case !ok:
		ana.fail("silence", wanted)
	case e.is("error"): // just as good
		ana.compare(e, "code", "bad_request", object([]any{"type", "error", "code", "bad_request", "message", "*"}))
		ana.join()
	case e.fields["recovered"] == true:
		ana.fail("promised", wanted, "field", "recovered")
	default:
		ana.compare(e, "recovered", false, wanted)
	}
}

// once: the message with this id is told no second time.
func (s *scene) once(rui, sender *guest, cursor string) {
	sender.send("1")
	sender.want("no-ack", "type", "ack", "room", s.room, "id", "1", "cursor", cursor)
	sender.send("2")
	rui.hear("2")
}

func resend(s *scene) {
	ana, rui := s.enter("Ana"), s.enter("Rui")
	ana.send("1")
	cursor := rui.hear("1")[0].text("cursor")
	ana.want("no-ack", "type", "ack", "room", s.room, "id", "1")
	s.once(rui, ana, cursor)
}

// resendLater: the ack was lost with the connection.
func resendLater(s *scene) {
	ana, rui := s.enter("Ana", "key", key), s.enter("Rui")
	ana.send("1")
	cursor := rui.hear("1")[0].text("cursor")
	ana.cut()
	rui.wantPresence("still-there", "Ana", "left")
	s.once(rui, s.rejoin(cursor), cursor)
}

// takeover: she is back before the server knows that she was gone.
func takeover(s *scene) {
	ana := s.enter("Ana", "key", key)
	rui := s.enter("Rui")
	again := s.connect("Ana")
	again.say("action", "join", "room", s.room, "name", "Ana", "key", key)
	again.want("silence", "type", "joined", "room", s.room)
	ana.cut() // whether it was closed or not
	again.send("1")
	rui.hear("1")
	eva := s.connect("Ana")
	eva.say("action", "join", "room", s.room, "name", "Ana", "key", "another")
	eva.wantTaken()
}
