package lambda

import (
	"maps"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"websocket.example/05-apigw-lambda/gateway/api"
)

// kept are the developer's own variables that a process cannot start without.
// No other gets through: what works only with them would fail on AWS.
func kept() []string {
	if runtime.GOOS == "windows" {
		return []string{"PATH", "PATHEXT", "SystemRoot", "TEMP", "TMP"}
	}
	return []string{"PATH", "TMPDIR"}
}

// place is where an environment is.
type place struct {
	task string // the function's code
	home string // a private folder: without one, SDKs would read the developer's ~/.aws
	api  string // host:port of its Runtime API
}

// variables are the environment variables of a new environment: those that a
// template may change, the template's, Lambda's own, the options'.
func (o *Options) variables(f *api.Function, at place, now time.Time) []string {
	v := map[string]string{
		"LANG":            "en_US.UTF-8",
		"TZ":              ":UTC",
		"LD_LIBRARY_PATH": at.task + "/lib:" + at.task + ":/opt/lib",
		"HOME":            at.home,
	}
	for _, name := range kept() {
		if value, is := os.LookupEnv(name); is {
			v[name] = value
		}
	}
	maps.Copy(v, f.Environment)
	maps.Copy(v, map[string]string{
		"_HANDLER":                        f.Handler,
		"LAMBDA_TASK_ROOT":                at.task,
		"LAMBDA_RUNTIME_DIR":              "/var/runtime",
		"AWS_LAMBDA_RUNTIME_API":          at.api,
		"AWS_LAMBDA_FUNCTION_NAME":        f.Name,
		"AWS_LAMBDA_FUNCTION_VERSION":     "$LATEST",
		"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": strconv.Itoa(memory(f)),
		"AWS_LAMBDA_LOG_GROUP_NAME":       "/aws/lambda/" + f.Name,
		"AWS_LAMBDA_LOG_STREAM_NAME":      now.UTC().Format("2006/01/02") + "/[$LATEST]" + strings.ReplaceAll(newRequestID(), "-", ""),
		"AWS_LAMBDA_INITIALIZATION_TYPE":  "on-demand",
		"AWS_REGION":                      o.Region,
		"AWS_DEFAULT_REGION":              o.Region,
		"AWS_ACCESS_KEY_ID":               o.Credentials.AccessKeyID,
		"AWS_SECRET_ACCESS_KEY":           o.Credentials.SecretAccessKey,
		"AWS_SESSION_TOKEN":               o.Credentials.SessionToken,
	})
	if isNode(f.Runtime) { // OS-only runtimes have none
		v["AWS_EXECUTION_ENV"] = "AWS_Lambda_" + f.Runtime
	}
	if v["AWS_SESSION_TOKEN"] == "" { // a key of a user, not of a role
		delete(v, "AWS_SESSION_TOKEN")
	}
	maps.Copy(v, o.Variables)

	list := make([]string, 0, len(v))
	for _, name := range slices.Sorted(maps.Keys(v)) {
		list = append(list, name+"="+v[name])
	}
	return list
}
