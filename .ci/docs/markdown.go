package main

import (
	"bytes"
	"regexp"
	"strconv"
	"strings"
	"unicode"
)

// Doc is one lesson or deck as the rules need it: no syntax tree, only what is compared.
type Doc struct {
	Path     string
	Lines    []string
	Prose    string // the lines outside code blocks; the others are left empty
	Fences   []Fence
	Headings []Heading
	Commands []Command // of a deck
	Links    []Link
	Details  []int // the line of every <details>
	Anchors  map[string]bool
	Findings []Finding
}

// Fence is one fenced code block, and the snippet marker above it if there is one.
type Fence struct {
	Line, End int // the lines of the opening and of the closing fence, from 1
	Indent    string
	Info      string
	Body      []string // without the indent of the fence
	Source    string   // the path in the marker, as written
	Name      string   // the snippet in the marker
}

// Heading is one "## title", and in a deck "## title {#id}".
type Heading struct {
	Line, Level int
	ID          string
}

// Link is the target of a link or of an image, in markdown or in HTML.
type Link struct {
	Line   int
	Target string
}

var (
	fenceOpens = regexp.MustCompile("^(\\s*)(`{3,}|~{3,})\\s*([^`]*)$")
	quoteMark  = regexp.MustCompile(`^\s*<!--\s*snippet:\s*([^\s#]+)#([\w-]+)\s*-->\s*$`)
	heading    = regexp.MustCompile(`^ {0,3}(#{1,6})(?:[ \t]|$)`)
	details    = regexp.MustCompile(`<details\b`)
	anchorID   = regexp.MustCompile(`\b(?:id|name)="([^"]+)"`)

	// One group per form: [text](target), [name]: target, an HTML attribute, a bare URL.
	links = regexp.MustCompile(`\]\(\s*(<[^>\n]*>|[^\s()]*(?:\([^\s()]*\)[^\s()]*)*)(?:\s+(?:"[^"]*"|'[^']*'))?\s*\)` +
		`|(?m:^ {0,3}\[[^\]^\n]+\]:[ \t]*(\S+))` +
		`|\b(?:href|src|srcset)="([^"]*)"` +
		"|(https?://[^\\s<>()\\[\\]\"'*`]+)")
)

// Parse scans one markdown file.
func Parse(name, text string) *Doc {
	d := &Doc{Path: name, Lines: strings.Split(text, "\n"), Anchors: map[string]bool{}}
	d.Prose = strings.Join(d.cutFences(quoteMark), "\n")

	masked := mask(d.Prose)
	d.scanHeadings(strings.Split(d.Prose, "\n"), strings.Split(masked, "\n"))
	for _, m := range details.FindAllStringIndex(masked, -1) {
		d.Details = append(d.Details, 1+strings.Count(masked[:m[0]], "\n"))
	}
	for _, m := range anchorID.FindAllStringSubmatch(masked, -1) {
		d.Anchors[m[1]] = true
	}
	d.scanLinks(masked)
	return d
}

func (d *Doc) scanLinks(masked string) {
	lineAt := func(offset int) int { return 1 + strings.Count(masked[:offset], "\n") }
	for _, m := range links.FindAllStringSubmatchIndex(masked, -1) {
		for group := 2; group < len(m); group += 2 {
			if m[group] < 0 {
				continue
			}
			target := strings.Trim(masked[m[group]:m[group+1]], "<>")
			if group == len(m)-2 { // a bare URL does not own the full stop after it
				target = strings.TrimRight(target, ".,;:!?")
			}
			d.Links = append(d.Links, Link{lineAt(m[group]), target})
		}
	}
}

