package exercise

import (
	"fmt"
	"strings"
	"testing"
)

// A todo is how one TODO is done. In a solution it is a line "TODO 1" or
// "TODO 1 open", and below it the changes, as a diff without line numbers. An
// empty line ends a change.
type todo struct {
	name    string
	stage   int
	changes []change
}

type change struct{ old, done string }

func read(t *testing.T, file string) (todos []todo) {
	t.Helper()
	var now change
	end := func() {
		if now != (change{}) {
			last := &todos[len(todos)-1]
			last.changes = append(last.changes, now)
		}
		now = change{}
	}
	for line := range strings.Lines(text(t, file) + "\n") {
		switch {
		case strings.HasPrefix(line, "TODO "):
			end()
			x := todo{name: strings.TrimSpace(line)}
			if _, err := fmt.Sscanf(x.name, "TODO %d", &x.stage); err != nil {
				t.Fatalf("%s: %q: %v", file, line, err)
			}
			todos = append(todos, x)
		case line == "\n":
			end()
		case line[0] == '-':
			now.old += line[1:]
		case line[0] == '+':
			now.done += line[1:]
		case line[0] == ' ':
			now.old += line[1:]
			now.done += line[1:]
		default:
			t.Fatalf("%s: a line that begins with neither -, + nor a space: %q", file, line)
		}
	}
	return todos
}

// do does TODOs in a program.
func do(t *testing.T, program string, todos []todo) string {
	t.Helper()
	for _, x := range todos {
		for _, c := range x.changes {
			if n := strings.Count(program, c.old); n != 1 {
				t.Fatalf("%s: these lines come %d times in the program:\n%s", x.name, n, c.old)
			}
			program = strings.Replace(program, c.old, c.done, 1)
		}
	}
	return program
}

// lines counts those that are neither empty nor a comment.
func lines(program string) (n int) {
	for line := range strings.Lines(program) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "//") {
			n++
		}
	}
	return n
}
