package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/url"
	"os"
	"strings"
	"syscall"

	"websocket.example/05-apigw-lambda/gateway/api"
	"websocket.example/05-apigw-lambda/gateway/lambda"
	"websocket.example/05-apigw-lambda/gateway/unsure"
	"websocket.example/05-apigw-lambda/local"
)

const serveLesson = `
Usage: go run ./05-apigw-lambda [flags]

An API Gateway for WebSocket APIs on your own machine, with the chat of step 4 as
Lambda functions behind it. Its page shows the chat, and beside it what AWS's console
never shows: each frame, the route it took and why, the event, the function's log and
duration, the posts back. No AWS account, no Docker and no Node is needed.

  go run ./05-apigw-lambda                    the functions in this process, a store in memory
  go run ./05-apigw-lambda -exec -dynamodb http://127.0.0.1:8006
                                              the built binaries, as AWS runs them, and a table
  go run ./05-apigw-lambda -template FILE     your own project: CloudFormation or SAM, YAML or
                                              JSON, with Go binaries or Node handlers

  ws://127.0.0.1:8005/prod                    the WebSocket API, of the stage prod
  http://127.0.0.1:8005/prod/@connections     how functions answer
  http://127.0.0.1:8005                       the Lambda Invoke API, for aws lambda invoke --endpoint-url

What fails on AWS fails here, in the same way: frames over 32 KiB, binary messages, a
subprotocol that $connect does not return, 410 for who has gone, functions that go on
after they have answered. What nobody outside AWS knows is a switch: -list-unsure.

Beside it, each with its own -h:

  go run ./05-apigw-lambda check   holds this gateway, or AWS's, against what is known of it
  go run ./05-apigw-lambda bench   how long a message takes, there and back
  go run ./05-apigw-lambda cost    what it costs a month, beside step 4's hub on instances
  go run ./05-apigw-lambda token   makes a token for a client
`

// region is where everything pretends to be.
const region = local.Region

// settings are the flags.
type settings struct {
	local.Options
	addr       string
	parameters list
	iam        string
	unsure     list
	listUnsure bool
	verbose    bool
	asJSON     bool

	out  io.Writer
	errs io.Writer
}

func (s *settings) flags(t io.Writer) *flags {
	fs := newFlags("05-apigw-lambda", serveLesson, t)
	fs.StringVar(&s.addr, "addr", "127.0.0.1:8005", "where to listen, as `host:port`; port 0 is a free one. A template's second\nAPI gets the next port")
	fs.StringVar(&s.Template, "template", "", "`file` with the template to run; without it, that of the chat")
	fs.StringVar(&s.Stage, "stage", "", "`name` of the stage, in place of the template's")
	fs.Var(&s.parameters, "parameter", "a parameter of the template, as `name=value`; may be given several times")
	fs.BoolVar(&s.Exec, "exec", false, "run the chat's functions as built binaries, through the Lambda Runtime API\n(go run ./05-apigw-lambda/deploy/build -arch amd64 builds them)")
	fs.StringVar(&s.DynamoDB, "dynamodb", "", "`URL` of a DynamoDB for the chat's table, which is created if it is not there;\nwithout it the chat is kept in memory")
	fs.StringVar(&s.Secret, "secret", "", "`text` that signs the chat's tokens; without it one is made up at each start")
	fs.BoolVar(&s.Intercept, "intercept", false, "catch what functions send to https://*.execute-api.*.amazonaws.com, through a\nproxy with its own certificate authority, so that binaries need no change")
	fs.StringVar(&s.iam, "iam", "", "check signatures, with this one key, as `id:secret`")
	fs.Var(checked{"1", func(text string) error {
		_, err := fmt.Sscanf(text, "%g", &s.Scale)
		if err != nil || !(s.Scale >= 0.001 && s.Scale <= 36_000) {
			return errors.New("choose a number, such as 60: then an idle connection ends after 10 seconds")
		}
		return nil
	}}, "scale", "`times` that the clocks of 10 minutes and 2 hours run faster")
	fs.Var(&s.unsure, "unsure", "a switch for what nobody outside AWS knows, as `name=value`; may be given several times")
	fs.BoolVar(&s.listUnsure, "list-unsure", false, "list those switches, and stop")
	fs.StringVar(&s.Domain, "domain", "", "domainName in events, `host`; without it {api}.execute-api.{region}.amazonaws.com")
	fs.BoolVar(&s.asJSON, "json", false, "log in JSON")
	fs.BoolVar(&s.verbose, "v", false, "log more: what functions print, each call")
	return fs
}

func serveCommand(ctx context.Context, args []string, out, errs io.Writer) int {
	s := settings{out: out, errs: errs}
	err := s.flags(out).parse(args)
	if err == nil && s.listUnsure {
		listUnsure(out)
		return fine
	}
	if err == nil {
		err = s.check()
	}
	if err == nil {
		s.Log = s.logger(errs)
		err = s.serve(ctx)
	}
	return exit(errs, err)
}

