//go:build linux

package lambda

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// only returns the one environment there is.
func (e *Environments) only() *environment {
	e.mu.Lock()
	defer e.mu.Unlock()
	for env := range e.all {
		return env
	}
	return nil
}

// busyWith is the invocation under way, if one is.
func (e *environment) busyWith() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.state != busy {
		return ""
	}
	return e.invocation.id
}

// TestRuntimeAPI: what the process must not do, done from outside.
func TestRuntimeAPI(t *testing.T) {
	t.Parallel()
	fn := testFunction()
	fn.Timeout = time.Minute
	f := started(t, fn, Options{})
	invoke(t, f, `{}`)
	result := make(chan Result)
	go func() {
		r, _ := f.Invoke(context.Background(), []byte(`{"ms":60000}`))
		result <- r
	}()
	env := f.only()
	id := ""
	if !eventually(func() bool { id = env.busyWith(); return id != "" }) {
		t.Fatal("it has not been invoked")
	}
	big := strings.Repeat("x", maxPayload+1)
	tests := []struct {
		name, method, path, body string
		status                   int
		errorType                string
	}{
		{"next in an invocation", "GET", "/2018-06-01/runtime/invocation/next", "", 403, "InvalidStateTransition"},
		{"init error after the start", "POST", "/2018-06-01/runtime/init/error", "{}", 403, "InvalidStateTransition"},
		{"unknown id", "POST", "/2018-06-01/runtime/invocation/nobody/response", "{}", 400, "InvalidRequestID"},
		{"unknown id, error", "POST", "/2018-06-01/runtime/invocation/nobody/error", "{}", 400, "InvalidRequestID"},
		{"unknown path", "POST", "/2018-06-01/runtime/invocation/" + id + "/answer", "{}", 404, "NotFound"},
		{"unknown version", "GET", "/2020-01-01/runtime/invocation/next", "", 404, "NotFound"},
		{"too large, unknown id", "POST", "/2018-06-01/runtime/invocation/nobody/response", big, 400, "InvalidRequestID"},
		{"too large", "POST", "/2018-06-01/runtime/invocation/" + id + "/response", big, 413, "RequestEntityTooLarge"},
		{"twice", "POST", "/2018-06-01/runtime/invocation/" + id + "/response", "{}", 403, "InvalidStateTransition"},
	}
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, chunked := range []bool{false, true} {
				var body io.Reader = strings.NewReader(tt.body)
				if chunked {
					body = io.MultiReader(body) // of a length that nobody knows
				}
				req, _ := http.NewRequest(tt.method, "http://"+env.api.address()+tt.path, body)
				resp, err := client.Do(req)
				if err != nil {
					t.Fatal(err)
				}
				got, _ := io.ReadAll(resp.Body)
				resp.Body.Close()
				if chunked && tt.name == "too large" { // the first has ended the invocation
					continue
				}
				if resp.StatusCode != tt.status || !bytes.Contains(got, []byte(`"errorType":"`+tt.errorType+`"`)) {
					t.Errorf("chunked %v: %d %s, want %d %s", chunked, resp.StatusCode, got, tt.status, tt.errorType)
				}
			}
		})
	}
	if r := <-result; !bytes.Contains(r.Payload, []byte("Function.ResponseSizeTooLarge")) {
		t.Errorf("the invocation ended with %s", r.Payload)
	}
	req, _ := http.NewRequest("GET", "http://"+env.api.address()+"/2018-06-01/runtime/invocation/next", nil)
	req.Header.Set("Origin", "https://example.com")
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != 403 {
		t.Errorf("a web page may ask: %d", resp.StatusCode)
	}
}

