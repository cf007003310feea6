package authorizer

import (
	"strings"
	"testing"
	"time"
)

const prefix = "arn:aws:execute-api:us-east-1:123456789012:abc123defg/"

func TestPolicy(t *testing.T) {
	statement := func(effect, action, resource string) string {
		return `{"Effect":"` + effect + `","Action":"` + action + `","Resource":"` + resource + `"}`
	}
	yes := statement("Allow", "execute-api:Invoke", "*")
	for _, tt := range []struct {
		name, statement string
		want            string // how the reason begins, "" is allowed, error: is not taken
	}{
		{"this route", statement("Allow", "execute-api:Invoke", arn), ""},
		{"this stage", statement("Allow", "execute-api:Invoke", prefix+"prod/*"), ""},
		{"this API", statement("Allow", "execute-api:Invoke", prefix+"*"), ""},
		{"question marks", statement("Allow", "execute-api:Invoke", prefix+"pr?d/?connect"), ""},
		{"any API", statement("Allow", "execute-api:Invoke", "arn:aws:execute-api:*:*:*/$connect"), ""},
		{"every action of it", statement("Allow", "execute-api:*", "*"), ""},
		{"every action", statement("Allow", "*", "*"), ""},
		{"actions have no case", statement("Allow", "Execute-API:invoke", "*"), ""},
		{"lists", `{"Effect":"Allow","Action":["s3:GetObject","execute-api:Inv*"],"Resource":["arn:aws:s3:::x","` + arn + `"],"Sid":"a"}`, ""},
		{"no condition in the condition", `{"Effect":"Allow","Action":"*","Resource":"*","Condition":{}}`, ""},
		{"all actions but", `{"Effect":"Allow","NotAction":"s3:*","Resource":"*"}`, ""},
		{"all resources but", `{"Effect":"Allow","Action":"*","NotResource":"` + prefix + `test/*"}`, ""},
		{"no brackets", "one:" + yes, ""},
		{"allowed by the second", statement("Allow", "execute-api:Invoke", prefix+"test/*") + "," + yes, ""},
		{"another is denied", yes + "," + statement("Deny", "execute-api:Invoke", prefix+"prod/admin"), ""},

		{"deny", statement("Deny", "execute-api:Invoke", arn), "its policy denies execute-api:Invoke on " + arn},
		{"deny wins", yes + "," + statement("Deny", "*", "*"), "its policy denies"},
		{"deny wins, before", statement("Deny", "*", "*") + "," + yes, "its policy denies"},
		{"nothing", "", "its policy does not allow execute-api:Invoke"},
		{"another action", statement("Allow", "execute-api:ManageConnections", "*"), "its policy does not allow execute-api:Invoke"},
		{"another route", statement("Allow", "execute-api:Invoke", prefix+"prod/sendmessage"), "its policy does not allow execute-api:Invoke on " + arn + ", but on " + prefix + "prod/sendmessage"},
		{"another stage", statement("Allow", "execute-api:Invoke", prefix+"test/*"), "its policy does not allow execute-api:Invoke on " + arn + ", but on " + prefix + "test/*"},
		{"resources have case", statement("Allow", "execute-api:Invoke", strings.ToUpper(arn)), "its policy does not allow"},
		{"all actions but this", `{"Effect":"Allow","NotAction":"execute-api:Invoke","Resource":"*"}`, "its policy does not allow"},
		{"all resources but this", `{"Effect":"Allow","Action":"*","NotResource":"` + prefix + `prod/*"}`, "its policy does not allow"},
		{"a condition", `{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"true"}}}`, "its policy allows it only under a Condition, which is not judged here: it counts as not met"},
		{"a condition, and without", `{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"true"}}},` + yes, ""},
		{"a condition to deny", yes + `,{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}`, "its policy denies, under a Condition, which is not judged here: it counts as met"},

		{"the trap", statement("Allow", "execute-api:Invoke", prefix+"prod/*/*"), "its policy allows " + prefix + "prod/*/*, which is a resource of a REST API: {stage}/{method}/{path}. A WebSocket API has {stage}/{route}: write " + arn + ", or " + prefix + "prod/*"},
		{"the trap, with a method", statement("Allow", "execute-api:Invoke", prefix+"*/GET/rooms"), "its policy allows " + prefix + "*/GET/rooms, which is a resource of a REST API"},
		{"the trap of another stage", statement("Allow", "execute-api:Invoke", prefix+"test/*/*"), "its policy does not allow"},

		{"no effect", `{"Action":"*","Resource":"*"}`, `error: policyDocument.Statement[0].Effect is neither "Allow" nor "Deny"`},
		{"effect in small letters", yes + "," + statement("allow", "*", "*"), `error: policyDocument.Statement[1].Effect is neither "Allow" nor "Deny": "allow"`},
		{"no action", `{"Effect":"Allow","Resource":"*"}`, "error: policyDocument.Statement[0] has no Action"},
		{"no resource", `{"Effect":"Allow","Action":"*"}`, "error: policyDocument.Statement[0] has no Resource"},
		{"both", `{"Effect":"Allow","Action":"*","Resource":"*","NotResource":"*"}`, "error: policyDocument.Statement[0] has both Resource and NotResource"},
		{"a number", `{"Effect":"Allow","Action":"*","Resource":[1]}`, "error: policyDocument.Statement[0].Resource is neither a string nor a list of strings: [1]"},
		{"a condition as text", `{"Effect":"Allow","Action":"*","Resource":"*","Condition":"x"}`, "error: policyDocument.Statement[0].Condition is not an object"},
		{"no object", `"Allow"`, "error: policyDocument.Statement is not a list of objects"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			document := `{"Version":"2012-10-17","Statement":[` + tt.statement + `]}`
			if one, is := strings.CutPrefix(tt.statement, "one:"); is {
				document = `{"Statement":` + one + `}`
			}
			p, err := decodePolicy([]byte(document))
			if err != nil {
				if tt.want == "" || !strings.HasPrefix("error: "+err.Error(), tt.want) {
					t.Errorf("error: %v\nwant %s", err, tt.want)
				}
				return
			}
			allowed, reason := p.judge(arn)
			if allowed != (tt.want == "") || !allowed && !strings.HasPrefix(reason, tt.want) {
				t.Errorf("%v: %s\nwant %s", allowed, reason, tt.want)
			}
		})
	}
	if _, err := decodePolicy([]byte(`{"Version":"2012-10-17"}`)); err == nil || err.Error() != "policyDocument has no Statement" {
		t.Errorf("no Statement: %v", err)
	}
}

