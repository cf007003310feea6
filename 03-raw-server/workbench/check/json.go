package check

import (
	"encoding/hex"
	"encoding/json"
	"io"
	"time"
)

type jsonReport struct {
	Peer    string       `json:"peer"`
	Client  bool         `json:"client,omitempty"`
	Full    bool         `json:"full"`
	Strict  bool         `json:"strict"`
	Passed  bool         `json:"passed"`
	Stopped int          `json:"stopped_after_stage,omitempty"`
	Missing int          `json:"missing,omitempty"`
	Gone    bool         `json:"gone,omitempty"`
	At      time.Time    `json:"at"`
	TookMS  float64      `json:"took_ms"`
	Counts  jsonCounts   `json:"counts"`
	Cases   []jsonResult `json:"cases"`
}

type jsonCounts struct {
	OK         int `json:"ok"`
	Failed     int `json:"failed"`
	NotStrict  int `json:"not_strict"`
	NotOffered int `json:"not_offered"`
	Skipped    int `json:"skipped"`
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
	Key     string      `json:"key"`
	Text    string      `json:"text"`
	Section string      `json:"section,omitempty"`
	Came    string      `json:"came_hex,omitempty"`
	Wanted  string      `json:"wanted_hex,omitempty"`
	Caret   *int        `json:"caret,omitempty"`
	Hints   []string    `json:"hints,omitempty"`
	Log     []jsonEvent `json:"log"`
}

type jsonEvent struct {
	AtMS  float64 `json:"at_ms"`
	Sent  bool    `json:"sent"`
	Text  string  `json:"text"`
	Hex   string  `json:"hex,omitempty"`
	Bytes int     `json:"bytes,omitempty"`
}

// JSON writes a report for a program. Keys and ids stay, texts may change.
// Hexadecimal digits are the first bytes, up to 64.
func (v View) JSON(w io.Writer, r *Report) error {
	out := jsonReport{
		Peer: r.Peer, Client: r.Client, Full: r.Full, Strict: r.Strict, Passed: r.Passed(), Stopped: r.Stopped, Missing: r.Missing, Gone: r.Gone,
		At: r.At.UTC(), TookMS: ms(r.Took),
		Counts: jsonCounts{r.Count(OK), r.Count(Failed), r.Count(NotStrict), r.Count(NotOffered), r.Count(Skipped)},
		Cases:  []jsonResult{},
	}
	for i := range r.Results {
		result := &r.Results[i]
		one := jsonResult{
			ID: result.ID, Stage: result.Stage, Level: result.Level, Section: result.Section,
			Title: v.Language.Say(result.Title), Verdict: result.Verdict, TookMS: ms(result.Took),
		}
		if f := result.Finding; f != nil {
			one.Finding = v.jsonFinding(result, f)
		}
		out.Cases = append(out.Cases, one)
	}
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(out)
}

func (v View) jsonFinding(r *Result, f *Finding) *jsonFinding {
	out := &jsonFinding{
		Key: f.Name(), Text: v.Language.Say(f.Text), Section: f.Section, Hints: v.Language.Hints(r.Case, v.Hints),
		Came: hex.EncodeToString(f.Came), Wanted: hex.EncodeToString(f.Wanted), Log: []jsonEvent{},
	}
	if at := f.Caret(); at >= 0 {
		out.Caret = &at
	}
	for i := range r.Log {
		e := &r.Log[i]
		text := v.event(e)
		if e.Header != nil {
			text = v.Language.frame(e)
		}
		out.Log = append(out.Log, jsonEvent{ms(e.At), e.Sent, text, hex.EncodeToString(e.Wire), e.Size})
	}
	return out
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
