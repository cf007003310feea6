package lambda

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"websocket.example/05-apigw-lambda/gateway/api"
)

// code is the folder with the test function's bootstrap, built once.
var code string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "lambda-test-")
	if err != nil {
		panic(err)
	}
	code = dir
	name := "bootstrap"
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	build := exec.Command("go", "build", "-tags", "lambda.norpc", "-o", filepath.Join(dir, name), "./testdata/function")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "the test function does not build: %v\n%s", err, out)
		os.RemoveAll(dir)
		os.Exit(1)
	}
	goleak.VerifyTestMain(m, goleak.Cleanup(func(status int) {
		if left := children(); len(left) > 0 && status == 0 {
			fmt.Fprintln(os.Stderr, "processes are left:", left)
			status = 1
		}
		os.RemoveAll(dir)
		os.Exit(status)
	}))
}

// children are the processes whose parent is this one, or which have lost
// theirs and run the test function.
func children() (left []string) {
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, name := range stats {
		b, err := os.ReadFile(name)
		if err != nil {
			continue
		}
		_, rest, _ := strings.Cut(string(b), ") ")
		f := strings.Fields(rest)
		exe, _ := os.Readlink(filepath.Join(filepath.Dir(name), "exe"))
		if len(f) > 1 && f[1] == fmt.Sprint(os.Getpid()) || strings.HasPrefix(exe, code+"/") {
			left = append(left, filepath.Base(filepath.Dir(name))+" "+exe)
		}
	}
	return left
}

// A journal collects what is logged and warned of.
type journal struct {
	mu       sync.Mutex
	text     strings.Builder
	warnings []Warning
	warned   chan Warning
}

func newJournal() *journal { return &journal{warned: make(chan Warning, 100)} }

func (j *journal) options(o Options) Options {
	o.Log = func(e Entry) {
		j.mu.Lock()
		defer j.mu.Unlock()
		j.text.Write(e.Text)
	}
	o.Warn = func(w Warning) {
		j.mu.Lock()
		j.warnings = append(j.warnings, w)
		j.mu.Unlock()
		j.warned <- w
	}
	return o
}

func (j *journal) log() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}

func testFunction() *api.Function {
	return &api.Function{ResourceID: "TestFunction", Name: "test", Runtime: "provided.al2023", Handler: "bootstrap", Code: code, Timeout: 10 * time.Second}
}

// started returns a function that is closed with the test.
func started(t testing.TB, f *api.Function, o Options) *Environments {
	t.Helper()
	if o.Settle == 0 {
		o.Settle = time.Minute // on a busy machine an environment is slow to be free again
	}
	e, err := Process(f, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}

func invoke(t testing.TB, f Function, event string) Result {
	t.Helper()
	r, err := f.Invoke(context.Background(), []byte(event))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func decode[T any](t testing.TB, b []byte) (v T) {
	t.Helper()
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatalf("%v: %s", err, b)
	}
	return v
}
