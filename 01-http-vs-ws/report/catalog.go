package report

import (
	"embed"
	"encoding/json"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

//go:embed i18n
var files embed.FS

// A language is one catalog of texts and the way its numbers are written.
type language struct {
	Tag            string
	decimal, group string
	texts          map[string]string
}

var (
	english    = load("en", ".", ",")
	portuguese = load("pt-BR", ",", ".")
	languages  = []*language{english, portuguese}
)

func load(tag, decimal, group string) *language {
	l := &language{Tag: tag, decimal: decimal, group: group}
	data, err := files.ReadFile("i18n/" + tag + ".json")
	if err == nil {
		err = json.Unmarshal(data, &l.texts)
	}
	if err != nil {
		panic(err) // the file is part of the program, and the tests read it
	}
	return l
}

// speak returns the language of a tag such as "pt" or "pt-BR", else English.
func speak(tag string) *language {
	if main, _, _ := strings.Cut(strings.ToLower(tag), "-"); main == "pt" {
		return portuguese
	}
	return english
}

// say returns a text with its placeholders filled from pairs of name and
// value. A text that does not exist says so where it should stand.
func (l *language) say(key string, pairs ...any) string {
	text, ok := l.texts[key]
	if !ok {
		return "[no text " + key + "]"
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		text = strings.ReplaceAll(text, fmt.Sprintf("{%s}", pairs[i]), fmt.Sprint(pairs[i+1]))
	}
	return text
}

// has says whether there is such a text.
func (l *language) has(key string) bool { return l.texts[key] != "" }

// sentence starts with a capital, whatever name stands first.
func sentence(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + text[size:]
}
