package template

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"websocket.example/05-apigw-lambda/gateway/api"
)

// base is a small whole template, to which tests add.
const base = `Parameters:
  Word: {Type: String, Default: hello}
  Number: {Type: Number, Default: 3}
  Words: {Type: CommaDelimitedList, Default: 'a, b,c'}
  Needed: {Type: String}
  Stored: {Type: 'AWS::SSM::Parameter::Value<String>', Default: /chat/name}
Mappings:
  Sizes: {small: {memory: 128, zones: [x, y]}}
Conditions:
  Yes: !Equals [!Ref Word, hello]
  No: !Not [!Condition Yes]
  Both: !And [!Condition Yes, !Condition No]
  Either: !Or [Condition: No, !Equals [3, !Ref Number]]
  Round: !Not [!Condition Round]
Resources:
  Api: {Type: AWS::ApiGatewayV2::Api, Properties: {Name: chat, ProtocolType: WEBSOCKET, RouteSelectionExpression: $request.body.action}}
  Stage: {Type: AWS::ApiGatewayV2::Stage, Properties: {ApiId: !Ref Api, StageName: prod, AutoDeploy: true}}
  Table: {Type: AWS::DynamoDB::Table}
  Named: {Type: AWS::DynamoDB::Table, Properties: {TableName: !Sub '${Word}-table'}}
  Circle: {Type: AWS::DynamoDB::Table, Properties: {TableName: !If [Yes, !Ref Circle, x]}}
  Queue: {Type: AWS::SQS::Queue}
  Topic: {Type: AWS::SNS::Topic}
  Bucket: {Type: AWS::S3::Bucket, Properties: {BucketName: files}}
  Rule: {Type: AWS::Events::Rule, Properties: {ScheduleExpression: rate(1 day)}}
  Secret: {Type: AWS::SecretsManager::Secret}
  Absent: {Type: AWS::DynamoDB::Table, Condition: No}
  Other: {Type: AWS::Lambda::Function, Properties: {Code: ., Runtime: nodejs22.x}}
  Alias: {Type: AWS::Lambda::Alias, Properties: {FunctionName: !GetAtt Other.Arn, Name: live}}
`

// with adds a function with an environment variable.
func with(value string) string {
	return base + `  Function:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: nodejs22.x
      Code: .
      Environment:
        Variables:
          V: ` + value + "\n"
}

func function(p *api.Project, id string) *api.Function {
	i := slices.IndexFunc(p.Functions, func(f *api.Function) bool { return f.ResourceID == id })
	return p.Functions[i]
}

