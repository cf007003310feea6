package check

import (
	"time"

	"github.com/gorilla/websocket"
)

// Stage 6, the dead: a connection can end without a word to the server. Only
// who is asked and does not answer is known to be gone.

// mourn waits until one who has fallen silent is dropped. Another one says
// nothing but answers pings.
func mourn(s *scene) (ana, rui *guest) {
	ana, rui = s.enter("Ana"), s.enter("Rui")
	s.deaf("Leo").join() // and does not read again, so that no ping is answered
	stop, talks := make(chan struct{}), make(chan struct{})
	go func() { // Ana is lively
		defer close(talks)
		_ = ana.ws.SetWriteDeadline(time.Time{}) // it never fails
		request := []byte(object([]any{"action", "who", "room", s.room}))
		for {
			select {
			case <-stop:
				return
			case <-time.After(100 * time.Millisecond):
				if ana.ws.WriteMessage(websocket.TextMessage, request) != nil {
					return // who reads learns why
				}
			}
		}
	}()
	defer func() {
		close(stop)
		<-talks
	}()
	ana.wantFor(s.Patience, "not-dropped", s.presence("Leo", "left")...)
	return ana, rui
}

func dead(s *scene) { mourn(s) }

func idle(s *scene) {
	ana, rui := mourn(s)
	time.Sleep(100 * time.Millisecond) // they fell silent at nearly the same moment
	ana.end, rui.end = "idle-dropped", "idle-dropped"
	rui.send("1")
	ana.quiet = true
	if _, ok := ana.take(s.Limit, func(e event) bool { return e.is("message") }); !ok {
		ana.fail("idle-dropped", object(s.said("Rui", "1")))
	}
}
