// Package catalog reads texts in the two languages of the workshop: flat
// JSON files en.json and pt-BR.json with the same keys.
package catalog

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"strings"
)

// A Language is one file of texts.
type Language struct {
	Tag   string
	texts map[string]string
}

// Tags are those of the languages there are.
var Tags = []string{"en", "pt-BR"}

// Load reads i18n/TAG.json. The files are part of the program, and the tests
// read them: without them it ends.
func Load(files fs.FS, tag string) Language {
	l := Language{Tag: tag}
	data, err := fs.ReadFile(files, "i18n/"+tag+".json")
	if err == nil {
		err = json.Unmarshal(data, &l.texts)
	}
	if err != nil {
		panic(err)
	}
	return l
}

// Say returns a text with its gaps filled from pairs of name and value. A
// text that does not exist says so where it should stand.
func (l Language) Say(key string, pairs ...any) string {
	text, ok := l.texts[key]
	if !ok {
		return "[no text " + key + "]"
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		text = strings.ReplaceAll(text, fmt.Sprintf("{%s}", pairs[i]), fmt.Sprint(pairs[i+1]))
	}
	return text
}

// Speak picks the language of a tag.
func Speak[L any](tag string, english, portuguese L) (L, error) {
	switch tag {
	case "en":
		return english, nil
	case "pt-BR":
		return portuguese, nil
	}
	var none L
	return none, fmt.Errorf("there is no language %q: choose %s", tag, strings.Join(Tags, " or "))
}