func TestValues(t *testing.T) {
	tests := []struct{ value, want string }{
		{`text`, "text"},
		{`"quoted"`, "quoted"},
		{`012`, "012"},
		{`1.50`, "1.50"},
		{`True`, "true"},
		{`2020-01-02`, "2020-01-02"},
		{`~`, ""},

		{`!Ref Word`, "hello"},
		{`{Ref: Word}`, "hello"},
		{`!Ref Number`, "3"},
		{`!Ref Table`, "Table"},
		{`!Ref Named`, "hello-table"},
		{`!Ref Other`, "Other"},
		{`!Ref Api`, "4y59uxu7yk"},
		{`!Ref Stage`, "prod"},
		{`!Ref Queue`, "https://sqs.us-east-1.amazonaws.com/123456789012/Queue"},
		{`!Ref Topic`, "arn:aws:sns:us-east-1:123456789012:Topic"},
		{`!Ref Alias`, "arn:aws:lambda:us-east-1:123456789012:function:Other:live"},
		{`!Ref AWS::Region`, "us-east-1"},
		{`!Ref AWS::AccountId`, "123456789012"},
		{`!Ref AWS::Partition`, "aws"},
		{`!Ref AWS::URLSuffix`, "amazonaws.com"},
		{`!Ref AWS::StackName`, "local"},
		{`!Ref AWS::StackId`, "arn:aws:cloudformation:us-east-1:123456789012:stack/local/00000000-0000-0000-0000-000000000000"},
		{`!Ref AWS::NoValue`, ""},

		{`!GetAtt Table.Arn`, "arn:aws:dynamodb:us-east-1:123456789012:table/Table"},
		{`!GetAtt [Table, Arn]`, "arn:aws:dynamodb:us-east-1:123456789012:table/Table"},
		{`{"Fn::GetAtt": [Named, Arn]}`, "arn:aws:dynamodb:us-east-1:123456789012:table/hello-table"},
		{`!GetAtt Bucket.Arn`, "arn:aws:s3:::files"},
		{`!GetAtt Rule.Arn`, "arn:aws:events:us-east-1:123456789012:rule/Rule"},
		{`!GetAtt Secret.Arn`, "arn:aws:secretsmanager:us-east-1:123456789012:Secret"},
		{`!GetAtt Api.ApiEndpoint`, "wss://4y59uxu7yk.execute-api.us-east-1.amazonaws.com"},
		{`!GetAtt Queue.QueueName`, "Queue"},

		{`!Sub plain`, "plain"},
		{`!Sub '${Word} ${ Word } $Word ${!Word} $ {Word} ${'`, "hello hello $Word ${Word} $ {Word} ${"},
		{`!Sub '${Table.Arn}/index/*'`, "arn:aws:dynamodb:us-east-1:123456789012:table/Table/index/*"},
		{`!Sub ['${a}-${Word}-${b}', {a: 1, b: !Ref Number}]`, "1-hello-3"},
		{`!Sub ['${Word}', {Word: own}]`, "own"},
		{`!Sub 'https://${Api}.execute-api.${AWS::Region}.${AWS::URLSuffix}/${Stage}'`, "https://4y59uxu7yk.execute-api.us-east-1.amazonaws.com/prod"},
		{`!Join ['-', [a, !Ref Word, !Ref AWS::NoValue, 3]]`, "a-hello-3"},
		{`!Join ['+', !Ref Words]`, "a+b+c"},
		{`!Join ['', []]`, ""},
		{`!Select [1, [a, b, c]]`, "b"},
		{`!Select ['2', !Ref Words]`, "c"},
		{`!Select [5, !Split [':', !GetAtt Table.Arn]]`, "table/Table"},
		{`!Join ['|', !Split ['-', 'a--b-']]`, "a||b|"},
		{`!FindInMap [Sizes, small, memory]`, "128"},
		{`!FindInMap [Sizes, !Join ['', [sm, all]], memory]`, "128"},
		{`!Select [1, !FindInMap [Sizes, small, zones]]`, "y"},
		{`!FindInMap [Sizes, huge, memory, {DefaultValue: none}]`, "none"},
		{`{"Fn::Base64": !Sub '${Word}'}`, "aGVsbG8="},
		{`!Base64 hello`, "aGVsbG8="},
		{`!If [Yes, a, b]`, "a"},
		{`!If [No, !Ref Absent, b]`, "b"},
		{`!If [Both, a, b]`, "b"},
		{`!If [Either, a, b]`, "a"},
		{`!If [Either, !If [No, a, !Sub '${Word}!'], b]`, "hello!"},
	}
	for _, test := range tests {
		p, err := read("t.yaml", t.TempDir(), []byte(with(test.value)), Options{})
		if err != nil {
			t.Errorf("%s: %v", test.value, err)
			continue
		}
		if got := function(p, "Function").Environment["V"]; got != test.want {
			t.Errorf("%s is %q, want %q", test.value, got, test.want)
		}
		for _, n := range p.Notices {
			t.Errorf("%s: notice %s", test.value, n.Reason)
		}
	}
}

