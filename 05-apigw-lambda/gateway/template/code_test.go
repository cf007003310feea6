package template

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"websocket.example/05-apigw-lambda/gateway/api"
)

const samAPI = `Transform: AWS::Serverless-2016-10-31
Resources:
  Api:
    Type: AWS::Serverless::WebSocketApi
    Properties:
      RouteSelectionExpression: $request.body.action
      Routes: {$default: {FunctionArn: !GetAtt F.Arn}}
`

// Where a function's code is found, in a folder with these files, and what is
// told of it.
func TestCode(t *testing.T) {
	const file, cdk = "template.yaml", "chat.template.json"
	goFunction := samAPI + "  F: {Type: AWS::Serverless::Function, Metadata: {BuildMethod: go1.x}, Properties: {CodeUri: src, Runtime: provided.al2023}}\n"
	plainGo := samAPI + "  F: {Type: AWS::Serverless::Function, Properties: {CodeUri: src, Runtime: provided.al2023}}\n"
	node := samAPI + "  F: {Type: AWS::Serverless::Function, Properties: {CodeUri: src/, Runtime: nodejs22.x}}\n"
	typescript := samAPI + "  F: {Type: AWS::Serverless::Function, Metadata: {BuildMethod: esbuild}, Properties: {CodeUri: src, Runtime: nodejs22.x}}\n"
	bucket := func(more string) string {
		return samAPI + "  F: {Type: AWS::Lambda::Function, " + more + "Properties: {FunctionName: chat-f, Runtime: nodejs22.x, Code: {S3Bucket: b, S3Key: some/where/abc.zip}}}\n"
	}
	const manifest = `{"files": {"abc": {"source": {"path": "asset.abc"}, "destinations": {"here": {"objectKey": "some/where/abc.zip"}}}}}`
	const state = `{"service": {"functions": {"f": {"name": "chat-f", "package": {"artifact": "C:\\project\\bin\\own.zip"}}}}, "package": {"artifact": "all.zip"}}`
	tests := []struct {
		name, template, text string
		files                map[string]string
		want, notice         string
	}{
		{"nothing is there", file, plainGo, nil, "src", "its code, src, is not there yet: it fails until it is built"},
		{"a source without a binary", file, plainGo, files("src/main.go"), "src", "there is no bootstrap in src yet: build it there"},
		{"a source to build", file, goFunction, files("src/main.go"), "src", "there is no bootstrap in src yet, nor in .aws-sam/build/F: run sam build"},
		{"a binary", file, plainGo, files("src/bootstrap"), "src", ""},
		{"built by sam", file, goFunction, files("src/main.go", ".aws-sam/build/F/bootstrap"), ".aws-sam/build/F", ""},
		{"built by sam, without saying how", file, plainGo, files("src/main.go", ".aws-sam/build/F/bootstrap"), ".aws-sam/build/F", ""},
		{"node runs from its source", file, node, files("src/index.js", ".aws-sam/build/F/index.js"), "src", ""},
		{"unless it has to be built", file, typescript, files("src/index.ts", ".aws-sam/build/F/index.js"), ".aws-sam/build/F", ""},
		{"a zip", file, strings.Replace(plainGo, "src", "f.zip", 1), files("f.zip"), "f.zip", ""},
		{"S3 only", file, bucket(""), nil, "abc.zip", "its code, abc.zip, is not there: package it again"},
		{"S3 by another spelling", file, strings.Replace(plainGo, "src", "s3://b/k/f.zip", 1), files("f.zip"), "f.zip", ""},
		{"cdk's metadata", file, bucket("Metadata: {'aws:asset:path': asset.xyz}, "), files("asset.xyz/index.js"), "asset.xyz", ""},
		{"cdk's manifest", cdk, bucket(""), map[string]string{"asset.abc/index.js": "", "chat.assets.json": manifest}, "asset.abc", ""},
		{"a broken manifest", cdk, bucket(""), map[string]string{"chat.assets.json": "{"}, "abc.zip", "its code, abc.zip, is not there: package it again"},
		{"serverless' state", file, bucket(""), map[string]string{"own.zip": "", "abc.zip": "", "serverless-state.json": state}, "own.zip", ""},
		{"serverless without a state", file, bucket(""), files("abc.zip"), "abc.zip", ""},
		{"inline", file, strings.Replace(bucket(""), "S3Key: some/where/abc.zip", "ZipFile: x", 1), nil, "", "its code stands in the template itself, and does not run here: put it in a file"},
		{"an image", file, strings.Replace(node, "CodeUri: src/", "ImageUri: x, PackageType: Image", 1), nil, "", "it is a container image, and none is started here: it fails when it is invoked"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			folder := t.TempDir()
			for name, text := range test.files {
				name = filepath.Join(folder, filepath.FromSlash(name))
				if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			p, err := read(filepath.Join(folder, test.template), folder, []byte(test.text), Options{})
			if err != nil {
				t.Fatal(err)
			}
			want := ""
			if test.want != "" {
				want = filepath.Join(folder, filepath.FromSlash(test.want))
			}
			f := function(p, "F")
			if f.Code != want {
				t.Errorf("the code is %s, want %s", f.Code, want)
			}
			told := ""
			for _, n := range p.Notices {
				if n.ResourceID == "F" {
					told += n.Reason
				}
			}
			if told != test.notice {
				t.Errorf("the notice is %q, want %q", told, test.notice)
			}
		})
	}
}

