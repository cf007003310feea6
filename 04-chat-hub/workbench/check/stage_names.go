package check

// Stage 3, names: unique in a room, and all know who is there.

func members(s *scene) {
	s.enter("Ana")
	rui := s.connect("Rui")
	rui.say("action", "join", "room", s.room, "name", "Rui")
	rui.want("silence", "type", "joined", "room", s.room, "members", []string{"Ana", "Rui"})
}

// wantPresence: somebody else has come or gone.
func (g *guest) wantPresence(missing, name, state string) {
	g.want(missing, g.scene.presence(name, state)...)
}

func (s *scene) presence(name, state string) []any {
	return []any{"type", "presence", "room", s.room, "name", name, "state", state}
}

func came(s *scene) {
	ana := s.enter("Ana")
	s.enter("Rui")
	ana.wantPresence("no-presence", "Rui", "joined")
}

// refuse: this name is not for a second one.
func (s *scene) refuse(name string) {
	s.enter("Ana")
	other := s.connect(name)
	other.say("action", "join", "room", s.room, "name", name)
	other.wantTaken()
	other.say("action", "join", "room", s.room, "name", "Eva") // and chooses another one
	other.want("silence", "type", "joined", "room", s.room, "name", "Eva")
}

func (g *guest) wantTaken() {
	e, ok := g.take(g.scene.Limit, func(e event) bool { return e.is("joined", "error") })
	wanted := object([]any{"type", "error", "code", "name_taken", "message", "*"})
	switch {
	case !ok:
		g.fail("no-error", wanted)
	case e.is("joined"):
		g.fail("name-accepted", wanted)
	}
	g.compare(e, "code", "name_taken", wanted)
}

func taken(s *scene)   { s.refuse("Ana") }
func anyCase(s *scene) { s.refuse("ANA") }

func otherRoom(s *scene) {
	s.enter("Ana")
	s.room += "-2"
	s.enter("Ana")
}

func who(s *scene) {
	ana := s.enter("Ana")
	s.enter("Rui")
	ana.say("action", "who", "room", s.room)
	ana.want("silence", "type", "members", "room", s.room, "members", []string{"Ana", "Rui"})
}

func leave(s *scene) {
	ana, rui := s.enter("Ana"), s.enter("Rui")
	rui.say("action", "leave", "room", s.room)
	rui.want("silence", "type", "left", "room", s.room)
	ana.wantPresence("still-there", "Rui", "left")
	s.enter("Rui") // the name is free
	rui.send("1")
	rui.wantError("not_in_room")
}

// cut: most people leave like this.
func cut(s *scene) {
	ana, rui := s.enter("Ana"), s.enter("Rui")
	rui.cut()
	ana.wantPresence("still-there", "Rui", "left")
	s.enter("Rui")
}
