// Package exercise walks the path of an exercise: it does the TODOs of the
// stub one after the other, and after each has the program graded. So it is
// known that each TODO turns its stage of the check green, and no other does.
//
//	solution.go    how TODOs are done
//	program.go     builds and runs programs
package exercise

import (
	"flag"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
)

// An Exercise is a stub, and a check that grades it.
type Exercise struct {
	Stub   string // its folder
	Stages int
	Grade  func(t *testing.T, url string, done int) ([]Row, error) // with so many TODOs done
	// Start is for a program that is no server: what it returns, Grade gets in
	// place of a URL. Nil runs the program, which prints its URL.
	Start func(t *testing.T, binary string) string
}

// A Row is what a check says of a case.
type Row struct {
	Stage   int
	ID      string
	Verdict string
	Failed  bool
}

// mostLines is what a stub may have, so that nobody is afraid of it.
const mostLines = 66

var update = flag.Bool("update", false, "write testdata again")

// Test does the TODOs of testdata/solution.txt, and compares what the check
// says along the way with testdata/path.txt. Its first column is the stub.
func Test(t *testing.T, e Exercise) {
	todos := read(t, "testdata/solution.txt")
	stub := text(t, e.Stub+"/main.go")
	if done := do(t, stub, todos); strings.Contains(done, "// TODO") {
		t.Errorf("something is left to be done:\n%s", done)
	}
	if n := lines(stub); n > mostLines {
		t.Errorf("the stub has %d lines", n)
	}

	if e.Start == nil {
		e.Start = run
	}
	graded, errs := make([][]Row, len(todos)+1), make([]error, len(todos)+1)
	var work sync.WaitGroup
	var programs []string
	for done := range graded {
		programs = append(programs, do(t, stub, todos[:done]))
	}
	for done, binary := range build(t, e.Stub, programs) {
		url := e.Start(t, binary)
		work.Go(func() { graded[done], errs[done] = e.Grade(t, url, done) })
	}
	work.Wait()

	for done := range graded {
		for stage := 1; stage <= e.Stages; stage++ {
			wanted := !slices.ContainsFunc(todos[done:], func(x todo) bool { return x.stage <= stage })
			if green := green(graded[done], stage); green != wanted {
				t.Errorf("with %d of %d TODOs done, stage %d is green: %v", done, len(todos), stage, green)
			}
		}
	}
	last := graded[len(todos)]
	for _, named := range casesOf(stub) {
		if !slices.ContainsFunc(last, func(r Row) bool { return r.Stage == named.Stage && r.ID == named.ID }) {
			t.Errorf("the stub says TODO %d (%s), and stage %d has no such case", named.Stage, named.ID, named.Stage)
		}
	}
	compare(t, "testdata/path.txt", path(todos, graded, errs))
}

// green says whether a stage was graded, and nothing in it has failed.
func green(rows []Row, stage int) bool {
	graded := false
	for _, r := range rows {
		if r.Stage == stage && r.Failed {
			return false
		}
		graded = graded || r.Stage == stage
	}
	return graded
}

// casesOf are those that the TODOs of a stub name: TODO 1 (open, accept).
func casesOf(stub string) (named []Row) {
	for _, found := range regexp.MustCompile(`TODO ([1-9]) \(([^)]*)\)`).FindAllStringSubmatch(stub, -1) {
		for _, id := range strings.FieldsFunc(strings.ReplaceAll(found[2], " to ", ","), func(c rune) bool { return strings.ContainsRune(", ", c) }) {
			named = append(named, Row{Stage: int(found[1][0] - '0'), ID: id})
		}
	}
	return named
}

func text(t *testing.T, file string) string {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(b), "\r\n", "\n")
}

func compare(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if want := text(t, file); got != want {
		t.Errorf("%s is\n%s\nand it was\n%s", file, want, got)
	}
}

// path has a line for each case, and a column for each number of TODOs done.
func path(todos []todo, graded [][]Row, errs []error) string {
	var b strings.Builder
	line := func(stage, id string, verdicts []string) {
		text := fmt.Sprintf("%-2s%-22s", stage, id)
		for _, v := range verdicts {
			text += fmt.Sprintf(" %-11s", v)
		}
		b.WriteString(strings.TrimRight(text, " ") + "\n")
	}
	head := []string{"the stub"}
	for _, x := range todos {
		head = append(head, x.name)
	}
	line("", "", head)
	for _, r := range graded[len(todos)] {
		var verdicts []string
		for _, rows := range graded {
			verdict := "."
			if i := slices.IndexFunc(rows, func(x Row) bool { return x.ID == r.ID }); i >= 0 {
				verdict = rows[i].Verdict
			}
			verdicts = append(verdicts, verdict)
		}
		line(fmt.Sprint(r.Stage), r.ID, verdicts)
	}
	for done, err := range errs {
		if err != nil {
			fmt.Fprintf(&b, "%s: %s\n", head[done], regexp.MustCompile(`127\.0\.0\.1:\d+`).ReplaceAllString(err.Error(), "?"))
		}
	}
	return b.String()
}
