package export

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
)

// marker names the files of an export, so that the next one takes away what this one wrote
// and nothing else.
const marker = ".slides-export"

// A folder is where the site goes. Nothing is written outside of it.
type folder struct {
	root  *os.Root
	files []File
}

// claim opens the folder, new or empty or a former export, and empties that. With force
// another one will do, too: what is there stays, or is written over.
func claim(dir string, force bool) (*folder, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	f := &folder{root: root}
	if err := f.clear(dir, force); err != nil {
		root.Close()
		return nil, err
	}
	return f, nil
}

func (f *folder) clear(dir string, force bool) error {
	former, err := f.root.ReadFile(marker)
	if errors.Is(err, fs.ErrNotExist) {
		entries, err := fs.ReadDir(f.root.FS(), ".")
		if err != nil {
			return err
		}
		if len(entries) > 0 && !force {
			return fmt.Errorf("%s is not empty, and no former export: name another folder, or say -force", dir)
		}
	} else if err != nil {
		return err
	}
	folders := map[string]bool{}
	for line := range strings.Lines(string(former)) {
		name := strings.TrimSpace(line)
		if !fs.ValidPath(name) || name == "." || strings.HasPrefix(name, "#") {
			continue
		}
		if err := f.root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		folders[path.Dir(name)] = true
	}
	for name := range folders {
		if name != "." {
			_ = f.root.Remove(name) // unless somebody keeps something there
		}
	}
	return f.mark() // from here on, what is written is ours
}

// write puts a file into the folder.
func (f *folder) write(name string, content []byte) error {
	if err := f.root.MkdirAll(path.Dir(name), 0o755); err != nil {
		return err
	}
	f.files = append(f.files, File{name, len(content)})
	if err := f.mark(); err != nil {
		return err
	}
	return f.root.WriteFile(name, content, 0o644)
}

func (f *folder) mark() error {
	names := []string{"# Written by go run ./slides export, which takes these away the next time."}
	for _, file := range f.files {
		names = append(names, file.Name)
	}
	slices.Sort(names[1:])
	return f.root.WriteFile(marker, []byte(strings.Join(names, "\n")+"\n"), 0o644)
}
