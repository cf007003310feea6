package check

import (
	"embed"
	"encoding/json"
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

// load reads a catalog. The files are part of the program, and the tests read
// them: without them it ends.
func load(tag string) *Language {
	l := &Language{Tag: tag}
	b, err := files.ReadFile("i18n/" + tag + ".json")
	if err == nil {
		err = json.Unmarshal(b, &l.texts)
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
	return nil, fmt.Errorf("there is no language %q: choose en or pt-BR", tag)
}

// Say returns a text with its gaps filled from pairs of name and value.
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

// Title says what a row is about.
func (l *Language) Title(r *Row) string { return l.Say("row." + r.ID) }

// Why says what is wrong.
func (l *Language) Why(f *Finding) string {
	var pairs []any
	for name, value := range f.Values {
		pairs = append(pairs, name, value)
	}
	return l.Say("found."+f.Key, pairs...)
}
