// Package deploy is how the chat gets to AWS. What is read are the files beside
// this one: template.yaml, for SAM, and serverless.yml, for the Serverless
// Framework; README.md says how they are used. The folder build compiles the
// functions, and probe is a stack of its own, for trying out API Gateway.
//
// The tests of this package deploy nothing. They say whether both files
// describe the same, and whether a tear-down would leave anything.
package deploy

import _ "embed"

// Template is template.yaml, for those who run it where the file is not.
//
//go:embed template.yaml
var Template []byte
