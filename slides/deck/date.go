package deck

import (
	"fmt"
	"time"

	"github.com/yuin/goldmark"
)

// markdown is that of the notes; present brings its own for the slides.
var markdown = goldmark.New()

var months = [...]string{"janeiro", "fevereiro", "março", "abril", "maio", "junho",
	"julho", "agosto", "setembro", "outubro", "novembro", "dezembro"}

// date writes a day as people of that language do.
func date(t time.Time, lang string) string {
	if lang == "pt-BR" {
		return fmt.Sprintf("%d de %s de %d", t.Day(), months[t.Month()-1], t.Year())
	}
	return t.Format("January 2, 2006")
}