// TestKill: kill -9 in the middle of an invocation, and between two.
func TestKill(t *testing.T) {
	t.Parallel()
	f := started(t, testFunction(), Options{})
	pid := decode[struct{ PID int }](t, invoke(t, f, `{"do":"count"}`).Payload).PID
	done := make(chan Result)
	go func() {
		r, _ := f.Invoke(context.Background(), []byte(`{"ms":60000}`))
		done <- r
	}()
	env := f.only()
	if !eventually(func() bool { return env.busyWith() != "" }) {
		t.Fatal("it has not been invoked")
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	r := <-done
	if want := `{"errorMessage":"RequestId: ` + r.RequestID + ` Error: Runtime exited with error: signal: killed","errorType":"Runtime.ExitError"}`; string(r.Payload) != want {
		t.Errorf("%s, want %s", r.Payload, want)
	}
	second := decode[struct{ State, PID int }](t, invoke(t, f, `{"do":"count"}`).Payload)
	if second.PID == pid || second.State != 1 {
		t.Errorf("the next one ran in process %+v", second)
	}
	if !eventually(func() bool { return f.isIdle(1) }) {
		t.Fatal("it is not idle")
	}
	if err := syscall.Kill(second.PID, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if !eventually(func() bool { return f.count() == 0 }) {
		t.Error("a process that was killed while idle is still counted")
	}
	if r := invoke(t, f, `{}`); r.Environment != 3 || r.Error != "" {
		t.Errorf("after it: %+v", r)
	}
}

// TestFrozen: between invocations the process is stopped, and an option leaves
// it running.
func TestFrozen(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat("/proc/self/stat"); err != nil {
		t.Skip("there is no /proc to look at:", err)
	}
	for _, keep := range []bool{false, true} {
		f := started(t, testFunction(), Options{KeepRunning: keep})
		pid := decode[struct{ PID int }](t, invoke(t, f, `{"do":"count"}`).Payload).PID
		if !eventually(func() bool { return f.isIdle(1) && (stateOf(pid) == 'T') == !keep }) {
			t.Errorf("KeepRunning %v: the process is in state %c", keep, stateOf(pid))
		}
		invoke(t, f, `{}`)
	}
}

func stateOf(pid int) byte {
	b, err := os.ReadFile(procFile(pid, "stat"))
	if err != nil {
		return '?'
	}
	_, rest, _ := bytes.Cut(b, []byte(") "))
	return rest[0]
}

// TestUndone: what is seen of a function that answers and goes on.
func TestUndone(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat("/proc/self/task"); err != nil {
		t.Skip("there is no /proc to look at:", err)
	}
	var function atomic.Pointer[Environments]
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		eventually(func() bool { return function.Load().isIdle(1) }) // frozen
	}))
	t.Cleanup(server.Close)
	tests := []struct {
		name  string
		event string
		keep  bool
		want  string
	}{
		{"spin", `{"do":"spin"}`, false, "goroutines or threads were still running"},
		{"spin, not frozen", `{"do":"spin"}`, true, "of processor time in the "},
		{"forget", `{"do":"forget","text":"` + server.URL + `"}`, false, "answers came in on 1 connections"},
		{"late, not frozen", `{"do":"late"}`, true, "bytes were printed after the answer"},
		{"nothing", `{}`, false, ""},
		{"nothing, not frozen", `{}`, true, ""},
		{"error", `{"do":"error"}`, false, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			j := newJournal()
			f := started(t, testFunction(), j.options(Options{KeepRunning: tt.keep}))
			function.Store(f)
			var w Warning
			// warned waits for a warning, other than that the machine is slow.
			warned := func() bool {
				for end := time.After(5 * lookAfter); ; {
					select {
					case w = <-j.warned:
						if !strings.Contains(w.Text, "it went on for") && strings.Contains(w.Text, tt.want) {
							return true
						}
					case <-end:
						return false
					}
				}
			}
			r := invoke(t, f, tt.event)
			if tt.want == "" {
				if warned() {
					t.Errorf("warned of nothing: %+v", w)
				}
				return
			}
			for range 50 { // on a busy machine it may be frozen before it has begun
				if warned() {
					break
				}
				r = invoke(t, f, tt.event)
			}
			if !strings.Contains(w.Text, tt.want) || w.Environment != 1 || w.Function != "test" || w.RequestID == "" {
				t.Fatalf("warned of %+v, want %q for %s", w, tt.want, r.RequestID)
			}
			if next := invoke(t, f, `{}`); len(next.Warnings)+len(r.Warnings) == 0 {
				t.Error("no Result has the warning")
			}
		})
	}
}

// TestFreezeHoldsWorkBack is why it is frozen: what was left running does not
// happen until the next invocation.
func TestFreezeHoldsWorkBack(t *testing.T) {
	t.Parallel()
	j := newJournal()
	f := started(t, testFunction(), j.options(Options{}))
	invoke(t, f, `{"do":"late"}`) // in 50 ms, which it does not get
	time.Sleep(200 * time.Millisecond)
	if strings.Contains(j.log(), "too late") {
		t.Error("it ran on after the answer")
	}
	if !eventually(func() bool { invoke(t, f, `{"ms":60}`); return strings.Contains(j.log(), "too late") }) {
		t.Error("it never ran")
	}
}

// TestExtension: a function that asks for it is told of its end, frozen or not.
func TestExtension(t *testing.T) {
	t.Parallel()
	farewell := filepath.Join(t.TempDir(), "farewell")
	fn := testFunction()
	fn.Environment = map[string]string{"START": "sigterm", "FAREWELL": farewell}
	f, err := Process(fn, Options{})
	if err != nil {
		t.Fatal(err)
	}
	invoke(t, f, `{}`)
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(farewell); string(b) != "bye" {
		t.Errorf("it was not told: %v", err)
	}
}
