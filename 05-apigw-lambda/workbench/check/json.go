package check

import (
	"encoding/json"
	"io"
	"strings"
	"time"
)

type jsonReport struct {
	Peer   string       `json:"peer"`
	At     time.Time    `json:"at"`
	TookMS float64      `json:"tookMs"`
	Passed bool         `json:"passed"`
	Counts jsonCounts   `json:"counts"`
	Rows   []jsonResult `json:"rows"`
}

type jsonCounts struct {
	Holds    int `json:"holds"`
	Fails    int `json:"fails"`
	Answers  int `json:"answers"`
	NotAsked int `json:"notAsked"`
}

type jsonResult struct {
	ID      string       `json:"id"`
	Topic   string       `json:"topic"`
	Title   string       `json:"title"`
	Mark    Mark         `json:"mark"`
	Fact    string       `json:"fact"`
	Source  string       `json:"source,omitempty"`
	Verdict Verdict      `json:"verdict"`
	Answer  string       `json:"answer,omitempty"`
	Needs   string       `json:"needs,omitempty"` // with "not asked"
	Finding *jsonFinding `json:"finding,omitempty"`
	TookMS  float64      `json:"tookMs,omitempty"` // with -v, as it is another each time
}

type jsonFinding struct {
	Key    string   `json:"key"`
	Text   string   `json:"text"`
	Wanted string   `json:"wanted,omitempty"`
	Lines  []string `json:"lines"` // "> " what was sent, "< " what came
}

// JSON writes a report for a program. Keys and IDs stay, texts may change.
// But for the first three fields two runs can be compared: IDs of connections
// are masked.
func (v View) JSON(w io.Writer, r *Report) error {
	out := jsonReport{
		Peer: r.Peer, At: r.At.UTC().Truncate(time.Second), TookMS: ms(r.Took), Passed: r.Passed(),
		Counts: jsonCounts{r.Count(Holds), r.Count(Fails), r.Count(Answers), r.Count(NotAsked)},
		Rows:   []jsonResult{},
	}
	for i := range r.Results {
		result := &r.Results[i]
		one := jsonResult{
			ID: result.ID, Topic: result.Topic, Title: v.Language.Title(result.Row), Mark: result.Mark, Fact: result.Fact,
			Source: result.Source, Verdict: result.Verdict, Answer: result.Answer, Needs: result.Missing,
		}
		if v.Verbose {
			one.TookMS = ms(result.Took)
		}
		if f := result.Finding; f != nil {
			one.Finding = &jsonFinding{Key: f.Key, Text: masked(v.Language.Why(f)), Wanted: masked(short(f.Wanted)), Lines: lines(result)}
		}
		out.Rows = append(out.Rows, one)
	}
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(out)
}

func lines(r *Result) []string {
	list := []string{}
	for _, line := range r.Lines {
		way := "< "
		if line.Sent {
			way = "> "
		}
		list = append(list, masked(way+strings.ReplaceAll(line.Text, "\n", "\n  ")))
	}
	return list
}

func masked(text string) string { return someID.ReplaceAllString(text, "ID") }

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
