package nodejs

import (
	"encoding/json"
	"os"
)

// A lockEntry is a package in package-lock.json.
type lockEntry struct {
	Version      string
	Dependencies map[string]string
}

// readLock reads the packages of a lock by their folders.
func readLock(file string) (map[string]lockEntry, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var lock struct{ Packages map[string]lockEntry }
	if err := json.Unmarshal(text, &lock); err != nil {
		return nil, err
	}
	delete(lock.Packages, "") // the project itself
	return lock.Packages, nil
}
