package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/textproto"
	"net/url"
	"strings"

	"websocket.example/02-handshake/handshake"
)

// A flagSet has a lesson, which -h prints, and errors of one line.
type flagSet struct {
	*flag.FlagSet
	lesson string
	t      terminal
}

func newFlags(name, lesson string, t terminal) *flagSet {
	fs := &flagSet{flag.NewFlagSet(name, flag.ContinueOnError), strings.TrimSpace(lesson), t}
	fs.SetOutput(io.Discard) // errors are printed once, by run
	fs.Usage = func() {}     // and the lesson only when asked for
	return fs
}

func (fs *flagSet) help() {
	fmt.Fprintln(fs.t.out, fs.lesson+"\n\nFlags:")
	fs.VisitAll(func(f *flag.Flag) {
		kind, text := flag.UnquoteUsage(f)
		head := "-" + f.Name
		if kind != "" {
			head += " " + kind
		}
		if f.DefValue != "" && f.DefValue != "false" && f.DefValue != "0" {
			text += " (" + f.DefValue + ")"
		}
		fmt.Fprintf(fs.t.out, "  %-22s %s\n", head, text)
	})
}

// parse reads the flags, which may stand on both sides of the URL, if there
// is one to come.
func parse(fs *flagSet, args []string, withURL bool) (*url.URL, error) {
	var address string
	for {
		err := fs.Parse(args)
		switch {
		case errors.Is(err, flag.ErrHelp):
			fs.help()
			return nil, err
		case err != nil:
			return nil, flagError(err)
		case fs.NArg() == 0:
			if withURL && address == "" {
				return nil, wrong("which server? Write its URL, such as ws://127.0.0.1:8002/chat")
			}
			if !withURL {
				return nil, nil
			}
			u, err := handshake.ParseURL(address)
			if err != nil {
				return nil, usageError{err}
			}
			return u, nil
		case !withURL:
			return nil, wrong("%q is not a flag: all arguments start with -, and a command comes first", fs.Arg(0))
		case address != "":
			return nil, wrong("one URL at a time: %q is one too many", fs.Arg(0))
		}
		address, args = fs.Arg(0), fs.Args()[1:]
	}
}

func flagError(err error) error {
	text := err.Error()
	if name, is := strings.CutPrefix(text, "flag provided but not defined: "); is {
		return wrong("there is no flag %s: -h shows those there are", name)
	}
	if name, is := strings.CutPrefix(text, "flag needs an argument: "); is {
		return wrong("%s needs a value after it: -h shows which", name)
	}
	return wrong("%s", text)
}

// languageFlag takes en or pt-BR.
func languageFlag(fs *flagSet, usage string) *string {
	tag := "en"
	fs.Var(checked{"en", func(text string) error {
		if text != "en" && text != "pt-BR" {
			return errors.New("choose en or pt-BR")
		}
		tag = text
		return nil
	}}, "lang", usage)
	return &tag
}

// headerFlag collects lines such as 'Cookie: a=b'.
func headerFlag(fs *flagSet) http.Header {
	header := make(http.Header)
	fs.Var(checked{"", func(text string) error {
		name, value, found := strings.Cut(text, ":")
		line := handshake.Header{{Name: name, Value: strings.TrimSpace(value)}}
		if !found {
			return errors.New("write it as 'Name: value'")
		}
		if err := line.Check(); err != nil {
			return err
		}
		key := textproto.CanonicalMIMEHeaderKey(name)
		header[key] = append(header[key], line[0].Value)
		return nil
	}}, "H", "add the header `'Name: value'`; may come more than once")
	return header
}

// listFlag collects words, separated by commas or by coming again.
func listFlag(fs *flagSet, name, usage string) *[]string {
	list := new([]string)
	fs.Var(checked{"", func(text string) error {
		words, err := handshake.ParseTokens(text)
		if err != nil {
			return fmt.Errorf("write names with commas between them: %w", err)
		}
		*list = append(*list, words...)
		return nil
	}}, name, usage)
	return list
}

// numberFlag takes a whole number within bounds.
func numberFlag(fs *flagSet, name string, most int, usage string) *int {
	n := new(int)
	fs.Var(checked{"0", func(text string) error {
		var rest string
		if count, _ := fmt.Sscanf(text+" ", "%d%s", n, &rest); count != 1 || *n < 0 || *n > most {
			return fmt.Errorf("give a number from 0 to %d", most)
		}
		return nil
	}}, name, usage)
	return n
}

// checked is a flag whose value is read by a function.
type checked struct {
	text string
	set  func(string) error
}

func (c checked) String() string        { return c.text }
func (c checked) Set(text string) error { return c.set(text) }
