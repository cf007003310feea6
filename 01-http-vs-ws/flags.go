package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// flags is a flag set whose -h is a lesson with the flags below it, and whose
// errors are one line.
type flags struct {
	*flag.FlagSet
	lesson string
	out    io.Writer
}

func newFlags(name, lesson string, t terminal) *flags {
	fs := flag.NewFlagSet(name, flag.ContinueOnError)
	fs.SetOutput(io.Discard) // errors are printed once, by run
	fs.Usage = func() {}
	return &flags{fs, lesson, t.out}
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
		fmt.Fprintf(fs.out, "  %-16s %s\n", strings.TrimSpace("-"+f.Name+" "+kind), first)
		for line := range strings.Lines(more) {
			fmt.Fprintf(fs.out, "  %-16s %s\n", "", strings.TrimSuffix(line, "\n"))
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
			return wrong("-%s %q: %s", parts[2], parts[1], parts[3])
		}
		return wrong("%s", text)
	case fs.NArg() > 0:
		return wrong("%q is not a flag: all arguments start with -, and a command comes first", fs.Arg(0))
	}
	return nil
}

// durationFlag takes a duration within bounds.
func durationFlag(fs *flags, name string, value, least, most time.Duration, usage string) *time.Duration {
	d := &value
	fs.Var(checked{value.String(), func(text string) error {
		parsed, err := time.ParseDuration(text)
		switch {
		case err != nil:
			return errors.New("write a time with its unit, such as 500ms, 2s or 1m")
		case parsed < least || parsed > most:
			return fmt.Errorf("give a time from %v to %v", least, most)
		}
		*d = parsed
		return nil
	}}, name, usage)
	return d
}

// numberFlag takes a number within bounds.
func numberFlag(fs *flags, name string, value, least, most float64, usage string) *float64 {
	n := &value
	fs.Var(checked{strconv.FormatFloat(value, 'g', -1, 64), func(text string) error {
		parsed, err := strconv.ParseFloat(text, 64)
		if err != nil || math.IsNaN(parsed) || parsed < least || parsed > most {
			return fmt.Errorf("give a number from %g to %g", least, most)
		}
		*n = parsed
		return nil
	}}, name, usage)
	return n
}

// bandwidth reads bits per second: 12M, 1.6M, 500k, 8000.
func bandwidth(text string) (int64, error) {
	unit := 1.0
	number := text
	for suffix, factor := range map[string]float64{"k": 1e3, "M": 1e6, "G": 1e9} {
		if rest, is := strings.CutSuffix(text, suffix); is {
			number, unit = rest, factor
		}
	}
	n, err := strconv.ParseFloat(number, 64)
	if err != nil || math.IsNaN(n) || n < 0 || n*unit > 1e12 {
		return 0, errors.New("write bits per second, such as 12M or 500k, or 0 for no limit")
	}
	return int64(n * unit), nil
}

// checked is a flag whose value is read by a function.
type checked struct {
	text string
	set  func(string) error
}

func (c checked) String() string        { return c.text }
func (c checked) Set(text string) error { return c.set(text) }
