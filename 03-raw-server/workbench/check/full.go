package check

import (
	"fmt"
	"sync"
)

// Chapters of the full check: framing, control frames, fragments, text,
// closing, sizes, the agreement on compression, compressed messages, what
// only clients can be asked, and the opening handshake of servers.
const Chapters = 10

var (
	booksMu sync.Mutex
	books   = map[int][]Case{} // by the length of the longest message
)

// full is all cases but those of the lesson, which say nothing more. Large is
// the length of the longest message.
func full(large int) []Case {
	booksMu.Lock()
	defer booksMu.Unlock()
	if books[large] == nil {
		books[large] = written(large)
	}
	return books[large]
}

func written(large int) []Case {
	b := &book{large: large}
	for _, write := range []func(*book){
		framing, controlFrames, fragments, texts, closings, sizes, agreements, compressed, clientsOnly, openings,
	} {
		b.chapter++
		b.group = 0
		write(b)
	}
	return b.cases
}

// A book is where cases are written into.
type book struct {
	cases                []Case
	chapter, group, last int
	head                 Case // what all cases of the group have
	large                int
}

// begin begins a group of cases that are about one thing.
func (b *book) begin(level Level, section, topic string) *book {
	b.group++
	b.last = 0
	b.head = Case{Stage: b.chapter, Level: level, Section: section, Topic: topic}
	return b
}

// whom says that the group is only for servers, or for clients.
func (b *book) whom(w whom) { b.head.whom = w }

// add adds a case to the group.
func (b *book) add(title Text, steps ...step) *Case {
	b.last++
	c := b.head
	c.ID = fmt.Sprintf("%d.%d.%d", b.chapter, b.group, b.last)
	title.Key = "full." + title.Key
	c.Title, c.steps = title, steps
	b.cases = append(b.cases, c)
	return &b.cases[len(b.cases)-1]
}

// good adds a case with which nothing is wrong, to its friendly end.
func (b *book) good(title Text, steps ...step) *Case { return b.add(title, append(steps, goodbye)...) }

// bad adds a case that is to be refused with 1002.
func (b *book) bad(title Text, shots ...shot) *Case {
	return b.add(title, send(shots...), refuse(protocol))
}

// Group is what the group of a case is called: 4.2 of 4.2.1.
func (c *Case) Group() string {
	var chapter, group int
	if n, _ := fmt.Sscanf(c.ID, "%d.%d.", &chapter, &group); n != 2 {
		return ""
	}
	return fmt.Sprintf("%d.%d", chapter, group)
}