func TestMatch(t *testing.T) {
	for _, tt := range []struct {
		pattern, text string
		want          bool
	}{
		{"", "", true}, {"", "a", false}, {"*", "", true}, {"**", "a/b", true}, {"?", "", false}, {"?", "a", true}, {"?", "ab", false},
		{"a*", "a", true}, {"a*c", "abcbc", true}, {"a*c", "abcb", false}, {"*/*", "a/b/c", true}, {"*/*/*", "a/b", false},
		{"a?c*", "abc", true}, {"*a*b*", "xxaxxbxx", true}, {"*a*b*", "xxbxxaxx", false}, {"$connect", "$connect", true}, {"[a]", "a", false},
	} {
		if got := match(tt.pattern, tt.text); got != tt.want {
			t.Errorf("match(%q, %q) = %v", tt.pattern, tt.text, got)
		}
	}
	start := time.Now()
	if match(strings.Repeat("*a", 4000)+"b", strings.Repeat("a", MaxAnswer)) {
		t.Error("there is no b")
	}
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("it took %v", took)
	}
}

// naive is the definition: it tries every length for a *.
func naive(pattern, text string) bool {
	switch {
	case pattern == "":
		return text == ""
	case pattern[0] == '*':
		return naive(pattern[1:], text) || text != "" && naive(pattern, text[1:])
	}
	return text != "" && (pattern[0] == '?' || pattern[0] == text[0]) && naive(pattern[1:], text[1:])
}

func FuzzMatch(f *testing.F) {
	f.Add("*a?b*", "xaybz")
	f.Add(prefix[len(prefix)-5:]+"*/*", "fg/prod/$connect")
	f.Fuzz(func(t *testing.T, pattern, text string) {
		if len(pattern) > 12 || len(text) > 16 {
			return
		}
		if got, want := match(pattern, text), naive(pattern, text); got != want {
			t.Errorf("match(%q, %q) = %v", pattern, text, got)
		}
	})
}

// No answer makes it panic, and whatever is allowed has a principal.
func FuzzDecode(f *testing.F) {
	f.Add([]byte(allow("*")), arn)
	f.Add([]byte(`{"principalId":"a","policyDocument":{"Statement":{"Effect":"Deny","NotAction":["a"],"NotResource":"b","Condition":{"a":{}}}},"context":{"a":1e999}}`), "a/b")
	f.Add([]byte(`{"principalId":"a","policyDocument":{"Statement":[{"Effect":"Allow","Action":"*","Resource":"a/b/c/d"}]}}`), "a")
	f.Fuzz(func(t *testing.T, b []byte, arn string) {
		a, err := decode(b, false)
		if err != nil {
			return
		}
		if a.principal == "" {
			t.Fatal("nobody")
		}
		_, _ = a.policy.judge(arn)
	})
}
