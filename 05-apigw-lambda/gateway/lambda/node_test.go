package lambda

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"websocket.example/05-apigw-lambda/gateway/api"
)

func nodeFunction(t *testing.T, handler string) *api.Function {
	t.Helper()
	if _, err := exec.LookPath("node"); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skip("no node on the PATH:", err)
	}
	folder, err := filepath.Abs("testdata/node")
	if err != nil {
		t.Fatal(err)
	}
	return &api.Function{ResourceID: "NodeFunction", Name: "node", Runtime: "nodejs22.x", Handler: handler, Code: folder, Timeout: 20 * time.Second}
}

func TestNode(t *testing.T) {
	t.Parallel()
	tests := []struct {
		handler string
		event   string
		payload string // a regexp for the whole
		err     string
		log     string // a regexp for a part
		next    int    // the environment of the invocation after it
	}{
		{"common.echo", `{"a":1}`, `{"a":1}`, "", `\tINFO\tgot { a: 1 }\n`, 1},
		{"module.echo", `{"a":1}`, `{"a":1}`, "", "", 1},
		{"package/index.handler", `{"a":1}`, `"an ES module in a .js file"`, "", "", 1},
		{"plain.handler", `{"a":1}`, `"a .cjs file"`, "", "", 1},
		{"common.nested.handler", `1`, `"nested"`, "", "", 1},
		{"common.nothing", `{}`, `null`, "", "", 1},
		{"common.callback", `{"a":1}`, `{"a":1}`, "", `the loop was not empty(?s:.*)END`, 1},
		{"common.impatient", `{}`, `"at once"`, "", "", 1},
		{"common.callbackError", `{}`, `{"errorType":"TypeError","errorMessage":"no","trace":\["TypeError: no",.*\]}`, "Unhandled", "Invoke Error", 1},
		{"common.silent", `{}`, `null`, "", "", 1},
		{"common.never", `{}`, `null`, "", "", 1},
		{"common.succeed", `{}`, `"done"`, "", "", 1},
		{"common.throws", `{}`, `{"errorType":"Custom","errorMessage":"no","trace":\["(Error|Custom): no","    at .*\]}`, "Unhandled", `ERROR\tInvoke Error \t{"errorType":"Custom"`, 1},
		{"common.rejects", `{}`, `{"errorType":"string","errorMessage":"just text","trace":\[\]}`, "Unhandled", "", 1},
		{"common.uncaught", `{}`, `{"errorType":"Error","errorMessage":"from a timer","trace":\[.*\]}`, "Unhandled", "Uncaught Exception", 2},
		{"common.unhandled", `{}`, `{"errorType":"Runtime.UnhandledPromiseRejection","errorMessage":"Error: nobody caught it","trace":\[.*\]}`, "Unhandled", "", 2},
		{"common.context", `{}`, `\["node","\$LATEST","arn:aws:lambda:us-east-1:123456789012:function:node","128","/aws/lambda/node",true,true,true,"AWS_Lambda_nodejs22.x"\]`, "", "", 1},
		{"common.nosuch", `{}`, `{"errorType":"Runtime.HandlerNotFound","errorMessage":"common.nosuch is undefined or not exported","trace":\[.*\]}`, "Unhandled", "", 2},
		{"nosuch.handler", `{}`, `{"errorType":"Runtime.ImportModuleError","errorMessage":"Error: Cannot find module 'nosuch'","trace":\[.*\]}`, "Unhandled", "", 2},
		{"missing.handler", `{}`, `{"errorType":"Runtime.ImportModuleError","errorMessage":"Error: Cannot find module 'no-such-package'.*","trace":\[.*\]}`, "Unhandled", "", 2},
		{"syntax.handler", `{}`, `{"errorType":"Runtime.UserCodeSyntaxError","errorMessage":"SyntaxError: .*","trace":\[.*\]}`, "Unhandled", "", 2},
		{"nodot", `{}`, `{"errorType":"Runtime.MalformedHandlerName","errorMessage":"Bad handler","trace":\[.*\]}`, "Unhandled", "", 2},
	}
	for _, tt := range tests {
		t.Run(tt.handler, func(t *testing.T) {
			t.Parallel()
			f := started(t, nodeFunction(t, tt.handler), Options{})
			r := invoke(t, f, tt.event)
			if !regexp.MustCompile(`^`+tt.payload+`$`).Match(r.Payload) || r.Error != tt.err {
				t.Errorf("%s %q, want %s %q\n%s", r.Payload, r.Error, tt.payload, tt.err, r.Log)
			}
			if !regexp.MustCompile(tt.log).MatchString(r.Log) {
				t.Errorf("log %q, want %q", r.Log, tt.log)
			}
			if tt.next == 1 {
				if next := invoke(t, f, tt.event); next.Environment != 1 || string(next.Payload) != string(r.Payload) && tt.err == "" {
					t.Errorf("the next one is %+v", next)
				}
			}
		})
	}
}

func TestNodeMissing(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	_, err := Process(&api.Function{ResourceID: "NodeFunction", Runtime: "nodejs22.x", Code: "testdata/node"}, Options{})
	if err == nil || !strings.Contains(err.Error(), "NodeFunction needs Node.js for its runtime nodejs22.x, and there is no node on the PATH") {
		t.Errorf("error %v", err)
	}
}
