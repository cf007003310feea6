package jsonpath

import "bytes"

// Find returns the JSON of what the path leads to in doc, and whether there is
// anything. doc has to be valid JSON.
//
// With a wildcard the result is an array of all that were found. Of members
// with the same name the last one counts, as in most parsers.
func (p Path) Find(doc []byte) (value []byte, found bool) {
	for n, s := range p.steps {
		if s.kind == all {
			return p.findAll(doc, n)
		}
		if doc, found = s.of(doc); !found {
			return nil, false
		}
	}
	value, _ = Next(doc)
	return value, len(value) > 0
}

// of is the value one step further.
func (s step) of(doc []byte) (value []byte, found bool) {
	if s.kind == member {
		for name, v := range Members(doc) {
			if isNamed(name, s.name) {
				value, found = v, true
			}
		}
		return value, found
	}
	wanted := s.index
	if wanted < 0 {
		for range Elements(doc) {
			wanted++
		}
	}
	i := 0
	for v := range Elements(doc) {
		if i == wanted {
			return v, true
		}
		i++
	}
	return nil, false
}

// findAll goes on from the step n, a wildcard, with many values at once.
func (p Path) findAll(doc []byte, n int) ([]byte, bool) {
	at := [][]byte{doc}
	for _, s := range p.steps[n:] {
		var further [][]byte
		for _, d := range at {
			if s.kind != all {
				if v, found := s.of(d); found {
					further = append(further, v)
				}
				continue
			}
			for _, v := range Members(d) {
				further = append(further, v)
			}
			for v := range Elements(d) {
				further = append(further, v)
			}
		}
		at = further
	}
	if len(at) == 0 {
		return nil, false
	}
	return append(append([]byte{'['}, bytes.Join(at, []byte{','})...), ']'), true
}
