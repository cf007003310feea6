package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"

	"websocket.example/slides/content"
	"websocket.example/slides/deck"
	"websocket.example/slides/export"
	"websocket.example/slides/internal/browser"
	"websocket.example/slides/live/pictures"
)

const exportLesson = `
Usage: go run ./slides export [flags] DIR

Writes the deck as a site into DIR: a page for each language that opens from disk
and needs neither a server nor a network, with pictures in place of what runs live,
and a handout to print, each slide with what is said to it. With Chromium or Chrome
on this machine it prints both as PDF besides.

  go run ./slides export site
  go run ./slides export -force ../docs

DIR is new, or empty, or a former export, which is taken away first; -force writes
into any other folder and takes nothing away.
Exit status: 0 fine, 1 it could not be written, 2 wrong usage.
`

func exportCommand(ctx context.Context, args []string, out, errs io.Writer) int {
	fs := newFlags("export", exportLesson, out)
	var o export.Options
	fs.BoolVar(&o.Force, "force", false, "write into a folder that holds other things")
	noPDF := fs.Bool("no-pdf", false, "print no PDF")
	asJSON := fs.Bool("json", false, "say as JSON what was written")
	dir, err := fs.parseFolder(args)
	if err != nil {
		return exit(errs, err)
	}
	o.Decks = map[string]*deck.Deck{}
	for _, lang := range content.Languages {
		if o.Decks[lang], err = content.Deck(lang); err != nil {
			return exit(errs, err)
		}
	}
	o.Pictures = pictures.FS
	why := "-no-pdf was said"
	if !*noPDF {
		o.Chromium, why = browser.Chromium(), "there is no Chromium or Chrome on this machine"
	}
	bar := newLine(errs)
	o.Progress = bar.at
	files, err := export.Site(ctx, dir, o)
	bar.clear()
	if err != nil {
		return exit(errs, err)
	}
	var skipped []string
	if o.Chromium == "" {
		skipped = append(skipped, "PDF: "+why)
	}
	if *asJSON {
		encoder := json.NewEncoder(out)
		encoder.SetIndent("", "  ")
		err := encoder.Encode(map[string]any{"dir": dir, "files": files, "skipped": skipped})
		return exit(errs, err)
	}
	total := 0
	for _, f := range files {
		fmt.Fprintf(out, "%9s  %s\n", size(f.Size), f.Name)
		total += f.Size
	}
	fmt.Fprintf(out, "%9s  in %d files\n", size(total), len(files))
	for _, what := range skipped {
		fmt.Fprintln(out, "skipped", what)
	}
	fmt.Fprintln(out, "\nOpen", filepath.Join(dir, "index.html"))
	return fine
}

// parseFolder reads flags on both sides of one folder.
func (fs *flags) parseFolder(args []string) (dir string, err error) {
	for {
		if err := fs.Parse(args); err != nil {
			return "", fs.parse(args) // for the words of the error
		}
		switch {
		case fs.NArg() == 0 && dir == "":
			return "", wrong("export to which folder? Name one, such as site")
		case fs.NArg() == 0:
			return dir, nil
		case dir != "":
			return "", wrong("one folder at a time: %q is one too many", fs.Arg(0))
		}
		dir, args = fs.Arg(0), fs.Args()[1:]
	}
}

func size(n int) string { return fmt.Sprintf("%.1f kB", float64(n)/1000) }
