package mapping

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
)

// A value is nil, a string, a bool, an int64, a float64, a *list, a *dict, or
// one of API Gateway's own variables, which are objects.

// An object has properties, methods, or both.
type object interface{ isObject() }

func (*input) isObject()   {}
func (util) isObject()     {}
func (*foreach) isObject() {}

// A list is an array. One that comes from JSON is written as JSON.
type list struct {
	items    []any
	fromJSON bool
}

// A dict is a map that keeps its order.
type dict struct {
	keys     []string
	values   map[string]any
	fromJSON bool
}

func (d *dict) get(key string) any { return d.values[key] }

func (d *dict) put(key string, v any) {
	if d.values == nil {
		d.values = make(map[string]any)
	}
	if _, was := d.values[key]; !was {
		d.keys = append(d.keys, key)
	}
	d.values[key] = v
}

func (d *dict) remove(key string) any {
	v, was := d.values[key]
	if was {
		delete(d.values, key)
		d.keys = slices.DeleteFunc(d.keys, func(k string) bool { return k == key })
	}
	return v
}

func (d *dict) all() []any {
	values := make([]any, len(d.keys))
	for i, k := range d.keys {
		values[i] = d.values[k]
	}
	return values
}

// elements is what #foreach goes over: a list, or the values of a map.
func elements(v any) []any {
	switch v := v.(type) {
	case *list:
		return slices.Clone(v.items) // the loop may change the list
	case *dict:
		return v.all()
	}
	return nil
}

// valueCost is what a value takes in memory, about.
const valueCost = 4 * stepCost

// decode makes a value of a JSON document.
func (r *run) decode(doc []byte) (any, error) {
	if !json.Valid(doc) { // the decoder's tokens alone let some mistakes pass
		return nil, errors.New("this is not JSON")
	}
	d := json.NewDecoder(bytes.NewReader(doc))
	d.UseNumber()
	return r.decodeNext(d)
}

func (r *run) decodeNext(d *json.Decoder) (any, error) {
	token, err := d.Token()
	if err != nil {
		return nil, err
	}
	if err := r.spend(valueCost); err != nil {
		return nil, err
	}
	switch token := token.(type) {
	case json.Number:
		return parseNumber(token.String()), nil
	case json.Delim:
		if token == '[' {
			return r.decodeList(d)
		}
		return r.decodeDict(d)
	default:
		return token, nil
	}
}

func (r *run) decodeList(d *json.Decoder) (any, error) {
	l := &list{fromJSON: true}
	for d.More() {
		v, err := r.decodeNext(d)
		if err != nil {
			return nil, err
		}
		l.items = append(l.items, v)
	}
	_, err := d.Token()
	return l, err
}

func (r *run) decodeDict(d *json.Decoder) (any, error) {
	m := &dict{fromJSON: true}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, err
		}
		v, err := r.decodeNext(d)
		if err != nil {
			return nil, err
		}
		m.put(name.(string), v)
	}
	_, err := d.Token()
	return m, err
}
