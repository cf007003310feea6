package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"regexp"
	"strings"
)

// flags is a flag set whose -h is a lesson with the flags below it, and whose
// errors are one line.
type flags struct {
	*flag.FlagSet
	lesson string
	out    io.Writer
}

func newFlags(name, lesson string, out io.Writer) *flags {
	fs := flag.NewFlagSet(name, flag.ContinueOnError)
	fs.SetOutput(io.Discard) // errors are printed once, by run
	fs.Usage = func() {}
	return &flags{fs, lesson, out}
}

// help prints the lesson and the flags.
func (fs *flags) help() {
	fmt.Fprintln(fs.out, strings.TrimSpace(fs.lesson)+"\n\nFlags:")
	fs.VisitAll(func(f *flag.Flag) {
		kind, text := flag.UnquoteUsage(f)
		first, more, _ := strings.Cut(text, "\n")
		if f.DefValue != "" && f.DefValue != "false" {
			first += " (" + f.DefValue + ")"
		}
		fmt.Fprintf(fs.out, "  %-22s %s\n", strings.TrimSpace("-"+f.Name+" "+kind), first)
		for line := range strings.Lines(more) {
			fmt.Fprintf(fs.out, "  %-22s %s\n", "", strings.TrimSuffix(line, "\n"))
		}
	})
}

// invalid is how package flag reports a bad value.
var invalid = regexp.MustCompile(`^invalid (?:boolean )?value "(.*)" for (?:flag )?-(\S+): (.*)$`)

// parse reads the arguments, all of which must be flags.
func (fs *flags) parse(args []string) error {
	err := fs.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		fs.help()
		return err
	case err != nil:
		text := err.Error()
		if name, is := strings.CutPrefix(text, "flag provided but not defined: "); is {
			return wrong("there is no flag %s: -h shows those there are", name)
		}
		if name, is := strings.CutPrefix(text, "flag needs an argument: "); is {
			return wrong("%s needs a value after it: -h shows which", name)
		}
		if parts := invalid.FindStringSubmatch(text); parts != nil {
			if strings.HasPrefix(text, "invalid boolean") {
				parts[3] = "choose true or false"
			}
			return wrong("-%s %q: %s", parts[2], parts[1], strings.TrimPrefix(parts[3], "parse error"))
		}
		return wrong("%s", text)
	case fs.NArg() > 0:
		return wrong("%q is not a flag: all arguments start with -, and a command comes first", fs.Arg(0))
	}
	return nil
}