func files(names ...string) map[string]string {
	all := map[string]string{}
	for _, name := range names {
		all[name] = ""
	}
	return all
}

// What does not run, or not as on AWS, is told: once, and with its name.
func TestNotices(t *testing.T) {
	f := "  F: {Type: AWS::Lambda::Function, Properties: {Runtime: nodejs22.x, Code: .}}\n"
	tests := []struct{ name, text, id, kind, reason string }{
		{"a REST API", base + "  X: {Type: AWS::ApiGateway::RestApi}\n", "X", "AWS::ApiGateway::RestApi", "this is not a WebSocket API, and is not served"},
		{"an HTTP API", base + "  X: {Type: AWS::ApiGatewayV2::Api, Properties: {ProtocolType: HTTP}}\n", "X", apiType, "this is not a WebSocket API, and is not served"},
		{"a new type", base + "  X: {Type: AWS::Lambda::Wish}\n", "X", "AWS::Lambda::Wish", "resources of this type are not known here"},
		{"a custom resource", base + "  X: {Type: Custom::Wish}\n", "X", "Custom::Wish", "what it does when a stack is made is not done here"},
		{"an event source", base + "  X: {Type: AWS::Lambda::EventSourceMapping}\n", "X", "AWS::Lambda::EventSourceMapping", "no queue and no stream is read here: the function is not run by it"},
		{"a macro", "Transform: [Ours]\n" + base, "Transform", "Ours", "macros run on AWS only: what it would write into the template is missing here"},
		{"a loop", base + "  Fn::ForEach::X: [A, [b], {}]\n", "Fn::ForEach::X", "AWS::LanguageExtensions", "loops run on AWS only: the resources it would write are missing here"},
		{"a runtime", base + strings.Replace(f, "nodejs22.x", "python3.13", 1), "F", "AWS::Lambda::Function", "the runtime python3.13 does not run here, only provided and nodejs do: it fails when it is invoked"},
		{"go1.x", base + strings.Replace(f, "nodejs22.x", "go1.x", 1), "F", "AWS::Lambda::Function", "AWS has retired the runtime go1.x: take provided.al2023 and a binary called bootstrap"},
		{"layers", base + strings.Replace(f, "Code: .", "Code: ., Layers: [x]", 1), "F", "AWS::Lambda::Function", "layers are not put under /opt here: what functions need has to be in their code"},
		{"switched off", base + strings.Replace(f, "Code: .", "Code: ., ReservedConcurrentExecutions: 0", 1), "F", "AWS::Lambda::Function", "ReservedConcurrentExecutions is 0, and on AWS it never runs: here it does"},
		{"a property", strings.Replace(base, "RouteSelectionExpression: $request.body.action", "RouteSelectionExpression: $request.body.action, ApiKeySelectionExpresion: x", 1), "Api", apiType,
			`it has the property "ApiKeySelectionExpresion", which does nothing: its type has none of that name, is ApiKeySelectionExpression meant?`},
		{"no stage", strings.Replace(base, "ApiGatewayV2::Stage", "Lambda::Version", 1), "Api", apiType, "it has no AWS::ApiGatewayV2::Stage, and on AWS no address: it is served as prod here"},
		{"nothing deployed", strings.Replace(base, ", AutoDeploy: true", "", 1), "Stage", stageType, "it has neither AutoDeploy: true nor a DeploymentId: on AWS, and here, no route is deployed in it"},
		{"no target", route("RouteKey: a"), "Route", routeType, "it has no Target: nothing runs behind it"},
		{"authorization of a message", route("RouteKey: a, AuthorizationType: AWS_IAM"), "Route", routeType, "AuthorizationType AWS_IAM has no effect here, as on AWS: only $connect is authorized"},
		{"one-way", route("RouteKey: a, RouteResponseSelectionExpression: $default"), "Route", routeType,
			"it has a RouteResponseSelectionExpression and no AWS::ApiGatewayV2::RouteResponse, so a answers nothing: add one with RouteResponseKey: $default and RouteId: !Ref Route"},
		{"one-way, the other way", route("RouteKey: a") + "  R: {Type: AWS::ApiGatewayV2::RouteResponse, Properties: {ApiId: !Ref Api, RouteId: !Ref Route, RouteResponseKey: $default}}\n", "Route", routeType,
			"it has a RouteResponse and no RouteResponseSelectionExpression, so a answers nothing: set it to $default"},
		{"another service", integrated("IntegrationType: AWS, IntegrationUri: 'arn:aws:apigateway:us-east-1:dynamodb:action/PutItem'"), "I", "AWS::ApiGatewayV2::Integration",
			"it calls another service than Lambda, which does not run here: the route has no integration"},
		{"another function", integrated("IntegrationType: AWS_PROXY, IntegrationUri: 'arn:aws:lambda:us-east-1:123456789012:function:theirs'"), "I", "AWS::ApiGatewayV2::Integration",
			"the function theirs is not in this template: it is invoked only if you give one of that name"},
		{"no stage variable", integrated("IntegrationType: AWS_PROXY, IntegrationUri: 'arn:aws:lambda:us-east-1:123456789012:function:${stageVariables.f}'"), "I", "AWS::ApiGatewayV2::Integration",
			"IntegrationUri has the stage variable f, which the stage does not set: no function is invoked"},
		{"no permission", integrated("IntegrationType: AWS_PROXY, IntegrationUri: !GetAtt Other.Arn"), "Route", routeType,
			"no AWS::Lambda::Permission lets apigateway.amazonaws.com invoke Other for arn:aws:execute-api:us-east-1:123456789012:4y59uxu7yk/prod/a: it fails without a line in the function's log, and the client gets Internal server error, $connect 502"},
		{"a rule without a permission", base + "  E: {Type: AWS::Events::Rule, Properties: {ScheduleExpression: rate(1 minute), Targets: [{Id: a, Arn: !GetAtt Other.Arn}]}}\n", "E", "AWS::Events::Rule",
			"no AWS::Lambda::Permission lets events.amazonaws.com invoke Other for it: it never runs, on AWS and here"},
		{"a pattern", base + "  E: {Type: AWS::Events::Rule, Properties: {EventPattern: {source: [x]}, Targets: [{Id: a, Arn: !GetAtt Other.Arn}]}}\n", "E", "AWS::Events::Rule",
			"there is no event bus here: the function Other is not run by it"},
		{"a crontab", base + "  E: {Type: AWS::Scheduler::Schedule, Properties: {ScheduleExpression: 'cron(0 3 * * ? *)', Target: {Arn: !GetAtt Other.Arn}}}\n", "E", "AWS::Scheduler::Schedule",
			"only rate(...) runs here, and this is cron(0 3 * * ? *): the function Other is not run by it"},
		{"a key of its own", base + "  K: {Type: AWS::ApiGateway::ApiKey}\n  U: {Type: AWS::ApiGateway::UsagePlan, Properties: {ApiStages: [{ApiId: !Ref Api, Stage: !Ref Stage}]}}\n" +
			"  L: {Type: AWS::ApiGateway::UsagePlanKey, Properties: {KeyId: !Ref K, KeyType: API_KEY, UsagePlanId: !Ref U}}\n", "K", "AWS::ApiGateway::ApiKey",
			"it has no Value, and AWS would make one up: here it is 4496741201b63dcc4160a9c776d23813b053f872"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p, err := read("t.yaml", t.TempDir(), []byte(test.text), Options{})
			if err != nil {
				t.Fatal(err)
			}
			want := api.Notice{ResourceID: test.id, Type: test.kind, Reason: test.reason}
			count := 0
			for _, n := range p.Notices {
				if n == want {
					count++
				}
			}
			if count != 1 {
				t.Errorf("%d of the notices are\n%v\nwanted is it once; they are\n%v", count, want, p.Notices)
			}
		})
	}
}

