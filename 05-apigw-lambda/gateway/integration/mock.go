package integration

import "encoding/json"

// mock answers with the status that the request template has made, such as
// {"statusCode": 200}. Its response template has no body to work on. ("Set up
// mock integrations")
func mock(body []byte) (Answer, error) {
	var made map[string]json.RawMessage
	if err := json.Unmarshal(body, &made); err != nil {
		return Answer{}, malformed("the request template gives no JSON object: %v", err)
	}
	code, err := status(made["statusCode"], Options{})
	return Answer{Status: code}, err
}
