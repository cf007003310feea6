// Package template reads a CloudFormation or SAM template, in YAML or JSON,
// into the APIs and functions that it describes.
//
//	node.go        a piece of a template; parse.go makes a tree of them, yaml.go and json.go from their language
//	sections.go    the template's sections: parameters, mappings, conditions, resources
//	resolve.go     intrinsic functions; sub.go: Fn::Sub; condition.go: Fn::If and its kin
//	reference.go   what Ref and Fn::GetAtt give; arn.go: names and ARNs
//	sam.go         the Serverless resources written out as plain ones; globals.go
//	graph.go       who refers to whom: unknown names, cycles, what a Deployment waits for
//	properties.go  takes properties from a resource
//	api.go         APIs and stages; route.go and integration.go: what they do; permission.go; key.go
//	function.go    functions; code.go finds their code; schedule.go: what runs them at intervals
//	notice.go      what does not run here; known.go: properties that nothing has
//
// It runs in that order: the text becomes a tree, SAM's resources become plain
// ones, names are checked, and only then are properties resolved, and only
// those that matter here. What a role may do is never looked at.
package template

import (
	"fmt"
	"os"
	"path/filepath"

	"websocket.example/05-apigw-lambda/gateway/api"
)

// Options are what a template leaves open.
type Options struct {
	Region     string            // "" is us-east-1
	Account    string            // "" is 123456789012
	Stack      string            // the stack's name; "" is local
	Stage      string            // of an API with several stages this one; of an API with one, its name
	Parameters map[string]string // by name; the others have their defaults

	// Undeployed says what becomes of a route that the stage's Deployment
	// does not depend on. CloudFormation may then make the deployment first,
	// and the route is missing in it, or it may not. AWS says nothing of the
	// order.
	Undeployed Undeployed
}

// An Undeployed is one of the two things that may become of such a route.
type Undeployed string

// Unsure: undeployed-routes, facts 6.1.
const (
	Missing Undeployed = "missing" // also "": it is not served
	Present Undeployed = "present"
)

// Read reads the template in a file. The other files it may name, such as
// functions' code, are looked for beside it and need not be there.
//
// An error is one line with the place: see Error.
func Read(path string, o Options) (*api.Project, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	folder, err := filepath.Abs(filepath.Dir(path))
	if err != nil {
		return nil, err
	}
	return read(path, folder, text, o)
}

// Parse reads a template that is not in a file: it is as if it stood in a
// folder, under a name.
func Parse(name, folder string, text []byte, o Options) (*api.Project, error) {
	return read(name, folder, text, o)
}

// read reads a template that stands in a folder.
func read(path, folder string, text []byte, o Options) (*api.Project, error) {
	o.Region = or(o.Region, "us-east-1")
	o.Account = or(o.Account, "123456789012")
	o.Stack = or(o.Stack, "local")
	o.Undeployed = or(o.Undeployed, Missing)
	root, err := parse(path, text)
	if err != nil {
		return nil, err
	}
	t := &template{Options: o, path: path, folder: folder, memo: map[string]*node{}, busy: map[string]bool{}}
	t.sections(root)
	t.expand()
	t.conditional()
	t.rename()
	t.check()
	t.functions()
	t.readPermissions()
	t.schedules()
	t.apis()
	t.others()
	if t.err != nil {
		return nil, t.err
	}
	return &t.project, nil
}

// A template is one while it is read. The first error ends it: after it every
// method returns soon, with nothing.
type template struct {
	Options
	path   string
	folder string // where it stands, absolute

	sam        bool // it is a SAM template
	macros     bool // a macro writes more into it, on AWS
	globals    *node
	parameters *node
	mappings   *node
	conditions *node

	resources []*resource
	byID      map[string]*resource

	memo  map[string]*node // what references gave
	busy  map[string]bool  // what is being resolved: who comes back to it goes in a circle
	spent int              // how much was resolved

	byName      map[string]*api.Function // by FunctionName
	permissions []permission
	noticed     map[api.Notice]bool
	owned       map[string][]*resource // by type and ApiId
	responses   map[string][]*resource // RouteResponses, by RouteId
	answers     map[string][]*resource // IntegrationResponses, by IntegrationId
	deployed    map[*resource]deployment
	renamed     map[*resource]bool // stages that have their name of Options

	project api.Project
	err     error
}

// fail keeps the first error.
func (t *template) fail(at *node, format string, args ...any) {
	if t.err == nil {
		t.err = &Error{t.path, max(at.line, 1), max(at.column, 1), fmt.Sprintf(format, args...)}
	}
}

// maxSpent bounds what resolving costs: a value counts as one, a text one for
// each 64 bytes. A real template spends some thousands.
const maxSpent = 1 << 20

// spend says whether there is still something to spend.
func (t *template) spend(at *node, n int) bool {
	if t.spent += n; t.spent > maxSpent {
		t.fail(at, "this asks for more work than any real template: does a value repeat itself again and again?")
	}
	return t.err == nil
}

func or[T comparable](values ...T) T {
	var zero T
	for _, v := range values {
		if v != zero {
			return v
		}
	}
	return zero
}
