package export

import (
	"encoding/json"
	"fmt"
)

// texts of the pages that are not slides.
type texts map[string]string

func load(lang string) (t texts, err error) {
	source, err := embedded.ReadFile("i18n/" + lang + ".json")
	if err != nil {
		return nil, fmt.Errorf("the handout does not speak %q", lang)
	}
	return t, json.Unmarshal(source, &t)
}
