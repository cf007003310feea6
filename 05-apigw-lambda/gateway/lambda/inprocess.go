package lambda

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"runtime"
	"strings"
	"sync"
	"time"

	awslambda "github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambda/messages"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"websocket.example/05-apigw-lambda/gateway/api"
	"websocket.example/05-apigw-lambda/gateway/worker"
)

// A Local is a function that runs in this process.
//
// It keeps what can be kept so: one invocation at a time per environment, the
// time limit, panics that harm nobody, the errors' shapes. What cannot: its
// environments are numbers only and share this process's memory and globals,
// so that a map which would be several on AWS is one here; a handler that runs
// over time cannot be killed and runs on; nothing is frozen; and what it prints
// goes where this process's output goes. Process shows the difference.
type Local struct {
	function *api.Function
	handler  awslambda.Handler
	options  Options
	workers  *worker.Pool

	mu   sync.Mutex
	free []int // environments, the last one used last
	used int   // how many are busy
	made int
}

// InProcess returns a function that is a handler of this process, as
// awslambda.NewHandler makes them.
func InProcess(f *api.Function, handler awslambda.Handler, o Options) *Local {
	return &Local{function: f, handler: handler, options: o.withDefaults(), workers: worker.NewPool()}
}

// Invoke runs the handler. The values of ctx reach it, its end does not.
func (l *Local) Invoke(ctx context.Context, payload []byte) (Result, error) {
	number, cold, ok := l.enter()
	if !ok {
		return Result{}, ErrThrottled
	}
	started := time.Now()
	limit := timeout(l.function)
	r := Result{RequestID: newRequestID(), Environment: number, Cold: cold}
	l.log(&r, startLine(r.RequestID))

	handling, cancel := l.context(context.WithoutCancel(ctx), &r, started.Add(limit))
	ended := make(chan answer, 1)
	l.workers.Go(func() {
		ended <- l.call(handling, payload)
		cancel()
	})
	over := time.NewTimer(limit)
	select {
	case a := <-ended:
		over.Stop()
		l.finish(&r, a, started)
		l.leave(number)
		return r, nil
	case <-over.C:
		l.timedOut(&r, limit, started)
		return r, nil
	case <-ctx.Done():
		go l.outlive(r, ended, over, started)
		return Result{}, context.Cause(ctx)
	}
}

// outlive waits for a handler whose caller has gone.
func (l *Local) outlive(r Result, ended chan answer, over *time.Timer, started time.Time) {
	select {
	case a := <-ended:
		over.Stop()
		l.finish(&r, a, started)
		l.leave(r.Environment)
	case <-over.C:
		l.timedOut(&r, timeout(l.function), started)
	}
}

// context is what lambda-go would give the handler.
func (l *Local) context(ctx context.Context, r *Result, deadline time.Time) (context.Context, context.CancelFunc) {
	ctx = lambdacontext.NewContext(ctx, &lambdacontext.LambdaContext{
		AwsRequestID:       r.RequestID,
		InvokedFunctionArn: l.options.ARN(l.function),
	})
	return context.WithDeadline(ctx, deadline)
}

// enter takes an environment, a new one if all are busy.
func (l *Local) enter() (number int, cold, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if n := len(l.free); n > 0 {
		number = l.free[n-1]
		l.free = l.free[:n-1]
	} else {
		if l.used == l.options.concurrency(l.function) {
			return 0, false, false
		}
		l.made++
		number, cold = l.made, true
	}
	l.used++
	return number, cold, true
}

func (l *Local) leave(number int) {
	l.mu.Lock()
	l.used--
	l.free = append(l.free, number)
	l.mu.Unlock()
}

// An answer is what a handler has returned.
type answer struct {
	payload []byte
	failed  bool
}

