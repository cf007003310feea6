package lambda

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"
)

// maxPayload is how much a function may be given, and may return: 6 MiB and a
// little, which AWS's own error text names.
const maxPayload = 6*1024*1024 + 100

// tailLength is how much of a log the caller of an invocation is shown.
const tailLength = 4096

// failure is what a function that failed returns.
type failure struct {
	Message string   `json:"errorMessage"`
	Type    string   `json:"errorType,omitempty"`
	Trace   []string `json:"stackTrace,omitempty"`
}

func (f failure) payload() []byte {
	b, err := json.Marshal(f)
	if err != nil {
		panic(err) // strings only
	}
	return b
}

// unhandled is the one FunctionError that AWS still has.
const unhandled = "Unhandled"

// exitFailure is what becomes of an invocation whose process has ended.
func exitFailure(requestID, why string) failure {
	return failure{Message: "RequestId: " + requestID + " Error: " + why, Type: "Runtime.ExitError"}
}

// timeoutFailure is what becomes of an invocation that took too long.
func (o *Options) timeoutFailure(requestID string, after time.Duration, at time.Time) failure {
	if o.TimeoutText == TimeoutWithTime {
		return failure{Message: timeoutLine(requestID, after, at)}
	}
	return failure{
		Message: fmt.Sprintf("RequestId: %s Error: Task timed out after %.2f seconds", requestID, after.Seconds()),
		Type:    "Sandbox.Timedout",
	}
}

// timeoutLine is how the log tells it, in either case.
func timeoutLine(requestID string, after time.Duration, at time.Time) string {
	return fmt.Sprintf("%s %s Task timed out after %.2f seconds", at.UTC().Format("2006-01-02T15:04:05.000Z"), requestID, after.Seconds())
}

// tooLarge is what becomes of a function that returns too much.
var tooLarge = failure{
	Message: fmt.Sprintf("Response payload size exceeded maximum allowed payload size (%d bytes).", maxPayload),
	Type:    "Function.ResponseSizeTooLarge",
}

func startLine(requestID string) string {
	return "START RequestId: " + requestID + " Version: $LATEST\n"
}

// endLines are what AWS writes when an invocation is over. A status is there
// when it went wrong: timeout or error.
func endLines(r *Result, memoryMB int, status string) string {
	ms := float64(r.Duration) / float64(time.Millisecond)
	billed := (r.Duration + time.Millisecond - 1) / time.Millisecond
	s := fmt.Sprintf("END RequestId: %s\nREPORT RequestId: %[1]s\tDuration: %.2f ms\tBilled Duration: %d ms\tMemory Size: %d MB\t",
		r.RequestID, ms, billed, memoryMB)
	if r.MaxMemory > 0 {
		s += fmt.Sprintf("Max Memory Used: %d MB\t", (r.MaxMemory+1<<20-1)>>20)
	}
	if r.Init > 0 {
		s += fmt.Sprintf("Init Duration: %.2f ms\t", float64(r.Init)/float64(time.Millisecond))
	}
	if status != "" {
		s += "Status: " + status
	}
	return s + "\n"
}

// newRequestID returns a random UUID.
func newRequestID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // it never fails
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	var s [36]byte
	hex.Encode(s[:], b[:4])
	hex.Encode(s[9:], b[4:6])
	hex.Encode(s[14:], b[6:8])
	hex.Encode(s[19:], b[8:10])
	hex.Encode(s[24:], b[10:])
	s[8], s[13], s[18], s[23] = '-', '-', '-', '-'
	return string(s[:])
}

// newTraceID returns an X-Ray header for a trace that nobody samples.
func newTraceID(now time.Time) string {
	var b [20]byte
	_, _ = rand.Read(b[:])
	return fmt.Sprintf("Root=1-%08x-%x;Parent=%x;Sampled=0", now.Unix(), b[:12], b[12:])
}
