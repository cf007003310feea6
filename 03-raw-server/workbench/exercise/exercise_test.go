package exercise

import (
	"testing"
	"time"

	"go.uber.org/goleak"

	"websocket.example/02-handshake/workbench/exercise"
	"websocket.example/03-raw-server/workbench/check"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestPath(t *testing.T) {
	exercise.Test(t, exercise.Exercise{Stub: "../../exercise", Stages: check.Stages, Grade: grade})
}

// grade stops after the first stage that fails, as the learner does.
func grade(t *testing.T, url string, _ int) (rows []exercise.Row, err error) {
	report, err := check.Run(t.Context(), url, check.Options{Limit: 4 * time.Second})
	if err != nil {
		return nil, err
	}
	for _, r := range report.Results {
		rows = append(rows, exercise.Row{Stage: r.Stage, ID: r.ID, Verdict: string(r.Verdict), Failed: r.Verdict == check.Failed})
	}
	return rows, nil
}