func (s *settings) check() (err error) {
	if s.Unsure, err = unsure.Parse(s.unsure); err != nil {
		return wrong("-unsure %w", err)
	}
	s.Parameters = make(map[string]string)
	for _, p := range s.parameters {
		name, value, found := strings.Cut(p, "=")
		if !found || name == "" {
			return wrong("-parameter %q: write name=value", p)
		}
		s.Parameters[name] = value
	}
	id, secret, found := strings.Cut(s.iam, ":")
	if s.iam != "" && (!found || id == "" || secret == "") {
		return wrong("-iam: write id:secret, any you like; clients sign with them")
	}
	s.Credentials = lambda.Credentials{AccessKeyID: id, SecretAccessKey: secret}
	if u, err := url.Parse(s.DynamoDB); s.DynamoDB != "" && (err != nil || u.Scheme == "" || u.Host == "") {
		return wrong("-dynamodb %q: write a URL such as http://127.0.0.1:8000", s.DynamoDB)
	}
	switch {
	case s.Template != "" && (s.Exec || s.DynamoDB != "" || s.Secret != ""):
		return wrong("-exec, -dynamodb and -secret are the chat's: with -template all functions are run as built, and their environment is the template's")
	case s.Exec && s.DynamoDB == "":
		return wrong("-exec runs several processes, which need a table they share: name a DynamoDB with -dynamodb URL " +
			"(npx dynalite --port 8006 is one in a second)")
	}
	if s.verbose {
		s.Printed = s.errs
	}
	return nil
}

// listUnsure prints the switches.
func listUnsure(out io.Writer) {
	fmt.Fprintln(out, "What nobody outside AWS knows for sure, what it may be, and the default:")
	for _, w := range unsure.All {
		fmt.Fprintf(out, "\n  -unsure %s=%s\n", w.Name, strings.Join(w.Values, "|"))
		for _, line := range wrap(w.Fact, 84) {
			fmt.Fprintln(out, "      "+line)
		}
	}
	fmt.Fprintln(out, "\nThe first value is the default.")
}

// wrap breaks a text into lines.
func wrap(text string, width int) (lines []string) {
	line := ""
	for word := range strings.FieldsSeq(text) {
		if line != "" && len(line)+1+len(word) > width {
			lines, line = append(lines, line), ""
		}
		line = strings.TrimSpace(line + " " + word)
	}
	return append(lines, line)
}

func (s *settings) logger(w io.Writer) *slog.Logger {
	o := &slog.HandlerOptions{Level: slog.LevelWarn}
	if s.verbose {
		o.Level = slog.LevelDebug
	}
	if s.asJSON {
		return slog.New(slog.NewJSONHandler(w, o))
	}
	return slog.New(slog.NewTextHandler(w, o))
}

// serve runs until ctx ends.
func (s *settings) serve(ctx context.Context) error {
	project, err := local.Project(s.Options)
	if err != nil {
		return err
	}
	listeners, err := s.listen(len(project.APIs))
	if err != nil {
		return err
	}
	for _, l := range listeners {
		defer l.Close()
	}
	stack, err := local.New(ctx, s.Options, project, listeners)
	if err != nil {
		return err
	}
	s.announce(project, listeners)
	return stack.Serve(ctx)
}

// listen opens a port for each API.
func (s *settings) listen(n int) ([]net.Listener, error) {
	host, port, err := net.SplitHostPort(s.addr)
	if err != nil {
		return nil, wrong("-addr: %w", addressError(s.addr, err))
	}
	number, err := net.LookupPort("tcp", port)
	if err != nil {
		return nil, wrong("-addr: %w", addressError(s.addr, err))
	}
	var list []net.Listener
	for i := range n {
		at := net.JoinHostPort(host, fmt.Sprint(number+i))
		if number == 0 {
			at = s.addr
		}
		l, err := net.Listen("tcp", at)
		if err != nil {
			for _, l := range list {
				l.Close()
			}
			return nil, wrong("-addr: %w", addressError(at, err))
		}
		list = append(list, l)
	}
	return list, nil
}

func addressError(addr string, err error) error {
	var unknown *net.AddrError
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("%s is taken by another program: choose another port, or port 0 for a free one", addr)
	case errors.Is(err, os.ErrPermission):
		return fmt.Errorf("%s may not be opened: choose a port above 1023", addr)
	case errors.As(err, &unknown):
		return fmt.Errorf("%q is no address: write host:port, such as 127.0.0.1:8005", addr)
	}
	return err
}

// announce says what runs, and what does not.
func (s *settings) announce(p *api.Project, listeners []net.Listener) {
	for i, a := range p.APIs {
		at := listeners[i].Addr()
		fmt.Fprintf(s.out, "%s: page http://%s, WebSocket ws://%s/%s, @connections http://%s/%s/@connections\n",
			a.ResourceID, at, at, a.Stage.Name, at, a.Stage.Name)
	}
	for _, n := range p.Notices {
		if s.Template == "" {
			break // the chat's functions are here, or have failed to start
		}
		fmt.Fprintf(s.out, "  %s (%s): %s\n", n.ResourceID, n.Type, n.Reason)
	}
	fmt.Fprintln(s.out, "Ctrl-C stops.")
}
