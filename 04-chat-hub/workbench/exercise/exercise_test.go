// Package exercise walks the path of the exercise: it does the TODOs of the
// stub one after the other, and after each has the program graded. So it is
// known that each TODO turns its stage of the check green, and no other does.
package exercise

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"websocket.example/04-chat-hub/workbench/check"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const stub = "../../exercise"

// mostLines is what a stub may have, so that nobody is afraid of it.
const mostLines = 65

var update = flag.Bool("update", false, "write testdata again")

// testdata/solution.txt has the TODOs, testdata/path.txt what the check says
// along the way. Its first column is the stub.
func TestPath(t *testing.T) {
	program := read(t, stub+"/main.go")
	if n := lines(program); n > mostLines {
		t.Errorf("the stub has %d lines", n)
	}
	todos := solution(t)
	programs := []string{program}
	for _, x := range todos {
		programs = append(programs, x.do(t, programs[len(programs)-1]))
	}
	if done := programs[len(todos)]; strings.Contains(done, "// TODO") {
		t.Errorf("something is left to be done:\n%s", done)
	}

	reports, errs := make([]*check.Report, len(programs)), make([]error, len(programs))
	var work sync.WaitGroup
	for i := range slices.Backward(programs) { // who is graded longest comes first
		address, err := url.Parse(start(t, programs[i]))
		if err != nil {
			t.Fatal(err)
		}
		config := check.Config{URL: address, Patience: 6 * time.Second, Limit: 3 * time.Second}
		if i > 5 {
			config.Floods = 4 // what TODO 5 does about the slow is known by then
		}
		work.Go(func() { reports[i], errs[i] = check.Run(t.Context(), config) })
	}
	work.Wait()

	for i, r := range reports {
		unlucky(r)
		// TODO n makes stage n green, and the next one red.
		switch {
		case i == 0 && (errs[0] == nil || !strings.Contains(errs[0].Error(), "501")):
			t.Errorf("the stub: %v", errs[0])
		case i > 0 && errs[i] != nil:
			t.Error(todos[i-1].name, errs[i])
		case i == len(todos):
			if !r.Passed() || r.Count(check.OK) != len(check.Cases) {
				check.View{Language: check.English}.Text(t.Output(), r)
				t.Error("the solution does not pass")
			}
		case i > 0 && (r.Passed() || r.Results[len(r.Results)-1].Stage != i):
			t.Errorf("%s: stage %d should be the first that fails", todos[i-1].name, i)
		}
	}
	for _, c := range casesOf(program) {
		if !slices.ContainsFunc(check.Cases, func(r check.Case) bool { return r.Stage == c.Stage && r.ID == c.ID }) {
			t.Errorf("the stub says TODO %d (%s), and stage %d has no such case", c.Stage, c.ID, c.Stage)
		}
	}
	compare(t, "testdata/path.txt", path(todos, reports))
}

// unlucky skips what needs a case that has failed, and may pass all the same.
func unlucky(r *check.Report) {
	if r == nil {
		return
	}
	bad := map[string]bool{}
	for i := range r.Results {
		c := &r.Results[i]
		if bad[c.Needs] {
			c.Verdict = check.Skipped
		}
		bad[c.ID] = c.Verdict == check.Failed || c.Verdict == check.Skipped
	}
}

// casesOf are those that the TODOs of the stub name: TODO 1 (see, ack).
func casesOf(stub string) (named []check.Case) {
	for _, found := range regexp.MustCompile(`TODO ([1-9]) \(([^)]*)\)`).FindAllStringSubmatch(stub, -1) {
		for _, id := range strings.FieldsFunc(strings.ReplaceAll(found[2], " to ", ","), func(c rune) bool { return strings.ContainsRune(", ", c) }) {
			named = append(named, check.Case{Stage: int(found[1][0] - '0'), ID: id})
		}
	}
	return named
}

