package lambda

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	awslambda "github.com/aws/aws-lambda-go/lambda"

	"websocket.example/05-apigw-lambda/gateway/api"
)

type refusing struct{ err error }

func (r refusing) Invoke(context.Context, []byte) (Result, error) { return Result{}, r.err }

// serveInvokeAPI serves an echo, a function that fails, one that is busy, one
// that does not run, and counts the events.
func serveInvokeAPI(t *testing.T) (url string, events *atomic.Int32) {
	events = new(atomic.Int32)
	var functions Functions
	local := func(id string, handler any) {
		f := &api.Function{ResourceID: id, Name: "stack-" + id, Timeout: time.Minute}
		functions.Add(f, InProcess(f, awslambda.NewHandler(handler), Options{}))
	}
	local("Echo", func(v any) (any, error) { events.Add(1); return v, nil })
	local("Fail", func() error { return errors.New("no") })
	functions.Add(&api.Function{ResourceID: "Busy", Name: "busy", Concurrency: 1}, refusing{ErrThrottled})
	functions.Add(&api.Function{ResourceID: "Broken", Name: "broken"}, refusing{errors.New("it has no bootstrap")})
	async := &Async{}
	server := httptest.NewServer(&InvokeAPI{Functions: &functions, Async: async})
	t.Cleanup(func() {
		server.Close()
		async.Close()
		functions.Close()
	})
	return server.URL, events
}

func TestInvokeAPI(t *testing.T) {
	url, events := serveInvokeAPI(t)
	path := func(name string) string { return "POST /2015-03-31/functions/" + name + "/invocations" }
	large := `"` + strings.Repeat("x", maxRequest) + `"`
	h := func(pairs ...string) http.Header {
		h := http.Header{}
		for i := 0; i < len(pairs); i += 2 {
			h.Set(pairs[i], pairs[i+1])
		}
		return h
	}
	tests := []struct {
		name    string
		request string
		header  http.Header
		body    string
		status  int
		want    http.Header
		reply   string // a part
	}{
		{"by name", path("stack-Echo"), nil, `{"a":1}`, 200, h("X-Amz-Executed-Version", "$LATEST", "X-Amz-Function-Error", "", "X-Amz-Log-Result", ""), `{"a":1}`},
		{"by logical ID", path("Echo"), nil, `1`, 200, nil, `1`},
		{"by ARN", path("arn:aws:lambda:us-east-1:123456789012:function:stack-Echo"), nil, `1`, 200, nil, `1`},
		{"by escaped ARN", path("arn%3Aaws%3Alambda%3Aus-east-1%3A123456789012%3Afunction%3Astack-Echo"), nil, `1`, 200, nil, `1`},
		{"the latest", path("Echo") + "?Qualifier=$LATEST", nil, `1`, 200, nil, `1`},
		{"no payload", path("Echo"), nil, ``, 200, nil, `{}`},
		{"function error", path("Fail"), nil, `1`, 200, h("X-Amz-Function-Error", "Unhandled"), `{"errorMessage":"no","errorType":"errorString"}`},
		{"event", path("Echo"), h("X-Amz-Invocation-Type", "Event"), `1`, 202, h("X-Amz-Executed-Version", ""), ``},
		{"dry run", path("Echo"), h("X-Amz-Invocation-Type", "DryRun"), `1`, 204, nil, ``},
		{"unknown type", path("Echo"), h("X-Amz-Invocation-Type", "Later"), `1`, 400, h("X-Amzn-Errortype", "InvalidParameterValueException"), `Later`},
		{"unknown name", path("nobody"), nil, `1`, 404, h("X-Amzn-Errortype", "ResourceNotFoundException"), `Function not found: arn:aws:lambda:us-east-1:123456789012:function:nobody"`},
		{"unknown qualifier", path("Echo") + "?Qualifier=7", nil, `1`, 404, h("X-Amzn-Errortype", "ResourceNotFoundException"), `function:Echo:7"`},
		{"busy", path("Busy"), nil, `1`, 429, h("X-Amzn-Errortype", "TooManyRequestsException"), `"Reason":"ReservedFunctionConcurrentInvocationLimitExceeded"`},
		{"broken", path("Broken"), nil, `1`, 502, h("X-Amzn-Errortype", "InvalidRuntimeException"), `it has no bootstrap`},
		{"no JSON", path("Echo"), nil, `{`, 400, h("X-Amzn-Errortype", "InvalidRequestContentException"), `Could not parse request body into json: `},
		{"too large", path("Echo"), nil, large, 413, h("X-Amzn-Errortype", "RequestTooLargeException"), `Request must be smaller than 6291456 bytes for the InvokeFunction operation`},
		{"event too large", path("Echo"), h("X-Amz-Invocation-Type", "Event"), large[:maxAsyncRequest] + `"`, 413, h("X-Amzn-Errortype", "RequestTooLargeException"), `smaller than 1048576 bytes`},
		{"as large as may be", path("Echo"), nil, large[:maxRequest-1] + `"`, 200, nil, `xxx`},
		{"other operation", "GET /2015-03-31/functions", nil, ``, 404, h("X-Amzn-Errortype", "UnknownOperationException"), `only Invoke`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			method, where, _ := strings.Cut(tt.request, " ")
			req, err := http.NewRequest(method, url+where, strings.NewReader(tt.body))
			if err != nil {
				t.Fatal(err)
			}
			for name, values := range tt.header {
				req.Header[name] = values
			}
			resp, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			body, _ := io.ReadAll(resp.Body)
			if resp.StatusCode != tt.status || !strings.Contains(string(body), tt.reply) {
				t.Errorf("%d %.300s, want %d %s", resp.StatusCode, body, tt.status, tt.reply)
			}
			for name := range tt.want {
				if got := resp.Header.Get(name); got != tt.want.Get(name) {
					t.Errorf("%s: %q, want %q", name, got, tt.want.Get(name))
				}
			}
			if len(resp.Header.Get("X-Amzn-Requestid")) != 36 {
				t.Errorf("the request's id is %q", resp.Header.Get("X-Amzn-Requestid"))
			}
			if resp.StatusCode >= 400 && !json.Valid(body) {
				t.Errorf("the error is no JSON: %s", body)
			}
		})
	}
	if !eventually(func() bool { return events.Load() == 8 }) {
		t.Errorf("the echo ran %d times, want 8: each time but for the dry run, and for the event too", events.Load())
	}
	http.DefaultClient.CloseIdleConnections()
}

