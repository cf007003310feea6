package handshake

import (
	"fmt"
)

// An Extension is an offer to change the frames, or the answer to it:
//
//	permessage-deflate; client_max_window_bits=10; server_no_context_takeover
type Extension struct {
	Name   string
	Params []Param
}

// A Param is one parameter of an extension. The grammar has no empty value,
// so an empty Value is none.
type Param struct {
	Name, Value string
}

// Append writes the extension as it stands in a header line.
func (e Extension) Append(b []byte) []byte {
	b = append(b, e.Name...)
	for _, p := range e.Params {
		b = append(append(b, "; "...), p.Name...)
		if p.Value != "" {
			b = append(append(b, '='), p.Value...)
		}
	}
	return b
}

func (e Extension) String() string { return string(e.Append(nil)) }

// check says whether Append writes what the grammar allows.
func (e Extension) check() error {
	if !isToken(e.Name) {
		return fmt.Errorf("the name %s is not a token", show(e.Name))
	}
	for _, p := range e.Params {
		if !isToken(p.Name) || p.Value != "" && !isToken(p.Value) {
			return fmt.Errorf("%s: the parameter %s is not made of tokens", e.Name, show(p.Name+"="+p.Value))
		}
	}
	return nil
}

func joinExtensions(list []Extension) string {
	var b []byte
	for i, e := range list {
		if i > 0 {
			b = append(b, ", "...)
		}
		b = e.Append(b)
	}
	return string(b)
}

// ParseExtensions reads the lists of several Sec-WebSocket-Extensions lines
// as the one list that they are. The order is the sender's order of
// preference, and a name may come more than once.
//
// RFC 6455, section 9.1:
//
//	extension-list  = 1#extension
//	extension       = extension-token *( ";" extension-param )
//	extension-param = token [ "=" (token | quoted-string) ]
func ParseExtensions(lines ...string) ([]Extension, error) {
	var list []Extension
	for _, line := range lines {
		s := scanner{line}
		err := s.list(func() error {
			e, err := s.extension()
			list = append(list, e)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	if len(lines) > 0 && len(list) == 0 {
		return nil, errEmptyList
	}
	return list, nil
}

// extension takes one element: a name, and parameters after semicolons.
func (s *scanner) extension() (Extension, error) {
	e := Extension{Name: s.token()}
	if e.Name == "" {
		return e, fmt.Errorf("%s is not a name", show(s.rest))
	}
	for s.take(';') {
		p, err := s.param()
		if err != nil {
			return e, fmt.Errorf("%s: %w", e.Name, err)
		}
		e.Params = append(e.Params, p)
	}
	return e, nil
}

func (s *scanner) param() (p Param, err error) {
	if p.Name = s.token(); p.Name == "" {
		return p, fmt.Errorf("%s is not the name of a parameter", show(s.rest))
	}
	if !s.take('=') {
		return p, nil
	}
	if s.take('"') {
		p.Value, err = s.quoted()
	} else {
		p.Value = s.token()
	}
	// RFC 6455, section 9.1: a quoted value MUST be a token once it is unquoted.
	if err == nil && !isToken(p.Value) {
		err = fmt.Errorf("the value of %s is not a token", p.Name)
	}
	return p, err
}

// offered says whether an extension of this name is in the list.
//
// RFC 6455, section 4.1: names are compared as they are, like any token.
func offered(list []Extension, name string) bool {
	for _, e := range list {
		if e.Name == name {
			return true
		}
	}
	return false
}
