package mapping

import (
	"errors"
	"strings"
)

// An expression has a value.
type expression interface {
	eval(r *run) (any, error)
}

type literal struct{ value any }

func (l literal) eval(*run) (any, error) { return l.value, nil }

// An interpolated is a string in double quotes with references in it: a
// template in the template.
type interpolated struct {
	line  int
	nodes []node
}

func (s *interpolated) eval(r *run) (any, error) {
	outer := r.out
	r.out = &strings.Builder{}
	_, err := r.block(s.nodes)
	inner := r.out.String()
	r.out = outer
	return inner, err
}

type listLiteral []expression

func (l listLiteral) eval(r *run) (any, error) {
	items, err := evalAll(r, l)
	return &list{items: items}, err
}

type mapLiteral struct{ keys, values []expression }

func (m *mapLiteral) eval(r *run) (any, error) {
	keys, err := evalAll(r, m.keys)
	if err != nil {
		return nil, err
	}
	values, err := evalAll(r, m.values)
	if err != nil {
		return nil, err
	}
	made := &dict{}
	for i, k := range keys {
		name, err := r.text(k)
		if err != nil {
			return nil, err
		}
		made.put(name, values[i])
	}
	return made, nil
}

// A span is [from..to].
type span struct {
	line     int
	from, to expression
}

func (s *span) eval(r *run) (any, error) {
	ends, err := evalAll(r, []expression{s.from, s.to})
	if err != nil {
		return nil, err
	}
	from, ok1 := ends[0].(int64)
	to, ok2 := ends[1].(int64)
	if !ok1 || !ok2 {
		return nil, &Error{s.line, "[..]", "a range goes from one integer to another"}
	}
	step := int64(1)
	if to < from {
		step = -1
	}
	made := &list{}
	for i := from; ; i += step {
		if err := r.spend(valueCost); err != nil {
			return nil, &Error{s.line, "[..]", err.Error()}
		}
		made.items = append(made.items, i)
		if i == to {
			return made, nil
		}
	}
}

func evalAll(r *run, all []expression) ([]any, error) {
	values := make([]any, len(all))
	for i, e := range all {
		var err error
		if values[i], err = e.eval(r); err != nil {
			return nil, err
		}
	}
	return values, nil
}

// A negation is !x.
type negation struct{ of expression }

func (n *negation) eval(r *run) (any, error) {
	v, err := n.of.eval(r)
	return !r.isTrue(v), err
}

// A binary is an operation of two operands.
type binary struct {
	line        int
	operator    string
	left, right expression
}

func (b *binary) eval(r *run) (any, error) {
	left, err := b.left.eval(r)
	if err != nil {
		return nil, err
	}
	// The right side may be of use only if the left one lets it: a null check.
	switch b.operator {
	case "&&":
		if !r.isTrue(left) {
			return false, nil
		}
		right, err := b.right.eval(r)
		return r.isTrue(right), err
	case "||":
		if r.isTrue(left) {
			return true, nil
		}
		right, err := b.right.eval(r)
		return r.isTrue(right), err
	}
	right, err := b.right.eval(r)
	if err != nil {
		return nil, err
	}
	v, err := r.operate(b.operator, left, right)
	if err != nil {
		return nil, &Error{b.line, b.operator, err.Error()}
	}
	return v, nil
}

func (r *run) operate(operator string, left, right any) (any, error) {
	if err := r.spend(stepCost); err != nil {
		return nil, err
	}
	switch operator {
	case "==":
		return r.equal(left, right)
	case "!=":
		same, err := r.equal(left, right)
		return !same, err
	}
	if operator == "+" && left != nil && right != nil && !(isNumber(left) && isNumber(right)) {
		a, err := r.text(left)
		if err != nil {
			return nil, err
		}
		b, err := r.text(right)
		if err != nil {
			return nil, err
		}
		return a + b, r.spend(len(a) + len(b))
	}
	if left == nil || right == nil { // Velocity logs that, and goes on with null
		return nil, nil
	}
	if !isNumber(left) || !isNumber(right) {
		return nil, errors.New("this works on numbers only")
	}
	return arithmetic(operator, left, right), nil
}

// isTrue is what a condition makes of a value.
func (r *run) isTrue(v any) bool {
	switch v := v.(type) {
	case nil:
		return false
	case bool:
		return v
	}
	if !r.data.Options.EmptyIsFalse {
		return true
	}
	switch v := v.(type) {
	case string:
		return v != ""
	case int64:
		return v != 0
	case float64:
		return v != 0
	case *list:
		return len(v.items) > 0
	case *dict:
		return len(v.keys) > 0
	}
	return true
}

// equal compares numbers as numbers, and what is of two kinds as text.
func (r *run) equal(a, b any) (bool, error) {
	if a == nil || b == nil {
		return a == nil && b == nil, nil
	}
	if isNumber(a) && isNumber(b) {
		return arithmetic("==", a, b) == true, nil
	}
	left, err := r.text(a)
	if err != nil {
		return false, err
	}
	right, err := r.text(b)
	return left == right, err
}
