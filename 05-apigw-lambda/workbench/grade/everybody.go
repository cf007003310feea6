package grade

// Stages 4 to 6: a message for everybody, who has gone included.

// hears wants a guest to hear what somebody says to all.
func (g *guest) hears(from, text string) {
	g.want("not-delivered", message{"type": "message", "from": from, "text": text})
}

func (g *guest) send(text string) { g.say(message{"action": "send", "text": text}) }

func send(s *scene) {
	ana, rui := s.enter("Ana"), s.enter("Rui")
	ana.send(saying)
	rui.hears("Ana", saying)
}

func sender(s *scene) {
	ana := s.enter("Ana")
	ana.send(saying)
	ana.want("silence", message{"type": "message", "from": "Ana", "text": saying})
}

// without has three guests, of whom one vanishes: whoever the function posts
// to first, so that those are left who come after.
func (s *scene) without() (gone *guest, left []*guest) {
	ana, rui, eva := s.enter("Ana"), s.enter("Rui"), s.enter("Eva")
	left = []*guest{ana, rui, eva}
	ana.send("one")
	for _, g := range []*guest{rui, eva, ana} {
		g.hears("Ana", "one")
	}
	first := 0
	if s.stand != nil {
		s.stand.rest(s.ctx, s.due)
		if _, posts := s.stand.since(s.mark); len(posts) > 0 {
			for i, g := range left {
				if g.id == posts[0].connection {
					first = i
				}
			}
		}
	}
	gone = left[first]
	left = append(left[:first:first], left[first+1:]...)
	gone.vanish()
	left[0].send("two")
	for _, g := range left {
		g.want("not-after-gone", message{"type": "message", "from": left[0].name, "text": "two"})
	}
	if s.stand != nil {
		s.stand.rest(s.ctx, s.due)
		s.wantFine()
	}
	return gone, left
}

func gone(s *scene) { s.without() }

func forgotten(s *scene) {
	gone, left := s.without()
	left[0].send("three")
	for _, g := range left {
		g.want("wrong-one", message{"type": "message", "from": left[0].name, "text": "three"})
	}
	s.nothingFor(gone, "asked-again")
}

// nothingFor wants that nothing was posted to a guest since the last message.
func (s *scene) nothingFor(g *guest, key string) {
	s.stand.rest(s.ctx, s.due)
	_, posts := s.stand.since(s.mark)
	for _, p := range posts {
		if p.connection == g.id {
			s.came = append(s.came, shownPost(p))
			s.fail(key, "", "who", g.name)
		}
	}
}

func push(s *scene) {
	ana, rui := s.enter("Ana"), s.enter("Rui")
	s.invoke(message{"text": saying})
	for _, g := range []*guest{ana, rui} {
		g.want("not-delivered", message{"type": "push", "text": saying})
	}
}

func forgets(s *scene) {
	ana, eva := s.enter("Ana"), s.enter("Eva")
	s.say("Eva", "close 1000")
	eva.leave()
	s.stand.rest(s.ctx, s.due)
	s.wantFine()
	ana.send("one")
	ana.want("silence", message{"type": "message", "from": "Ana", "text": "one"})
	s.nothingFor(eva, "not-forgotten")
}
