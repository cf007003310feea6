package narrate

import (
	"embed"

	"websocket.example/02-handshake/internal/catalog"
)

//go:embed i18n
var files embed.FS

// A Language is the texts of a telling.
type Language struct{ catalog.Language }

// The two languages of the workshop.
var (
	English    = &Language{catalog.Load(files, "en")}
	Portuguese = &Language{catalog.Load(files, "pt-BR")}
)

// Speak returns the language of a tag that is en or pt-BR.
func Speak(tag string) (*Language, error) { return catalog.Speak(tag, English, Portuguese) }
