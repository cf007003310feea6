package lambda

import (
	"context"
	"errors"
	"time"
)

// A Function can be invoked, many times at once.
type Function interface {
	// Invoke runs the function once and waits for it, synchronously, as API
	// Gateway does. An error means that it could not be run at all; that the
	// function itself failed is in the Result.
	//
	// When ctx ends, Invoke returns its error at once. The function runs on,
	// as it does on AWS when a gateway has stopped waiting for it.
	Invoke(ctx context.Context, payload []byte) (Result, error)
}

// ErrThrottled says that all environments the function may have are busy.
var ErrThrottled = errors.New("lambda: Rate Exceeded")

// A Result is what became of an invocation.
type Result struct {
	RequestID string
	Payload   []byte // what it returned, or {"errorMessage", "errorType", "stackTrace"}
	Error     string // FunctionError: "", or Unhandled

	Environment int           // which of the function's environments ran it, counted from 1
	Cold        bool          // it was started for this
	Init        time.Duration // how long that took
	Duration    time.Duration // how long the function took
	MaxMemory   int64         // bytes, 0 if nobody knows
	Log         string        // what it wrote meanwhile, its last 4 KiB
	Warnings    []string      // what AWS would have punished: such as goroutines still busy after the answer
}
