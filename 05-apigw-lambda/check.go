package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"regexp"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"golang.org/x/term"

	"websocket.example/02-handshake/handshake"
	"websocket.example/05-apigw-lambda/workbench/check"
)

const checkLesson = `
Usage: go run ./05-apigw-lambda check [flags] URL

Holds an API Gateway against %d behaviours that can be seen from outside, each with
where it is known from. Behind URL must be the probe of deploy/probe: three APIs whose
functions do on demand whatever functions can do, well or badly.

  the local gateway, which prints the URLs of the three when it starts:
    go run ./05-apigw-lambda/deploy/build -arch amd64 -only probe
    go run ./05-apigw-lambda -intercept -template 05-apigw-lambda/deploy/probe/template.yaml
    go run ./05-apigw-lambda check -bare ws://127.0.0.1:8006/prod -asking ws://127.0.0.1:8007/prod ws://127.0.0.1:8005/prod

  AWS, with the outputs of the stack; calls of @connections are signed with the keys
  that the AWS SDK finds in your environment:
    go run ./05-apigw-lambda check -bare BareURL -asking AskingURL URL

What is documented, or was observed on AWS, must hold. What nobody outside AWS knows
for sure cannot fail: there the row says what this endpoint does. On a real account
those answers settle the questions of -list-unsure. What needs something that was not
given is not asked.

Your own function is graded by go run ./05-apigw-lambda check -exercise, which has a -h
of its own.

Exit status: 0 what is known holds, 1 something does not, 2 wrong usage.
`

// checkSettings are the flags of check.
type checkSettings struct {
	bare, asking, connections urlFlag
	key, tag                  string
	only, skip                regexpFlag
	scale                     float64
	slow, asJSON, verbose     bool
	limit                     time.Duration
}

func (s *checkSettings) flags(out io.Writer) *flags {
	fs := newFlags("check", fmt.Sprintf(checkLesson, len(check.Rows)), out)
	fs.Var(&s.bare, "bare", "`URL` of the probe's bare API; without it some rows are not asked")
	fs.Var(&s.asking, "asking", "`URL` of the probe's asking API, likewise")
	fs.Var(&s.connections, "connections", "`URL` of @connections, with the stage; without it that of URL, http for ws and\nhttps for wss")
	fs.StringVar(&s.key, "key", "", "sign calls of @connections with this key, as `id:secret`; without it, for wss, with\nthe AWS SDK's default credentials")
	fs.Var(&s.only, "only", "rows whose ID matches this `regexp` alone")
	fs.Var(&s.skip, "skip", "rows whose ID matches this `regexp` not")
	fs.BoolVar(&s.slow, "slow", false, "also what takes 10 minutes, and 2 hours")
	fs.Var(checked{"1", func(text string) error {
		_, err := fmt.Sscanf(text, "%g", &s.scale)
		if err != nil || !(s.scale >= 1 && s.scale <= 36_000) {
			return errors.New("choose a number, such as 60, which is what the gateway's own -scale was")
		}
		return nil
	}}, "scale", "`times` that the clocks of the endpoint run faster; then -slow is not needed\n(above 100 other rows' connections would end too soon: add -only '^(idle|life|no-server)')")
	fs.Var(checked{"3s", func(text string) (err error) {
		if s.limit, err = time.ParseDuration(text); err != nil || s.limit < 100*time.Millisecond || s.limit > time.Minute {
			return errors.New("choose a time such as 3s, from 100ms to 1m")
		}
		return nil
	}}, "limit", "`time` that a row may take")
	fs.BoolVar(&s.asJSON, "json", false, "report as JSON")
	fs.StringVar(&s.tag, "lang", "en", "speak `language` en or pt-BR")
	fs.BoolVar(&s.verbose, "v", false, "show also what holds, and every conversation")
	return fs
}

func checkCommand(ctx context.Context, args []string, out, errs io.Writer) int {
	if isExercise(args) {
		return exerciseCommand(ctx, args, out, errs)
	}
	s := checkSettings{limit: 3 * time.Second, scale: 1}
	report, view, err := s.run(ctx, args, out, errs)
	switch {
	case err != nil:
		return exit(errs, err)
	case s.asJSON:
		err = view.JSON(out, report)
	default:
		view.Text(out, report)
	}
	if err == nil && !report.Passed() {
		return failed
	}
	return exit(errs, err)
}

