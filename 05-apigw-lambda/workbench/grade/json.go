package grade

import (
	"encoding/json"
	"io"
	"time"
)

type jsonReport struct {
	Peer    string       `json:"peer"`
	Passed  bool         `json:"passed"`
	Stopped int          `json:"stopped_after_stage,omitempty"`
	At      time.Time    `json:"at"`
	TookMS  float64      `json:"took_ms"`
	Counts  counts       `json:"counts"`
	Cases   []jsonResult `json:"cases"`
}

type counts struct {
	OK      int `json:"ok"`
	Failed  int `json:"failed"`
	Skipped int `json:"skipped"`
	Unseen  int `json:"unseen"`
}

type jsonResult struct {
	ID      string       `json:"id"`
	Stage   int          `json:"stage"`
	Level   Level        `json:"level"`
	Section string       `json:"section"`
	Title   string       `json:"title"`
	Verdict Verdict      `json:"verdict"`
	TookMS  float64      `json:"took_ms"`
	Finding *jsonFinding `json:"finding,omitempty"`
}

type jsonFinding struct {
	Key    string   `json:"key"`
	Text   string   `json:"text"`
	Sent   []string `json:"sent,omitempty"`
	Came   []string `json:"came,omitempty"`
	Wanted string   `json:"wanted,omitempty"`
	Hints  []string `json:"hints,omitempty"`
}

// JSON writes a report for a program. Keys and ids stay, texts may change.
func (v View) JSON(w io.Writer, r *Report) error {
	out := jsonReport{
		Peer: r.Peer, Passed: r.Passed(), Stopped: r.Stopped, At: r.At.UTC(), TookMS: ms(r.Took),
		Counts: counts{r.Count(OK), r.Count(Failed), r.Count(Skipped), r.Count(Unseen)},
		Cases:  []jsonResult{},
	}
	for _, result := range r.Results {
		one := jsonResult{
			ID: result.ID, Stage: result.Stage, Level: result.Level, Section: result.section(),
			Title: v.Language.Title(result.Case), Verdict: result.Verdict, TookMS: ms(result.Took),
		}
		if f := result.Finding; f != nil {
			one.Finding = &jsonFinding{
				Key: f.Key, Text: v.Language.Why(f), Sent: shown(f.Sent), Came: shown(f.Came),
				Wanted: f.Wanted, Hints: v.Language.Hints(result.Case, v.Hints),
			}
		}
		out.Cases = append(out.Cases, one)
	}
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(out)
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
