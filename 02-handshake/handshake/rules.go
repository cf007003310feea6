package handshake

// A Rule is one sentence of the specification and the function that holds a
// handshake against it.
type Rule struct {
	ID      string // "request-key"
	Section string // "RFC 6455, section 4.2.1"
	Says    string // the rule in one sentence

	// Check returns nil, or what is wrong. It looks at nothing but its
	// argument. In SyntaxRules it is nil: the parser checks those.
	Check func(Exchange) *Error
}

// An Exchange is a request and the answer to it. RequestRules look at the
// request alone; Response may be nil for them.
type Exchange struct {
	Request  *Request
	Response *Response
}

// Apply checks one rule, and names it in the error.
func (r Rule) Apply(x Exchange) *Error {
	e := r.Check(x)
	if e != nil {
		e.Rule, e.Section = r.ID, r.Section
	}
	return e
}

// firstBreach applies rules in their order, up to the first that is broken.
func firstBreach(rules []Rule, x Exchange) error {
	for _, rule := range rules {
		if e := rule.Apply(x); e != nil {
			return e
		}
	}
	return nil
}
