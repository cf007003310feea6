package authorizer

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// MaxAnswer is how long an answer may be, in bytes.
//
// API Gateway quotas, "Authorizer result size": 8 KB.
const MaxAnswer = 8 << 10

// An answer is what an authorizer may return.
type answer struct {
	principal string
	policy    policy
	context   map[string]any
	usageKey  string
}

// members are a JSON object with its names as they are: encoding/json would
// take "PrincipalID" for "principalId", which API Gateway does not.
type members map[string]json.RawMessage

// has says whether a member is there. null is as good as nothing.
func (m members) has(name string) bool {
	raw, there := m[name]
	return there && string(raw) != "null"
}

// decode reads an answer. Members that it does not know are passed over.
func decode(b []byte, asStrings bool) (*answer, error) {
	if len(b) > MaxAnswer {
		return nil, fmt.Errorf("it has %d bytes, and may have %d (8 KB)", len(b), MaxAnswer)
	}
	var m members
	if err := json.Unmarshal(b, &m); err != nil || m == nil {
		return nil, fmt.Errorf("it is not a JSON object: %s", shorten(b))
	}
	var a answer
	var err error
	if a.principal, err = m.text("principalId", true); err != nil {
		return nil, err
	}
	if a.usageKey, err = m.text("usageIdentifierKey", false); err != nil {
		return nil, err
	}
	if !m.has("policyDocument") {
		return nil, errors.New("it has no policyDocument")
	}
	if a.policy, err = decodePolicy(m["policyDocument"]); err != nil {
		return nil, err
	}
	if m.has("context") {
		if a.context, err = decodeContext(m["context"], asStrings); err != nil {
			return nil, err
		}
	}
	return &a, nil
}

func (m members) text(name string, required bool) (string, error) {
	if !m.has(name) {
		if required {
			return "", fmt.Errorf("it has no %s", name)
		}
		return "", nil
	}
	var s string
	if err := json.Unmarshal(m[name], &s); err != nil {
		return "", fmt.Errorf("%s is not a string: %s", name, shorten(m[name]))
	}
	if required && s == "" {
		return "", fmt.Errorf("%s is empty", name)
	}
	return s, nil
}

// decodeContext takes strings, numbers and booleans. An object or a list in
// the context is the commonest mistake: no function ever sees it, all fails.
func decodeContext(raw json.RawMessage, asStrings bool) (map[string]any, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber() // 1.0 stays 1.0, and 2^60 what it is
	var m map[string]any
	if err := d.Decode(&m); err != nil {
		return nil, fmt.Errorf("context is not an object: %s", shorten(raw))
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("context does not end")
	}
	for name, value := range m {
		switch value.(type) {
		case string:
		case json.Number, bool:
			if asStrings {
				m[name] = fmt.Sprint(value)
			}
		default:
			return nil, fmt.Errorf("context.%s is neither string, number nor boolean; write an object or a list as a string of JSON", name)
		}
	}
	return m, nil
}

func shorten(b []byte) string {
	if len(b) > 60 {
		return string(b[:60]) + "..."
	}
	return string(b)
}