// call runs the handler and turns what goes wrong into what the caller gets.
func (l *Local) call(ctx context.Context, payload []byte) (a answer) {
	defer func() {
		if v := recover(); v != nil {
			a = answer{panicPayload(v), true}
		}
	}()
	out, err := l.handler.Invoke(ctx, payload)
	if err != nil {
		return answer{errorPayload(err), true}
	}
	if len(out) > maxPayload {
		return answer{tooLarge.payload(), true}
	}
	return answer{payload: out}
}

func (l *Local) finish(r *Result, a answer, started time.Time) {
	r.Payload = a.payload
	r.Duration = time.Since(started)
	if a.failed {
		r.Error = unhandled
		l.log(r, string(a.payload)+"\n") // as lambda-go does
	}
	l.log(r, endLines(r, memory(l.function), ""))
}

// timedOut gives the environment up: its handler may run on.
func (l *Local) timedOut(r *Result, limit time.Duration, started time.Time) {
	now := time.Now()
	r.Error = unhandled
	r.Duration = limit
	r.Payload = l.options.timeoutFailure(r.RequestID, limit, now).payload()
	l.log(r, timeoutLine(r.RequestID, limit, now)+"\n\n"+endLines(r, memory(l.function), "timeout"))
	text := "the handler runs on after its timeout: in this process it cannot be killed, as it would be on AWS"
	r.Warnings = append(r.Warnings, text)
	l.options.warn(Warning{l.function.Name, r.Environment, r.RequestID, text})
	l.mu.Lock()
	l.used--
	l.mu.Unlock()
}

func (l *Local) log(r *Result, text string) {
	r.Log = lastOf(r.Log+text, tailLength)
	l.options.log(Entry{l.function.Name, r.Environment, r.RequestID, []byte(text)})
}

func lastOf(s string, n int) string {
	return s[max(0, len(s)-n):]
}

// errorPayload is what lambda-go makes of a handler's error.
func errorPayload(err error) []byte {
	shape, is := any(err).(messages.InvokeResponse_Error) // lambda-go does not look into wrapped ones either
	if !is {
		shape = messages.InvokeResponse_Error{Message: err.Error(), Type: typeName(err)}
	}
	return marshalError(shape)
}

// panicPayload is what lambda-go makes of a panic, called while it unwinds.
func panicPayload(v any) []byte {
	shape, is := v.(messages.InvokeResponse_Error)
	if !is {
		shape = messages.InvokeResponse_Error{Message: fmt.Sprint(v), Type: typeName(v), StackTrace: stack()}
	}
	return marshalError(shape)
}

func marshalError(e messages.InvokeResponse_Error) []byte {
	b, err := json.Marshal(e)
	if err != nil {
		panic(err) // strings and numbers only
	}
	return b
}

// typeName is the errorType: for *errors.errorString it is errorString.
func typeName(v any) string {
	t := reflect.TypeOf(v)
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t.Name()
}

// stack is where the panic that is being recovered happened.
func stack() []*messages.InvokeResponse_Error_StackFrame {
	pcs := make([]uintptr, 32)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(4, pcs)])
	var trace []*messages.InvokeResponse_Error_StackFrame
	for {
		frame, more := frames.Next()
		if frame.Function != "" {
			trace = append(trace, stackFrame(frame))
		}
		if !more {
			return trace
		}
	}
}

// stackFrame names a file from its module on, and a function without its
// package, which the path already says.
func stackFrame(frame runtime.Frame) *messages.InvokeResponse_Error_StackFrame {
	folders, label := "", frame.Function
	if i := strings.LastIndexByte(label, '/'); i >= 0 {
		folders, label = label[:i+1], label[i+1:]
	}
	pkg, name, _ := strings.Cut(label, ".")
	path := frame.File
	if i := strings.LastIndex(path, "/"+folders+pkg+"/"); i >= 0 {
		path = path[i+1:]
	} else if parts := strings.Split(path, "/"); len(parts) > 2 {
		path = strings.Join(parts[len(parts)-2:], "/")
	}
	return &messages.InvokeResponse_Error_StackFrame{Path: path, Line: int32(frame.Line), Label: name}
}
