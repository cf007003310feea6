package nats

import (
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

// The tests need processes to kill. Each is this test binary again, told by
// its environment what to be.
const roleKey = "CHAT_LOG_TEST_ROLE"

var roles = map[string]func() error{
	"server": serveMember,
	"hub":    appendForever,
}

func TestMain(m *testing.M) {
	if role := os.Getenv(roleKey); role != "" {
		// Whoever started it holds the other end: no process is left behind.
		go func() {
			_, _ = io.Copy(io.Discard, os.Stdin)
			os.Exit(0)
		}()
		if err := roles[role](); err != nil {
			_, _ = os.Stderr.WriteString(role + ": " + err.Error() + "\n")
			os.Exit(1)
		}
		os.Exit(0)
	}
	goleak.VerifyTestMain(m,
		// Timers of the server that end by themselves, some seconds after it.
		goleak.IgnoreTopFunction("time.Sleep"),
		// A server whose folder is lost while it makes a store forgets that
		// store: its clock and its writer run on.
		goleak.IgnoreTopFunction("github.com/nats-io/nats-server/v2/server/ats.Register.func1"),
		goleak.IgnoreAnyFunction("github.com/nats-io/nats-server/v2/server.(*fileStore).flushStreamStateLoop"))
}

// start runs this binary as a process with a role.
func start(t *testing.T, role, argument string) (*exec.Cmd, io.Reader) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), roleKey+"="+role, argumentKey+"="+argument)
	cmd.Stderr = &logWriter{t: t, name: role}
	if _, err := cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	return cmd, out
}

const argumentKey = "CHAT_LOG_TEST_ARGUMENT"

type logWriter struct {
	t    *testing.T
	name string
}

func (w *logWriter) Write(b []byte) (int, error) {
	w.t.Logf("%s: %s", w.name, strings.TrimSpace(string(b)))
	return len(b), nil
}
