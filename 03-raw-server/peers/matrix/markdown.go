package matrix

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"websocket.example/03-raw-server/workbench/check"
)

// Write writes verdicts.txt, and the tables into the README in both languages.
func Write(sheets []Sheet) error {
	if err := os.WriteFile(filepath.Join(folder(), "verdicts.txt"), []byte(Text(sheets)), 0o644); err != nil {
		return err
	}
	for name, l := range readmes {
		path := filepath.Join(folder(), name)
		was, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		is, err := WithTables(string(was), sheets, l)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if err := os.WriteFile(path, []byte(is), 0o644); err != nil {
			return err
		}
	}
	return nil
}

var readmes = map[string]*check.Language{"README.md": check.English, "README.pt-BR.md": check.Portuguese}

// WithTables is a README with its tables written anew. Where they stand is
// between comments, such as <!-- matrix: servers --> and <!-- end -->.
func WithTables(readme string, sheets []Sheet, l *check.Language) (string, error) {
	for _, head := range []Sheet{{Full: true}, {Full: true, Client: true}} {
		begin := "<!-- matrix: servers -->\n"
		if head.Client {
			begin = "<!-- matrix: clients -->\n"
		}
		const end = "<!-- end of matrix -->\n"
		before, rest, found1 := strings.Cut(readme, begin)
		_, after, found2 := strings.Cut(rest, end)
		if !found1 || !found2 {
			return "", fmt.Errorf("no table between %q and %q", strings.TrimSpace(begin), strings.TrimSpace(end))
		}
		readme = before + begin + markdown(columns(sheets, &head), l) + end + after
	}
	return readme, nil
}

// markdown is a table with a row for each chapter.
func markdown(sheets []*Sheet, l *check.Language) string {
	var b strings.Builder
	row := func(name string, cell func(*Sheet) string) {
		fmt.Fprintf(&b, "| %s |", name)
		for _, s := range sheets {
			fmt.Fprintf(&b, " %s |", cell(s))
		}
		fmt.Fprintln(&b)
	}
	row("", func(s *Sheet) string { return s.Peer })
	row("---", func(*Sheet) string { return "---" })
	counts := map[*Sheet]map[string]*Count{}
	for _, s := range sheets {
		counts[s] = s.count(false)
	}
	chapter := 0
	for _, c := range sheets[0].cases() {
		if c.Stage == chapter {
			continue
		}
		chapter = c.Stage
		name := fmt.Sprintf("%d %s", chapter, l.Say(check.Text{Key: fmt.Sprintf("chapter.%d", chapter)}))
		row(name, func(s *Sheet) string { return counts[s][place(c, false)].String() })
	}
	row("", func(s *Sheet) string {
		var sum Count
		for _, n := range counts[s] {
			sum.OK, sum.Failed, sum.NotStrict, sum.NotOffered, sum.All = sum.OK+n.OK, sum.Failed+n.Failed, sum.NotStrict+n.NotStrict, sum.NotOffered+n.NotOffered, sum.All+n.All
		}
		return "**" + sum.String() + "**"
	})
	return b.String()
}
