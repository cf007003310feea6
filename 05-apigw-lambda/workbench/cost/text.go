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

// A language says texts and numbers.
type language struct {
	tag            string
	texts          map[string]string
	point, decimal string // between thousands, before the cents
	dollar         string
}

// languages are those that there are catalogs of.
var languages = []string{"en", "pt-BR"}

func speak(tag string) (language, error) {
	text, err := catalogs.ReadFile("i18n/" + tag + ".json")
	if err != nil {
		return language{}, fmt.Errorf("there is no language %q: there are %s", tag, strings.Join(languages, " and "))
	}
	l := language{tag: tag, point: ",", decimal: ".", dollar: "$"}
	if tag == "pt-BR" {
		l.point, l.decimal, l.dollar = ".", ",", "US$ "
	}
	return l, json.Unmarshal(text, &l.texts)
}

// say fills the gaps of a text: name, value, name, value.
func (l language) say(key string, pairs ...string) string {
	text, ok := l.texts[key]
	if !ok {
		panic("cost: no text " + key)
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		text = strings.ReplaceAll(text, "{"+pairs[i]+"}", pairs[i+1])
	}
	return text
}

// number writes a number with at most so many digits after the point.
func (l language) number(v float64, digits int) string {
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
func (l language) short(v float64) string {
	if v == math.Trunc(v) {
		return l.number(v, 0)
	}
	digits := 1
	if v < 1 {
		digits = 2
	}
	return l.number(v, digits)
}

// money writes cents only where they matter.
func (l language) money(v float64) string {
	digits := 2
	if v >= 1000 {
		digits = 0
	}
	return l.dollar + l.number(v, digits)
}

// way is the name of a way to run the chat.
func (l language) way(b Bill) string {
	return l.say("way."+b.Key, "type", b.Type, "hubs", l.number(b.Instances, 0))
}
