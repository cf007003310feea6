package lambda

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestResults: what the caller gets, in a table. All of a row's invocations
// go one after the other to one function.
func TestResults(t *testing.T) {
	tests := []struct {
		name    string
		event   string
		payload string // a regexp for the whole
		err     string
		log     string // a regexp for a part
		next    int    // the environment of the invocation after it
	}{
		{"echo", `{"hello":"world"}`, `{"hello":"world"}`, "", `(?s)^START RequestId: \S+ Version: \$LATEST\nEND .*\nREPORT RequestId: \S+\tDuration: [0-9.]+ ms\tBilled Duration: [0-9]+ ms\tMemory Size: 128 MB\t.*Init Duration: [0-9.]+ ms\t\n$`, 1},
		{"log", `{"do":"print","text":"line 1"}`, `null`, "", `Version: \$LATEST\nline 1\nto stderr\nEND RequestId`, 1},
		{"error", `{"do":"error","text":"no"}`, `{"errorMessage":"no","errorType":"errorString"}`, "Unhandled", `"errorMessage":"no"`, 1},
		{"custom error", `{"do":"custom"}`, `{"errorMessage":"a custom error","errorType":"custom"}`, "Unhandled", "", 1},
		{"panic", `{"do":"panic","text":"boom"}`, `{"errorMessage":"boom","errorType":"string","stackTrace":\[{"path":.*"label":"handle"}.*\]}`, "Unhandled", `boom`, 2},
		{"exit", `{"do":"exit","code":7}`, `{"errorMessage":"RequestId: [0-9a-f-]{36} Error: Runtime exited with error: exit status 7","errorType":"Runtime.ExitError"}`, "Unhandled", `Runtime.ExitError\nEND .*\n.*Status: error\tError Type: Runtime.ExitError\n$`, 2},
		{"exit in silence", `{"do":"exit","code":0}`, `{"errorMessage":"RequestId: [0-9a-f-]{36} Error: Runtime exited without providing a reason","errorType":"Runtime.ExitError"}`, "Unhandled", "", 2},
		{"too large", `{"do":"big","size":6300000}`, `{"errorMessage":"Response payload size exceeded maximum allowed payload size \(6291556 bytes\).","errorType":"Function.ResponseSizeTooLarge"}`, "Unhandled", "", 2},
		{"almost too large", `{"do":"big","size":6291554}`, `"x+"`, "", "", 1},
		{"broken response", `{"do":"broken"}`, `{"errorMessage":"the response broke off","errorType":"errorString"}`, "Unhandled", "", 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := started(t, testFunction(), Options{})
			r := invoke(t, f, tt.event)
			if !regexp.MustCompile(`^` + tt.payload + `$`).Match(r.Payload) {
				t.Errorf("payload %.300s, want %s", r.Payload, tt.payload)
			}
			if r.Error != tt.err {
				t.Errorf("FunctionError %q, want %q", r.Error, tt.err)
			}
			if !regexp.MustCompile(tt.log).MatchString(r.Log) {
				t.Errorf("log %q, want %q", r.Log, tt.log)
			}
			if !r.Cold || r.Init <= 0 || r.Environment != 1 || r.Duration <= 0 || len(r.RequestID) != 36 {
				t.Errorf("the first invocation is %+v", r)
			}
			if next := invoke(t, f, `{}`); next.Environment != tt.next || next.Cold != (tt.next != 1) || next.Error != "" {
				t.Errorf("the next one is in environment %d (cold %v), want %d", next.Environment, next.Cold, tt.next)
			}
		})
	}
}

