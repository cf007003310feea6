package cost

import (
	"embed"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
)

//go:embed i18n/*.json
var catalogs embed.FS

// A Language says texts and numbers.
type Language struct {
	tag            string
	texts          map[string]string
	point, decimal string // between thousands, before the cents
	dollar         string
}

// languages are those that there are catalogs of.
var languages = []string{"en", "pt-BR"}

// Speak is the language of a tag, en or pt-BR.
func Speak(tag string) (Language, error) {
	text, err := catalogs.ReadFile("i18n/" + tag + ".json")
	if err != nil {
		return Language{}, fmt.Errorf("there is no language %q: there are %s", tag, strings.Join(languages, " and "))
	}
	l := Language{tag: tag, point: ",", decimal: ".", dollar: "$"}
	if tag == "pt-BR" {
		l.point, l.decimal, l.dollar = ".", ",", "US$ "
	}
	return l, json.Unmarshal(text, &l.texts)
}

// Say fills the gaps of a text: name, value, name, value.
func (l Language) Say(key string, pairs ...string) string {
	text, ok := l.texts[key]
	if !ok {
		panic("cost: no text " + key)
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		text = strings.ReplaceAll(text, "{"+pairs[i]+"}", pairs[i+1])
	}
	return text
}

// Number writes a number with at most so many digits after the point.
func (l Language) Number(v float64, digits int) string {
	text := strconv.FormatFloat(v, 'f', digits, 64)
	whole, rest, _ := strings.Cut(text, ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + l.point + whole[i:]
	}
	if rest == "" {
		return whole
	}
	return whole + l.decimal + rest
}

// short writes a number as one says it: without the zeros after the point.
func (l Language) short(v float64) string {
	if v == math.Trunc(v) {
		return l.Number(v, 0)
	}
	digits := 1
	if v < 1 {
		digits = 2
	}
	return l.Number(v, digits)
}

// Money writes cents only where they matter.
func (l Language) Money(v float64) string {
	digits := 2
	if v >= 1000 {
		digits = 0
	}
	return l.dollar + l.Number(v, digits)
}

// Way is the name of a way to run the chat.
func (l Language) Way(b Bill) string {
	return l.Say("way."+b.Key, "type", b.Type, "hubs", l.Number(b.Instances, 0))
}
