package template

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// What a SAM function gets of Globals.
func TestGlobals(t *testing.T) {
	const globals = "Globals: {Function: {Runtime: nodejs22.x, CodeUri: ., Timeout: 7, Architectures: [arm64], Environment: {Variables: {A: below, B: below}}}}\n"
	tests := []struct {
		name, attributes, properties string
		timeout                      float64
		architectures                []string
		environment                  map[string]string
	}{
		{"all", "", "Role: x", 7, []string{"arm64"}, map[string]string{"A": "below", "B": "below"}},
		{"maps are merged", "", "Timeout: 9, Environment: {Variables: {B: above, C: above}}", 9, []string{"arm64"}, map[string]string{"A": "below", "B": "above", "C": "above"}},
		{"lists are joined", "", "Architectures: [x86_64]", 7, []string{"arm64", "x86_64"}, map[string]string{"A": "below", "B": "below"}},
		{"functions are not merged", "", "Environment: {Variables: !If [Never, {A: x}, {A: y}]}", 7, []string{"arm64"}, map[string]string{"A": "y"}},
		{"some are ignored", "IgnoreGlobals: [Timeout, Environment], ", "Role: x", 0, []string{"arm64"}, nil},
		{"all are ignored", "IgnoreGlobals: '*', ", "Runtime: nodejs22.x, CodeUri: .", 0, nil, nil},
	}
	for _, test := range tests {
		text := globals + "Conditions: {Never: !Equals [a, b]}\n" + samAPI + "  F: {Type: AWS::Serverless::Function, " + test.attributes + "Properties: {" + test.properties + "}}\n"
		p, err := read("t.yaml", t.TempDir(), []byte(text), Options{})
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		f := function(p, "F")
		if f.Timeout.Seconds() != test.timeout || !slices.Equal(f.Architectures, test.architectures) || !maps.Equal(f.Environment, test.environment) {
			t.Errorf("%s: it is %+v", test.name, f)
		}
	}
}

// The names that SAM adds to those of CloudFormation.
func TestSAMNames(t *testing.T) {
	tests := []struct{ value, want string }{
		{"!Ref Other.Alias", "arn:aws:lambda:us-east-1:123456789012:function:Other:live"},
		{"!Ref OtherAliaslive", "arn:aws:lambda:us-east-1:123456789012:function:Other:live"},
		{"!Sub '${Other.Version}'", "arn:aws:lambda:us-east-1:123456789012:function:Other:1"},
		{"!Sub 'x/${Api.Stage}'", "x/default"},
		{"!Ref Other.Version", "arn:aws:lambda:us-east-1:123456789012:function:Other:1"},
		{"!GetAtt OtherRole.Arn", "arn:aws:iam::123456789012:role/OtherRole"},
		{"!Ref Api.Stage", "default"},
		{"!Ref ApiDefaultStage", "default"},
		{"!GetAtt Api.ApiId", "4y59uxu7yk"},
	}
	for _, test := range tests {
		text := samAPI + "  F: {Type: AWS::Serverless::Function, Properties: {Runtime: nodejs22.x, CodeUri: ., Environment: {Variables: {V: " + test.value + "}}}}\n" +
			"  Other: {Type: AWS::Serverless::Function, Properties: {Runtime: nodejs22.x, CodeUri: ., AutoPublishAlias: live}}\n"
		text = strings.Replace(text, "F.Arn", "Other.Arn", 1)
		p, err := read("t.yaml", t.TempDir(), []byte(text), Options{})
		if err != nil {
			t.Errorf("%s: %v", test.value, err)
			continue
		}
		if got := function(p, "F").Environment["V"]; got != test.want {
			t.Errorf("%s is %q, want %q", test.value, got, test.want)
		}
	}
}
