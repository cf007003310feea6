package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// An output is a file that is written at the end or not at all: what stood
// there before stays until the new text is whole. A nil output is none.
type output struct {
	path string
	file *os.File // a temporary file beside path, or path itself if it is a device
	to   io.Writer
}

// openOutput makes sure that the path can be written. An empty path is no
// output, and "-" is the writer given, if there is one.
func openOutput(path string, standard io.Writer) (*output, error) {
	if path == "" {
		return nil, nil
	}
	if path == "-" {
		if standard == nil {
			return nil, errors.New("- is for -json only: name a file")
		}
		return &output{to: standard}, nil
	}
	info, err := os.Stat(path)
	switch {
	case err == nil && info.IsDir():
		return nil, fmt.Errorf("%s is a folder: name a file in it", path)
	case err == nil && !info.Mode().IsRegular(): // such as /dev/null
		file, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			return nil, reason(path, err)
		}
		return &output{file: file, to: file}, nil
	}
	file, err := os.CreateTemp(filepath.Dir(path), ".unfinished-*")
	if err != nil {
		return nil, reason(path, err)
	}
	return &output{path: path, file: file, to: file}, nil
}

func reason(path string, err error) error {
	var inner *os.PathError
	if errors.As(err, &inner) {
		err = inner.Err
	}
	return fmt.Errorf("%s can't be written (%w): name a file in a folder that you may write to", path, err)
}

// fill writes the whole text and puts it in its place.
func (o *output) fill(write func(io.Writer) error) error {
	if o == nil {
		return nil
	}
	buffered := bufio.NewWriter(o.to)
	if err := errors.Join(write(buffered), buffered.Flush()); err != nil {
		return err
	}
	if o.file == nil {
		return nil
	}
	if o.path == "" {
		return o.file.Close()
	}
	const readable = 0o644 // a temporary file is for its owner only
	if err := errors.Join(o.file.Chmod(readable), o.file.Close(), os.Rename(o.file.Name(), o.path)); err != nil {
		return err
	}
	o.file = nil
	return nil
}

// abandon removes what was not filled.
func (o *output) abandon() {
	if o == nil || o.file == nil {
		return
	}
	o.file.Close()
	if o.path != "" {
		os.Remove(o.file.Name())
	}
}
