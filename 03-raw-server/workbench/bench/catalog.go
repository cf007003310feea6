package bench

import (
	"embed"
	"encoding/json"
	"fmt"
	"strings"
)

//go:embed i18n
var catalogs embed.FS

// A language is the texts of a page.
type language struct {
	tag   string
	texts map[string]string
}

var (
	english    = catalog("en")
	portuguese = catalog("pt-BR")
	languages  = []*language{english, portuguese}
)

// catalog reads a catalog. The files are part of the program, and the tests
// read them all: it does not fail.
func catalog(tag string) *language {
	l := &language{tag: tag}
	data, err := catalogs.ReadFile("i18n/" + tag + ".json")
	if err == nil {
		err = json.Unmarshal(data, &l.texts)
	}
	if err != nil {
		panic(err)
	}
	return l
}

// A note is a text of the catalogs, with what fills its gaps.
type note struct {
	key   string
	pairs []any // name, value, and so on
}

func say(key string, pairs ...any) note { return note{key, pairs} }

// MarshalText is for JSON, which is English.
func (n note) MarshalText() ([]byte, error) { return []byte(english.say(n)), nil }

func (l *language) say(n note) string {
	text, ok := l.texts[n.key]
	if !ok {
		return "[no text " + n.key + "]"
	}
	for i := 0; i+1 < len(n.pairs); i += 2 {
		text = strings.ReplaceAll(text, fmt.Sprintf("{%v}", n.pairs[i]), fmt.Sprint(n.pairs[i+1]))
	}
	return text
}

// inBoth is a text in both languages.
func inBoth(n note) (texts []string) {
	for _, l := range languages {
		texts = append(texts, l.say(n))
	}
	return texts
}

// translated is an English text that stands in the code, in both languages: a
// Portuguese catalog may have it under this key.
func translated(key, text string) []string {
	if other, ok := portuguese.texts[key]; ok {
		return []string{text, other}
	}
	return []string{text, text}
}