func TestTimeout(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		text TimeoutText
		want string
	}{
		{"with type", TimeoutWithType, `^{"errorMessage":"RequestId: ID Error: Task timed out after 1.00 seconds","errorType":"Sandbox.Timedout"}$`},
		{"with time", TimeoutWithTime, `^{"errorMessage":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z ID Task timed out after 1.00 seconds"}$`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			fn := testFunction()
			fn.Timeout = time.Second
			f := started(t, fn, Options{TimeoutText: tt.text})
			first := decode[struct{ PID int }](t, invoke(t, f, `{"do":"count"}`).Payload)
			r := invoke(t, f, `{"ms":60000}`)
			want := strings.ReplaceAll(tt.want, "ID", r.RequestID)
			if !regexp.MustCompile(want).Match(r.Payload) || r.Error != "Unhandled" {
				t.Errorf("%s %s, want %s", r.Payload, r.Error, want)
			}
			if !regexp.MustCompile(`Z ` + r.RequestID + ` Task timed out after 1.00 seconds\n\nEND .*\nREPORT .*\tDuration: 1000.00 ms\tBilled Duration: 1000 ms\t.*Status: timeout\n$`).MatchString(r.Log) {
				t.Errorf("log %q", r.Log)
			}
			r = invoke(t, f, `{"do":"count"}`)
			next := decode[struct{ State, PID int }](t, r.Payload)
			if next.PID == first.PID || next.State != 1 || r.Environment != 2 || !r.Cold {
				t.Errorf("after a timeout: %+v in environment %d, the process before was %d", next, r.Environment, first.PID)
			}
		})
	}
}

// TestEnvironments: five at once are five processes, each with its own memory;
// one after the other is one.
func TestEnvironments(t *testing.T) {
	t.Parallel()
	f := started(t, testFunction(), Options{})
	counts := map[int]int{} // by pid
	for range 3 {
		var wg sync.WaitGroup
		var mu sync.Mutex
		numbers := map[int]bool{}
		for range 5 {
			wg.Go(func() {
				r, err := f.Invoke(context.Background(), []byte(`{"do":"count","ms":200}`))
				if err != nil {
					t.Error(err)
					return
				}
				got := decode[struct{ State, PID int }](t, r.Payload)
				mu.Lock()
				defer mu.Unlock()
				counts[got.PID], numbers[r.Environment] = got.State, true
			})
		}
		wg.Wait()
		if len(counts) != 5 || len(numbers) != 5 {
			t.Fatalf("5 invocations at once ran in processes %v, environments %v", counts, numbers)
		}
	}
	// Each has counted to 3 on its own, and goes on alone.
	for range 10 {
		got := decode[struct{ State, PID int }](t, invoke(t, f, `{"do":"count"}`).Payload)
		if want := counts[got.PID] + 1; got.State != want || want < 4 {
			t.Fatalf("the count is %d, want %d", got.State, want)
		}
		counts[got.PID]++
	}
	if len(counts) != 5 {
		t.Errorf("one after the other they needed a new process: %v", counts)
	}
}

func TestThrottle(t *testing.T) {
	t.Parallel()
	fn := testFunction()
	fn.Concurrency = 1
	f := started(t, fn, Options{})
	first := make(chan error)
	go func() {
		_, err := f.Invoke(context.Background(), []byte(`{"ms":300}`))
		first <- err
	}()
	for f.count() == 0 {
		time.Sleep(time.Millisecond) // the other goroutine has not begun
	}
	if _, err := f.Invoke(context.Background(), nil); !errors.Is(err, ErrThrottled) {
		t.Errorf("a second one at once: %v, want ErrThrottled", err)
	}
	if err := <-first; err != nil {
		t.Error(err)
	}
	for range 20 { // the answer is not the end: it waits for that, and is not throttled
		invoke(t, f, `{}`)
	}
}

func (e *Environments) count() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.all)
}

// TestGivenUp: when the caller goes, the function runs on.
func TestGivenUp(t *testing.T) {
	t.Parallel()
	j := newJournal()
	f := started(t, testFunction(), j.options(Options{}))
	invoke(t, f, `{}`)
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Millisecond)
	defer cancel()
	begin := time.Now()
	if _, err := f.Invoke(ctx, []byte(`{"do":"print","text":"here at last","ms":1500}`)); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("it returned %v", err)
	}
	if took := time.Since(begin); took > time.Second {
		t.Errorf("it took %v to give up", took)
	}
	if !eventually(func() bool { return strings.Contains(j.log(), "here at last\n") && f.isIdle(1) }) {
		t.Errorf("the function did not run on: %q", j.log())
	}
	if r := invoke(t, f, `{}`); r.Environment != 1 {
		t.Errorf("the next one is in environment %d", r.Environment)
	}
}

