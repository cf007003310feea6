package lambda

import (
	"cmp"
	"io"
	"sync"
	"time"

	"websocket.example/05-apigw-lambda/gateway/api"
)

// Options are how functions run here. The zero value will do.
type Options struct {
	Region  string // "" is us-east-1
	Account string // "" is 123456789012

	// Credentials are what a function signs with. The zero value is made up:
	// a function never gets the developer's own unless someone puts them here.
	Credentials Credentials

	// Variables are more environment variables. They win over the template's
	// and over Lambda's own.
	Variables map[string]string

	// Concurrency bounds the environments of a function which reserves none:
	// one more invocation is throttled. 0 is 10, as a new AWS account has.
	Concurrency int

	Init time.Duration // how long a start may take; 0 is 10 s, as on AWS
	Idle time.Duration // when an unused environment is ended; 0 is 5 min, AWS does not say

	// Settle is how long an invocation waits for an environment that has
	// answered, and has only to ask for the next event, before it starts
	// another. 0 is 50 ms. AWS does not say; a network is between the two.
	Settle time.Duration

	// KeepRunning leaves environments running between invocations. On AWS
	// they are frozen, and so they are here where there are signals for it.
	KeepRunning bool

	// TimeoutText is which of the two forms that AWS has been seen to use a
	// timeout is told in.
	TimeoutText TimeoutText

	// Log is given what functions print, and Lambda's own lines, as they
	// come. It must not block: the function waits for it. See LogTo.
	Log func(Entry)

	// Warn is told what AWS would have punished, as soon as it is seen. That
	// may be after the invocation's Result has been returned.
	Warn func(Warning)
}

// Credentials are an AWS access key.
type Credentials struct {
	AccessKeyID, SecretAccessKey, SessionToken string
}

// An Entry is a piece of a function's log: lines, or parts of them.
type Entry struct {
	Function    string // its name
	Environment int
	RequestID   string // "" before the first invocation
	Text        []byte // not to be kept
}

// A Warning is something that works here and not, or not always, on AWS.
type Warning struct {
	Function    string
	Environment int
	RequestID   string // "" if no invocation is to blame
	Text        string
}

// A TimeoutText is the errorMessage of a timeout.
type TimeoutText int

// The texts that AWS has been seen to use.
const (
	TimeoutWithType TimeoutText = iota // RequestId: ID Error: Task timed out after 3.00 seconds; errorType Sandbox.Timedout
	TimeoutWithTime                    // 2026-01-02T03:04:05.678Z ID Task timed out after 3.00 seconds; no errorType
)

// LogTo returns a Log that writes to w.
func LogTo(w io.Writer) func(Entry) {
	var mu sync.Mutex
	return func(e Entry) {
		mu.Lock()
		defer mu.Unlock()
		_, _ = w.Write(e.Text) // a log that cannot be written stops nobody
	}
}

// withDefaults fills in what was left out.
func (o Options) withDefaults() Options {
	o.Region = cmp.Or(o.Region, "us-east-1")
	o.Account = cmp.Or(o.Account, "123456789012")
	o.Credentials = cmp.Or(o.Credentials, Credentials{"ASIALOCALGATEWAY0000", "not-a-secret", "not-a-token"})
	o.Concurrency = cmp.Or(o.Concurrency, 10)
	o.Init = cmp.Or(o.Init, 10*time.Second)
	o.Idle = cmp.Or(o.Idle, 5*time.Minute)
	o.Settle = cmp.Or(o.Settle, 50*time.Millisecond)
	return o
}

// ARN is the function's.
func (o Options) ARN(f *api.Function) string {
	o = o.withDefaults()
	return "arn:aws:lambda:" + o.Region + ":" + o.Account + ":function:" + f.Name
}

func (o *Options) log(e Entry) {
	if o.Log != nil && len(e.Text) > 0 {
		o.Log(e)
	}
}

func (o *Options) warn(w Warning) {
	if o.Warn != nil {
		o.Warn(w)
	}
}

// The defaults of a function's own settings.

func timeout(f *api.Function) time.Duration { return cmp.Or(f.Timeout, 3*time.Second) }
func memory(f *api.Function) int            { return cmp.Or(f.Memory, 128) }

// concurrency is how many environments it may have at once.
func (o *Options) concurrency(f *api.Function) int { return cmp.Or(f.Concurrency, o.Concurrency) }
