package cost

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
)

const lesson = `
go run ./05-apigw-lambda cost [flags]

Says what the chat costs a month: as functions behind API Gateway, as the hub
of step 4 on one machine, and as a cluster of hubs; and from how many users on
which is cheaper.

What API Gateway counts is messages, in both directions and in units of 32 KB,
and the minutes of all connections. A message to a room of N is 1 + N messages
and an acknowledgement, so rooms cost more than people:

  go run ./05-apigw-lambda cost -users 1000 -messages 10 -room 20
  go run ./05-apigw-lambda cost -room 200                # ten times the fan-out
  go run ./05-apigw-lambda cost -messages 0              # who only listens: minutes, and pings
  go run ./05-apigw-lambda cost -messages 0 -heartbeat 25    # the same, with pings as often as step 4's page
  go run ./05-apigw-lambda cost -svg cost.svg            # the lines, and where they cross
  go run ./05-apigw-lambda cost -list-prices             # each price, and how sure it is

What is assumed. Nobody said how long the function takes on AWS: -function-ms
and -post-ms are guesses, and Lambda's part depends on them. Hubs are sized for
-peak times the average, at -utilisation of CPU and memory, with what step 4
measured on its own machine (-delivery-us, -connection-kib). Not counted: the
work of people, support, taxes, backups, savings plans. Handshakes that are
refused and error frames may be billed: AWS does not say.

Prices are of one day and one region. -prices FILE replaces some of them:

  {"date": "2027-01-31", "rows": [{"id": "egress", "price": 0.08}]}
`

type usageError struct{ error }

// Run is the command cost. It returns the exit status: 0, 1 when a file can't
// be read or written, 2 when what was asked for makes no sense.
func Run(_ context.Context, args []string, out, errs io.Writer) int {
	err := run(args, out)
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return 0
	case errors.As(err, new(usageError)):
		fmt.Fprintln(errs, "05-apigw-lambda cost:", err)
		return 2
	}
	fmt.Fprintln(errs, "05-apigw-lambda cost:", err)
	return 1
}

func run(args []string, out io.Writer) error {
	in := Standard()
	fs := flag.NewFlagSet("cost", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	for _, f := range []struct {
		value      *float64
		name, text string
	}{
		{&in.Users, "users", "`number` connected at the same time"},
		{&in.Messages, "messages", "`number` that each sends an hour"},
		{&in.Room, "room", "members of a room (`number`): a message goes to so many"},
		{&in.Hours, "hours", "`hours` a day that users are connected"},
		{&in.Days, "days", "`days` a month"},
		{&in.Bytes, "bytes", "`size` of a message as it is delivered"},
		{&in.Session, "session", "`hours` until a client connects anew, at most 2"},
		{&in.Heartbeat, "heartbeat", "`seconds` between the pings of a client, at most 600"},
		{&in.FunctionMS, "function-ms", "`ms` that a function takes, without posts"},
		{&in.PostMS, "post-ms", "`ms` more for each post, of 50 that run at once"},
		{&in.MemoryMB, "memory", "`MB` of a function"},
		{&in.Overhead, "overhead", "`bytes` of frame, TLS and TCP/IP around a message"},
		{&in.Peak, "peak", "`times` the average that hubs have to carry"},
		{&in.Utilisation, "utilisation", "`part` of CPU and memory that a hub may use then"},
		{&in.DeliveryMicros, "delivery-us", "`µs` of CPU that a hub takes for a delivery"},
		{&in.ConnectionKiB, "connection-kib", "`KiB` that a connection takes on a hub"},
	} {
		fs.Float64Var(f.value, f.name, *f.value, f.text)
	}
	fs.BoolVar(&in.Free, "free", false, "with the free tier of API Gateway (12 months) and Lambda")
	prices := fs.String("prices", "", "a `file` with prices that replace some of the table")
	list := fs.Bool("list-prices", false, "print the price table with its sources, and no bill")
	svg := fs.String("svg", "", "write the lines as a drawing to a `file`")
	asJSON := fs.Bool("json", false, "print everything as JSON")
	tag := fs.String("lang", "en", "`language` of the result: en or pt-BR")

	if err := fs.Parse(args); errors.Is(err, flag.ErrHelp) {
		fmt.Fprint(out, strings.TrimSpace(lesson), "\n\nFlags:\n")
		fs.SetOutput(out)
		fs.PrintDefaults()
		return err
	} else if err != nil {
		return usageError{fmt.Errorf("%w: -h shows the flags", err)}
	}
	if fs.NArg() > 0 {
		return usageError{fmt.Errorf("%q is no flag: -h shows those there are", fs.Arg(0))}
	}
	if err := in.Check(); err != nil {
		return usageError{err}
	}
	l, err := Speak(*tag)
	if err != nil {
		return usageError{err}
	}
	p := StandardPrices()
	if *prices != "" {
		text, err := os.ReadFile(*prices)
		if err != nil {
			return err
		}
		if p, err = p.Override(text); err != nil {
			return usageError{fmt.Errorf("%s: %w", *prices, err)}
		}
	}
	if *svg != "" {
		if err := os.WriteFile(*svg, Draw(l, in, p), 0o644); err != nil {
			return err
		}
	}
	switch {
	case *list && *asJSON:
		return encode(out, p)
	case *list:
		writePrices(out, p)
	case *asJSON:
		return encode(out, struct {
			Input     Input      `json:"input"`
			Load      Load       `json:"load"`
			Date      string     `json:"pricesOf"`
			Bills     []Bill     `json:"bills"`
			Crossings []Crossing `json:"crossings"`
		}{in, in.Count(), p.Date, Bills(in, p), Crossings(in, p)})
	default:
		write(out, l, in, p)
	}
	return nil
}

func encode(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(v)
}