func (s *checkSettings) run(ctx context.Context, args []string, out, errs io.Writer) (*check.Report, check.View, error) {
	var view check.View
	operand, rest := cutURL(args)
	if err := s.flags(out).parse(rest); err != nil {
		return nil, view, err
	}
	language, err := check.Speak(s.tag)
	if err != nil {
		return nil, view, wrong("-lang: %w", err)
	}
	if operand == "" {
		return nil, view, wrong("check what? Give a URL, such as ws://127.0.0.1:8005/prod; -h says what has to be there")
	}
	config, err := s.config(ctx, operand)
	if err != nil {
		return nil, view, err
	}
	view = check.View{Language: language, Colour: isTerminal(out) && os.Getenv("NO_COLOR") == "", Verbose: s.verbose}
	if isTerminal(errs) {
		config.Progress = func(done, of int) { fmt.Fprintf(errs, "\r%d/%d ", done, of) }
		defer fmt.Fprint(errs, "\r         \r")
	}
	report, err := check.Run(ctx, config)
	return report, view, err
}

// cutURL takes the URL from the arguments: it is the first or the last.
func cutURL(args []string) (operand string, rest []string) {
	n := len(args)
	switch {
	case n > 0 && !strings.HasPrefix(args[0], "-"):
		return args[0], args[1:]
	case n > 0 && strings.Contains(args[n-1], "://"):
		return args[n-1], args[:n-1]
	}
	return "", args
}

func (s *checkSettings) config(ctx context.Context, operand string) (check.Config, error) {
	main, err := handshake.ParseURL(operand)
	if err != nil {
		return check.Config{}, wrong("%q is not the URL of a WebSocket API: %w", operand, err)
	}
	c := check.Config{
		Main: main, Bare: s.bare.URL, Asking: s.asking.URL, Connections: s.connections.URL,
		Only: s.only.Regexp, Skip: s.skip.Regexp, Slow: s.slow, Scale: s.scale, Limit: s.limit,
		Region: regionOf(main.Hostname()),
	}
	if c.Connections == nil {
		at := *main
		at.Scheme, at.RawQuery = strings.Replace(at.Scheme, "ws", "http", 1), ""
		c.Connections = &at
	}
	switch id, secret, found := strings.Cut(s.key, ":"); {
	case s.key != "" && (!found || id == "" || secret == ""):
		return c, wrong("-key: write id:secret")
	case s.key != "":
		c.Credentials = credentials.NewStaticCredentialsProvider(id, secret, "")
	case main.Scheme == "wss":
		if c.Credentials = defaultCredentials(ctx); c.Credentials == nil {
			c.Connections = nil // without a signature every call would be refused
		}
	}
	return c, nil
}

// regionOf reads the region in API.execute-api.REGION.amazonaws.com.
func regionOf(host string) string {
	if parts := strings.Split(host, "."); len(parts) > 3 && parts[1] == "execute-api" {
		return parts[2]
	}
	return region
}

// defaultCredentials are those that an SDK would find; nil if there are none.
func defaultCredentials(ctx context.Context) aws.CredentialsProvider {
	const patience = 5 * time.Second // it may ask the network
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	config, err := awsconfig.LoadDefaultConfig(ctx)
	if err != nil {
		return nil
	}
	if _, err := config.Credentials.Retrieve(ctx); err != nil {
		return nil
	}
	return config.Credentials
}

func isTerminal(w io.Writer) bool {
	f, is := w.(*os.File)
	return is && term.IsTerminal(int(f.Fd()))
}

// urlFlag is a flag with a URL.
type urlFlag struct{ *url.URL }

func (u *urlFlag) String() string { return "" }
func (u *urlFlag) Set(text string) error {
	parsed, err := url.Parse(text)
	if err != nil || parsed.Host == "" || !strings.Contains(" ws wss http https ", " "+parsed.Scheme+" ") {
		return errors.New("write a URL such as ws://127.0.0.1:8006/prod")
	}
	u.URL = parsed
	return nil
}

// regexpFlag is a flag with a regular expression.
type regexpFlag struct{ *regexp.Regexp }

func (r *regexpFlag) String() string { return "" }
func (r *regexpFlag) Set(text string) (err error) {
	r.Regexp, err = regexp.Compile(text)
	return err
}
