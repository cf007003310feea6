// Package model validates messages against an API's models, which are JSON
// schemas of draft 4. ("Request validation" and "Data models" in the Developer
// Guide.)
//
// A message that is not valid does not reach its integration. The client gets
// the frame "Bad request body" and no reason; the reason is for the log.
package model

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// A Set is the models of an API, ready to validate, for many goroutines.
type Set struct{ schemas map[string]*jsonschema.Schema }

// base is where the models are: $ref to another one begins so. What is between
// restapis and models is the API's id, and not looked at.
const base = "https://apigateway.amazonaws.com/restapis/local/models/"

// Compile reads all models of an API, by their names. Nothing is loaded from
// anywhere else: a $ref to what is neither a model nor draft 4 itself is an
// error. The error tells all that is wrong; the models that are right work
// nevertheless.
func Compile(models map[string]json.RawMessage) (*Set, error) {
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft4)
	c.UseLoader(loader(models))
	s := &Set{schemas: make(map[string]*jsonschema.Schema)}
	var all []error
	for _, name := range slices.Sorted(maps.Keys(models)) {
		schema, err := c.Compile(base + name)
		if err != nil {
			all = append(all, fmt.Errorf("model %s: %s", name, firstLines(err)))
			continue
		}
		s.schemas[name] = schema
	}
	return s, errors.Join(all...)
}

// A loader gives the compiler the models it asks for.
type loader map[string]json.RawMessage

func (l loader) Load(url string) (any, error) {
	dir, name := path.Split(url)
	if strings.HasPrefix(dir, "https://apigateway.amazonaws.com/restapis/") && path.Base(dir) == "models" {
		if schema, ok := l[name]; ok {
			return jsonschema.UnmarshalJSON(bytes.NewReader(schema))
		}
	}
	return nil, errors.New("there is no such model, and nothing is loaded from elsewhere")
}

// Validate returns what is wrong with a message, nil if nothing is.
func (s *Set) Validate(name string, message []byte) error {
	schema, ok := s.schemas[name]
	if !ok {
		return fmt.Errorf("there is no model %q", name)
	}
	if !json.Valid(message) {
		return errors.New("the message is not JSON")
	}
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(message))
	if err != nil {
		return errors.New("the message is not JSON")
	}
	if err := schema.Validate(tame(v)); err != nil {
		return errors.New(firstLines(err))
	}
	return nil
}

// tame turns numbers with an exponent into what 64 bits hold. As exact
// fractions, which the validator works with, a few bytes such as 1e999999
// would take it seconds.
func tame(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k := range v {
			v[k] = tame(v[k])
		}
	case []any:
		for i := range v {
			v[i] = tame(v[i])
		}
	case json.Number:
		if !strings.ContainsAny(string(v), "eE") {
			return v
		}
		f, _ := strconv.ParseFloat(string(v), 64) // it is a number; an error is one of size
		return max(-math.MaxFloat64, min(f, math.MaxFloat64))
	}
	return v
}

// firstLines is an error's text on one line, without the line that only names
// the schema.
func firstLines(err error) string {
	lines := strings.Split(err.Error(), "\n")
	if len(lines) > 1 && strings.Contains(lines[0], "validation failed") {
		lines = lines[1:]
	}
	for i, l := range lines {
		lines[i] = strings.TrimPrefix(strings.TrimSpace(l), "- ")
	}
	const enough = 3
	if more := len(lines) - enough; more > 0 {
		lines = append(lines[:enough], fmt.Sprintf("and %d more", more))
	}
	return strings.Join(lines, "; ")
}
