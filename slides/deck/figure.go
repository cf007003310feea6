package deck

import (
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"html/template"
	"io/fs"
	"strings"
	texttemplate "text/template"
)

// drawings are the figures of a deck, with their texts in its language.
type drawings struct {
	files fs.FS
	texts texttemplate.FuncMap // of each key, a function that says its text
}

func readDrawings(files fs.FS, lang string) (*drawings, error) {
	d := &drawings{files: files, texts: texttemplate.FuncMap{}}
	if files == nil {
		return d, nil
	}
	source, err := fs.ReadFile(files, lang+".json")
	if errors.Is(err, fs.ErrNotExist) {
		return d, nil // whoever draws without words needs no catalog
	}
	if err != nil {
		return nil, err
	}
	var catalog map[string]string
	if err := json.Unmarshal(source, &catalog); err != nil {
		return nil, fmt.Errorf("%s.json: %w", lang, err)
	}
	for key, text := range catalog {
		if !isName(key) {
			return nil, fmt.Errorf("%s.json: the key %q is not a name: letters, digits and _ only", lang, key)
		}
		escaped := html.EscapeString(text) // an SVG is XML, and a text may have an &
		d.texts[key] = func() string { return escaped }
	}
	return d, nil
}

func (d *drawings) draw(name string) (template.HTML, error) {
	if d.files == nil {
		return "", errors.New("there are no figures")
	}
	source, err := fs.ReadFile(d.files, name+".svg")
	if err != nil {
		return "", err
	}
	t, err := texttemplate.New(name).Funcs(d.texts).Parse(string(source))
	if err != nil {
		return "", err
	}
	var b strings.Builder
	if err := t.Execute(&b, nil); err != nil {
		return "", err
	}
	svg := b.String()
	if i := strings.Index(svg, "<svg"); i > 0 {
		svg = svg[i:] // an XML declaration has no place in HTML
	}
	return template.HTML(svg), nil
}

// isName tells whether a template could call it.
func isName(s string) bool {
	for i, r := range s {
		if !(r == '_' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || i > 0 && '0' <= r && r <= '9') {
			return false
		}
	}
	return s != ""
}
