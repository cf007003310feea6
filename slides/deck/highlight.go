package deck

import (
	"go/scanner"
	"go/token"
	"html"
	"strings"
)

// highlight marks up code, sparsely: what a listener should read stays as it
// is, and comments, keywords and strings step back or stand out a little.
func highlight(code, language string) string {
	switch language {
	case "go":
		return highlightGo(code)
	case "console":
		return highlightConsole(code)
	}
	return html.EscapeString(code)
}

// highlightGo works on any part of a file, as the scanner needs no grammar.
func highlightGo(code string) string {
	var (
		out  strings.Builder
		done int // how much of the code is out
		s    scanner.Scanner
	)
	file := token.NewFileSet().AddFile("", -1, len(code))
	s.Init(file, []byte(code), func(token.Position, string) {}, scanner.ScanComments)
	for {
		pos, tok, literal := s.Scan()
		if tok == token.EOF {
			out.WriteString(html.EscapeString(code[done:]))
			return out.String()
		}
		start := file.Offset(pos)
		if class := classOf(tok); class != "" {
			out.WriteString(html.EscapeString(code[done:start]))
			done = min(start+len(literal), len(code))
			out.WriteString(span(class, code[start:done]))
		}
	}
}

func classOf(tok token.Token) string {
	switch {
	case tok == token.COMMENT:
		return "comment"
	case tok == token.STRING || tok == token.CHAR:
		return "string"
	case tok.IsKeyword():
		return "keyword"
	}
	return ""
}

// highlightConsole tells what was typed from what was answered.
func highlightConsole(code string) string {
	lines := strings.Split(code, "\n")
	for i, line := range lines {
		if typed, found := strings.CutPrefix(line, "$ "); found {
			lines[i] = `<span class="prompt">$ </span>` + span("typed", typed)
		} else {
			lines[i] = html.EscapeString(line)
		}
	}
	return strings.Join(lines, "\n")
}

func span(class, text string) string {
	return `<span class="` + class + `">` + html.EscapeString(text) + "</span>"
}
