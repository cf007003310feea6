// Package lambda runs functions as AWS Lambda does.
//
// What everybody shares: a Function (function.go), what it is told and given
// (options.go, variables.go) and what it is reported with (report.go).
//
// InProcess (inprocess.go) calls a handler of this very program: quick, with a
// debugger at hand, and with one memory for all.
//
// Process (process.go) runs what is deployed: it finds the code (code.go,
// node.go), starts as many execution environments as there are invocations
// at once (environment.go, child.go), speaks the Lambda Runtime API with each
// (runtimeapi.go), keeps what it prints (output.go) and freezes it between
// invocations (rest.go, group_unix.go), which is where forgotten goroutines are seen
// (busy.go).
//
// Functions (functions.go) knows them all by name, and InvokeAPI (invokeapi.go,
// async.go) is how the AWS CLI and SDKs reach them.
package lambda