// path has a line for each case, and a column for each number of TODOs done.
func path(todos []todo, reports []*check.Report) string {
	var b strings.Builder
	line := func(stage, id string, verdicts []string) {
		text := fmt.Sprintf("%-2s%-15s", stage, id)
		for _, v := range verdicts {
			text += fmt.Sprintf(" %-10s", v)
		}
		b.WriteString(strings.TrimRight(text, " ") + "\n")
	}
	head := []string{"the stub"}
	for _, x := range todos {
		head = append(head, x.name)
	}
	line("", "", head)
	for _, c := range check.Cases {
		var verdicts []string
		for _, r := range reports {
			verdict := "."
			if r != nil {
				if i := slices.IndexFunc(r.Results, func(x check.Result) bool { return x.ID == c.ID }); i >= 0 {
					verdict = string(r.Results[i].Verdict)
				}
			}
			verdicts = append(verdicts, verdict)
		}
		line(fmt.Sprint(c.Stage), c.ID, verdicts)
	}
	return b.String()
}

func compare(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if want := read(t, file); got != want {
		t.Errorf("%s is\n%s\nand it was\n%s", file, want, got)
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(b), "\r\n", "\n")
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

// A todo is how one TODO is done. In the solution it is a line "TODO 1", and
// below it the changes, as a diff without line numbers. An empty line ends a
// change.
type todo struct {
	name    string
	changes []change
}

type change struct{ old, done string }

func solution(t *testing.T) (todos []todo) {
	t.Helper()
	var now change
	end := func() {
		if now != (change{}) {
			last := &todos[len(todos)-1]
			last.changes = append(last.changes, now)
		}
		now = change{}
	}
	for line := range strings.Lines(read(t, "testdata/solution.txt") + "\n") {
		switch {
		case strings.HasPrefix(line, "TODO "):
			end()
			todos = append(todos, todo{name: strings.TrimSpace(line)})
		case line == "\n":
			end()
		case line[0] == '-':
			now.old += line[1:]
		case line[0] == '+':
			now.done += line[1:]
		default:
			t.Fatalf("a line of the solution that begins with neither - nor +: %q", line)
		}
	}
	return todos
}

func (x todo) do(t *testing.T, program string) string {
	t.Helper()
	for _, c := range x.changes {
		if n := strings.Count(program, c.old); n != 1 {
			t.Fatalf("%s: these lines come %d times in the program:\n%s", x.name, n, c.old)
		}
		program = strings.Replace(program, c.old, c.done, 1)
	}
	return program
}

// start builds a program, runs it until the test ends, and returns the URL
// that it prints.
func start(t *testing.T, program string) string {
	t.Helper()
	main, err := filepath.Abs(filepath.Join(stub, "main.go"))
	if err != nil {
		t.Fatal(err)
	}
	// The go command is told to read this program where the stub stands.
	temp := t.TempDir()
	source, overlay, binary := filepath.Join(temp, "main.go"), filepath.Join(temp, "overlay.json"), filepath.Join(temp, "exercise")
	if runtime.GOOS == "windows" {
		binary += ".exe"
	}
	replace, err := json.Marshal(map[string]any{"Replace": map[string]string{main: source}})
	if err != nil {
		t.Fatal(err)
	}
	for file, content := range map[string]string{source: program, overlay: string(replace)} {
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	build := exec.CommandContext(t.Context(), "go", "build", "-overlay", overlay, "-o", binary, ".")
	build.Dir = stub
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	run := exec.CommandContext(t.Context(), binary, "-addr", "127.0.0.1:0")
	run.Stderr = os.Stderr
	out, err := run.StdoutPipe()
	if err == nil {
		err = run.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = run.Wait() }) // the end of t.Context has killed it
	line, err := bufio.NewReader(out).ReadString('\n')
	address := regexp.MustCompile(`ws://\S+`).FindString(line)
	if err != nil || address == "" {
		t.Fatalf("%v: it says %q, and no URL", err, line)
	}
	return address
}
