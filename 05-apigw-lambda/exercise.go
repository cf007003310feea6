package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"websocket.example/05-apigw-lambda/workbench/grade"
)

const exerciseLesson = `
Usage: go run ./05-apigw-lambda check -exercise [flags] [URL]

Grades the function of the exercise: %d cases in %d stages, up to the first stage that
fails. Each failure tells what was sent, what came, what was wanted, and where that is
written. The function is begun in 05-apigw-lambda/exercise:

  go build -o 05-apigw-lambda/exercise/bin/bootstrap ./05-apigw-lambda/exercise
  go run ./05-apigw-lambda check -exercise
  go run ./05-apigw-lambda check -exercise -hint 1

The local gateway is started with the template, for as long as it takes. The function has
two environments, which take turns, and in the variable CONNECTIONS an empty folder that both
see. Any language will do: in the template, provided.al2023 is a program called bootstrap, and
nodejs22.x an index.mjs. It must not be built for Lambda's machine but for this one.

With a URL, a gateway is graded that runs already, such as that of
go run ./05-apigw-lambda -template 05-apigw-lambda/exercise/template.yaml
whose page then shows all of it. Some cases need more of a look, and are left out.

A case is core (without it there is no chat), or must (AWS does so sooner or later).
Exit status: 0 passed, 1 failed, 2 wrong usage.
`

// exerciseFlag makes check grade the exercise.
const exerciseFlag = "-exercise"

func isExercise(args []string) bool {
	return slices.Contains(args, exerciseFlag) || slices.Contains(args, "-"+exerciseFlag)
}

func exerciseCommand(ctx context.Context, args []string, out, errs io.Writer) int {
	var c grade.Config
	var hints int
	operand, rest := cutURL(slices.DeleteFunc(slices.Clone(args), func(a string) bool { return strings.TrimPrefix(a, "-") == exerciseFlag || a == exerciseFlag }))
	fs := newFlags("check -exercise", fmt.Sprintf(exerciseLesson, len(grade.Cases), grade.Stages), out)
	fs.StringVar(&c.Template, "template", "", "`file` with the template; without it that of the exercise")
	fs.Var(whole(&c.Stage, grade.Stages), "stage", "grade stage `n` alone, 0 is all")
	fs.BoolVar(&c.All, "all", false, "go on after a stage that failed")
	fs.Var(whole(&hints, grade.HintLevels), "hint", "give hints up to level `n`, of 3")
	tag := fs.String("lang", "en", "speak `language` en or pt-BR")
	asJSON := fs.Bool("json", false, "report as JSON")
	if err := fs.parse(rest); err != nil {
		return exit(errs, err)
	}
	language, err := grade.Speak(*tag)
	if err != nil {
		return exit(errs, wrong("-lang %q: %w", *tag, err))
	}
	if err := findExercise(&c, operand); err != nil {
		return exit(errs, err)
	}
	report, err := grade.Run(ctx, c)
	if err != nil {
		return exit(errs, toBuild(c.Template, err))
	}
	view := grade.View{Language: language, Hints: hints, Colour: isTerminal(out) && os.Getenv("NO_COLOR") == ""}
	if *asJSON {
		err = view.JSON(out, report)
	} else {
		view.Text(out, report)
	}
	if err == nil && !report.Passed() {
		return failed
	}
	return exit(errs, err)
}

// findExercise says what to grade: a URL, a template, or that of the exercise.
func findExercise(c *grade.Config, operand string) (err error) {
	switch {
	case operand != "" && c.Template != "":
		return wrong("a template or a URL: one of the two is graded")
	case operand != "":
		if c.URL, err = url.Parse(operand); err != nil || c.URL.Host == "" || c.URL.Scheme != "ws" {
			return wrong("%q is no URL of a local gateway: write it like ws://127.0.0.1:8005/prod", operand)
		}
		return nil
	case c.Template != "":
		return nil
	}
	for _, folder := range []string{"05-apigw-lambda", "."} {
		c.Template = filepath.Join(folder, "exercise", "template.yaml")
		if _, err := os.Stat(c.Template); err == nil {
			return nil
		}
	}
	return wrong("the exercise is not found from here: run it in the workspace's folder, or name its -template")
}

// toBuild adds to an error how the function is built, if nobody has done so.
func toBuild(template string, err error) error {
	folder := filepath.Join(filepath.Dir(template), "bin")
	if _, missing := os.Stat(folder); template == "" || filepath.Base(filepath.Dir(template)) != "exercise" || missing == nil {
		return err
	}
	return fmt.Errorf("%w (go build -o %s ./05-apigw-lambda/exercise)", err, filepath.Join(folder, "bootstrap"))
}

// whole is a flag with a whole number, from 0 up to most.
func whole(n *int, most int) checked {
	return checked{"0", func(text string) error {
		if _, err := fmt.Sscanf(text+" .", "%d .", n); err != nil || *n < 0 || *n > most {
			return errors.New(fmt.Sprint("choose a whole number from 0 to ", most))
		}
		return nil
	}}
}
