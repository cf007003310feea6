package deploy

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"go.yaml.in/yaml/v3"

	"websocket.example/05-apigw-lambda/gateway/api"
	"websocket.example/05-apigw-lambda/store/dynamo"
)

// A resource of a template, read without its intrinsic functions: !GetAtt A.B
// is the text "A.B".
type resource struct {
	Type           string    `yaml:"Type"`
	DeletionPolicy string    `yaml:"DeletionPolicy"`
	UpdatePolicy   string    `yaml:"UpdateReplacePolicy"`
	Properties     yaml.Node `yaml:"Properties"`
}

type statement struct {
	Effect   string
	Action   list
	Resource list
}

// A list may stand alone, and what is no text is written as JSON.
type list []string

func (l *list) UnmarshalYAML(n *yaml.Node) error {
	items := []*yaml.Node{n}
	if n.Kind == yaml.SequenceNode {
		items = n.Content
	}
	for _, item := range items {
		if item.Kind == yaml.ScalarNode {
			*l = append(*l, item.Value)
			continue
		}
		var v any
		if err := item.Decode(&v); err != nil {
			return err
		}
		text, err := json.Marshal(v)
		if err != nil {
			return err
		}
		*l = append(*l, string(text))
	}
	return nil
}

func resources(t *testing.T, file string) map[string]resource {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var template struct {
		Resources map[string]resource `yaml:"Resources"`
	}
	if err := yaml.Unmarshal(text, &template); err != nil {
		t.Fatal(err)
	}
	return template.Resources
}

// A role says what its function may do, and on what.
type role struct {
	Managed  []string `yaml:"ManagedPolicyArns"`
	Policies []struct {
		Document struct {
			Statement []statement `yaml:"Statement"`
		} `yaml:"PolicyDocument"`
	} `yaml:"Policies"`
}

func (s *statement) UnmarshalYAML(n *yaml.Node) error {
	var plain struct {
		Effect   string `yaml:"Effect"`
		Action   list   `yaml:"Action"`
		Resource list   `yaml:"Resource"`
	}
	err := n.Decode(&plain)
	*s = statement{plain.Effect, plain.Action, plain.Resource}
	return err
}

// checkRoles says what a role may do that no function needs.
func checkRoles(t *testing.T, all map[string]resource) {
	t.Helper()
	roles := 0
	for id, r := range all {
		if r.Type == "AWS::Serverless::Function" || r.Type == "AWS::Lambda::Function" {
			var f struct {
				Role     yaml.Node `yaml:"Role"`
				Policies yaml.Node `yaml:"Policies"`
			}
			if err := r.Properties.Decode(&f); err != nil {
				t.Fatal(err)
			}
			if f.Role.IsZero() || !f.Policies.IsZero() {
				t.Errorf("%s: it has no role of its own, and gets one that may make log groups", id)
			}
		}
		if r.Type != "AWS::IAM::Role" {
			continue
		}
		roles++
		var may role
		if err := r.Properties.Decode(&may); err != nil {
			t.Fatal(err)
		}
		if len(may.Managed) > 0 || len(may.Policies) == 0 {
			t.Errorf("%s: it has managed policies, or none", id)
		}
		for _, p := range may.Policies {
			for _, s := range p.Document.Statement {
				if len(s.Action) == 0 || len(s.Resource) == 0 || s.Effect != "Allow" {
					t.Errorf("%s: a statement without effect: %+v", id, s)
				}
				for _, a := range s.Action {
					if strings.Contains(a, "*") || a == "logs:CreateLogGroup" || strings.HasPrefix(a, "iam:") {
						t.Errorf("%s: it may %s", id, a)
					}
				}
				for _, on := range s.Resource {
					if on == "*" || strings.Contains(on, ":*:*") || strings.HasPrefix(on, "arn:aws:execute-api:*") ||
						slices.Contains(s.Action, "execute-api:ManageConnections") && !strings.Contains(on, "Api}/") {
						t.Errorf("%s: it may %v on %s", id, s.Action, on)
					}
				}
			}
		}
	}
	if roles == 0 {
		t.Error("there is no role")
	}
}

func TestLeastPrivilege(t *testing.T) {
	checkRoles(t, resources(t, "template.yaml"))
	checkRoles(t, resources(t, "probe/template.yaml"))
}

// The framework adds a role for all functions when one of them has none, and
// that role may post to every API.
func TestLeastPrivilegePackaged(t *testing.T) {
	checkRoles(t, resources(t, compiled(t)))
}

