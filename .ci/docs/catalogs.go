package main

import (
	"encoding/json"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
)

var placeholder = regexp.MustCompile(`\{[^{}\s]+\}`)

// message is one text of a page, under its key.
type message struct {
	line      int
	key, text string
}

// checkCatalogs compares the texts of a page in its two languages.
func checkCatalogs(repo *Repo, r *Report) {
	for _, name := range sortedKeys(repo.Catalogs) {
		dir, base := path.Split(name)
		other := map[string]string{"en.json": "pt-BR.json", "pt-BR.json": "en.json"}[base]
		if _, ok := repo.Catalogs[dir+other]; !ok {
			r.find(name, 1, "there is no "+other+" beside it", "write it with the same keys")
		} else if base == "en.json" {
			r.Catalogs++
			compareCatalogs(repo, r, name, dir+other)
		}
	}
}

func compareCatalogs(repo *Repo, r *Report, english, portuguese string) {
	before := len(r.Findings)
	en, pt := readCatalog(repo, r, english), readCatalog(repo, r, portuguese)
	if len(r.Findings) > before {
		return // half a catalog would differ everywhere
	}
	if !compare(r, "key", "have the keys of en.json in its order", english, portuguese, keyItems(en), keyItems(pt)) {
		return
	}
	for i := range en {
		want, got := placeholders(en[i].text), placeholders(pt[i].text)
		if !slices.Equal(want, got) {
			wrong := fmt.Sprintf("the text of %q has placeholders %v, and en.json:%d has %v", pt[i].key, got, en[i].line, want)
			r.find(portuguese, pt[i].line, wrong, "use the same ones, in any order")
		}
	}
}

func placeholders(text string) []string {
	found := placeholder.FindAllString(text, -1)
	slices.Sort(found)
	return found
}

func keyItems(messages []message) (items []item) {
	for _, m := range messages {
		items = append(items, item{m.line, m.key, m.key})
	}
	return append(items, end(len(messages)+2)) // the line of the closing brace, as a rule
}

// readCatalog reads one flat object and keeps the order of its keys, which a map would lose.
func readCatalog(repo *Repo, r *Report, name string) (messages []message) {
	text := repo.Catalogs[name]
	dec := json.NewDecoder(strings.NewReader(text))
	line := func() int { return 1 + strings.Count(text[:dec.InputOffset()], "\n") }
	flat := "write one object, {\"key\": \"text\", ...}, each key once"

	if token, err := dec.Token(); err != nil || token != json.Delim('{') {
		r.find(name, 1, "this is not a JSON object", flat)
		return nil
	}
	seen := map[string]bool{}
	for dec.More() {
		var m message
		key, err := dec.Token()
		if err == nil {
			m.key, _ = key.(string) // the decoder lets nothing else stand here
			m.line = line()
			err = dec.Decode(&m.text)
		}
		switch {
		case err != nil:
			r.find(name, line(), err.Error(), flat)
			return nil
		case seen[m.key]:
			r.find(name, m.line, fmt.Sprintf("key %q comes twice", m.key), flat)
		case strings.TrimSpace(m.text) == "":
			r.find(name, m.line, fmt.Sprintf("the text of %q is empty", m.key), "write it")
		}
		seen[m.key] = true
		messages = append(messages, m)
	}
	if _, err := dec.Token(); err != nil || len(messages) == 0 {
		r.find(name, line(), "this catalog is empty or never closed", flat)
	}
	return messages
}
