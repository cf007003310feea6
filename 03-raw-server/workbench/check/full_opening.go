package check

import (
	"context"
	"strings"

	opening "websocket.example/02-handshake/workbench/check"
)

// openings is RFC 6455, section 4, for servers: the cases of step 02, which
// are graded there.
func openings(b *book) {
	for stage := 1; stage <= opening.Stages; stage++ {
		b.begin("", "", "").whom(servers)
		for i := range opening.Cases {
			if c := &opening.Cases[i]; c.Stage == stage {
				mine := b.add(Text{}, nil)
				mine.Level, mine.Section, mine.opening = Level(c.Level), c.Section, c
				mine.Title = Text{both: [2]string{opening.English.Title(c), opening.Portuguese.Title(c)}}
			}
		}
	}
}

// openings grades the cases of step 02, all of them, and keeps those that
// were asked for.
func (g *grader) openings(ctx context.Context, cases []*Case) map[*Case]Result {
	results := map[*Case]Result{}
	if len(cases) == 0 || ctx.Err() != nil {
		return results
	}
	config := opening.Config{URL: g.u, TLS: g.o.TLS, All: true, Strict: g.o.Strict, Limit: g.o.Limit}
	config.Header.AddHTTP(g.o.Header)
	report, err := opening.Run(ctx, config)
	for _, c := range cases {
		results[c] = Result{Case: c, Verdict: Skipped}
		if err != nil {
			continue // nobody is there any more
		}
		for i := range report.Results {
			if r := &report.Results[i]; r.ID == c.opening.ID {
				results[c] = openingResult(c, r)
			}
		}
		g.tick()
	}
	return results
}

func openingResult(c *Case, r *opening.Result) Result {
	mine := Result{Case: c, Verdict: Verdict(r.Verdict), Took: r.Took, Log: append(lines(true, r.Sent), lines(false, r.Came)...)}
	if f := r.Finding; f != nil && r.Verdict != opening.Skipped {
		mine.Finding = &Finding{Text: Text{both: [2]string{opening.English.Why(f), opening.Portuguese.Why(f)}, Key: "found.opening-" + f.Key}, Verdict: Failed}
	}
	return mine
}

// lines are the lines of a request or of an answer, for the record.
func lines(sent bool, wire []byte) (events []Event) {
	const most = 12
	head, _, _ := strings.Cut(string(wire), "\r\n\r\n")
	for line := range strings.SplitSeq(head, "\r\n") {
		if len(events) == most {
			break
		}
		if line != "" {
			events = append(events, Event{Sent: sent, Note: "log.line", Line: quoteLine(line)})
		}
	}
	return events
}

// quoteLine shows a line so that nothing in it can act on a terminal.
func quoteLine(line string) string {
	const most = 90
	text := escaped(line[:min(len(line), most)])
	text = strings.ReplaceAll(text[1:len(text)-1], `\"`, `"`)
	if len(line) > most {
		text += "…"
	}
	return text
}
