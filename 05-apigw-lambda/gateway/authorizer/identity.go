package authorizer

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"websocket.example/05-apigw-lambda/gateway/api"
)

// The kinds of identity sources.
const (
	ofHeader  = "route.request.header."
	ofQuery   = "route.request.querystring."
	ofStage   = "stageVariables."
	ofContext = "context."
)

// CheckSource says what is wrong with an identity source. API Gateway refuses
// such an authorizer when it is deployed.
func CheckSource(source string) error {
	for _, kind := range []string{ofHeader, ofQuery, ofStage, ofContext} {
		if name, is := strings.CutPrefix(source, kind); is && name != "" {
			return nil
		}
	}
	return fmt.Errorf("%q is no identity source: write %sNAME, %sNAME, %sNAME or %sNAME", source, ofHeader, ofQuery, ofStage, ofContext)
}

// identify wants every identity source there and not empty. If one is not,
// the function is not run: it costs nothing to send nothing.
func (in *Input) identify(a *api.Authorizer, e *Event) (status int, reason string) {
	for _, source := range a.IdentitySource {
		if err := CheckSource(source); err != nil {
			return http.StatusInternalServerError, err.Error()
		}
		if in.lookUp(source, e) == "" {
			return http.StatusUnauthorized, "the identity source " + source + " is missing or empty: the function was not run"
		}
	}
	return 0, ""
}

func (in *Input) lookUp(source string, e *Event) string {
	if name, is := strings.CutPrefix(source, ofHeader); is {
		value, _ := header(e.Headers, name, in.ExactHeaderNames)
		return value
	}
	if name, is := strings.CutPrefix(source, ofQuery); is {
		return e.Query[name]
	}
	if name, is := strings.CutPrefix(source, ofStage); is {
		return in.Source.StageVariables[name]
	}
	return e.variable(strings.TrimPrefix(source, ofContext))
}

// variable is a value of requestContext, such as identity.sourceIp.
func (e *Event) variable(path string) string {
	b, err := json.Marshal(e.Context)
	if err != nil {
		return ""
	}
	for name := range strings.SplitSeq(path, ".") {
		var members map[string]json.RawMessage
		if json.Unmarshal(b, &members) != nil {
			return ""
		}
		b = members[name]
	}
	var text string
	if json.Unmarshal(b, &text) == nil {
		return text
	}
	return string(b) // a number
}
