package template

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Whatever the text is, Read ends soon, with a project or with an error that
// is one line and has its place.
func FuzzRead(f *testing.F) {
	for _, project := range projects {
		text, err := os.ReadFile(filepath.Join("testdata", project.name, project.file))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text, "")
	}
	f.Add([]byte(route("RouteKey: $connect, AuthorizationType: CUSTOM, AuthorizerId: !Ref Table")), "dev")
	f.Add([]byte(integrated("IntegrationType: AWS_PROXY, IntegrationUri: !GetAtt Other.Arn")), "dev")
	for _, value := range []string{
		"!Sub ['${a}${a}', {a: !Sub '${Word}'}]", "!Join [a, !Split [b, !Ref Words]]", "!Select [9, [a]]", "!FindInMap [a, b, c, d]",
		"!If [Round, a, b]", "!Ref Circle", "{Fn::Base64: [a]}", "!GetAtt [Table, !Ref Word]", "!ImportValue x", "*nobody", "&a [*a]",
	} {
		f.Add([]byte(with(value)), "")
	}
	folder := f.TempDir()
	f.Fuzz(func(t *testing.T, text []byte, stage string) {
		start := time.Now()
		p, err := read("t.yaml", folder, text, Options{Stage: stage})
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("it took %v", took)
		}
		if err == nil {
			if len(p.APIs) == 0 {
				t.Error("neither an API nor an error")
			}
			return
		}
		var place *Error
		if !errors.As(err, &place) || place.Line < 1 || place.Column < 1 {
			t.Errorf("the error has no place: %v", err)
		}
		if strings.ContainsAny(err.Error(), "\n\r") {
			t.Errorf("the error has more than one line: %q", err)
		}
	})
}
