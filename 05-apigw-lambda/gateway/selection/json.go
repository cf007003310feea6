package selection

import (
	"encoding/json"

	"websocket.example/05-apigw-lambda/gateway/selection/jsonpath"
)

// FromJSON makes a Context's Value of the JSON of an event's requestContext.
// The values are texts: "calling $context.authorizer.numKey returns the "1"
// string". ("WebSocket API mapping template reference")
func FromJSON(context []byte) func(name string) string {
	valid := json.Valid(context)
	return func(name string) string {
		path, err := jsonpath.Parse("." + name)
		if err != nil || !valid {
			return ""
		}
		value, found := path.Find(context)
		if !found {
			return ""
		}
		return Options{}.text(value)
	}
}
