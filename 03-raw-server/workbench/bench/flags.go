package bench

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"regexp"
	"slices"
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

func newFlags(name, lesson string, t Terminal) *flags {
	fs := flag.NewFlagSet(name, flag.ContinueOnError)
	fs.SetOutput(io.Discard) // errors are printed once, by run
	fs.Usage = func() {}
	return &flags{fs, lesson, t.Out}
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
		fmt.Fprintf(fs.out, "  %-19s %s\n", strings.TrimSpace("-"+f.Name+" "+kind), first)
		for line := range strings.Lines(more) {
			fmt.Fprintf(fs.out, "  %-19s %s\n", "", strings.TrimSuffix(line, "\n"))
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
			return wrong("-%s %q: %s", parts[2], parts[1], parts[3])
		}
		return wrong("%s", text)
	case fs.NArg() > 0:
		return wrong("%q is not a flag: all arguments start with -, and idle or serve comes first", fs.Arg(0))
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
			return errors.New("write a time with its unit, such as 500ms or 2s")
		case parsed < least || parsed > most:
			return fmt.Errorf("give a time from %v to %v", least, most)
		}
		*d = parsed
		return nil
	}}, name, usage)
	return d
}

// numberFlag takes a whole number within bounds.
func numberFlag(fs *flags, name string, value, least, most int, usage string) *int {
	n := &value
	fs.Var(checked{fmt.Sprint(value), func(text string) error {
		var parsed int
		if _, err := fmt.Sscanf(text+"\n", "%d\n", &parsed); err != nil || parsed < least || parsed > most {
			return fmt.Errorf("give a whole number from %d to %d", least, most)
		}
		*n = parsed
		return nil
	}}, name, usage)
	return n
}

// listFlag takes some of the names there are, in any order, or all of them.
func listFlag(fs *flags, name string, all []string, elsewhere, usage string) *[]string {
	list := &[]string{}
	*list = all
	fs.Var(checked{"all", func(text string) error {
		if text == "all" {
			*list = all
			return nil
		}
		chosen := []string{}
		for part := range strings.SplitSeq(text, ",") {
			part = strings.TrimSpace(part)
			if !slices.Contains(all, part) {
				return unknown(part, all, elsewhere)
			}
			if !slices.Contains(chosen, part) {
				chosen = append(chosen, part)
			}
		}
		*list = chosen
		return nil
	}}, name, usage)
	return list
}

// unknown says that a name is none of those there are.
func unknown(name string, all []string, elsewhere string) error {
	text := fmt.Sprintf("there is no %q: name some of %s", name, strings.Join(all, ","))
	if elsewhere != "" {
		text += "; " + elsewhere
	}
	return errors.New(text)
}

// choiceFlag takes one of a few words, the first if none is given.
func choiceFlag(fs *flags, name, usage string, words ...string) *string {
	chosen := words[0]
	fs.Var(checked{chosen, func(text string) error {
		if !slices.Contains(words, text) {
			return fmt.Errorf("choose %s", strings.Join(words, " or "))
		}
		chosen = text
		return nil
	}}, name, usage)
	return &chosen
}

// wrap puts names on lines that fit below a flag.
func wrap(names []string) string {
	text, line := "", ""
	for i, name := range names {
		if i > 0 {
			line += ", "
		}
		if len(line)+len(name) > 56 {
			text, line = text+strings.TrimSuffix(line, " ")+"\n", ""
		}
		line += name
	}
	return text + line
}

// checked is a flag whose value is read by a function.
type checked struct {
	text string
	set  func(string) error
}

func (c checked) String() string        { return c.text }
func (c checked) Set(text string) error { return c.set(text) }
