// Package console is how the workbench's commands read their flags and write
// to a terminal.
package console

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"

	"golang.org/x/term"
)

// Exit statuses, the same in every step.
const (
	Fine   = 0
	Failed = 1 // what was asked for went wrong
	Misuse = 2 // what was asked for makes no sense
)

// ErrFailed is a failure that was told already.
var ErrFailed = errors.New("it failed")

// A UsageError is a wrong use of the command line.
type UsageError struct{ error }

// Wrong makes one.
func Wrong(format string, args ...any) error { return UsageError{fmt.Errorf(format, args...)} }

// Exit tells what went wrong in one line, and what to exit with.
func Exit(name string, err error, stderr io.Writer) int {
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return Fine
	case errors.Is(err, ErrFailed):
		return Failed
	}
	fmt.Fprintf(stderr, "%s: %v\n", name, err)
	if errors.As(err, new(UsageError)) {
		return Misuse
	}
	return Failed
}

// Flags is a flag set whose -h is a lesson with the flags below it, and whose
// errors are one line.
type Flags struct {
	*flag.FlagSet
	lesson string
	out    io.Writer
}

// NewFlags makes an empty one.
func NewFlags(name, lesson string, out io.Writer) *Flags {
	fs := flag.NewFlagSet(name, flag.ContinueOnError)
	fs.SetOutput(io.Discard) // errors are printed once, by Exit
	fs.Usage = func() {}
	return &Flags{fs, lesson, out}
}

func (fs *Flags) help() {
	fmt.Fprintln(fs.out, strings.TrimSpace(fs.lesson)+"\n\nFlags:")
	fs.VisitAll(func(f *flag.Flag) {
		kind, text := flag.UnquoteUsage(f)
		first, more, _ := strings.Cut(text, "\n")
		if f.DefValue != "" && f.DefValue != "false" {
			first += " (" + f.DefValue + ")"
		}
		fmt.Fprintf(fs.out, "  %-20s %s\n", strings.TrimSpace("-"+f.Name+" "+kind), first)
		for line := range strings.Lines(more) {
			fmt.Fprintf(fs.out, "  %-20s %s\n", "", strings.TrimSuffix(line, "\n"))
		}
	})
}

// invalid is how package flag reports a bad value.
var invalid = regexp.MustCompile(`^invalid (?:boolean )?value "(.*)" for (?:flag )?-(\S+): (.*)$`)

// Parse reads the arguments: flags, then at most so many others.
func (fs *Flags) Parse(args []string, others int) error {
	err := fs.FlagSet.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		fs.help()
		return err
	case err != nil:
		text := err.Error()
		if name, is := strings.CutPrefix(text, "flag provided but not defined: "); is {
			return Wrong("there is no flag %s: -h shows those there are", name)
		}
		if name, is := strings.CutPrefix(text, "flag needs an argument: "); is {
			return Wrong("%s needs a value after it: -h shows which", name)
		}
		if parts := invalid.FindStringSubmatch(text); parts != nil {
			if strings.HasPrefix(text, "invalid boolean") {
				parts[3] = "choose true or false"
			}
			return Wrong("-%s %q: %s", parts[2], parts[1], parts[3])
		}
		return Wrong("%s", text)
	case fs.NArg() > others:
		return Wrong("%q is not a flag: all arguments start with -", fs.Arg(others))
	}
	return nil
}

// Duration is a flag that takes a duration within bounds.
func (fs *Flags) Duration(name string, value, least, most time.Duration, usage string) *time.Duration {
	d := &value
	fs.Var(checked{short(value), func(text string) error {
		parsed, err := time.ParseDuration(text)
		switch {
		case err != nil:
			return errors.New("write a time with its unit, such as 500ms or 2m")
		case parsed < least || parsed > most:
			return fmt.Errorf("give a time from %v to %v", least, most)
		}
		*d = parsed
		return nil
	}}, name, usage)
	return d
}

// short writes a duration without the zeros at its end.
func short(d time.Duration) string {
	text := d.String()
	if d >= time.Minute && strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	return text
}

// Number is a flag that takes a whole number within bounds.
func (fs *Flags) Number(name string, value, least, most int, usage string) *int {
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

// Decimal is a flag that takes a number within bounds.
func (fs *Flags) Decimal(name string, value, least, most float64, usage string) *float64 {
	n := &value
	fs.Var(checked{fmt.Sprint(value), func(text string) error {
		var parsed float64
		if _, err := fmt.Sscanf(text+"\n", "%g\n", &parsed); err != nil || !(parsed >= least && parsed <= most) {
			return fmt.Errorf("give a number from %g to %g", least, most)
		}
		*n = parsed
		return nil
	}}, name, usage)
	return n
}

// List is a flag that takes some of the names there are, or all.
func (fs *Flags) List(name string, all []string, usage string) *[]string {
	list := new([]string)
	*list = all
	fs.Var(checked{"all", func(text string) error {
		chosen := []string{}
		for part := range strings.SplitSeq(text, ",") {
			if part = strings.TrimSpace(part); part == "all" {
				chosen = all
				break
			}
			if !slices.Contains(all, part) {
				return fmt.Errorf("there is no %q: name some of %s", part, strings.Join(all, ","))
			}
			chosen = append(chosen, part)
		}
		*list = chosen
		return nil
	}}, name, usage)
	return list
}

// checked is a flag whose value is read by a function.
type checked struct {
	text string
	set  func(string) error
}

func (c checked) String() string        { return c.text }
func (c checked) Set(text string) error { return c.set(text) }

// Status returns what writes one line again and again on a terminal, and
// nothing elsewhere. An empty text wipes it.
func Status(w io.Writer) func(string) {
	file, is := w.(*os.File)
	if !is || !term.IsTerminal(int(file.Fd())) || os.Getenv("TERM") == "dumb" {
		return func(string) {}
	}
	return func(text string) {
		if width, _, err := term.GetSize(int(file.Fd())); err == nil && len(text) >= width && width > 0 {
			text = string([]rune(text)[:min(width-1, len([]rune(text)))])
		}
		fmt.Fprint(w, "\r\x1b[K", text)
	}
}

// Thousands writes a whole number with commas.
func Thousands[N ~int | ~int64 | ~uint64 | ~float64](n N) string {
	text := fmt.Sprintf("%.0f", float64(n))
	for at := len(text) - 3; at > 0 && text[at-1] != '-'; at -= 3 {
		text = text[:at] + "," + text[at:]
	}
	return text
}