func eventually(ok func() bool) bool {
	for range 1000 {
		if ok() {
			return true
		}
		time.Sleep(5 * time.Millisecond)
	}
	return false
}

func (e *Environments) isIdle(n int) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.idle) == n
}

func TestStart(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		start string
		init  time.Duration
		limit time.Duration
		want  string
		log   string // of Lambda and function, its beginning
	}{
		{"exit", "exit", 0, 0, `{"errorMessage":"RequestId: [0-9a-f-]{36} Error: Runtime exited with error: exit status 3","errorType":"Runtime.ExitError"}`,
			`(?s)^a start that fails\nINIT_REPORT Init Duration: [0-9.]+ ms\tPhase: init\tStatus: error\tError Type: Runtime.ExitError\na start that fails\nINIT_REPORT Init Duration: [0-9.]+ ms\tPhase: invoke\tStatus: error\tError Type: Runtime.ExitError\nSTART`},
		{"hang", "hang", 100 * time.Millisecond, 200 * time.Millisecond, `{"errorMessage":"RequestId: [0-9a-f-]{36} Error: Task timed out after 0.20 seconds","errorType":"Sandbox.Timedout"}`,
			`(?s)^INIT_REPORT Init Duration: [0-9.]+ ms\tPhase: init\tStatus: timeout\nINIT_REPORT Init Duration: [0-9.]+ ms\tPhase: invoke\tStatus: timeout\nSTART`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			j := newJournal()
			fn := testFunction()
			fn.Timeout = tt.limit
			fn.Environment = map[string]string{"START": tt.start}
			f := started(t, fn, j.options(Options{Init: tt.init}))
			r := invoke(t, f, `{}`)
			if !regexp.MustCompile(`^`+tt.want+`$`).Match(r.Payload) || r.Error != "Unhandled" || !r.Cold {
				t.Errorf("%s, want %s (%+v)", r.Payload, tt.want, r)
			}
			if !regexp.MustCompile(tt.log).MatchString(j.log()) {
				t.Errorf("log %q, want %q", j.log(), tt.log)
			}
		})
	}
}

func TestIdle(t *testing.T) {
	t.Parallel()
	f := started(t, testFunction(), Options{Idle: time.Millisecond})
	invoke(t, f, `{}`)
	if !eventually(func() bool { return f.count() == 0 }) {
		t.Error("an unused environment does not end")
	}
	if r := invoke(t, f, `{}`); r.Environment != 2 || !r.Cold {
		t.Errorf("the next one is %+v", r)
	}
}

func TestContext(t *testing.T) {
	t.Parallel()
	fn := testFunction()
	f := started(t, fn, Options{Region: "eu-west-1", Account: "111122223333"})
	r := invoke(t, f, `{"do":"context"}`)
	got := decode[struct {
		ID, ARN, Trace, CWD string
		Left                int
	}](t, r.Payload)
	if got.ID != r.RequestID || got.ARN != "arn:aws:lambda:eu-west-1:111122223333:function:test" {
		t.Errorf("the context has %+v, the result %s", got, r.RequestID)
	}
	if got.Left < 5000 || got.Left > 10000 {
		t.Errorf("%d ms are left of 10 s", got.Left)
	}
	if !regexp.MustCompile(`^Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0$`).MatchString(got.Trace) {
		t.Errorf("the trace is %q", got.Trace)
	}
	if want, _ := filepath.EvalSymlinks(code); got.CWD != want && got.CWD != code {
		t.Errorf("it runs in %s, want %s", got.CWD, code)
	}
}

