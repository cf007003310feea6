package main

import (
	"bytes"
	"os"
	"os/exec"
	"strings"
	"testing"
)

func TestExerciseUsage(t *testing.T) {
	for _, row := range []struct {
		args string
		says string
	}{
		{"http://h", "is no URL of a local gateway"},
		{"wss://h/prod", "is no URL of a local gateway"},
		{"-template x.yaml ws://h/prod", "one of the two is graded"},
		{"-stage 7", "choose a whole number from 0 to 6"},
		{"-stage 1x", "choose a whole number from 0 to 6"},
		{"-hint 4", "choose a whole number from 0 to 3"},
		{"-lang fr", "choose en or pt-BR"},
		{"-slow", "there is no flag -slow"},
	} {
		status, out, errs := runCheck(t, append([]string{"-exercise"}, strings.Fields(row.args)...)...)
		if status != misuse || out != "" || !strings.Contains(errs, row.says) || strings.Count(errs, "\n") != 1 {
			t.Errorf("%s: status %d, %s%s", row.args, status, out, errs)
		}
	}
	if status, out, errs := runCheck(t, "-h", "-exercise"); status != fine || errs != "" || !strings.Contains(out, "14 cases in 6 stages") {
		t.Errorf("-h: status %d, %s%s", status, out, errs)
	}
}

// The chat wants a token, and says 401: a gateway that runs already, a report
// in either language or for a program, and the status of one who failed.
func TestExerciseURL(t *testing.T) {
	_, ws := startProgram(t, "-addr", "127.0.0.1:0").address(t)
	for args, says := range map[string]string{
		"-lang pt-BR ": "Falhou: 1 de 3 casos",
		"-json ":       `"passed": false`,
		"-hint 3 ":     "return answer{200}, nil",
	} {
		status, out, errs := runCheck(t, append(strings.Fields("-exercise "+args), ws)...)
		if status != failed || errs != "" || !strings.Contains(out, says) || !strings.Contains(out, "HTTP 401") {
			t.Errorf("%s: status %d, %s%s", args, status, out, errs)
		}
	}
	if status, _, errs := runCheck(t, "-exercise", "ws://127.0.0.1:1/prod"); status != failed || !strings.Contains(errs, "nobody answers") {
		t.Errorf("nobody: status %d, %s", status, errs)
	}
}

// A template of one's own, and the status of one who passed.
func TestExerciseTemplate(t *testing.T) {
	if _, err := exec.LookPath("node"); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skip("there is no node: install Node.js")
	}
	status, out, errs := runCheck(t, "-exercise", "-template", "workbench/exercise/testdata/node/template.yaml")
	if status != fine || errs != "" || !strings.Contains(out, "Passed: 14 of 14 cases ok") {
		t.Errorf("status %d, %s%s", status, out, errs)
	}
}

// Who has forgotten to build it is told how.
func TestExerciseNotBuilt(t *testing.T) {
	text, err := os.ReadFile("exercise/template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	if err := os.Mkdir("exercise", 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("exercise/template.yaml", text, 0o600); err != nil {
		t.Fatal(err)
	}
	var out, errs bytes.Buffer
	status := exerciseCommand(t.Context(), []string{"-exercise"}, &out, &errs)
	if status != failed || !strings.Contains(errs.String(), "./05-apigw-lambda/exercise)") || strings.Count(errs.String(), "\n") != 1 {
		t.Errorf("status %d, %s", status, &errs)
	}
}
