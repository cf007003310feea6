package machine

import (
	"fmt"
	"strings"
)

// A Shortage is why so many connections can't be opened, and how to mend it.
type Shortage struct {
	Short    []string // what there is too little of
	Commands []string // what to run in the shell, to have enough
	Most     int      // how many can be opened without
}

func (s *Shortage) Error() string {
	text := strings.Join(s.Short, ", ") + ": run '" + strings.Join(s.Commands, " && ") + "'"
	if s.Most >= 100 {
		text += fmt.Sprintf(", or open %d", s.Most)
	}
	return text
}

// others is what a process has open besides.
const others = 200

// A need is one of the system's limits, and how to raise it.
type need struct {
	have, want int64 // if have is 0, it is not known
	each       int64 // how much of it a connection takes
	share      int   // among how many processes connections share what each has
	spare      int64 // how much is taken by other things
	short      string
	command    string
}

// shortage says which needs are not met. It is nil if all are.
func shortage(n int, needs []need) error {
	s := &Shortage{Most: n}
	for _, need := range needs {
		if need.have == 0 || need.have >= need.want {
			continue
		}
		s.Short = append(s.Short, fmt.Sprintf(need.short, need.want, need.have))
		s.Commands = append(s.Commands, fmt.Sprintf(need.command, need.want))
		s.Most = min(s.Most, int((need.have-need.spare)/max(need.each, 1))*max(need.share, 1))
	}
	if s.Short == nil {
		return nil
	}
	return s
}
