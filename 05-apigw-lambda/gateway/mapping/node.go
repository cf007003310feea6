package mapping

import "errors"

// A node is a piece of a template that writes something or decides something.
type node interface {
	render(r *run) (flow, error)
}

// A flow says how to go on after a node.
type flow byte

const (
	on       flow = iota
	breaking      // #break: leave the loop
	stopping      // #stop: leave the template
)

func (r *run) block(nodes []node) (flow, error) {
	for _, n := range nodes {
		if err := r.spend(stepCost); err != nil {
			return on, &Error{Reason: err.Error()}
		}
		if f, err := n.render(r); f != on || err != nil {
			return f, err
		}
	}
	return on, nil
}

// A text is what stands outside of everything.
type text string

func (t text) render(r *run) (flow, error) {
	if err := r.write(string(t)); err != nil {
		return on, &Error{Reason: err.Error()}
	}
	return on, nil
}

// A leave is #break or #stop.
type leave flow

func (l leave) render(*run) (flow, error) { return flow(l), nil }

// A set is #set($target = value).
type set struct {
	target *reference
	value  expression
}

func (s *set) render(r *run) (flow, error) {
	v, err := s.value.eval(r)
	if err != nil {
		return on, err
	}
	if v == nil && r.data.Options.SetNullKeeps {
		return on, nil
	}
	return on, s.target.assign(r, v)
}

// A choice is #if, each #elseif, and #else, whose condition is nil.
type choice []branch

type branch struct {
	condition expression
	block     []node
}

func (c choice) render(r *run) (flow, error) {
	for _, b := range c {
		if b.condition != nil {
			v, err := b.condition.eval(r)
			if err != nil {
				return on, err
			}
			if !r.isTrue(v) {
				continue
			}
		}
		return r.block(b.block)
	}
	return on, nil
}

// A loop is #foreach($name in list).
type loop struct {
	line  int
	name  string
	list  expression
	block []node
}

func (l *loop) render(r *run) (flow, error) {
	v, err := l.list.eval(r)
	if err != nil {
		return on, err
	}
	items := elements(v)
	if err := r.spend(len(items)); err != nil {
		return on, &Error{l.line, "#foreach", err.Error()}
	}
	if len(items) > MaxLoops {
		if r.data.Options.LongLoopFails {
			return on, &Error{l.line, "#foreach", "more than 1000 elements"}
		}
		items = items[:MaxLoops]
	}
	// What the loop names is seen in it only.
	for _, name := range []string{l.name, "foreach", "velocityCount"} {
		if old, was := r.variables[name]; was {
			defer func() { r.variables[name] = old }()
		} else {
			defer func() { delete(r.variables, name) }()
		}
	}
	state := &foreach{size: len(items), parent: r.variables["foreach"]}
	for i, item := range items {
		state.index = i
		r.variables[l.name] = item
		r.variables["foreach"] = state
		r.variables["velocityCount"] = int64(i + 1)
		switch f, err := r.block(l.block); {
		case err != nil || f == stopping:
			return f, err
		case f == breaking:
			return on, nil
		}
	}
	return on, nil
}

// foreach is the variable $foreach in a loop.
type foreach struct {
	index, size int
	parent      any
}

func (f *foreach) property(name string) (any, error) {
	switch name {
	case "index":
		return int64(f.index), nil
	case "count":
		return int64(f.index + 1), nil
	case "hasNext":
		return f.index+1 < f.size, nil
	case "first":
		return f.index == 0, nil
	case "last":
		return f.index+1 == f.size, nil
	case "parent":
		return f.parent, nil
	}
	return nil, errors.New("$foreach has index, count, hasNext, first, last and parent")
}
