package exercise

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"

	"go.uber.org/goleak"

	"websocket.example/02-handshake/workbench/exercise"
	"websocket.example/05-apigw-lambda/workbench/grade"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// The stub, the finished function, and each step between them.
func TestPath(t *testing.T) {
	exercise.Test(t, exercise.Exercise{Stub: "../../exercise", Stages: grade.Stages, Start: bootstrap, Grade: gradeCode})
}

// bootstrap puts a program where Lambda wants it.
func bootstrap(t *testing.T, binary string) (folder string) {
	folder = t.TempDir()
	name := "bootstrap"
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	if err := os.Rename(binary, filepath.Join(folder, name)); err != nil {
		t.Fatal(err)
	}
	return folder
}

func gradeCode(t *testing.T, folder string, _ int) (rows []exercise.Row, err error) {
	report, err := grade.Run(t.Context(), grade.Config{Template: "../../exercise/template.yaml", Code: folder})
	if err != nil {
		return nil, err
	}
	for _, r := range report.Results {
		rows = append(rows, exercise.Row{Stage: r.Stage, ID: r.ID, Verdict: string(r.Verdict), Failed: r.Verdict == grade.Failed})
	}
	return rows, nil
}

// Any language will do.
func TestNode(t *testing.T) {
	if _, err := exec.LookPath("node"); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skip("there is no node: install Node.js")
	}
	report, err := grade.Run(t.Context(), grade.Config{Template: "testdata/node/template.yaml"})
	if err != nil {
		t.Fatal(err)
	}
	if report.Count(grade.OK) != len(grade.Cases) {
		grade.View{Language: grade.English}.Text(t.Output(), report)
		t.Fail()
	}
}
