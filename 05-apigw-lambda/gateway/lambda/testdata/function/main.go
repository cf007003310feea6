// A Lambda function that does what its event says, good or bad.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
)

type event struct {
	Do    string `json:"do"`
	Text  string `json:"text"`
	Sleep int    `json:"ms"`
	Size  int    `json:"size"`
	Code  int    `json:"code"`
}

// state is what a beginner keeps between invocations.
var state int

type custom struct{}

func (*custom) Error() string { return "a custom error" }

// broken fails in the middle of its response.
type broken struct{ sent bool }

func (b *broken) Read(p []byte) (int, error) {
	if b.sent {
		return 0, errors.New("the response broke off")
	}
	b.sent = true
	return copy(p, "half"), nil
}

func handle(ctx context.Context, raw json.RawMessage) (any, error) {
	var e event
	_ = json.Unmarshal(raw, &e)
	state++
	if e.Sleep > 0 {
		time.Sleep(time.Duration(e.Sleep) * time.Millisecond)
	}
	switch e.Do {
	case "count":
		return map[string]int{"state": state, "pid": os.Getpid()}, nil
	case "env":
		return os.Environ(), nil
	case "context":
		lc, _ := lambdacontext.FromContext(ctx)
		deadline, _ := ctx.Deadline()
		return map[string]any{"id": lc.AwsRequestID, "arn": lc.InvokedFunctionArn, "left": time.Until(deadline).Milliseconds(),
			"trace": os.Getenv("_X_AMZN_TRACE_ID"), "cwd": func() string { d, _ := os.Getwd(); return d }()}, nil
	case "print":
		fmt.Println(e.Text)
		fmt.Fprintln(os.Stderr, "to stderr")
		return nil, nil
	case "error":
		return nil, errors.New(e.Text)
	case "custom":
		return nil, &custom{}
	case "panic":
		panic(e.Text)
	case "exit":
		os.Exit(e.Code)
	case "spin": // busy after the answer
		go func() {
			for {
				state++
			}
		}()
		return nil, nil
	case "forget": // asks, and does not wait for the answer
		sent := make(chan bool)
		go func() {
			resp, err := http.Post(e.Text, "text/plain", tell{strings.NewReader("x"), sent})
			if err == nil {
				resp.Body.Close()
			}
		}()
		<-sent
		return nil, nil
	case "late": // prints after the answer
		go func() {
			time.Sleep(50 * time.Millisecond)
			fmt.Println("too late")
		}()
		return nil, nil
	case "big":
		return strings.Repeat("x", e.Size), nil
	case "broken":
		return &broken{}, nil
	}
	return raw, nil
}

// tell says when it has been read.
type tell struct {
	io.Reader
	sent chan bool
}

func (t tell) Read(p []byte) (int, error) {
	n, err := t.Reader.Read(p)
	if err == io.EOF {
		close(t.sent)
	}
	return n, err
}

func main() {
	switch os.Getenv("START") {
	case "exit":
		fmt.Println("a start that fails")
		os.Exit(3)
	case "hang":
		time.Sleep(time.Hour)
	case "sigterm":
		lambda.StartWithOptions(handle, lambda.WithEnableSIGTERM(func() {
			_ = os.WriteFile(os.Getenv("FAREWELL"), []byte("bye"), 0o600)
			os.Exit(0)
		}))
	}
	lambda.Start(handle)
}
