package mapping

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// call runs a method of a value, or a function of one of API Gateway's
// variables. The methods are those of Java's String, List and Map that
// templates use.
func (r *run) call(v any, name string, args []any) (any, error) {
	switch v := v.(type) {
	case *input:
		return v.call(name, args)
	case util:
		return v.call(r, name, args)
	case object:
		return nil, fmt.Errorf("%s has no methods", kindOf(v))
	}
	if s, ok := v.(string); ok { // most methods go through all of it
		if err := r.spend(len(s) / 4); err != nil {
			return nil, err
		}
	}
	c := &call{run: r, args: args}
	result, known := c.common(v, name)
	if !known {
		switch v := v.(type) {
		case string:
			result, known = c.ofString(v, name)
		case *list:
			result, known = c.ofList(v, name)
		case *dict:
			result, known = c.ofDict(v, name)
		case int64, float64:
			result, known = c.ofNumber(v, name)
		}
	}
	if c.err != nil {
		return nil, c.err
	}
	if !known {
		return nil, fmt.Errorf("%s has no method %s with %d arguments here", kindOf(v), name, len(args))
	}
	return result, nil
}

// A call is a method's arguments, and the first thing that is wrong with them.
type call struct {
	run  *run
	args []any
	err  error
}

// takes says that this method is meant.
func (c *call) takes(n int) bool { return len(c.args) == n }

func (c *call) fail(err error) {
	if c.err == nil {
		c.err = err
	}
}

// text is an argument as text.
func (c *call) text(i int) string {
	s, err := c.run.text(c.args[i])
	if err != nil {
		c.fail(err)
	}
	return s
}

// within is an argument as an integer from 0 to max.
func (c *call) within(i, max int) int {
	n, ok := c.args[i].(int64)
	if !ok || n < 0 || n > int64(max) {
		c.fail(fmt.Errorf("%v is no position from 0 to %d", c.args[i], max))
		return 0
	}
	return int(n)
}

func (c *call) spend(n int) bool {
	if err := c.run.spend(n); err != nil {
		c.fail(err)
		return false
	}
	return true
}

// common are the methods that everything has.
func (c *call) common(v any, name string) (result any, known bool) {
	switch {
	case name == "toString" && c.takes(0):
		s, err := c.run.text(v)
		if err != nil {
			c.fail(err)
		}
		return s, true
	case name == "equals" && c.takes(1):
		same, err := c.run.equal(v, c.args[0])
		if err != nil {
			c.fail(err)
		}
		return same, true
	}
	return nil, false
}

func (c *call) ofString(s, name string) (result any, known bool) {
	switch len(c.args) {
	case 0:
		switch name {
		case "length", "size", "count":
			return int64(utf8.RuneCountInString(s)), true
		case "isEmpty":
			return s == "", true
		case "trim":
			return strings.TrimSpace(s), true
		case "toLowerCase":
			return strings.ToLower(s), c.spend(len(s))
		case "toUpperCase":
			return strings.ToUpper(s), c.spend(len(s))
		}
	case 1:
		switch name {
		case "contains":
			return strings.Contains(s, c.text(0)), true
		case "startsWith":
			return strings.HasPrefix(s, c.text(0)), true
		case "endsWith":
			return strings.HasSuffix(s, c.text(0)), true
		case "equalsIgnoreCase":
			return strings.EqualFold(s, c.text(0)), true
		case "indexOf":
			return runeIndex(s, strings.Index(s, c.text(0))), true
		case "lastIndexOf":
			return runeIndex(s, strings.LastIndex(s, c.text(0))), true
		case "concat":
			other := c.text(0)
			return s + other, c.spend(len(s) + len(other))
		case "substring":
			return c.substring(s), true
		case "charAt":
			runes := []rune(s)
			if i := c.within(0, len(runes)-1); c.err == nil {
				return string(runes[i]), true
			}
			return nil, true
		case "matches":
			return c.matches(s), true
		case "split":
			return c.split(s), true
		}
	case 2:
		switch name {
		case "substring":
			return c.substring(s), true
		case "replace":
			return c.replace(s), true
		case "replaceAll", "replaceFirst":
			return c.replacePattern(s, name == "replaceFirst"), true
		}
	}
	return nil, false
}

// runeIndex turns a position in bytes into one in characters.
func runeIndex(s string, i int) int64 {
	if i < 0 {
		return -1
	}
	return int64(utf8.RuneCountInString(s[:i]))
}

