// Command docs keeps the workshop's prose honest: translations follow the English,
// quoted code follows the source, links lead somewhere, pages speak both languages.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

const usage = `docs keeps the prose honest. Run it from anywhere in the workspace:

  go run ./.ci/docs check                  look, change nothing
  go run ./.ci/docs fix                    copy every quoted snippet from its source again
  go run ./.ci/docs fix -stamp FILE...     say "I read this Portuguese against its English"

Pairs     X.md and X.pt-BR.md have the same heading levels, code blocks, links and
          <details>. The Portuguese ends with a hash of the English prose, so that
          an English edit asks for a look:  <!-- translates: sha256:0123456789abcdef -->
Decks     X.en.slide and X.pt-BR.slide have the same slides (## Title {#id}), commands
          (.block .figure .pane .layout), code blocks and links. The last line of the
          Portuguese is  // translates: sha256:0123456789abcdef
Snippets  In the source, around at most 18 lines of at most 68 columns (a tab is 4),
          with an empty line before a doc comment:
          Go, JS    // snippet: NAME          // end snippet: NAME
          CSS       /* snippet: NAME */       /* end snippet: NAME */
          HTML, MD  <!-- snippet: NAME -->    <!-- end snippet: NAME -->
          sh, YAML  # snippet: NAME           # end snippet: NAME
          In the lesson, on the line above the code block, the path from the lesson:
          <!-- snippet: wsconn/read.go#NAME -->
          In a deck likewise, the path from the deck:
          //snippet: ../../03-raw-server/wsconn/read.go#NAME
Links     Relative links and images exist, and so do their #anchors. A slide links to a
          slide or to the web only.
Catalogs  en.json and pt-BR.json, side by side, have the same keys in the same order,
          the same {placeholders} and no empty text.

A finding is one line, "file:line: what is wrong: how to mend it".
Exit status: 0 clean, 1 findings, 2 wrong usage. Folders .git, bin, node_modules and
testdata are not looked into.
`

func main() {
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

// run is main with its edges as arguments; it returns the exit status.
func run(args []string, stdout, stderr io.Writer) int {
	refuse := func(why any) int {
		fmt.Fprintf(stderr, "docs: %v (-h explains)\n", why)
		return 2
	}
	flags := flag.NewFlagSet("docs", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	verb := ""
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		verb, args = args[0], args[1:]
	}
	stamp := false
	if verb == "fix" {
		flags.BoolVar(&stamp, "stamp", false, "stamp the files named")
	}
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprint(stdout, usage)
		return 0
	case err != nil:
		return refuse(err)
	case verb != "check" && verb != "fix":
		return refuse("say check or fix")
	case !stamp && flags.NArg() > 0:
		return refuse(verb + " takes no files")
	case stamp && flags.NArg() == 0:
		return refuse("fix -stamp needs the Portuguese files you have read")
	}

	dir, err := workspace()
	if err != nil {
		return refuse(err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return refuse(err)
	}
	defer root.Close()
	repo, err := Load(root.FS())
	if err == nil && verb == "fix" {
		changed := FixSnippets(repo)
		if stamp {
			changed, err = stampAll(repo, dir, flags.Args())
		}
		for _, name := range sortedKeys(changed) {
			fmt.Fprintln(stdout, "wrote", name)
			err = errors.Join(err, root.WriteFile(name, []byte(changed[name]), 0o644))
		}
		if err == nil {
			repo, err = Load(root.FS())
		}
	}
	if err != nil {
		return refuse(err)
	}
	report := Check(repo)
	fmt.Fprintln(stdout, report)
	return min(len(report.Findings), 1)
}

// stampAll takes the files as typed, relative to the current folder. It stamps all or none.
func stampAll(repo *Repo, dir string, typed []string) (map[string]string, error) {
	changed := map[string]string{}
	for _, arg := range typed {
		full, err := filepath.Abs(arg)
		if err != nil {
			return nil, err
		}
		name, err := filepath.Rel(dir, full)
		if err != nil {
			return nil, err
		}
		name = filepath.ToSlash(name)
		if changed[name], err = Stamp(repo, name); err != nil {
			return nil, err
		}
	}
	return changed, nil
}

// workspace is the nearest folder upwards that holds go.work.
func workspace() (string, error) {
	dir, err := os.Getwd()
	for err == nil {
		if _, missing := os.Stat(filepath.Join(dir, "go.work")); missing == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			err = errors.New("no go.work in this folder or above it")
		}
		dir = filepath.Dir(dir)
	}
	return "", err
}
