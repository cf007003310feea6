package mapping

import (
	"errors"
	"fmt"
)

// A reference is $name and what comes after it: .property, .method(...) and
// [index], any number of them.
type reference struct {
	line   int
	source string // as it stands in the template
	quiet  bool   // $!name
	name   string
	links  []link
}

// A link is one step of a reference.
type link struct {
	kind  linkKind
	name  string       // of a property or a method
	args  []expression // of a method
	index expression
}

type linkKind byte

const (
	property linkKind = iota
	method
	index
)

func (ref *reference) render(r *run) (flow, error) {
	v, err := ref.eval(r)
	if err != nil {
		return on, err
	}
	if v == nil {
		if !ref.quiet && r.data.Options.UndefinedIsLiteral {
			err = r.write(ref.source)
		}
		return on, ref.wrap(err)
	}
	s, err := r.text(v)
	if err == nil {
		err = r.write(s)
	}
	return on, ref.wrap(err)
}

func (ref *reference) eval(r *run) (any, error) {
	return ref.follow(r, ref.links)
}

// follow goes along the links. From null no link leads further: it stays null.
func (ref *reference) follow(r *run, links []link) (any, error) {
	v := r.variables[ref.name]
	for _, l := range links {
		if v == nil {
			return nil, nil
		}
		if err := r.spend(stepCost); err != nil {
			return nil, ref.wrap(err)
		}
		var err error
		switch l.kind {
		case property:
			v, err = getProperty(v, l.name)
		case index:
			var i any
			if i, err = l.index.eval(r); err == nil {
				v, err = getIndex(r, v, i)
			}
		case method:
			var args []any
			if args, err = evalAll(r, l.args); err == nil {
				v, err = r.call(v, l.name, args)
			}
		}
		if err != nil {
			return nil, ref.wrap(err)
		}
	}
	return v, nil
}

// assign is #set($x = v), #set($x.y = v) or #set($x[i] = v).
func (ref *reference) assign(r *run, v any) error {
	if len(ref.links) == 0 {
		r.variables[ref.name] = v
		return nil
	}
	last := len(ref.links) - 1
	holder, err := ref.follow(r, ref.links[:last])
	if err != nil {
		return err
	}
	key := any(ref.links[last].name)
	switch ref.links[last].kind {
	case method:
		return ref.wrap(errors.New("what a method returns cannot be set"))
	case index:
		if key, err = ref.links[last].index.eval(r); err != nil {
			return err
		}
	}
	switch holder := holder.(type) {
	case *dict:
		name, err := r.text(key)
		if err == nil {
			holder.put(name, v)
		}
		return ref.wrap(err)
	case *list:
		i, err := position(holder, key)
		if err == nil {
			holder.items[i] = v
		}
		return ref.wrap(err)
	}
	return ref.wrap(errors.New("only parts of maps and lists can be set"))
}

// wrap gives an error its place, unless it has one.
func (ref *reference) wrap(err error) error {
	var placed *Error
	if err == nil || errors.As(err, &placed) {
		return err
	}
	return &Error{ref.line, ref.source, err.Error()}
}

// getProperty is v.name. A map has what it holds; isEmpty is written .empty.
func getProperty(v any, name string) (any, error) {
	switch v := v.(type) {
	case *dict:
		if value, ok := v.values[name]; ok || name != "empty" {
			return value, nil
		}
		return len(v.keys) == 0, nil
	case *list:
		if name == "empty" {
			return len(v.items) == 0, nil
		}
	case string:
		if name == "empty" {
			return v == "", nil
		}
	case *input:
		return v.property(name)
	case *foreach:
		return v.property(name)
	}
	return nil, fmt.Errorf("%s has no property %s", kindOf(v), name)
}

// getIndex is v[i].
func getIndex(r *run, v, i any) (any, error) {
	switch v := v.(type) {
	case *dict:
		name, err := r.text(i)
		return v.get(name), err
	case *list:
		n, err := position(v, i)
		if err != nil {
			return nil, err
		}
		return v.items[n], nil
	}
	return nil, fmt.Errorf("%s has no elements", kindOf(v))
}

// position is the index i of a list, from its end if it is negative.
func position(l *list, i any) (int, error) {
	n, ok := i.(int64)
	if !ok {
		return 0, errors.New("an index is an integer")
	}
	if n < 0 {
		n += int64(len(l.items))
	}
	if n < 0 || n >= int64(len(l.items)) {
		return 0, fmt.Errorf("the index %d is outside of a list of %d", i, len(l.items))
	}
	return int(n), nil
}

// kindOf is a value's kind in an error.
func kindOf(v any) string {
	switch v.(type) {
	case string:
		return "a string"
	case bool:
		return "a boolean"
	case int64, float64:
		return "a number"
	case *list:
		return "a list"
	case *dict:
		return "a map"
	case *input:
		return "$input"
	case util:
		return "$util"
	case *foreach:
		return "$foreach"
	}
	return "null"
}