func (c *call) substring(s string) any {
	if !c.spend(len(s)) {
		return nil
	}
	runes := []rune(s)
	from, to := c.within(0, len(runes)), len(runes)
	if len(c.args) == 2 {
		to = c.within(1, len(runes))
	}
	if from > to {
		c.fail(errors.New("the substring ends before it begins"))
		return nil
	}
	return string(runes[from:to])
}

func (c *call) replace(s string) any {
	old, with := c.text(0), c.text(1)
	if !c.spend(len(s) + strings.Count(s, old)*(len(with)+1)) {
		return nil
	}
	return strings.ReplaceAll(s, old, with)
}

func (c *call) ofList(l *list, name string) (result any, known bool) {
	switch len(c.args) {
	case 0:
		switch name {
		case "size", "count":
			return int64(len(l.items)), true
		case "isEmpty":
			return len(l.items) == 0, true
		}
	case 1:
		switch name {
		case "get":
			i, err := position(l, c.args[0])
			if err != nil {
				c.fail(err)
				return nil, true
			}
			return l.items[i], true
		case "add":
			l.items = append(l.items, c.args[0])
			return true, true
		case "addAll":
			more := elements(c.args[0])
			if c.spend(len(more) * stepCost) {
				l.items = append(l.items, more...)
			}
			return len(more) > 0, true
		case "remove":
			i, err := position(l, c.args[0])
			if err != nil {
				c.fail(err)
				return nil, true
			}
			old := l.items[i]
			l.items = slices.Delete(l.items, i, i+1)
			return old, c.spend(len(l.items) / 4)
		case "contains":
			return c.find(l) >= 0, true
		case "indexOf":
			return c.find(l), true
		}
	case 2:
		if name == "set" {
			i, err := position(l, c.args[0])
			if err != nil {
				c.fail(err)
				return nil, true
			}
			old := l.items[i]
			l.items[i] = c.args[1]
			return old, true
		}
	}
	return nil, false
}

// find is where the argument stands in a list, or -1.
func (c *call) find(l *list) int64 {
	for i, v := range l.items {
		same, err := c.run.equal(v, c.args[0])
		if err != nil {
			c.fail(err)
		}
		if same || !c.spend(stepCost) {
			return int64(i)
		}
	}
	return -1
}

func (c *call) ofDict(d *dict, name string) (result any, known bool) {
	switch len(c.args) {
	case 0:
		switch name {
		case "size", "count":
			return int64(len(d.keys)), true
		case "isEmpty":
			return len(d.keys) == 0, true
		case "keySet":
			keys := &list{}
			for _, k := range d.keys {
				keys.items = append(keys.items, k)
			}
			return keys, c.spend(len(d.keys) * stepCost)
		case "values":
			return &list{items: d.all()}, c.spend(len(d.keys) * stepCost)
		case "entrySet":
			entries := &list{}
			for _, k := range d.keys {
				e := &dict{}
				e.put("key", k)
				e.put("value", d.values[k])
				entries.items = append(entries.items, e)
			}
			return entries, c.spend(len(d.keys) * 4 * valueCost)
		case "getKey": // of an entry
			return d.get("key"), true
		case "getValue":
			return d.get("value"), true
		}
	case 1:
		switch name {
		case "get":
			return d.get(c.text(0)), true
		case "containsKey":
			_, ok := d.values[c.text(0)]
			return ok, true
		case "containsValue":
			return c.find(&list{items: d.all()}) >= 0, true
		case "remove":
			return d.remove(c.text(0)), c.spend(len(d.keys))
		case "putAll":
			if other, ok := c.args[0].(*dict); ok && c.spend(len(other.keys)*stepCost) {
				for _, k := range slices.Clone(other.keys) {
					d.put(k, other.values[k])
				}
			}
			return nil, true
		}
	case 2:
		if name == "put" {
			key := c.text(0)
			old := d.get(key)
			d.put(key, c.args[1])
			return old, true
		}
	}
	return nil, false
}

func (c *call) ofNumber(n any, name string) (result any, known bool) {
	if !c.takes(0) {
		return nil, false
	}
	switch name {
	case "intValue", "longValue":
		if f, ok := n.(float64); ok {
			return int64(f), true
		}
		return n, true
	case "doubleValue":
		return toFloat(n), true
	}
	return nil, false
}