// What only AWS knows is left out, and told.
func TestUnknown(t *testing.T) {
	tests := []struct{ value, want string }{
		{`!ImportValue shared`, "V is left out: Fn::ImportValue has its answer on AWS only"},
		{`!Select [0, !GetAZs '']`, "V is left out: Fn::GetAZs has its answer on AWS only"},
		{`!Join ['', [a, !Select [0, !Cidr [10.0.0.0/16, 1, 8]]]]`, "V is left out: Fn::Cidr has its answer on AWS only"},
		{`!Sub 'x${Stored}'`, `V is left out: the parameter "Stored" has its value in SSM`},
		{`{"Fn::Transform": {Name: AWS::Include}}`, "V is left out: Fn::Transform has its answer on AWS only"},
		{`!GetAtt Table.Weight`, `V is left out: "Table.Weight" has its value on AWS only`},
		{`'{{resolve:ssm:/chat/token}}'`, "V is left out: a {{resolve:...}} is looked up on AWS only"},
	}
	for _, test := range tests {
		p, err := read("t.yaml", t.TempDir(), []byte(with(test.value)), Options{})
		if err != nil {
			t.Errorf("%s: %v", test.value, err)
			continue
		}
		want := api.Notice{ResourceID: "Function", Type: "AWS::Lambda::Function", Reason: test.want}
		if len(p.Notices) != 1 || p.Notices[0] != want {
			t.Errorf("%s: notices are %q, want %q", test.value, p.Notices, want)
		}
		if v, ok := function(p, "Function").Environment["V"]; ok {
			t.Errorf("%s is %q, and should be left out", test.value, v)
		}
	}
}

func TestOptions(t *testing.T) {
	given := map[string]string{"Needed": "x", "Word": "hallo", "Stored": "local"}
	before := maps.Clone(given)
	o := Options{Region: "cn-north-1", Account: "000000000001", Stack: "mine", Stage: "dev", Parameters: given}
	p, err := read("t.yaml", t.TempDir(), []byte(with(`!Sub '${Needed} ${Word} ${Stored} ${Stage} ${Named} ${AWS::StackName} ${Table.Arn} ${AWS::URLSuffix}'`)), o)
	if err != nil {
		t.Fatal(err)
	}
	want := "x hallo local dev hallo-table mine arn:aws-cn:dynamodb:cn-north-1:000000000001:table/Table amazonaws.com.cn"
	if got := function(p, "Function").Environment["V"]; got != want {
		t.Errorf("the variable is %q, want %q", got, want)
	}
	if got := p.APIs[0].Stage.Name; got != "dev" {
		t.Errorf("the stage is %s, want dev", got)
	}
	if !maps.Equal(given, before) {
		t.Errorf("the caller's parameters are %q now", given)
	}
}

