package check

import (
	"embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

//go:embed page
var pageFiles embed.FS

// A page's data: texts in both languages, frames as they were.
type pageData struct {
	Peer    string                       `json:"peer"`
	Client  bool                         `json:"client"`
	At      string                       `json:"at"`
	Seconds float64                      `json:"seconds"`
	Lang    string                       `json:"lang"`
	Missing int                          `json:"missing"`
	Words   map[string]map[string]string `json:"words"` // language, key
	Parts   []pagePart                   `json:"parts"`
}

// A pagePart is a chapter, or a stage of the lesson.
type pagePart struct {
	Name   []string    `json:"name"` // in both languages
	Groups []pageGroup `json:"groups"`
}

type pageGroup struct {
	ID    string     `json:"id,omitempty"`
	Name  []string   `json:"name,omitempty"`
	Cases []pageCase `json:"cases"`
}

type pageCase struct {
	ID      string      `json:"id"`
	Level   Level       `json:"level"`
	Section string      `json:"section"`
	Title   []string    `json:"title"`
	Verdict Verdict     `json:"verdict"`
	MS      float64     `json:"ms"`
	Why     []string    `json:"why,omitempty"`
	Rule    string      `json:"rule,omitempty"`
	Came    string      `json:"came,omitempty"`
	Wanted  string      `json:"wanted,omitempty"`
	Caret   int         `json:"caret,omitempty"` // counted from 1
	Hints   [][]string  `json:"hints,omitempty"`
	Log     []pageEvent `json:"log"`
	More    int         `json:"more,omitempty"` // events that were left out
}

type pageEvent struct {
	MS    float64  `json:"ms"`
	Sent  bool     `json:"sent,omitempty"`
	Note  string   `json:"note,omitempty"` // the key of a text
	Line  string   `json:"line,omitempty"`
	Hex   string   `json:"hex,omitempty"`
	Size  int      `json:"size,omitempty"`
	Kind  string   `json:"kind,omitempty"`
	Flags []string `json:"flags,omitempty"`
	Mask  bool     `json:"mask,omitempty"`
	Len   string   `json:"len,omitempty"`
	Came  int      `json:"came"`
	Cut   bool     `json:"cut,omitempty"`
	Text  string   `json:"text,omitempty"`
}

// pageEvents is how many lines of a case's record stand on the page.
const pageEvents = 40

// HTML writes a report as one page that needs nothing else: a matrix of all
// cases, and the frames of each.
func (v View) HTML(w io.Writer, r *Report) error {
	data, err := json.Marshal(pageOf(r, v.Language.Tag)) // it escapes what could end a script
	if err != nil {
		return err
	}
	var files [3]string
	for i, name := range []string{"report.html", "report.css", "report.js"} {
		b, err := pageFiles.ReadFile("page/" + name)
		if err != nil {
			return err
		}
		files[i] = string(b)
	}
	page := strings.NewReplacer("/*STYLE*/", files[1], "/*SCRIPT*/", files[2], "/*DATA*/", string(data), "LANG", v.Language.Tag).Replace(files[0])
	_, err = io.WriteString(w, page)
	return err
}

var languages = []*Language{English, Portuguese}

func inBoth(t Text) (texts []string) {
	for _, l := range languages {
		texts = append(texts, l.Say(t))
	}
	return texts
}

func pageOf(r *Report, tag string) *pageData {
	d := &pageData{
		Peer: r.Peer, Client: r.Client, At: r.At.UTC().Format("2006-01-02 15:04 UTC"), Seconds: r.Took.Seconds(),
		Lang: tag, Missing: r.Missing, Words: map[string]map[string]string{},
	}
	for _, l := range languages {
		d.Words[l.Tag] = map[string]string{}
		for key, text := range l.texts {
			for _, prefix := range []string{"page.", "verdict.", "log.", "frame."} {
				if strings.HasPrefix(key, prefix) {
					d.Words[l.Tag][key] = text
				}
			}
		}
	}
	part, group := 0, ""
	for i := range r.Results {
		x := &r.Results[i]
		if x.Stage != part {
			part, group = x.Stage, "none"
			d.Parts = append(d.Parts, pagePart{Name: partName(r, part)})
		}
		p := &d.Parts[len(d.Parts)-1]
		if g := x.Group(); g != group {
			group = g
			one := pageGroup{ID: g}
			if g != "" {
				one.Name = inBoth(say("group." + g))
			}
			p.Groups = append(p.Groups, one)
		}
		g := &p.Groups[len(p.Groups)-1]
		g.Cases = append(g.Cases, pageCaseOf(x))
	}
	return d
}

func partName(r *Report, n int) []string {
	if !r.Full {
		return inBoth(say("stage", "n", n, "name", say(fmt.Sprintf("stage.%d", n))))
	}
	return inBoth(say("chapter", "n", n, "name", say(fmt.Sprintf("chapter.%d", n))))
}

func pageCaseOf(r *Result) pageCase {
	c := pageCase{
		ID: r.ID, Level: r.Level, Section: r.Section, Title: inBoth(r.Title), Verdict: r.Verdict, MS: ms(r.Took), Log: []pageEvent{},
	}
	if f := r.Finding; f != nil {
		c.Why, c.Rule = inBoth(f.Text), f.Section
		c.Came, c.Wanted = hex.EncodeToString(f.Came), hex.EncodeToString(f.Wanted)
		c.Caret = f.Caret() + 1
		english, portuguese := English.Hints(r.Case, HintLevels), Portuguese.Hints(r.Case, HintLevels)
		for i := range english {
			c.Hints = append(c.Hints, []string{english[i], portuguese[i]})
		}
	}
	log := r.Log
	if len(log) > pageEvents {
		c.More = len(log) - pageEvents
		log = append(append([]Event(nil), log[:pageEvents/2]...), log[len(log)-pageEvents/2:]...)
	}
	for i := range log {
		c.Log = append(c.Log, pageEventOf(&log[i]))
	}
	return c
}

func pageEventOf(e *Event) pageEvent {
	p := pageEvent{MS: ms(e.At), Sent: e.Sent, Note: e.Note, Line: e.Line, Hex: hex.EncodeToString(e.Wire[:min(len(e.Wire), 32)]), Size: e.Size, Came: e.Came}
	h := e.Header
	if h == nil {
		return p
	}
	p.Kind, p.Flags, p.Mask, p.Cut = h.Opcode.String(), flagsOf(h), h.Masked, uint64(e.Came) < h.Length
	p.Len = fmt.Sprint(h.Length)
	if h.Length > 1<<40 {
		p.Len = hexNumber(h.Length)
	}
	p.Text = preview(e)
	return p
}
