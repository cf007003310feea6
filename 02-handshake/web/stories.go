package web

import (
	"context"
	"regexp"
	"sync"

	"websocket.example/02-handshake/narrate"
)

// stories are the last handshakes that had an id.
type stories struct {
	mu      sync.Mutex
	byID    map[string]*narrate.Story
	order   []string
	changed chan struct{} // closed, and made again, when one is added
}

const mostStories = 256

// An id is made by the page, at random, so that nobody reads the headers of
// somebody else.
var isID = regexp.MustCompile(`^[0-9a-z-]{8,64}$`).MatchString

func (s *stories) put(story *narrate.Story) {
	if !isID(story.ID) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.byID[story.ID] != nil {
		return // the first one counts
	}
	s.byID[story.ID] = story
	if s.order = append(s.order, story.ID); len(s.order) > mostStories {
		delete(s.byID, s.order[0])
		s.order = s.order[1:]
	}
	close(s.changed)
	s.changed = make(chan struct{})
}

// wait returns the story of that id, or nil if there is none until ctx ends.
func (s *stories) wait(ctx context.Context, id string) *narrate.Story {
	for {
		s.mu.Lock()
		story, changed := s.byID[id], s.changed
		s.mu.Unlock()
		if story != nil || !isID(id) {
			return story
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil
		}
	}
}