// The ^ stands where the error is, and 1:1 is where there is none.
func TestErrors(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"nothing", "", "the file is empty"},
		{"a comment", "# nothing\n", "the file is empty"},
		{"a list", "- a\n", "a template is a map with the section Resources; this is a list"},
		{"no resources", "Description: x\n", "there is no section Resources: is this a template of CloudFormation or SAM?"},
		{"no API", "Resources: {T: {Type: AWS::DynamoDB::Table}}\n", "there is no WebSocket API in this template: it needs an AWS::ApiGatewayV2::Api with ProtocolType WEBSOCKET, or an AWS::Serverless::WebSocketApi"},
		{"a tab", "Resources:\n^\tA: {}\n", "a tab indents this line, which YAML forbids: use spaces"},
		{"two documents", "A: 1\n^---\nB: 2\n", "a second document begins (---): a template is one"},
		{"twice", base + "  ^Api: {Type: x}\n", `"Api" stands here again, first in line 16: delete one of the two`},
		{"a merge", "A: &a {x: 1}\nB: {^<<: *a}\n", "CloudFormation has no merge keys (<<): write the fields out, or use an alias for the whole value"},
		{"a section", "^Resorces: {}\n", `a template has no section "Resorces", is Resources meant?`},
		{"outside", "Resources:\n  A: {Type: x}\n^B: {Type: y}\n", `"B" is a resource outside of Resources: indent it more`},
		{"indented less", "Resources:\n  A:\n    Type: x\n    ^CodeUri: y\n", `"CodeUri" is no attribute of a resource: does it belong into the Properties of "A", indented more?`},
		{"indented much less", "Resources:\n  ^A:\n  Type: x\n", `the resource "A" has to be a map with a Type, and is nothing: is what belongs to it indented less?`},
		{"no type", "Resources:\n  ^A: {Properties: {}}\n", `the resource "A" has no Type`},
		{"no SAM", "Resources:\n  ^A: {Type: AWS::Serverless::Function}\n", `"A" is of a type of SAM, and the template does not say that it is one: add Transform: AWS::Serverless-2016-10-31`},

		{"a name", with("^!Ref Tabel"), `nothing here is called "Tabel", is Table meant?`},
		{"a name elsewhere", base + "  Role: {Type: AWS::IAM::Role, Properties: {Path: ^!Sub '${Nobody.Arn}'}}\n", `nothing here is called "Nobody"`},
		{"a dependency", base + "  X: {Type: AWS::SQS::Queue, DependsOn: [^Nobody]}\n", `nothing here is called "Nobody"`},
		{"an output", base + "Outputs: {X: {Value: ^!GetAtt Nobody.Arn}}\n", `nothing here is called "Nobody"`},
		{"a pseudo parameter", with("^!Ref AWS::region"), `there is no pseudo parameter "AWS::region", is AWS::Region meant?`},
		{"no default", with("^!Ref Needed"), `the parameter "Needed" has no Default: give its value`},
		{"a false condition", with("^!Ref Absent"), `"Absent" is not created, its Condition being false: refer to it inside of an Fn::If only`},
		{"a condition", with("!If [^Maybe, a, b]"), `there is no condition "Maybe"`},
		{"a round condition", strings.Replace(with("!If [Round, a, b]"), "!Condition Round", "^!Condition Round", 1), `the condition "Round" refers to itself, in a circle`},
		{"a round name", strings.Replace(with("!Ref Circle"), "!Ref Circle, x", "^!Ref Circle, x", 1), `"Circle" refers to itself, in a circle`},
		{"a circle", base + "  A: {Type: AWS::SQS::Queue, DependsOn: B}\n  B: {Type: AWS::SQS::Queue, DependsOn: [Table, C]}\n  C: {Type: AWS::SQS::Queue, Properties: {QueueName: ^!Sub 'x${A.Arn}'}}\n",
			`resources need each other in a circle, and none can be made first: A -> B -> C -> A`},

		{"a function", with("^!Subs x"), `"!Subs" is no function of CloudFormation`},
		{"a long function", with("^{'Fn::Subs': x}"), `"Fn::Subs" is no function of CloudFormation`},
		{"beside a function", with("{^'Fn::Sub': x, y: z}"), `"Fn::Sub" has to stand alone in its map`},
		{"a condition's function", with("^!Equals [a, b]"), `Fn::Equals stands only in Conditions and in Fn::If`},
		{"Join", with("^!Join [a]"), `Fn::Join takes [delimiter, [values]]`},
		{"Join of a map", with("!Join [a, [^{b: c}]]"), `Fn::Join needs a text here, and this is a map`},
		{"Select", with("^!Select [3, [a, b]]"), `Fn::Select takes an index from 0 to 1 here, not "3"`},
		{"FindInMap", with("!FindInMap [Sizes, ^smal, memory]"), `"smal" is not in Sizes, is small meant?`},
		{"GetAtt", with("^!GetAtt Table"), `Fn::GetAtt takes resource.attribute, or [resource, attribute]`},
		{"a list", with("^[a]"), `Variables.V of "Function" has to be a text, and is a list`},

		{"a route key", route("RouteKey: ^$conect"), `a route key that begins with $ is $connect, $disconnect or $default, and this is "$conect"`},
		{"no route key", strings.Replace(route("OperationName: x"), "Route: {", "^Route: {", 1), `"Route", of type AWS::ApiGatewayV2::Route, needs the property RouteKey`},
		{"a target", route("RouteKey: a, Target: ^!Ref Integration"), `a Target is integrations/ and an AWS::ApiGatewayV2::Integration of this template, such as !Sub integrations/${ChatIntegration}, and this is "Integration"`},
		{"a route twice", route("RouteKey: a") + "  ^Again: {Type: AWS::ApiGatewayV2::Route, Properties: {ApiId: !Ref Api, RouteKey: a}}\n", `"Again" has the route key "a", which Route has already`},
		{"an authorization", route("RouteKey: $connect, AuthorizationType: ^JWT"), `the AuthorizationType of a WebSocket API is NONE, AWS_IAM or CUSTOM, and this is "JWT"`},
		{"an authorizer", route("RouteKey: $connect, AuthorizationType: CUSTOM, AuthorizerId: ^!Ref Table"), `"Table" is no AWS::ApiGatewayV2::Authorizer of this template`},
		{"a timeout", base + "  F: {Type: AWS::Lambda::Function, Properties: {Code: ., Runtime: nodejs22.x, Timeout: ^901}}\n", `Timeout of "F" has to be a number from 1 to 900, and is "901"`},

		{"SAM without a function", samRoutes("Routes: {^a: {}}"), `the route "a" of "Api" needs a FunctionArn`},
		{"SAM without routes", strings.Replace(samRoutes("StageName: x"), "Api:", "^Api:", 1), `the WebSocketApi "Api" needs Routes, a map from route keys to functions`},
		{"SAM's route keys", samRoutes("Routes: {^a-b: {FunctionArn: x}}"), `SAM wants letters and digits in a route key, and "a-b" has others: take AWS::ApiGatewayV2::Route for it`},
		{"SAM's stage", samRoutes("Routes: {a: {FunctionArn: x}}, StageName: ^$default"), `the stage of a WebSocket API cannot be called $default: take another name`},
		{"SAM's parameters", samRoutes("Routes: {a: {FunctionArn: x, RequestParameters: ^{b: c}}}"), `only the route $connect may have RequestParameters: the other messages have no query string and no headers`},
		{"SAM's Auth", samRoutes("Routes: {a: {FunctionArn: x}}, Auth: ^{AuthType: AWS_IAM}"), `Auth of "Api" needs a route $connect, where it is asked`},
		{"SAM's authorizer", samRoutes("Routes: {$connect: {FunctionArn: x}}, Auth: ^{AuthType: CUSTOM}"), `Auth of "Api" needs an AuthArn: the ARN of the function to ask`},
		{"SAM's generated names", samRoutes("Routes: {a: {FunctionArn: x}}") + "Outputs: {X: {Value: ^!Ref ApiAaRoute}}\n", `nothing here is called "ApiAaRoute", is ApiARoute meant?`},

		{"JSON", "{\n  \"Resources\": {\n    \"A\": 1,\n  ^}\n}", "this is not JSON"},
		{"JSON in the middle", "{\n  \"Resources\": {^", "the JSON ends in the middle: is a bracket or a quote not closed?"},
		{"JSON twice", `{"Resources": {}, ^"Resources": {}}`, `"Resources" stands here again, first in line 1: delete one of the two`},
		{"JSON, a name", "{\"Resources\": {\"A\": {\"Type\": \"AWS::SQS::Queue\", \"Properties\": {\n  \"QueueName\": {\"Ref\": ^\"Nobody\"}}}}}", `nothing here is called "Nobody"`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			file := "t.yaml"
			if strings.HasPrefix(test.name, "JSON") {
				file = "t.json"
			}
			before, after, marked := strings.Cut(test.text, "^")
			line, column := 1, 1
			if marked {
				line += strings.Count(before, "\n")
				column = len(before) - strings.LastIndex(before, "\n")
			}
			_, err := read(file, t.TempDir(), []byte(before+after), Options{})
			if err == nil {
				t.Fatalf("no error, want %s", test.want)
			}
			if want := fmt.Sprintf("%s:%d:%d: %s", file, line, column, test.want); !strings.HasPrefix(err.Error(), want) {
				t.Errorf("the error is\n%s, want\n%s", err, want)
			}
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("the error has more than one line: %q", err)
			}
		})
	}
}

