package check

// Stage 1, a room: what one says, all in it hear.

func joined(s *scene) {
	ana := s.connect("Ana")
	ana.say("action", "join", "room", s.room, "name", "Ana")
	ana.want("silence", "type", "joined", "room", s.room, "name", "Ana", "cursor", "*")
}

// said is the message that a send becomes.
func (s *scene) said(from, id string) []any {
	return []any{"type", "message", "room", s.room, "cursor", "*", "id", id, "from", from, "text", saying, "at", "*"}
}

func see(s *scene) {
	ana, rui := s.enter("Ana"), s.enter("Rui")
	ana.send("1")
	rui.want("not-delivered", s.said("Ana", "1")...)
}

func echo(s *scene) {
	ana := s.enter("Ana")
	ana.send("1")
	ana.want("no-echo", s.said("Ana", "1")...)
}

func ack(s *scene) {
	ana := s.enter("Ana")
	ana.send("1")
	m := ana.want("no-echo", s.said("Ana", "1")...)
	ana.want("no-ack", "type", "ack", "room", s.room, "id", "1", "cursor", m.text("cursor"))
}

// frames: what is sent at once must not be packed together.
func frames(s *scene) {
	ana, rui := s.enter("Ana"), s.enter("Rui")
	ids := s.many(ana, 30)
	rui.hear(ids...)
	ana.hear(ids...)
}

// many has a guest send without waiting.
func (s *scene) many(g *guest, n int) (ids []string) {
	for i := range n {
		ids = append(ids, numbered(g.name, i))
		g.send(ids[i])
	}
	return ids
}

func rooms(s *scene) {
	ana := s.enter("Ana")
	here := s.room
	s.room += "-2"
	eva := s.enter("Eva")
	s.room = here
	ana.send("1")
	ana.hear("1")
	s.room += "-2"
	eva.send("2")
	eva.hear("2")
}
