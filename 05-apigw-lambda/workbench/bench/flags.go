package bench

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"golang.org/x/term"
)

// settings are the flags.
type settings struct {
	rounds, messages, warmUp, size int
	only                           []string
	profile                        string
	hold, room, broadcasts, pace   int
	asJSON                         bool
}

func read(args []string, out io.Writer) (*settings, error) {
	s := new(settings)
	fs := flag.NewFlagSet("bench", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	bounds := make(map[string][2]int)
	number := func(v *int, name string, value, low, high int, text string) {
		fs.IntVar(v, name, value, text)
		bounds[name] = [2]int{low, high}
	}
	quick := fs.Bool("quick", false, "two short rounds; the figures are rough")
	number(&s.rounds, "rounds", 5, 1, 1000, "`number` of rounds")
	number(&s.messages, "messages", 2000, 10, 100_000, "`number` of messages for each peer in a round")
	number(&s.warmUp, "warmup", 2000, 0, 100_000, "`number` of messages to each peer before the first round")
	number(&s.size, "size", 64, 8, 32_000, "`bytes` of a message's text")
	only := fs.String("only", "", "`names` of the peers, with commas between them; all without it")
	fs.StringVar(&s.profile, "profile", "", "write CPU profiles of our gateways to this `folder`; they make them slower")
	number(&s.hold, "hold", 0, 10, 100_000, "hold this `number` of connections, and measure a broadcast in place of echoes")
	number(&s.room, "room", 1000, 2, 100_000, "`number` of connections that a broadcast goes to")
	number(&s.broadcasts, "broadcasts", 20, 1, 10_000, "`number` of broadcasts, one after the other")
	number(&s.pace, "pace", 450, 0, 100_000, "`number` of new connections a second; 0 is as fast as it goes, which ends at 429")
	fs.BoolVar(&s.asJSON, "json", false, "print every measurement as JSON")
	switch err := fs.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprint(out, strings.TrimSpace(lesson), "\n\nFlags:\n")
		fs.SetOutput(out)
		fs.PrintDefaults()
		return nil, err
	case err != nil:
		return nil, wrong("%w: -h shows the flags", err)
	case fs.NArg() > 0:
		return nil, wrong("%q is no flag: -h shows those there are", fs.Arg(0))
	}
	given := make(map[string]bool)
	var err error
	fs.Visit(func(f *flag.Flag) {
		given[f.Name] = true
		if b, is := bounds[f.Name]; is && err == nil {
			if n := f.Value.(flag.Getter).Get().(int); n < b[0] || n > b[1] {
				err = wrong("-%s %d: choose a whole number from %d to %d", f.Name, n, b[0], b[1])
			}
		}
	})
	if err != nil {
		return nil, err
	}
	if *quick {
		s.rounds, s.messages, s.warmUp = 2, min(s.messages, 500), min(s.warmUp, 500)
	}
	for _, name := range []string{"room", "broadcasts", "pace"} {
		if given[name] && s.hold == 0 {
			return nil, wrong("-%s goes with -hold: say how many connections there are", name)
		}
	}
	if s.hold > 0 {
		if !given["room"] {
			s.room = min(s.room, s.hold)
		}
		if s.room > s.hold {
			return nil, wrong("-room %d: -hold %d connections are fewer", s.room, s.hold)
		}
		for _, name := range []string{"rounds", "messages", "warmup", "only", "quick"} {
			if given[name] {
				return nil, wrong("-%s is for echoes: leave it out with -hold", name)
			}
		}
	}
	if s.only, err = chosen(*only); err != nil {
		return nil, err
	}
	if s.profile != "" {
		if info, err := os.Stat(s.profile); err != nil || !info.IsDir() {
			return nil, wrong("-profile %s: name a folder that is there", s.profile)
		}
	}
	return s, nil
}

// chosen are the names of peers, all without any.
func chosen(list string) ([]string, error) {
	var all []string
	for _, p := range peers {
		all = append(all, p.name)
	}
	if list == "" {
		return all, nil
	}
	names := strings.Split(list, ",")
	for _, name := range names {
		if !slices.Contains(all, name) {
			return nil, wrong("-only %q: there are %s", name, strings.Join(all, ", "))
		}
	}
	return names, nil
}

// status is a line that is written again and again, on a terminal.
func status(w io.Writer) func(string) {
	file, is := w.(*os.File)
	if !is || !term.IsTerminal(int(file.Fd())) || os.Getenv("TERM") == "dumb" {
		return func(string) {}
	}
	return func(text string) { fmt.Fprint(w, "\r\x1b[K", text) }
}