// What has data or logs goes with the stack.
func TestNothingIsLeft(t *testing.T) {
	for _, file := range []string{"template.yaml", "probe/template.yaml"} {
		all := resources(t, file)
		for id, r := range all {
			switch r.Type {
			case "AWS::DynamoDB::Table", "AWS::Logs::LogGroup", "AWS::SecretsManager::Secret":
				if r.DeletionPolicy != "Delete" || r.UpdatePolicy != "Delete" {
					t.Errorf("%s: %s stays when the stack goes", file, id)
				}
			case "AWS::Serverless::Function":
				var f struct {
					Logging struct {
						Group string `yaml:"LogGroup"`
					} `yaml:"LoggingConfig"`
				}
				if err := r.Properties.Decode(&f); err != nil {
					t.Fatal(err)
				}
				if all[f.Logging.Group].Type != "AWS::Logs::LogGroup" {
					t.Errorf("%s: %s logs to %q, which is not of the stack", file, id, f.Logging.Group)
				}
			}
		}
	}
}

// API Gateway may invoke every function that a route needs, but for the one
// that is there to show what happens otherwise.
func TestPermissions(t *testing.T) {
	for _, file := range []string{"template.yaml", "probe/template.yaml"} {
		for _, a := range read(t, file).APIs {
			for key, r := range a.Routes {
				if r.Integration.Type == api.Proxy && r.Integration.NoPermission != (key == "sealed") {
					t.Errorf("%s: route %s of %s: no permission: %v", file, key, a.ResourceID, r.Integration.NoPermission)
				}
				if r.Authorizer != nil && r.Authorizer.NoPermission {
					t.Errorf("%s: the authorizer of %s may not be invoked", file, a.ResourceID)
				}
			}
		}
	}
}

// The routes that probe.go promises.
func TestProbe(t *testing.T) {
	want := map[string][]string{
		"Api": {"$connect", "$disconnect", "answer!", "crash", "delete!", "echo!", "error", "event!", "get!", "late",
			"mock!", "modelled!", "oneway", "post", "sealed", "slow!", "throttled!"},
		"BareApi":   {"$default!", "chat/join!"},
		"AskingApi": {"$connect", "$default!"},
	}
	p := read(t, "probe/template.yaml")
	for _, a := range p.APIs {
		var got []string
		for key, r := range a.Routes {
			if r.TwoWay() {
				key += "!"
			}
			got = append(got, key)
		}
		slices.Sort(got)
		if !slices.Equal(got, want[a.ResourceID]) {
			t.Errorf("%s has the routes\n%v, want\n%v", a.ResourceID, got, want[a.ResourceID])
		}
	}
	if len(p.APIs) != len(want) {
		t.Errorf("%d APIs, want %d", len(p.APIs), len(want))
	}
}

// The table has the keys and the index that the store uses: what it would
// itself create.
func TestTable(t *testing.T) {
	type table struct {
		BillingMode          string
		AttributeDefinitions []struct{ AttributeName, AttributeType string }
		KeySchema            []struct{ AttributeName, KeyType string }
		Indexes              []struct {
			IndexName  string
			KeySchema  []struct{ AttributeName, KeyType string }
			Projection struct{ ProjectionType string }
		} `json:"GlobalSecondaryIndexes"`
	}
	var want table
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".CreateTable") {
			if body, err := io.ReadAll(r.Body); err != nil || json.Unmarshal(body, &want) != nil {
				t.Error("CreateTable is no JSON")
			}
		}
		w.WriteHeader(http.StatusBadRequest) // that was all there is to know
	}))
	defer server.Close()
	err := dynamo.CreateTable(t.Context(), dynamo.New(aws.Config{
		Region: "us-east-1", BaseEndpoint: &server.URL,
		Credentials: credentials.NewStaticCredentialsProvider("none", "none", ""),
	}, "table"))
	if err == nil || want.KeySchema == nil {
		t.Fatalf("CreateTable was not called: %v", err)
	}

	// YAML wants names in small letters, JSON takes any: so by way of JSON.
	var got table
	var properties map[string]any
	declared := resources(t, "template.yaml")["Table"].Properties
	if err := declared.Decode(&properties); err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(properties)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("template.yaml declares\n%+v, the store creates\n%+v", got, want)
	}
	ttl, _ := properties["TimeToLiveSpecification"].(map[string]any)
	if ttl["AttributeName"] != "expires" {
		t.Errorf("TTL is on %v, the store writes expires", ttl["AttributeName"])
	}
}

func TestLint(t *testing.T) {
	lint, err := exec.LookPath("cfn-lint")
	if err != nil {
		t.Skip("cfn-lint is not on the PATH")
	}
	if out, err := exec.CommandContext(t.Context(), lint, "template.yaml", "probe/template.yaml").CombinedOutput(); err != nil {
		t.Errorf("cfn-lint: %v\n%s", err, out)
	}
}
