// Package pictures has one of every pane at work, in both languages, light and
// dark: NAME.LANG.light.png and NAME.LANG.dark.png. `go run ./slides/live/photograph`
// takes them anew, with a browser.
package pictures

import "embed"

// FS has the pictures.
//
//go:embed *
var FS embed.FS
