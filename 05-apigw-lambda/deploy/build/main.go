// Command build compiles the functions for AWS Lambda, on any system:
//
//	go run ./05-apigw-lambda/deploy/build
//
// Of each it makes a folder with the file bootstrap, for SAM, and the same in
// a zip file, for the Serverless Framework. The zip's only entry may be
// executed, also when it was made on Windows, and the same source always
// makes the same bytes.
package main

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"time"
)

// The functions, by the names of their folders in bin/lambda.
var functions = []struct{ name, source string }{
	{"chat", "./functions/chat"},
	{"authorizer", "./functions/authorizer"},
	{"announce", "./functions/announce"},
	{"probe", "./deploy/probe/function"},
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
	case errors.As(err, new(usageError)):
		fmt.Fprintln(os.Stderr, "build:", err)
		os.Exit(2)
	case err != nil:
		fmt.Fprintln(os.Stderr, "build:", err)
		os.Exit(1)
	}
}

type usageError struct{ error }

func run(ctx context.Context, args []string, out, errs io.Writer) error {
	flags := flag.NewFlagSet("build", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	arch := flags.String("arch", "arm64", "what Lambda runs them on: arm64 or amd64 (x86_64 to AWS)")
	goos := flags.String("os", "linux", "another system makes binaries for \"-exec\" of the local gateway there")
	folder := flags.String("o", "", "where to write them, bin/lambda in this step's folder if empty")
	only := flags.String("only", "", "the one function to build, such as chat")
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		fmt.Fprint(out, "go run ./05-apigw-lambda/deploy/build [-arch arm64] [-os linux] [-o FOLDER] [-only NAME]\n\n"+
			"Compiles the functions into FOLDER/NAME/bootstrap, and FOLDER/NAME.zip.\n\n")
		flags.SetOutput(out)
		flags.PrintDefaults()
		return err
	} else if err != nil {
		return usageError{err}
	}
	if flags.NArg() > 0 {
		return usageError{fmt.Errorf("%q is one argument too many: see -h", flags.Arg(0))}
	}
	if *arch == "x86_64" {
		*arch = "amd64"
	}

	module, err := module(ctx)
	if err != nil {
		return err
	}
	if *folder == "" {
		*folder = filepath.Join(module, "bin", "lambda")
	}
	into, err := filepath.Abs(*folder)
	if err != nil {
		return err
	}

	built := 0
	for _, f := range functions {
		if *only != "" && *only != f.name {
			continue
		}
		built++
		binary := filepath.Join(into, f.name, "bootstrap")
		if err := compile(ctx, module, f.source, binary, *goos, *arch, errs); err != nil {
			return fmt.Errorf("%s does not compile: %w", f.source, err)
		}
		size, err := pack(binary, filepath.Join(into, f.name+".zip"))
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "%-10s %s/%s  %4.1f MB, %.1f MB zipped\n", f.name, *goos, *arch, size.plain, size.zipped)
	}
	if built == 0 {
		return usageError{fmt.Errorf("no function is called %q", *only)}
	}
	return nil
}

// module is the folder of this step.
func module(ctx context.Context) (string, error) {
	out, err := exec.CommandContext(ctx, "go", "list", "-f", "{{.Module.Dir}}", "websocket.example/05-apigw-lambda/deploy/build").Output()
	if err != nil {
		return "", fmt.Errorf("the module of this step is not found from here: run it within the workspace (%w)", err)
	}
	return strings.TrimSpace(string(out)), nil
}

// compile builds a function as Lambda wants it: lambda.norpc leaves out what
// only the old go1.x runtime needed.
func compile(ctx context.Context, module, source, binary, goos, goarch string, errs io.Writer) error {
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-tags", "lambda.norpc", "-ldflags", "-s -w", "-o", binary, source)
	cmd.Dir = module
	cmd.Env = append(os.Environ(), "GOOS="+goos, "GOARCH="+goarch, "CGO_ENABLED=0")
	cmd.Stderr = errs
	return cmd.Run()
}

type sizes struct{ plain, zipped float64 } // MB

// pack writes the zip file.
func pack(binary, file string) (sizes, error) {
	code, err := os.ReadFile(binary)
	if err != nil {
		return sizes{}, err
	}
	header := &zip.FileHeader{
		Name:     "bootstrap",
		Method:   zip.Deflate,
		Modified: time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC), // the first a zip file can tell
	}
	header.SetMode(0o755)

	var buf bytes.Buffer
	z := zip.NewWriter(&buf)
	w, err := z.CreateHeader(header)
	if err != nil {
		return sizes{}, err
	}
	if _, err := w.Write(code); err != nil {
		return sizes{}, err
	}
	if err := z.Close(); err != nil {
		return sizes{}, err
	}
	if err := os.WriteFile(file, buf.Bytes(), 0o644); err != nil {
		return sizes{}, err
	}
	return sizes{float64(len(code)) / 1e6, float64(buf.Len()) / 1e6}, nil
}
