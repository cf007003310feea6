package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"

	"websocket.example/slides/doctor"
)

const doctorLesson = `
Usage: go run ./slides doctor [flags]

Looks, at home and before the workshop, for what it needs: Go and the modules
(everything is built as if there were no network, which takes some minutes the
first time and none later), ports, the loopback addresses, a WebSocket on this
machine, the proxy settings, a browser, open files, the clock.

  ok        it is well
  warn      the workshop works, part of it less well
  missing   needed

Below what is not ok stands how to mend it. The last line is made to be pasted in
a chat: it names the system and what is missing, no person and no folder.

  go run ./slides doctor
  go run ./slides doctor -lang pt-BR

Exit status: 0 fine, 1 something needed is missing, 2 wrong usage.
`

func doctorCommand(ctx context.Context, args []string, out, errs io.Writer) int {
	fs := newFlags("doctor", doctorLesson, out)
	lang := fs.String("lang", "", "speak `language` en or pt-BR; without it, that of your system")
	asJSON := fs.Bool("json", false, "report as JSON")
	if err := fs.parse(args); err != nil {
		return exit(errs, err)
	}
	if *lang != "" && *lang != "en" && *lang != "pt-BR" {
		return exit(errs, wrong("-lang %q: it speaks en and pt-BR", *lang))
	}
	speech := settings{lang: *lang}
	bar := newLine(errs)
	o := doctor.Options{Lang: speech.language(os.Getenv), Dir: ".", Progress: bar.at}
	if !*asJSON {
		o.Found = func(f doctor.Finding) {
			bar.clear()
			doctor.Print(out, f)
		}
	}
	report, err := doctor.Run(ctx, o)
	bar.clear()
	switch {
	case err != nil:
		return exit(errs, err)
	case *asJSON:
		encoder := json.NewEncoder(out)
		encoder.SetIndent("", "  ")
		if err := encoder.Encode(report); err != nil {
			return exit(errs, err)
		}
	default:
		fmt.Fprintf(out, "\n%s\n", report.Line)
	}
	if !report.OK {
		return failed
	}
	return fine
}