// integrated adds a route and what runs behind it.
func integrated(integration string) string {
	return base + "  Route: {Type: AWS::ApiGatewayV2::Route, Properties: {ApiId: !Ref Api, RouteKey: a, Target: !Sub 'integrations/${I}'}}\n" +
		"  I: {Type: AWS::ApiGatewayV2::Integration, Properties: {ApiId: !Ref Api, " + integration + "}}\n"
}

// What a permission lets in, by its properties.
func TestPermission(t *testing.T) {
	tests := []struct {
		permission string
		want       bool
	}{
		{"Action: lambda:InvokeFunction, FunctionName: !Ref Other, Principal: apigateway.amazonaws.com", true},
		{"Action: lambda:InvokeFunction, FunctionName: !GetAtt Other.Arn, Principal: apigateway.amazonaws.com", true},
		{"Action: lambda:InvokeFunction, FunctionName: !Ref Alias, Principal: apigateway.amazonaws.com", true},
		{"Action: 'lambda:*', FunctionName: Other, Principal: '*'", true},
		{"Action: lambda:GetFunction, FunctionName: Other, Principal: apigateway.amazonaws.com", false},
		{"Action: lambda:InvokeFunction, FunctionName: Another, Principal: apigateway.amazonaws.com", false},
		{"Action: lambda:InvokeFunction, FunctionName: Other, Principal: events.amazonaws.com", false},
		{"Action: lambda:InvokeFunction, FunctionName: Other, Principal: apigateway.amazonaws.com, SourceArn: !Sub 'arn:aws:execute-api:${AWS::Region}:${AWS::AccountId}:${Api}/*/*'", true},
		{"Action: lambda:InvokeFunction, FunctionName: Other, Principal: apigateway.amazonaws.com, SourceArn: !Sub 'arn:aws:execute-api:${AWS::Region}:${AWS::AccountId}:${Api}/*a'", true},
		{"Action: lambda:InvokeFunction, FunctionName: Other, Principal: apigateway.amazonaws.com, SourceArn: !Sub 'arn:aws:execute-api:${AWS::Region}:${AWS::AccountId}:${Api}/dev/a'", false},
		{"Action: lambda:InvokeFunction, FunctionName: Other, Principal: apigateway.amazonaws.com, SourceArn: !Sub 'arn:aws:execute-api:eu-west-1:${AWS::AccountId}:${Api}/*'", false},
		{"Action: lambda:InvokeFunction, FunctionName: Other, Principal: apigateway.amazonaws.com, SourceArn: !ImportValue arn", true},
	}
	for _, test := range tests {
		text := integrated("IntegrationType: AWS_PROXY, IntegrationUri: !GetAtt Other.Arn") + "  P: {Type: AWS::Lambda::Permission, Properties: {" + test.permission + "}}\n"
		for _, stage := range []string{"", "renamed"} { // to call it otherwise here takes no permission away
			p, err := read("t.yaml", t.TempDir(), []byte(text), Options{Stage: stage})
			if err != nil {
				t.Errorf("%s: %v", test.permission, err)
				continue
			}
			if got := !p.APIs[0].Routes["a"].Integration.NoPermission; got != test.want {
				t.Errorf("%s permits: %v, want %v (stage %q)", test.permission, got, test.want, stage)
			}
		}
	}
}