// cutFences collects the code blocks, each with the snippet that the given mark above it
// names, and returns the lines with theirs emptied.
func (d *Doc) cutFences(quoteMark *regexp.Regexp) []string {
	prose := make([]string, len(d.Lines))
	var mark []string // the snippet marker that waits for its block
	markLine := 0
	orphan := func() {
		if mark != nil {
			d.find(markLine, "no code block follows this snippet marker", "write ``` fences under it and run `go run ./.ci/docs fix`")
		}
		mark = nil
	}
	for i := 0; i < len(d.Lines); i++ {
		line := d.Lines[i]
		if m := fenceOpens.FindStringSubmatch(line); m != nil {
			f := Fence{Line: i + 1, Indent: m[1], Info: strings.TrimSpace(m[3])}
			if mark != nil {
				f.Source, f.Name, mark = mark[1], mark[2], nil
			}
			for i++; i < len(d.Lines) && !closes(d.Lines[i], m[2]); i++ {
				f.Body = append(f.Body, strings.TrimPrefix(d.Lines[i], f.Indent))
			}
			if f.End = i + 1; i == len(d.Lines) {
				d.find(f.Line, "this code block is never closed", "end it with "+m[2])
			}
			d.Fences = append(d.Fences, f)
			continue
		}
		prose[i] = line
		if m := quoteMark.FindStringSubmatch(line); m != nil {
			orphan()
			mark, markLine = m, i+1
		} else if strings.TrimSpace(line) != "" {
			orphan()
		}
	}
	orphan()
	return prose
}

// closes reports whether the line ends a block that the given fence opened.
func closes(line, fence string) bool {
	line = strings.TrimSpace(line)
	return len(line) >= len(fence) && strings.Trim(line, fence[:1]) == ""
}

func (d *Doc) scanHeadings(prose, masked []string) {
	for i, line := range masked {
		m := heading.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		d.Headings = append(d.Headings, Heading{Line: i + 1, Level: len(m[1])})
		// The same title again gets -1, -2 and so on.
		base := slug(strings.TrimLeft(prose[i], " #"))
		anchor := base
		for n := 1; d.Anchors[anchor]; n++ {
			anchor = base + "-" + strconv.Itoa(n)
		}
		d.Anchors[anchor] = true
	}
}

func (d *Doc) find(line int, wrong, mend string) {
	d.Findings = append(d.Findings, Finding{d.Path, line, wrong, mend})
}

// unread matches what is not markup: an escaped character, a comment, a code span.
var unread = regexp.MustCompile("(?s)\\\\.|<!--.*?-->|``(?:[^\n]|\n[^\n])+?``|`(?:[^`\n]|\n[^`\n])+`")

// mask blanks what is not markup. Every byte keeps its place, and so every line its number.
func mask(prose string) string {
	return unread.ReplaceAllStringFunc(prose, func(s string) string {
		out := bytes.Repeat([]byte(" "), len(s))
		for i := range out {
			if s[i] == '\n' {
				out[i] = '\n'
			}
		}
		return string(out)
	})
}

var (
	closingHashes = regexp.MustCompile(`\s+#+\s*$`)
	linkedText    = regexp.MustCompile(`!?\[([^\]]*)\]\([^)]*\)`)
	htmlTag       = regexp.MustCompile(`</?[A-Za-z][^>]*>|<!--.*?-->`)
)

// slug is the anchor GitHub gives a heading: lower case, spaces to hyphens, and of the
// rest only letters (accented ones too), marks, digits, hyphens and underscores.
func slug(title string) string {
	title = closingHashes.ReplaceAllString(title, "")
	title = linkedText.ReplaceAllString(title, "$1")
	parts := strings.Split(title, "`") // the odd ones are code, where a tag is text
	for i := 0; i < len(parts); i += 2 {
		parts[i] = htmlTag.ReplaceAllString(parts[i], "")
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r == ' ':
			return '-'
		case r == '-', unicode.In(r, unicode.L, unicode.M, unicode.Nd, unicode.Pc):
			return unicode.ToLower(r)
		}
		return -1
	}, strings.TrimSpace(strings.Join(parts, "")))
}
