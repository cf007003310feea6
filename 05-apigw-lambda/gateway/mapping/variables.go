package mapping

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"websocket.example/05-apigw-lambda/gateway/selection/jsonpath"
)

// An input is $input: the message.
type input struct {
	run    *run
	parsed bool
	doc    []byte // the body as JSON
	err    error  // why it is none
}

// property is $input.body. An empty body is {}. (Seen in localstack#12413.)
func (in *input) property(name string) (any, error) {
	if name != "body" {
		return nil, fmt.Errorf("$input has body, json, path and params, not %s", name)
	}
	if len(in.run.data.Body) == 0 {
		return "{}", nil
	}
	return string(in.run.data.Body), in.run.spend(len(in.run.data.Body))
}

// call is $input.json(path), $input.path(path) or $input.params(name).
func (in *input) call(name string, args []any) (any, error) {
	if len(args) > 1 || len(args) == 0 && name == "path" {
		return nil, fmt.Errorf("$input.%s takes one argument", name)
	}
	argument := ""
	if len(args) == 1 {
		var err error
		if argument, err = in.run.text(args[0]); err != nil {
			return nil, err
		}
	}
	switch name {
	case "json":
		return in.json(argument)
	case "path":
		return in.path(argument)
	case "params":
		return in.params(argument, len(args) == 0), nil
	}
	return nil, fmt.Errorf("$input has body, json, path and params, not %s", name)
}

// find is the JSON at a path, nil if there is none.
func (in *input) find(path string) ([]byte, error) {
	p, err := jsonpath.Parse(path)
	if err != nil {
		return nil, err
	}
	if !in.parsed {
		in.parsed = true
		in.doc, in.err = in.run.bodyAsJSON()
	}
	if in.err != nil {
		return nil, in.err
	}
	if err := in.run.spend(len(in.doc) / 8); err != nil {
		return nil, err
	}
	value, _ := p.Find(in.doc)
	return value, nil
}

func (r *run) bodyAsJSON() ([]byte, error) {
	switch body := r.data.Body; {
	case len(body) == 0:
		return []byte("{}"), nil
	case json.Valid(body):
		return body, nil
	case r.data.Options.BodyIsText:
		return quote(string(body)), nil
	}
	return nil, errors.New("the body is not JSON")
}

// json "evaluates a JSONPath expression and returns the results as a JSON
// string".
func (in *input) json(path string) (any, error) {
	value, err := in.find(path)
	if err != nil {
		return nil, err
	}
	if value == nil && in.run.data.Options.MissingIsNull {
		return "null", nil
	}
	if value == nil {
		return `""`, nil
	}
	if err := in.run.spend(len(value)); err != nil {
		return nil, err
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, value); err != nil {
		return nil, err
	}
	return compact.String(), nil
}

// path "takes a JSONPath expression string and returns a JSON object
// representation of the result".
func (in *input) path(path string) (any, error) {
	value, err := in.find(path)
	if err != nil || value == nil {
		return nil, err
	}
	if err := in.run.spend(len(value)); err != nil {
		return nil, err
	}
	return in.run.decode(value)
}

// params are the parameters of the handshake, on $connect: all of them, by
// where they stand, or one, "" if there is none.
func (in *input) params(name string, all bool) any {
	query, header := lastOf(in.run.data.Query), lastOf(in.run.data.Header)
	if all {
		d := &dict{}
		d.put("path", &dict{})
		d.put("querystring", query)
		d.put("header", header)
		return d
	}
	for _, d := range []*dict{query, header} {
		if v, ok := d.values[name]; ok {
			return v
		}
	}
	return ""
}

// lastOf is the map of what has been said last under each name.
func lastOf(m map[string][]string) *dict {
	d := &dict{}
	for _, k := range slices.Sorted(maps.Keys(m)) {
		if v := m[k]; len(v) > 0 {
			d.put(k, v[len(v)-1])
		}
	}
	return d
}

// context is $context, with texts only: "the stringified value of the
// specified key-value pair".
func (r *run) context() *dict {
	v, err := r.decode(r.data.Context)
	d, ok := v.(*dict)
	if err != nil || !ok {
		return &dict{}
	}
	r.stringify(d)
	return d
}

func (r *run) stringify(d *dict) {
	for k, v := range d.values {
		switch v := v.(type) {
		case *dict:
			r.stringify(v)
		case bool, int64, float64:
			if s, err := r.text(v); err == nil {
				d.values[k] = s
			}
		}
	}
}

// stageVariables is $stageVariables.
func stageVariables(m map[string]string) *dict {
	d := &dict{}
	for _, k := range slices.Sorted(maps.Keys(m)) {
		d.put(k, m[k])
	}
	return d
}
