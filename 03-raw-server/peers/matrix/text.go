package matrix

import (
	"bufio"
	_ "embed"
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"websocket.example/03-raw-server/workbench/check"
)

// folder is where the source of this package is.
func folder() string {
	_, file, _, _ := runtime.Caller(0)
	return filepath.Dir(file)
}

//go:embed verdicts.txt
var committed string

const intro = `What workbench/check says of the servers and the clients of these libraries.
Written by: go run ./03-raw-server/peers matrix

A cell is how many cases are ok, of how many; then F failed, S not strict (the
RFC would have it otherwise, and good implementations differ), N not offered
(nobody has to). Below the tables stands what is not ok, peer by peer.
`

// Text is verdicts.txt.
func Text(sheets []Sheet) string {
	var b strings.Builder
	b.WriteString(intro)
	fmt.Fprintln(&b)
	for i := range Peers {
		p := &Peers[i]
		fmt.Fprintf(&b, "%-8s %s\n", p.Name, strings.TrimSpace(p.Module+" "+p.version()))
		fmt.Fprintf(&b, "%-8s   server: %s\n%-8s   client: %s\n", "", p.Server, "", p.Client)
	}
	for _, head := range []Sheet{{}, {Client: true}, {Full: true}, {Full: true, Client: true}} {
		fmt.Fprintf(&b, "\n%s\n\n", titleOf(&head))
		table(&b, columns(sheets, &head))
	}
	if len(Unstable) > 0 {
		fmt.Fprint(&b, "\nNot the same in every run, and not compared\n\n")
	}
	for _, u := range Unstable {
		fmt.Fprintf(&b, "%s %s: %s\n", u.Sheet, u.ID, u.Why)
	}
	for i := range sheets {
		s := &sheets[i]
		if len(s.Bad) == 0 {
			continue
		}
		fmt.Fprintf(&b, "\n== %s\n", s.Name())
		for _, line := range s.lines() {
			fmt.Fprintln(&b, line)
		}
	}
	return b.String()
}

func titleOf(s *Sheet) string {
	role, what := "Servers", "the lesson"
	if s.Client {
		role = "Clients"
	}
	if s.Full {
		what = "all cases"
	}
	return role + ", " + what
}

// columns are the sheets of a table.
func columns(sheets []Sheet, like *Sheet) (these []*Sheet) {
	for i := range sheets {
		if s := &sheets[i]; s.Client == like.Client && s.Full == like.Full {
			these = append(these, s)
		}
	}
	return these
}

// table has a row for each stage of the lesson, or each group of all cases.
func table(b *strings.Builder, sheets []*Sheet) {
	if len(sheets) == 0 {
		return
	}
	row := func(name string, cell func(*Sheet) string) {
		fmt.Fprintf(b, "%-28s", name)
		for _, s := range sheets {
			fmt.Fprintf(b, " %-16s", cell(s))
		}
		trim(b)
	}
	row("", func(s *Sheet) string { return s.Peer })
	counts := map[*Sheet]map[string]*Count{}
	for _, s := range sheets {
		counts[s] = s.count(true)
	}
	seen := map[string]bool{}
	for _, c := range sheets[0].cases() {
		if at := place(c, true); !seen[at] {
			seen[at] = true
			row(rowName(c), func(s *Sheet) string { return counts[s][at].String() })
		}
	}
}

// trim takes the spaces away that end a line, and ends it.
func trim(b *strings.Builder) {
	text := strings.TrimRight(b.String(), " ")
	b.Reset()
	b.WriteString(text + "\n")
}

func rowName(c *check.Case) string {
	if c.Group() == "" {
		return fmt.Sprintf("stage %d", c.Stage)
	}
	return c.Group() + " " + strings.Replace(c.Section, ", section", "", 1)
}

// String is a cell.
func (n *Count) String() string {
	text := fmt.Sprintf("%d/%d", n.OK, n.All)
	for _, part := range []struct {
		n    int
		name string
	}{{n.Failed, "F"}, {n.NotStrict, "S"}, {n.NotOffered, "N"}} {
		if part.n > 0 {
			text += fmt.Sprintf(" %d%s", part.n, part.name)
		}
	}
	return text
}

