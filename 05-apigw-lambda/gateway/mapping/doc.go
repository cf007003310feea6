// Package mapping runs mapping templates: what API Gateway makes of a message
// before it goes to a non-proxy integration, and of the answer that comes
// back. They are written in Apache's Velocity Template Language (VTL), with
// the variables of API Gateway in them: $input, $context, $stageVariables and
// $util.
//
// The rules are those of the Developer Guide's "WebSocket API mapping template
// reference" and of Velocity 1.7's reference. What neither says is in Options.
// What is in VTL and not here (#macro, #define, #parse, #include, #evaluate,
// methods of Java's classes that no template needs) is an error which names
// the line and the thing; it is never passed over.
//
// A template runs on what a stranger has sent. So it has a budget: it ends, and
// it fits in memory, whatever it says.
//
// In reading order: template.go, node.go, expression.go and reference.go (what
// a template is and does), parse.go, parse_expression.go and
// parse_reference.go (how it is read), value.go, number.go and text.go (what it
// works with), variables.go, util.go, methods.go and pattern.go (what it may
// call).
package mapping
