package mapping

import (
	"errors"
	"fmt"
	"strings"
)

// The bounds of a template.
const (
	MaxSource = 300 << 10 // "Mapping template size" in the quotas of WebSocket APIs
	MaxLoops  = 1000      // "Number of iterations in a #foreach loop" in the quotas of REST APIs
	MaxOutput = 10 << 20  // "Payload size" in the quotas of REST APIs

	budget  = 64 << 20 // bytes made, a step counting as stepCost
	depth   = 200      // of what stands in something else, in the source
	nesting = 10_000   // of values in values, as many as a JSON document may have
)

const stepCost = 16

// An Error is what is wrong with a template, or with what it did.
type Error struct {
	Line   int    // 0: the whole of it
	Thing  string // as it stands in the template
	Reason string
}

func (e *Error) Error() string {
	if e.Line == 0 {
		return fmt.Sprintf("mapping template: %s", e.Reason)
	}
	return fmt.Sprintf("mapping template, line %d: %s: %s", e.Line, e.Thing, e.Reason)
}

// A Template can be executed, many times at once.
type Template struct{ nodes []node }

// Data is what a template sees.
type Data struct {
	Body           []byte // the message, or the integration's answer
	Context        []byte // $context: the JSON of the event's requestContext
	StageVariables map[string]string
	Header, Query  map[string][]string // of the handshake; nil for other messages
	Options        Options
}

// Options are what AWS does not say. The zero value has the defaults.
type Options struct {
	// UndefinedIsLiteral writes $x as it stands if there is no x, as Velocity
	// does. By default it is "", as was seen of API Gateway
	// (ToQoz/api-gateway-mapping-template#5, localstack#11886).
	UndefinedIsLiteral bool

	// MissingIsNull makes $input.json of a path to nothing null. By default it
	// is "", in quotes.
	MissingIsNull bool

	// BodyIsText takes a body that is not JSON as a JSON string. By default
	// $input.json and $input.path fail on it.
	BodyIsText bool

	// ObjectIsJSON writes $input.path of an object as JSON. By default it is
	// written as Java does, {a=1}, as was seen (localstack#12379).
	ObjectIsJSON bool

	// EmptyIsFalse makes "", 0 and what is empty false, as Velocity 2 does. By
	// default only false and null are, as in Velocity 1.7.
	EmptyIsFalse bool

	// SetNullKeeps lets #set to null change nothing, as in Velocity 1.7. By
	// default the variable is null then, as in Velocity 2.
	SetNullKeeps bool

	// LongLoopFails makes a #foreach over more than MaxLoops elements an
	// error. By default it ends there, as Velocity's bound does.
	LongLoopFails bool
}

// Execute runs the template. An error of it is an *Error.
func (t *Template) Execute(d Data) (string, error) { return t.execute(d, budget) }

func (t *Template) execute(d Data, work int) (string, error) {
	r := &run{data: d, left: work, out: &strings.Builder{}}
	r.variables = map[string]any{
		"input":          &input{run: r},
		"util":           util{},
		"context":        r.context(),
		"stageVariables": stageVariables(d.StageVariables),
	}
	if _, err := r.block(t.nodes); err != nil {
		return "", err
	}
	return r.out.String(), nil
}

// A run is one execution.
type run struct {
	data      Data
	variables map[string]any
	out       *strings.Builder
	left      int // of the budget
}

// spend takes n off the budget.
func (r *run) spend(n int) error {
	if r.left -= n; r.left < 0 || n < 0 {
		return errors.New("the template does too much: it would not end soon, or not fit in memory")
	}
	return nil
}

func (r *run) write(s string) error {
	if r.out.Len()+len(s) > MaxOutput {
		return fmt.Errorf("the output is larger than %d MiB", MaxOutput>>20)
	}
	r.out.WriteString(s)
	return r.spend(len(s))
}