func TestRate(t *testing.T) {
	tests := []struct {
		expression string
		want       time.Duration
	}{
		{"rate(1 minute)", time.Minute},
		{"rate(5 minutes)", 5 * time.Minute},
		{"rate(1 hour)", time.Hour},
		{" rate( 2 days ) ", 48 * time.Hour},
		{"rate(0 minutes)", 0},
		{"rate(99999 days)", 99999 * 24 * time.Hour},
		{"rate(100000 days)", 0},
		{"rate(1.5 hours)", 0},
		{"rate(1 week)", 0},
		{"at(2030-01-01T00:00:00)", 0},
	}
	for _, test := range tests {
		p, err := read("t.yaml", t.TempDir(), []byte(base+"  E: {Type: AWS::Scheduler::Schedule, Properties: {ScheduleExpression: '"+test.expression+"', Target: {Arn: !GetAtt Other.Arn}}}\n"), Options{})
		if err != nil {
			t.Fatal(err)
		}
		var got time.Duration
		for _, schedule := range function(p, "Other").Schedules {
			got = schedule.Every
		}
		if got != test.want {
			t.Errorf("%s is every %v, want %v", test.expression, got, test.want)
		}
	}
}

// Two stages are two APIs, and Options choose.
func TestStages(t *testing.T) {
	two := base + "  Second: {Type: AWS::ApiGatewayV2::Stage, Properties: {ApiId: !Ref Api, StageName: dev, AutoDeploy: true}}\n"
	tests := []struct{ text, stage, want string }{
		{base, "", "prod"},
		{base, "x", "x"},
		{two, "", "prod dev"},
		{two, "dev", "dev"},
		{two, "x", `t.yaml:16:3: "Api" has the stages prod, dev, and none is called "x"`},
		{strings.Replace(base, "StageName: prod", "StageName: !Ref Word", 1), "x", "x"},
	}
	for _, test := range tests {
		p, err := read("t.yaml", t.TempDir(), []byte(test.text), Options{Stage: test.stage})
		var names []string
		if err != nil {
			names = []string{err.Error()}
		} else {
			for _, a := range p.APIs {
				names = append(names, a.Stage.Name)
			}
		}
		if got := strings.Join(names, " "); got != test.want {
			t.Errorf("%q gives %s, want %s", test.stage, got, test.want)
		}
	}
}

func TestUndeployed(t *testing.T) {
	text := strings.Replace(route("RouteKey: a"), "AutoDeploy: true", "DeploymentId: !Ref D", 1) + "  D: {Type: AWS::ApiGatewayV2::Deployment, Properties: {ApiId: !Ref Api}}\n"
	for _, test := range []struct {
		text string
		o    Undeployed
		want bool
	}{
		{text, "", false},
		{text, Missing, false},
		{text, Present, true},
		{strings.Replace(text, "Deployment, ", "Deployment, DependsOn: Route, ", 1), Missing, true},
		{strings.Replace(text, "DeploymentId: !Ref D", "DeploymentId: a1b2c3", 1), Missing, true},
	} {
		p, err := read("t.yaml", t.TempDir(), []byte(test.text), Options{Undeployed: test.o})
		if err != nil {
			t.Fatal(err)
		}
		if got := p.APIs[0].Routes["a"] != nil; got != test.want {
			t.Errorf("with %q the route is there: %v, want %v", test.o, got, test.want)
		}
	}
}
