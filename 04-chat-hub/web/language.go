package web

import (
	"net/http"
	"strconv"
	"strings"
)

var languages = []string{"en", "pt-BR"} // a file in static/i18n each; the first is for everybody else

// language is the reader's: the one of ?lang=, else the one that the browser
// likes best of those there are.
func language(r *http.Request) string {
	best, found := 0.0, languages[0]
	if wanted := r.URL.Query().Get("lang"); wanted != "" {
		if lang, ok := known(wanted); ok {
			return lang
		}
		return found
	}
	for part := range strings.SplitSeq(r.Header.Get("Accept-Language"), ",") {
		tag, weight, weighted := strings.Cut(strings.TrimSpace(part), ";q=")
		q := 1.0
		if weighted {
			q, _ = strconv.ParseFloat(weight, 64)
		}
		if lang, ok := known(tag); ok && q > best {
			best, found = q, lang
		}
	}
	return found
}

// known is the page's language for a tag: pt and pt-PT are read in pt-BR.
func known(tag string) (lang string, ok bool) {
	primary, _, _ := strings.Cut(tag, "-")
	for _, lang := range languages {
		if strings.EqualFold(primary, lang[:2]) {
			return lang, true
		}
	}
	return "", false
}
