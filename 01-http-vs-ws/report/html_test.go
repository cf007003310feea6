package report

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestHTMLAlone: the page refers to nothing outside of it.
func TestHTMLAlone(t *testing.T) {
	for _, f := range fixtures {
		page := bytes.ToLower(f.page(t))
		for _, outside := range []string{
			" src", "href", "@import", "url(", "<link", "<iframe", "<img", "<object", "<embed", "<form", "fetch(", "import(",
		} {
			if bytes.Contains(page, []byte(outside)) {
				t.Errorf("%s has %q", f.name, outside)
			}
		}
	}
}

// elements parses the page; every element that is opened is closed.
func elements(t *testing.T, page []byte) []xml.StartElement {
	t.Helper()
	// Script and style are not markup.
	page = regexp.MustCompile(`(?s)<(script|style)>.*?</(script|style)>`).ReplaceAll(page, nil)
	d := xml.NewDecoder(bytes.NewReader(page))
	d.Strict = false
	d.AutoClose = []string{"meta", "input"}
	d.Entity = xml.HTMLEntity
	var list []xml.StartElement
	depth := 0
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			depth++
			list = append(list, token.Copy())
		case xml.EndElement:
			depth--
		}
	}
	if depth != 0 {
		t.Errorf("%d elements are not closed", depth)
	}
	return list
}

func attribute(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

func TestHTMLWellFormed(t *testing.T) {
	for _, f := range fixtures {
		var ids, wanted []string
		images, drawings := 0, 0
		for _, e := range elements(t, f.page(t)) {
			if id := attribute(e, "id"); id != "" {
				if slices.Contains(ids, id) {
					t.Errorf("%s: the id %s is there twice", f.name, id)
				}
				ids = append(ids, id)
			}
			wanted = append(wanted, strings.Fields(attribute(e, "aria-labelledby"))...)
			wanted = append(wanted, strings.Fields(attribute(e, "for"))...)
			if e.Name.Local == "svg" && attribute(e, "role") == "img" {
				images++
			}
			if e.Name.Local == "desc" {
				drawings++
			}
			for _, a := range e.Attr {
				if strings.Contains(a.Value, "NaN") || strings.Contains(a.Value, "ZgotmplZ") {
					t.Errorf("%s: <%s %s=%q>", f.name, e.Name.Local, a.Name.Local, a.Value)
				}
			}
		}
		for _, id := range wanted {
			if !slices.Contains(ids, id) {
				t.Errorf("%s: something is named by %s, which is not there", f.name, id)
			}
		}
		if images < 12 || images != drawings {
			t.Errorf("%s: %d images, %d descriptions of them", f.name, images, drawings)
		}
	}
}

// TestHTMLWhen: the time is shown if there is one.
func TestHTMLWhen(t *testing.T) {
	if page := fixtures[0].page(t); !bytes.Contains(page, []byte("2021-08-27 19:30 UTC")) {
		t.Error("the time is not there")
	}
	if page := fixtures[1].page(t); bytes.Contains(page, []byte("<li>Measured")) {
		t.Error("there is a time that nobody gave")
	}
}

// TestHTMLEscapes: what a server said is text, not markup.
func TestHTMLEscapes(t *testing.T) {
	s := fixtures[2].make(t)
	s.Rows[1].Died = errors.New(`<script>alert("x")</script>`)
	var b bytes.Buffer
	if err := HTML(&b, s, HTMLOptions{}); err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(b.Bytes(), []byte("<script>alert")) {
		t.Error("an error message became a script")
	}
}
