package grade

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

//go:embed i18n
var files embed.FS

// A Language is the texts of a report.
type Language struct {
	Tag   string
	texts map[string]string
}

// The two languages of the workshop.
var (
	English    = load("en")
	Portuguese = load("pt-BR")
)

// load reads a part of the program: without it there is none.
func load(tag string) *Language {
	l := &Language{Tag: tag}
	data, err := files.ReadFile("i18n/" + tag + ".json")
	if err == nil {
		err = json.Unmarshal(data, &l.texts)
	}
	if err != nil {
		panic(err)
	}
	return l
}

// Speak returns the language of a tag that is en or pt-BR.
func Speak(tag string) (*Language, error) {
	for _, l := range []*Language{English, Portuguese} {
		if l.Tag == tag {
			return l, nil
		}
	}
	return nil, errors.New("choose en or pt-BR")
}

// Say returns a text with its gaps filled from pairs of name and value. A
// text that does not exist says so where it should stand.
func (l *Language) Say(key string, pairs ...any) string {
	text, ok := l.texts[key]
	if !ok {
		return "[no text " + key + "]"
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		text = strings.ReplaceAll(text, fmt.Sprintf("{%s}", pairs[i]), fmt.Sprint(pairs[i+1]))
	}
	return text
}

// Title says what a case is about.
func (l *Language) Title(c *Case) string { return l.Say("case." + c.ID) }

// Why says what is wrong.
func (l *Language) Why(f *Finding) string {
	var pairs []any
	for name, value := range f.Values {
		pairs = append(pairs, name, value)
	}
	return l.Say("found."+f.Key, pairs...)
}

// HintLevels is how many hints there are for a case.
const HintLevels = 3

// Hints returns the hints of a case up to a level.
func (l *Language) Hints(c *Case, level int) []string {
	var hints []string
	for i := 1; i <= min(level, HintLevels); i++ {
		hints = append(hints, l.Say(fmt.Sprintf("hint.%s.%d", c.Topic, i)))
	}
	return hints
}