// lines are what is not ok, cases with the same finding in one line:
//
//	failed       7.1.12-15,17  The answer breaks the rules.
func (s *Sheet) lines() (lines []string) {
	groups := map[string]string{}
	for _, c := range s.cases() {
		groups[c.ID] = c.Group()
	}
	type key struct {
		verdict        check.Verdict
		group, finding string
	}
	places := map[key]int{}
	var keys []key
	var ids [][]string
	for _, b := range s.Bad {
		k := key{b.Verdict, groups[b.ID], b.Finding}
		at, seen := places[k]
		if !seen {
			at = len(keys)
			places[k] = at
			keys, ids = append(keys, k), append(ids, nil)
		}
		ids[at] = append(ids[at], b.ID)
	}
	for i, k := range keys {
		lines = append(lines, strings.TrimRight(fmt.Sprintf("%-11s  %s  %s", k.verdict, short(ids[i]), k.finding), " "))
	}
	slices.SortStableFunc(lines, func(a, b string) int { return rank(a) - rank(b) })
	return lines
}

// rank puts what is worse first.
func rank(line string) int {
	return slices.Index([]string{"failed", "not strict", "not offered", "skipped"}, strings.TrimSpace(line[:11]))
}

// short writes ids without repeating what they begin with: 7.1.12-15,17.
func short(ids []string) string {
	var text string
	for i := 0; i < len(ids); {
		before, n, numbered := number(ids[i])
		j := i
		for j+1 < len(ids) && numbered {
			if _, next, ok := number(ids[j+1]); !ok || next != n+j+1-i {
				break
			}
			j++
		}
		switch {
		case i == 0:
			text = ids[0]
		case numbered:
			text += "," + strings.TrimPrefix(ids[i], before)
		default:
			text += "," + ids[i]
		}
		if j > i {
			text += fmt.Sprintf("-%d", n+j-i)
		}
		i = j + 1
	}
	return text
}

// long is the reverse of short.
func long(text string) (ids []string) {
	parts := strings.Split(text, ",")
	before, _, numbered := number(strings.SplitN(parts[0], "-", 2)[0])
	if !numbered {
		return parts
	}
	for _, part := range parts {
		from, to, is := strings.Cut(strings.TrimPrefix(part, before), "-")
		if !is {
			to = from
		}
		first, _ := strconv.Atoi(from)
		last, _ := strconv.Atoi(to)
		for n := first; n <= last; n++ {
			ids = append(ids, before+strconv.Itoa(n))
		}
	}
	return ids
}

// number cuts an id of the full check, such as 7.1.12, before its last number.
func number(id string) (before string, n int, is bool) {
	at := strings.LastIndexByte(id, '.') + 1
	n, err := strconv.Atoi(id[at:])
	return id[:at], n, at > 0 && err == nil
}

// Parse reads verdicts.txt. The tables say nothing new, and are skipped.
func Parse(text string) ([]Sheet, error) {
	sheets := Sheets()
	var current *Sheet
	lines := bufio.NewScanner(strings.NewReader(text))
	for lines.Scan() {
		line := lines.Text()
		name, is := strings.CutPrefix(line, "== ")
		switch {
		case is:
			at := slices.IndexFunc(sheets, func(s Sheet) bool { return s.Name() == name })
			if at < 0 {
				return nil, fmt.Errorf("there is no %q", name)
			}
			current = &sheets[at]
		case line == "":
			current = nil
		case current != nil:
			if len(line) < 14 || rank(line) < 0 {
				return nil, fmt.Errorf("%q is not a verdict", line)
			}
			ids, finding, _ := strings.Cut(line[13:], "  ")
			for _, id := range long(ids) {
				current.Bad = append(current.Bad, Bad{id, check.Verdict(strings.TrimSpace(line[:11])), finding})
			}
		}
	}
	return sheets, lines.Err()
}
