package exercise

import (
	"net/url"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"websocket.example/02-handshake/workbench/exercise"
	"websocket.example/04-chat-hub/workbench/check"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestPath(t *testing.T) {
	exercise.Test(t, exercise.Exercise{Stub: "../../exercise", Stages: check.Stages, Grade: grade})
}

// A machine may be busy, and nobody waits as long as ample if all goes well.
// A finished program drops the dead after 2 s.
const ample, inVain = 15 * time.Second, 2500 * time.Millisecond

// grade grades the stages up to the first that should fail, all at once. The
// finished program is graded as the learner's is, with all floods.
func grade(t *testing.T, address string, done int) (rows []exercise.Row, err error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	last := max(1, min(done, check.Stages))
	reports, errs := make([]*check.Report, last), make([]error, last)
	var work sync.WaitGroup
	for i := range last {
		config := check.Config{URL: u, Stage: i + 1, Patience: ample, Limit: ample}
		if config.Stage == done { // the red one
			config.Patience, config.Limit = inVain, inVain
		}
		if done <= check.Stages && done != 5 {
			config.Floods = 4 // it is not about the slow
		}
		work.Go(func() { reports[i], errs[i] = check.Run(t.Context(), config) })
	}
	work.Wait()
	for i, report := range reports {
		if errs[i] != nil {
			return nil, errs[i]
		}
		for _, r := range report.Results {
			rows = append(rows, exercise.Row{Stage: r.Stage, ID: r.ID, Verdict: string(r.Verdict), Failed: r.Verdict == check.Failed})
		}
	}
	return rows, nil
}
