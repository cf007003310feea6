// Package browser finds the browsers of a machine.
package browser

import "os/exec"

// chromium and the others, by the names and places where systems keep them.
var (
	chromium = []string{
		"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "headless-shell",
		"/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
		"/Applications/Chromium.app/Contents/MacOS/Chromium",
		`C:\Program Files\Google\Chrome\Application\chrome.exe`,
		`C:\Program Files (x86)\Google\Chrome\Application\chrome.exe`,
		"microsoft-edge",
		`C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe`,
	}
	others = []string{
		"firefox", "firefox-esr", "brave-browser", "vivaldi", "epiphany",
		"/Applications/Firefox.app/Contents/MacOS/firefox",
		"/Applications/Safari.app/Contents/MacOS/Safari",
		`C:\Program Files\Mozilla Firefox\firefox.exe`,
	}
)

// Chromium is the path of a browser of that family, which can print, or nothing.
func Chromium() string { return first(chromium) }

// Any is the path of any browser, or nothing.
func Any() string {
	if path := Chromium(); path != "" {
		return path
	}
	return first(others)
}

func first(names []string) string {
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}
