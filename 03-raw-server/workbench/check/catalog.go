package check

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"strings"

	opening "websocket.example/02-handshake/workbench/check"
)

//go:embed i18n
var files embed.FS

// A Text is something to be said in either language: the key of a text, and
// what stands in its gaps. A value that is a Text itself is said as well.
type Text struct {
	Key    string
	Values map[string]any
	both   [2]string // the text itself in English and Portuguese, if it is from elsewhere
}

func say(key string, pairs ...any) Text {
	t := Text{Key: key, Values: map[string]any{}}
	for i := 0; i+1 < len(pairs); i += 2 {
		t.Values[pairs[i].(string)] = pairs[i+1]
	}
	return t
}

// A Language is the texts of a report.
type Language struct {
	Tag   string
	texts map[string]string
	point string // between thousands
	index int    // in Text.both
}

// The two languages of the workshop.
var (
	English    = load("en", ",", 0)
	Portuguese = load("pt-BR", ".", 1)
)

// load reads a catalog. The files are part of the program, and the tests read
// them: without them it ends.
func load(tag, point string, index int) *Language {
	l := &Language{Tag: tag, point: point, index: index}
	data, err := fs.ReadFile(files, "i18n/"+tag+".json")
	if err == nil {
		err = json.Unmarshal(data, &l.texts)
	}
	if err != nil {
		panic(err)
	}
	return l
}

// Speak returns the language of a tag.
func Speak(tag string) (*Language, error) {
	switch tag {
	case "en":
		return English, nil
	case "pt-BR":
		return Portuguese, nil
	}
	return nil, fmt.Errorf("there is no language %q: choose en or pt-BR", tag)
}

// Say returns a text with its gaps filled. A text that does not exist says so
// where it should stand.
func (l *Language) Say(t Text) string {
	if t.both[0] != "" {
		return t.both[l.index]
	}
	text, ok := l.texts[t.Key]
	if !ok {
		return "[no text " + t.Key + "]"
	}
	for name, value := range t.Values {
		var words string
		switch v := value.(type) {
		case Text:
			words = l.Say(v)
		case int:
			words = l.number(v)
		default:
			words = fmt.Sprint(v)
		}
		text = strings.ReplaceAll(text, "{"+name+"}", words)
	}
	return text
}

func (l *Language) say(key string, pairs ...any) string { return l.Say(say(key, pairs...)) }

// number writes 65,536 or 65.536.
func (l *Language) number(n int) string {
	digits := fmt.Sprint(n)
	if n < 10_000 {
		return digits
	}
	var b strings.Builder
	for i, digit := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteString(l.point)
		}
		b.WriteRune(digit)
	}
	return b.String()
}

// HintLevels is how many hints there are for a case.
const HintLevels = 3

// Hints returns the hints of a case up to a level.
func (l *Language) Hints(c *Case, level int) []string {
	if c.opening != nil {
		return []*opening.Language{opening.English, opening.Portuguese}[l.index].Hints(c.opening, level)
	}
	var hints []string
	for i := 1; i <= min(level, HintLevels); i++ {
		hints = append(hints, l.say(hintKey(c, i)))
	}
	return hints
}

func hintKey(c *Case, level int) string { return fmt.Sprintf("hint.%s.%d", c.Topic, level) }
