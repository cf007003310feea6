package selection

// Options are what AWS does not say. The zero value has the defaults.
type Options struct {
	// ScalarMisses makes numbers and booleans be like a path that leads to
	// nothing. By default {"action":1} has the value "1".
	ScalarMisses bool

	// NullIsText makes null the text "null". By default it is "", as a path
	// that leads to nothing.
	NullIsText bool

	// ObjectIsJava writes objects as Java's maps do, {a=1, b=2}, since lists
	// are documented to be written like Java's. By default they are JSON.
	ObjectIsJava bool

	// ReservedRoutes lets a message whose action is literally $connect or
	// $disconnect have these routes. By default they match nothing.
	ReservedRoutes bool

	// FindInResponse lets /pattern/ match a part of the value. By default it
	// has to match the whole, as the selection patterns of REST APIs.
	FindInResponse bool
}
