package main

import (
	_ "embed"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"websocket.example/05-apigw-lambda/workbench/check"
	"websocket.example/05-apigw-lambda/workbench/offline"
)

//go:embed verdicts.txt
var committed string

const heading = `What workbench/check says of serverless-offline: ` + offline.Version + `
Written by: go run ./05-apigw-lambda/workbench/offline/matrix

holds           as on AWS
fails           not as on AWS
answers         nobody outside AWS knows what is right
ends it         whatever it answers, serverless-offline has ended
cannot be said  serverless.yml has no word for what the row asks for
varies          not the same in every run
`

// Text is what is committed, by the topics of the checker's table.
func Text(verdicts map[string]Verdict) string {
	var b strings.Builder
	b.WriteString(heading)
	counts := map[Verdict]int{}
	for _, topic := range check.Topics {
		fmt.Fprintf(&b, "\n%s\n", topic)
		for _, row := range check.Rows {
			if row.Topic == topic {
				counts[verdicts[row.ID]]++
				fmt.Fprintf(&b, "  %-26s %s\n", row.ID, verdicts[row.ID])
			}
		}
	}
	b.WriteString("\n")
	for _, v := range all {
		if counts[v] > 0 {
			fmt.Fprintf(&b, "%s: %d\n", v, counts[v])
		}
	}
	return b.String()
}

// Parse reads what Text has written.
func Parse(text string) map[string]Verdict {
	verdicts := map[string]Verdict{}
	for line := range strings.Lines(text) {
		if id, verdict, found := strings.Cut(strings.TrimSpace(line), " "); found && strings.HasPrefix(line, "  ") {
			verdicts[id] = Verdict(strings.TrimSpace(verdict))
		}
	}
	return verdicts
}

// Merged is the verdicts of several runs. It is an error if a row was not
// asked.
func Merged(runs [][]Row) (map[string]Verdict, error) {
	verdicts := map[string]Verdict{}
	for _, id := range unsayable {
		verdicts[id] = CannotSay
	}
	for _, rows := range runs {
		for _, r := range rows {
			if old, is := verdicts[r.ID]; is && old != r.Verdict {
				r.Verdict = Varies
			}
			verdicts[r.ID] = r.Verdict
		}
	}
	for _, row := range check.Rows {
		if v := verdicts[row.ID]; !slices.Contains(all, v) {
			return nil, fmt.Errorf("%s: %q is no verdict: it was not asked", row.ID, v)
		}
	}
	return verdicts, nil
}

// Differences are the rows that came out other than they are committed. What
// varies may come out as it will.
func Differences(old map[string]Verdict, rows []Row) (lines []string) {
	for _, r := range rows {
		if was := old[r.ID]; was != r.Verdict && was != Varies {
			lines = append(lines, fmt.Sprintf("%s: was %q, is %q", r.ID, was, r.Verdict))
		}
	}
	return lines
}

// write writes verdicts.txt where it comes from.
func write(text string) error {
	folder := filepath.Join("05-apigw-lambda", "workbench", "offline", "matrix")
	if _, err := os.Stat(folder); err != nil {
		return errors.New("run this in the workspace's folder, which has 05-apigw-lambda")
	}
	return os.WriteFile(filepath.Join(folder, "verdicts.txt"), []byte(text), 0o644)
}
