package check

// Stage 2, errors: they are told to who made them, and the connection stays.

func (g *guest) wantError(code string, more ...any) {
	g.want("no-error", append([]any{"type", "error", "code", code, "message", "*"}, more...)...)
}

func badJSON(s *scene) {
	ana := s.connect("Ana")
	ana.raw("hello")
	ana.wantError("bad_json")
	ana.join()
}

func unknownAction(s *scene) {
	ana := s.connect("Ana")
	ana.say("action", "shout")
	ana.wantError("unknown_action")
	ana.join()
}

func noName(s *scene) {
	ana := s.connect("Ana")
	ana.say("action", "join", "room", s.room)
	ana.wantError("bad_request")
	ana.join()
}

func notInRoom(s *scene) {
	rui, eva := s.enter("Rui"), s.connect("Eva")
	eva.send("1")
	eva.wantError("not_in_room", "id", "1")
	eva.join()
	eva.send("2")
	rui.hear("2")
}

// private: what one does wrong is nobody else's business.
func private(s *scene) {
	ana, rui := s.enter("Ana"), s.enter("Rui")
	ana.raw("hello")
	ana.say("action", "shout", "room", s.room, "text", "hello")
	ana.wantError("bad_json")
	ana.wantError("unknown_action")
	ana.send("1")
	rui.hear("1")
}
