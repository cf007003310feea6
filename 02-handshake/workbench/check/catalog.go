package check

import (
	"embed"
	"fmt"

	"websocket.example/02-handshake/internal/catalog"
)

//go:embed i18n
var files embed.FS

// A Language is the texts of a report.
type Language struct{ catalog.Language }

// The two languages of the workshop.
var (
	English    = &Language{catalog.Load(files, "en")}
	Portuguese = &Language{catalog.Load(files, "pt-BR")}
)

// Speak returns the language of a tag that is en or pt-BR.
func Speak(tag string) (*Language, error) { return catalog.Speak(tag, English, Portuguese) }

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