func samRoutes(properties string) string {
	return "Transform: AWS::Serverless-2016-10-31\nResources:\n  Api: {Type: AWS::Serverless::WebSocketApi, Properties: {" + properties + ", RouteSelectionExpression: $request.body.action}}\n"
}

// route adds a route with some properties, and an integration.
func route(properties string) string {
	return base + "  Route: {Type: AWS::ApiGatewayV2::Route, Properties: {ApiId: !Ref Api, " + properties + "}}\n" +
		"  Integration: {Type: AWS::ApiGatewayV2::Integration, Properties: {ApiId: !Ref Api, IntegrationType: MOCK}}\n"
}

func TestParameterNobodyHas(t *testing.T) {
	_, err := read("t.yaml", t.TempDir(), []byte(base), Options{Parameters: map[string]string{"Wrod": "x"}})
	if want := `t.yaml:1:1: the template has no parameter "Wrod", is Word meant?`; err == nil || err.Error() != want {
		t.Errorf("the error is %v, want %s", err, want)
	}
}

// Bombs are small texts that become large ones.
func TestBombs(t *testing.T) {
	var aliases, names, conditions strings.Builder
	aliases.WriteString("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n")
	names.WriteString(base)
	conditions.WriteString("Resources: {T: {Type: AWS::SQS::Queue, Condition: C0}}\nConditions:\n")
	for i := range 30 {
		n, next := itoa(i), itoa(i+1)
		aliases.WriteString("a" + next + ": &a" + next + " [" + strings.TrimSuffix(strings.Repeat("*a"+n+", ", 10), ", ") + "]\n")
		names.WriteString("  T" + n + ": {Type: AWS::DynamoDB::Table, Properties: {TableName: !Sub '" + strings.Repeat("${T"+next+"}", 10) + "'}}\n")
		conditions.WriteString("  C" + n + ": !And [!Condition C" + next + ", !Condition C" + next + "]\n")
	}
	names.WriteString("  T30: {Type: AWS::DynamoDB::Table, Properties: {TableName: 0123456789}}\n" +
		"  F: {Type: AWS::Lambda::Function, Properties: {Code: ., Runtime: nodejs22.x, FunctionName: !Ref T0}}\n")
	conditions.WriteString("  C30: !Equals [a, a]\n")
	tests := []struct{ name, text, want string }{
		{"aliases", aliases.String(), "do aliases (*name) repeat aliases?"},
		{"an alias of itself", "Resources: &r {A: *r}\n", "is an alias inside of what it names?"},
		{"deep", "Resources: " + strings.Repeat("[", 5000) + strings.Repeat("]", 5000), "more than 100 levels are nested here"},
		{"deep JSON", `{"Resources": ` + strings.Repeat("[", 5000) + strings.Repeat("]", 5000) + "}", "more than 100 levels are nested here"},
		{"names of names", names.String(), "this text grows beyond 65536 bytes"},
		{"conditions of conditions", conditions.String(), "there is no WebSocket API"}, // each is answered once
		{"large", strings.Repeat("#", maxFile+1), "which CloudFormation refuses"},
	}
	for _, test := range tests {
		if _, err := read("t.yaml", t.TempDir(), []byte(test.text), Options{}); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: the error is %v, want %s", test.name, err, test.want)
		}
	}
}