func TestLogTail(t *testing.T) {
	url, _ := serveInvokeAPI(t)
	req, _ := http.NewRequest("POST", url+"/2015-03-31/functions/Echo/invocations", strings.NewReader("1"))
	req.Header.Set("X-Amz-Log-Type", "Tail")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	http.DefaultClient.CloseIdleConnections()
	tail, err := base64.StdEncoding.DecodeString(resp.Header.Get("X-Amz-Log-Result"))
	if want := "START RequestId: " + resp.Header.Get("X-Amzn-Requestid") + " Version: $LATEST\n"; err != nil || !strings.HasPrefix(string(tail), want) {
		t.Errorf("the log is %q %v, want %q", tail, err, want)
	}
}

// TestCLI: the real AWS CLI, where there is one.
func TestCLI(t *testing.T) {
	cli, err := exec.LookPath("aws")
	if err != nil {
		t.Skip("no AWS CLI on the PATH:", err)
	}
	if testing.Short() {
		t.Skip("the AWS CLI takes a second to start")
	}
	t.Parallel()
	url, _ := serveInvokeAPI(t)
	tests := []struct {
		name   string
		args   string
		stdout []string
		file   string // what the function returned
		stderr string
	}{
		{"fine", "--function-name stack-Echo --log-type Tail --payload {\"a\":1}", []string{`"StatusCode": 200`, `"ExecutedVersion": "$LATEST"`, `"LogResult": "`}, `{"a":1}`, ""},
		{"function error", "--function-name Fail", []string{`"FunctionError": "Unhandled"`}, `{"errorMessage":"no","errorType":"errorString"}`, ""},
		{"not found", "--function-name nobody", nil, "", "An error occurred (ResourceNotFoundException) when calling the Invoke operation"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			out := filepath.Join(dir, "out.json")
			args := append([]string{"lambda", "invoke", "--endpoint-url", url, "--region", "us-east-1", "--output", "json"}, strings.Fields(tt.args)...)
			if version, _ := exec.Command(cli, "--version").Output(); strings.HasPrefix(string(version), "aws-cli/2") {
				args = append(args, "--cli-binary-format", "raw-in-base64-out")
			}
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			cmd := exec.CommandContext(ctx, cli, append(args, out)...)
			cmd.Env = append(os.Environ(), "AWS_ACCESS_KEY_ID=x", "AWS_SECRET_ACCESS_KEY=y", "AWS_CONFIG_FILE="+dir, "AWS_SHARED_CREDENTIALS_FILE="+dir,
				"AWS_EC2_METADATA_DISABLED=true", "NO_PROXY=127.0.0.1", "AWS_MAX_ATTEMPTS=1")
			var stderr strings.Builder
			cmd.Stderr = &stderr
			stdout, err := cmd.Output()
			if (err != nil) != (tt.stderr != "") || !strings.Contains(stderr.String(), tt.stderr) {
				t.Fatalf("%v: %s%s, want %q", err, stdout, stderr.String(), tt.stderr)
			}
			for _, want := range tt.stdout {
				if !strings.Contains(string(stdout), want) {
					t.Errorf("it printed %s, want %s", stdout, want)
				}
			}
			if got, _ := os.ReadFile(out); string(got) != tt.file {
				t.Errorf("the payload is %s, want %s", got, tt.file)
			}
		})
	}
}
