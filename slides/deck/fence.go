package deck

import (
	"fmt"
	"html"
	"html/template"
	"slices"
	"strings"
	"unicode/utf8"
)

// A fence is a fenced block of code. Present drops lines that begin with "//"
// and breaks a block at "#", "." and ": ", in code as well as in prose, so
// that code has to be lifted out before it looks.
type fence struct {
	language string
	source   string // the file it is quoted from, if it is
	code     string
}

// liftFences puts ".fence N" in place of the fenced block N, and blank lines
// after it, so that an error still tells the right line.
func liftFences(text string) (string, []fence, error) {
	var (
		out    []string
		fences []fence
		source string
		open   int      // line where the block that is open began, or 0
		marker string   // that will close it
		code   []string // in it
	)
	for i, line := range strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n") {
		switch {
		case open > 0 && strings.TrimRight(line, " ") == marker:
			fences[len(fences)-1].code = strings.Join(code, "\n")
			open, code, line = 0, nil, ""
		case open > 0:
			code = append(code, line)
			line = ""
		case strings.HasPrefix(line, "```"):
			language := strings.TrimLeft(line, "`")
			marker = line[:len(line)-len(language)]
			line = fmt.Sprintf(".fence %d", len(fences))
			fences = append(fences, fence{language: strings.TrimSpace(language), source: source})
			open = i + 1
		}
		if line != "" {
			source = snippetSource(line)
		}
		out = append(out, line)
	}
	if open > 0 {
		return "", nil, fmt.Errorf("line %d: a fenced block that nothing closes", open)
	}
	return strings.Join(out, "\n"), fences, nil
}

// snippetSource is the file that a line "//snippet: ../../file#tag" quotes.
func snippetSource(line string) string {
	path, found := strings.CutPrefix(line, "//snippet:")
	if !found {
		return ""
	}
	path, _, _ = strings.Cut(strings.TrimSpace(path), "#")
	for strings.HasPrefix(path, "../") {
		path = path[len("../"):]
	}
	return path
}

func (f fence) html() template.HTML {
	class := strings.TrimSpace("code " + html.EscapeString(f.language))
	if f.short() {
		class += " short" // there is room for larger letters
	}
	pre := `<pre class="` + class + `"><code>` + highlight(f.code, f.language) + "</code></pre>\n"
	if f.source == "" {
		return template.HTML(pre)
	}
	return template.HTML(`<figure class="code">` + pre +
		"<figcaption>" + html.EscapeString(f.source) + "</figcaption></figure>\n")
}

func (f fence) short() bool {
	lines := strings.Split(f.code, "\n")
	return len(lines) <= 11 && !slices.ContainsFunc(lines, func(line string) bool {
		return utf8.RuneCountInString(strings.ReplaceAll(line, "\t", "    ")) > 56
	})
}