func TestVariables(t *testing.T) {
	t.Setenv("MY_SECRET", "do not tell")
	t.Setenv("AWS_PROFILE", "mine")
	t.Setenv("AWS_ACCESS_KEY_ID", "AKIAMINE")
	fn := testFunction()
	fn.Memory = 512
	fn.Environment = map[string]string{"TABLE": "connections", "TZ": "Europe/Lisbon", "AWS_REGION": "us-west-2"}
	f := started(t, fn, Options{Variables: map[string]string{"HTTPS_PROXY": "http://127.0.0.1:1", "TABLE": "local"}})
	got := map[string]string{}
	for _, v := range decode[[]string](t, invoke(t, f, `{"do":"env"}`).Payload) {
		name, value, _ := strings.Cut(v, "=")
		got[name] = value
	}
	want := map[string]string{
		"_HANDLER": "bootstrap", "LAMBDA_TASK_ROOT": code, "LAMBDA_RUNTIME_DIR": "/var/runtime", "TZ": "Europe/Lisbon", "LANG": "en_US.UTF-8",
		"AWS_LAMBDA_FUNCTION_NAME": "test", "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
		"AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/test", "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
		"AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "ASIALOCALGATEWAY0000", "AWS_SECRET_ACCESS_KEY": "not-a-secret",
		"AWS_SESSION_TOKEN": "not-a-token", "PATH": os.Getenv("PATH"), "TABLE": "local", "HTTPS_PROXY": "http://127.0.0.1:1",
	}
	for name, value := range want {
		if got[name] != value {
			t.Errorf("%s=%q, want %q", name, got[name], value)
		}
		delete(got, name)
	}
	for name, pattern := range map[string]string{
		"AWS_LAMBDA_RUNTIME_API":     `^127\.0\.0\.1:\d+$`,
		"AWS_LAMBDA_LOG_STREAM_NAME": `^\d{4}/\d\d/\d\d/\[\$LATEST\][0-9a-f]{32}$`,
		"LD_LIBRARY_PATH":            `/lib:`,
		"HOME":                       `lambda-`,
		"_X_AMZN_TRACE_ID":           `^Root=`,
	} {
		if !regexp.MustCompile(pattern).MatchString(got[name]) {
			t.Errorf("%s=%q, want %s", name, got[name], pattern)
		}
		delete(got, name)
	}
	delete(got, "TMPDIR")
	if len(got) > 0 {
		t.Errorf("it has more: %v", got)
	}
}

func TestClose(t *testing.T) {
	t.Parallel()
	f, err := Process(testFunction(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	errs := make([]error, 4)
	for i := range errs {
		wg.Go(func() { _, errs[i] = f.Invoke(context.Background(), []byte(`{"ms":60000}`)) })
	}
	for f.count() < len(errs) {
		time.Sleep(time.Millisecond)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
	wg.Wait()
	for _, err := range errs {
		if !errors.Is(err, ErrClosed) {
			t.Errorf("an invocation under way ended with %v", err)
		}
	}
	if _, err := f.Invoke(context.Background(), nil); !errors.Is(err, ErrClosed) {
		t.Errorf("a closed function answers %v", err)
	}
	if _, err := os.Stat(f.private); !os.IsNotExist(err) {
		t.Errorf("its folder is left: %v", err)
	}
}

// TestManyAtOnce is for the race detector: everything at once, some killed.
func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	fn := testFunction()
	fn.Timeout = 150 * time.Millisecond
	f := started(t, fn, Options{Concurrency: 4})
	events := []string{`{}`, `{"do":"print","text":"x"}`, `{"do":"exit"}`, `{"do":"panic"}`, `{"do":"error"}`, `{"ms":20}`, `{"ms":1000}`, `{"do":"late"}`}
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for n := range 12 {
				r, err := f.Invoke(context.Background(), []byte(events[(i+n)%len(events)]))
				if err != nil && !errors.Is(err, ErrThrottled) {
					t.Error(err)
				}
				if err == nil && r.Payload == nil {
					t.Errorf("no payload: %+v", r)
				}
			}
		})
	}
	wg.Wait()
	if n := f.count(); n > 4 {
		t.Errorf("%d environments, want at most 4", n)
	}
	if !eventually(func() bool { return string(invoke(t, f, `"still there"`).Payload) == `"still there"` }) {
		t.Error("after it all it is gone")
	}
}
