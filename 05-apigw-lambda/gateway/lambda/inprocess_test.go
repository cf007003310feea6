package lambda

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	awslambda "github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambda/messages"
	"github.com/aws/aws-lambda-go/lambdacontext"
)

type localError struct{}

func (*localError) Error() string { return "a <custom> error" }

func TestInProcess(t *testing.T) {
	tests := []struct {
		name    string
		handler any
		payload string // a regexp for the whole
		err     string
	}{
		{"echo", func(v any) (any, error) { return v, nil }, `{"a":1}`, ""},
		{"nothing", func() error { return nil }, `null`, ""},
		{"error", func() error { return errors.New("no") }, `{"errorMessage":"no","errorType":"errorString"}`, unhandled},
		{"custom error", func() error { return &localError{} }, `{"errorMessage":"a \\u003ccustom\\u003e error","errorType":"localError"}`, unhandled},
		{"wrapped", func() error { return fmt.Errorf("outer: %w", &localError{}) }, `{"errorMessage":"outer: a .* error","errorType":"wrapError"}`, unhandled},
		{"own shape", func() error { return messages.InvokeResponse_Error{Message: "m", Type: "T"} }, `{"errorMessage":"m","errorType":"T"}`, unhandled},
		{"panic", func() error { panic("boom") }, `{"errorMessage":"boom","errorType":"string","stackTrace":\[{"path":"runtime/panic.go","line":\d+,"label":"gopanic"},{"path":"[^"]*lambda/inprocess_test.go","line":\d+,"label":"TestInProcess[^"]*"}.*\]}`, unhandled},
		{"panic with an error", func() error { panic(&localError{}) }, `{"errorMessage":"a .* error","errorType":"localError","stackTrace":.*}`, unhandled},
		{"index out of range", func() error { var a []int; return fmt.Errorf("%d", a[len(a)]) }, `{"errorMessage":"runtime error: index out of range \[0\] with length 0","errorType":"boundsError","stackTrace":.*}`, unhandled},
		{"not its type", func(v []string) error { return nil }, `{"errorMessage":"json: cannot unmarshal .*","errorType":"UnmarshalTypeError"}`, unhandled},
		{"too large", func() (string, error) { return strings.Repeat("x", maxPayload), nil }, `.*Function.ResponseSizeTooLarge"}`, unhandled},
		{"timeout", func() error { time.Sleep(time.Hour); return nil }, `{"errorMessage":"RequestId: .* Error: Task timed out after 10.00 seconds","errorType":"Sandbox.Timedout"}`, unhandled},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				t.Cleanup(goHome)
				f := InProcess(testFunction(), awslambda.NewHandler(tt.handler), Options{})
				r := invoke(t, f, `{"a":1}`)
				if !regexp.MustCompile(`^(` + tt.payload + `)$`).Match(r.Payload) {
					t.Errorf("payload %.400s, want %s", r.Payload, tt.payload)
				}
				if r.Error != tt.err {
					t.Errorf("FunctionError %q, want %q", r.Error, tt.err)
				}
				if !r.Cold || r.Environment != 1 || !strings.HasPrefix(r.Log, "START RequestId: "+r.RequestID) || !strings.Contains(r.Log, "\nREPORT RequestId: "+r.RequestID) {
					t.Errorf("the result is %+v", r)
				}
				if late := len(r.Warnings) > 0; late != (tt.name == "timeout") {
					t.Errorf("warnings %q", r.Warnings)
				}
				time.Sleep(2 * time.Hour) // the handler that ran on
			})
		})
	}
}

func TestInProcessContext(t *testing.T) {
	type key struct{}
	f := InProcess(testFunction(), awslambda.NewHandler(func(ctx context.Context) ([]any, error) {
		lc, _ := lambdacontext.FromContext(ctx)
		deadline, _ := ctx.Deadline()
		return []any{lc.AwsRequestID, lc.InvokedFunctionArn, time.Until(deadline) > 9*time.Second, ctx.Value(key{})}, nil
	}), Options{})
	r, err := f.Invoke(context.WithValue(context.Background(), key{}, "of the caller"), []byte(`{}`))
	if want := `["` + r.RequestID + `","arn:aws:lambda:us-east-1:123456789012:function:test",true,"of the caller"]`; err != nil || string(r.Payload) != want {
		t.Errorf("%s %v, want %s", r.Payload, err, want)
	}
}

// TestInProcessAtOnce: as many environments as there are invocations at once,
// up to the limit, and then the free ones again.
func TestInProcessAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		t.Cleanup(goHome)
		f := InProcess(testFunction(), awslambda.NewHandler(func() error { time.Sleep(time.Second); return nil }), Options{Concurrency: 3})
		for round := range 2 {
			var wg sync.WaitGroup
			var mu sync.Mutex
			numbers := map[int]bool{}
			throttled := 0
			for range 4 {
				wg.Go(func() {
					r, err := f.Invoke(context.Background(), []byte(`{}`))
					mu.Lock()
					defer mu.Unlock()
					switch {
					case errors.Is(err, ErrThrottled):
						throttled++
					case err != nil || r.Cold != (round == 0):
						t.Errorf("%+v %v", r, err)
					default:
						numbers[r.Environment] = true
					}
				})
			}
			wg.Wait()
			if throttled != 1 || !numbers[1] || !numbers[2] || !numbers[3] {
				t.Errorf("%d throttled, the others in %v", throttled, numbers)
			}
		}
	})
}

// TestInProcessGivenUp: the caller goes, the handler runs on and keeps its
// environment until it is done.
func TestInProcessGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		t.Cleanup(goHome)
		done := false
		f := InProcess(testFunction(), awslambda.NewHandler(func() error { time.Sleep(time.Second); done = true; return nil }), Options{Concurrency: 1})
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		if _, err := f.Invoke(ctx, []byte(`{}`)); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v", err)
		}
		if _, err := f.Invoke(t.Context(), []byte(`{}`)); !errors.Is(err, ErrThrottled) {
			t.Errorf("its environment is taken, and the next one gets %v", err)
		}
		time.Sleep(time.Second)
		synctest.Wait()
		if !done {
			t.Error("the handler did not run on")
		}
		if r := invoke(t, f, `{}`); r.Environment != 1 || r.Cold {
			t.Errorf("then %+v", r)
		}
	})
}

// goHome lets the workers end that wait for more: in a bubble time stands
// still when the test has ended.
func goHome() { time.Sleep(time.Second) }