func TestLike(t *testing.T) {
	tests := []struct {
		pattern, text string
		want          bool
	}{
		{"", "", true},
		{"*", "", true},
		{"*", "abc", true},
		{"a*", "abc", true},
		{"*c", "abc", true},
		{"a*c", "abcbc", true},
		{"a?c", "abc", true},
		{"a?c", "ac", false},
		{"a", "ab", false},
		{"ab", "a", false},
		{"*b*d", "abcd", true},
		{"*b*d", "abce", false},
		{"arn:x:api/*$connect", "arn:x:api/prod/$connect", true},
		{"arn:x:api/*/*", "arn:x:api/prod/$connect", true},
		{"arn:x:api/dev/*", "arn:x:api/prod/$connect", false},
	}
	for _, test := range tests {
		if got := like(test.pattern, test.text); got != test.want {
			t.Errorf("like(%q, %q) = %v", test.pattern, test.text, got)
		}
	}
}

func TestFunctionName(t *testing.T) {
	const arn = "arn:aws:lambda:us-east-1:123456789012:function:chat"
	const uri = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/"
	for _, text := range []string{
		"chat", "chat:live", "123456789012:function:chat", arn, arn + ":live", arn + ":7",
		uri + arn + "/invocations", uri + arn + ":live/invocations", uri + "chat/invocations",
	} {
		if got := functionName(text); got != "chat" {
			t.Errorf("functionName(%q) = %q, want chat", text, got)
		}
	}
}

func TestJSONOfNodes(t *testing.T) {
	const text = `{"a":[1,-2.5e3,true,null,"x\n\"y\"\u2028",{"b":{}}],"01":"01"}`
	n, err := parse("t.json", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	var got, want any
	if err := json.Unmarshal(n.json(), &got); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(text), &want); err != nil {
		t.Fatal(err)
	}
	a, _ := json.Marshal(got)
	b, _ := json.Marshal(want)
	if string(a) != string(b) {
		t.Errorf("it became %s, want %s", a, b)
	}
}
