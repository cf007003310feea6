package grade

// Stages 2 and 3: a message is a route, and its sender is answered.

func echo(s *scene) {
	ana := s.enter("Ana")
	ana.say(message{"action": "echo", "text": saying})
	ana.want("silence", message{"type": "echo", "text": saying})
}

// private: what is said to one is not for the others.
func private(s *scene) {
	ana, rui := s.enter("Ana"), s.enter("Rui")
	for _, turn := range []struct {
		g    *guest
		text string
	}{{ana, "one"}, {rui, "two"}, {ana, "three"}} {
		turn.g.say(message{"action": "echo", "text": turn.text})
		h, ok := turn.g.next()
		if ok && h.text("type") == "echo" && h.text("text") != turn.text {
			s.fail("leaked", turn.g.name+": "+written(message{"type": "echo", "text": turn.text}), "who", turn.g.name)
		}
		turn.g.compare(h, ok, "silence", message{"type": "echo", "text": turn.text})
	}
}

func unknown(s *scene) {
	ana := s.enter("Ana")
	ana.say(message{"action": "shout", "text": "hello"})
	ana.want("silence", message{"type": "error", "message": "*shout*"})
}

func noAction(s *scene) {
	ana := s.enter("Ana")
	ana.say(message{"text": "hello"})
	ana.want("silence", message{"type": "error", "message": "*"})
}

func notJSON(s *scene) {
	ana := s.enter("Ana")
	ana.raw("hello")
	ana.want("silence", message{"type": "error", "message": "*"})
}
