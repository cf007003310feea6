package log

import "websocket.example/04-chat-hub/chat"

// A roster is who is in a room, put together from what is told live, which
// may be lost or late, and from lists, which may be a little old. A claim's
// number decides which is newer.
type roster map[string]seat // by chat.NameKey

type seat struct {
	Presence // Gone: was told to have ended, but a list may not know it yet
}

// hear takes in what is told live and says whether it is news, and whom it
// replaces: a new claim means that the old one has ended.
func (r roster) hear(p Presence) (news []Presence) {
	key := chat.NameKey(p.Name)
	old, there := r[key]
	switch {
	case there && p.Claim < old.Claim, there && p.Claim == old.Claim && (old.Gone || !p.Gone):
		return nil
	case there && !old.Gone && p.Claim > old.Claim:
		news = append(news, Presence{old.Name, old.Claim, true})
		if p.Gone { // came and went unseen
			r[key] = seat{p}
			return news
		}
	case !there && p.Gone, there && old.Gone && p.Gone:
		r[key] = seat{p} // so that an old list does not bring it back
		return nil
	}
	r[key] = seat{p}
	return append(news, p)
}

// read takes in a list and says what is news in it.
func (r roster) read(m Members) (news []Presence) {
	listed := make(map[string]bool, len(m.Claims))
	for name, claim := range m.Claims {
		listed[chat.NameKey(name)] = true
		news = append(news, r.hear(Presence{name, claim, false})...)
	}
	for key, s := range r {
		if listed[key] || s.Claim > m.UpTo {
			continue
		}
		delete(r, key)
		if !s.Gone {
			news = append(news, Presence{s.Name, s.Claim, true})
		}
	}
	return news
}
