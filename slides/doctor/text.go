package doctor

import (
	"embed"
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

//go:embed i18n
var catalogs embed.FS

type texts map[string]string

func load(lang string) (t texts, err error) {
	if lang == "" {
		lang = "en"
	}
	data, err := catalogs.ReadFile("i18n/" + lang + ".json")
	if err != nil {
		return nil, fmt.Errorf("there is no language %q: choose en or pt-BR", lang)
	}
	return t, json.Unmarshal(data, &t)
}

// say returns a text with its gaps filled from pairs of name and value.
func (t texts) say(key string, pairs ...any) string {
	text, ok := t[key]
	if !ok {
		return "[no text " + key + "]"
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		text = strings.ReplaceAll(text, fmt.Sprintf("{%s}", pairs[i]), fmt.Sprint(pairs[i+1]))
	}
	return text
}

// Print writes one finding: what it is, and below what mends it.
func Print(w io.Writer, f Finding) {
	fmt.Fprintf(w, "%-8s %-10s %s\n", f.Status, f.Check, f.Text)
	if f.Mend != "" {
		fmt.Fprintf(w, "%-8s %-10s -> %s\n", "", "", f.Mend)
	}
}

// line is the visit in one line, for whoever helps. Its words are those of the checks,
// so that it reads alike in every language.
func (v *visit) line() string {
	var missing, warned []string
	for _, f := range v.report.Findings {
		switch f.Status {
		case Missing:
			missing = append(missing, f.Check)
		case Warn:
			warned = append(warned, f.Check)
		}
	}
	parts := []string{"doctor " + system()}
	for _, part := range []string{v.version, v.browser, v.node} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	switch {
	case len(missing) > 0:
		parts = append(parts, "MISSING "+strings.Join(missing, " "))
	default:
		parts = append(parts, "ok")
	}
	if len(warned) > 0 {
		parts = append(parts, "warn "+strings.Join(warned, " "))
	}
	return strings.Join(parts, " | ")
}
