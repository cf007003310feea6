package template

import (
	"crypto/sha256"
	"math/big"
	"regexp"
	"strings"
)

// nameProperty says in which property a resource may say its own name.
var nameProperty = map[string]string{
	"AWS::ApiGatewayV2::DomainName":    "DomainName",
	"AWS::ApiGatewayV2::Stage":         "StageName",
	"AWS::DynamoDB::GlobalTable":       "TableName",
	"AWS::DynamoDB::Table":             "TableName",
	"AWS::Events::EventBus":            "Name",
	"AWS::Events::Rule":                "Name",
	"AWS::IAM::Role":                   "RoleName",
	"AWS::Kinesis::Stream":             "Name",
	"AWS::Lambda::Function":            "FunctionName",
	"AWS::Logs::LogGroup":              "LogGroupName",
	"AWS::S3::Bucket":                  "BucketName",
	"AWS::SNS::Topic":                  "TopicName",
	"AWS::SQS::Queue":                  "QueueName",
	"AWS::SSM::Parameter":              "Name",
	"AWS::Scheduler::Schedule":         "Name",
	"AWS::SecretsManager::Secret":      "Name",
	"AWS::Serverless::Function":        "FunctionName",
	"AWS::Serverless::SimpleTable":     "TableName",
	"AWS::StepFunctions::StateMachine": "StateMachineName",
	"AWS::Serverless::StateMachine":    "Name",
}

// physical is a resource's name. Where AWS would make one up it is the logical
// ID, which stays the same from start to start.
func (t *template) physical(r *resource) string {
	property := nameProperty[r.kind]
	if property == "" {
		return r.id
	}
	if t.renamed[r] {
		return t.Stage
	}
	key := "Name " + r.id
	if known, ok := t.memo[key]; ok {
		return known.text
	}
	if !t.enter(r.at, key, name(r.id)) {
		return ""
	}
	defer t.leave(key)
	given := t.resolve(r.properties.get(property))
	if given.kind != scalar || given.text == "" || dynamic(given.text) {
		given = r.at.scalar(r.id)
	}
	t.memo[key] = given
	return given.text
}

// arn is a resource's ARN: its own form where something here depends on it, a
// well formed one elsewhere.
func (t *template) arn(r *resource) string {
	arn := func(service, resource string) string {
		region, account := t.Region, t.Account
		switch service {
		case "iam":
			region = ""
		case "s3":
			region, account = "", ""
		case "apigateway":
			account = ""
		}
		return "arn:" + t.partition() + ":" + service + ":" + region + ":" + account + ":" + resource
	}
	switch r.kind {
	case "AWS::Lambda::Function", "AWS::Serverless::Function":
		return arn("lambda", "function:"+t.physical(r))
	case "AWS::Lambda::Alias", "AWS::Lambda::Version":
		qualifier := "1"
		if r.kind == "AWS::Lambda::Alias" {
			qualifier = t.resolve(r.properties.get("Name")).text
		}
		return arn("lambda", "function:"+functionName(t.resolve(r.properties.get("FunctionName")).text)+":"+qualifier)
	case "AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable", "AWS::Serverless::SimpleTable":
		return arn("dynamodb", "table/"+t.physical(r))
	case "AWS::IAM::Role":
		return arn("iam", "role/"+t.physical(r))
	case "AWS::S3::Bucket":
		return arn("s3", t.physical(r))
	case "AWS::SQS::Queue":
		return arn("sqs", t.physical(r))
	case "AWS::SNS::Topic":
		return arn("sns", t.physical(r))
	case "AWS::Events::Rule":
		return arn("events", "rule/"+t.physical(r))
	case "AWS::Events::EventBus":
		return arn("events", "event-bus/"+t.physical(r))
	case "AWS::Scheduler::Schedule":
		return arn("scheduler", "schedule/default/"+t.physical(r))
	case "AWS::Logs::LogGroup":
		return arn("logs", "log-group:"+t.physical(r)+":*")
	case "AWS::StepFunctions::StateMachine", "AWS::Serverless::StateMachine":
		return arn("states", "stateMachine:"+t.physical(r))
	}
	service := "cloudformation"
	if parts := strings.Split(r.kind, "::"); len(parts) == 3 {
		service = strings.ToLower(parts[1])
	}
	return arn(service, t.physical(r))
}

func (t *template) partition() string {
	switch {
	case strings.HasPrefix(t.Region, "cn-"):
		return "aws-cn"
	case strings.HasPrefix(t.Region, "us-gov-"):
		return "aws-us-gov"
	}
	return "aws"
}

func (t *template) suffix() string {
	if t.partition() == "aws-cn" {
		return "amazonaws.com.cn"
	}
	return "amazonaws.com"
}

// apiID derives an API's id from its logical ID: ten lower-case letters and
// digits, the same at every start.
func apiID(id string) string {
	sum := sha256.Sum256([]byte("api " + id))
	text := new(big.Int).SetBytes(sum[:]).Text(36)
	return strings.Repeat("0", max(0, 10-len(text))) + text[:min(10, len(text))]
}

// functionName finds the function in whatever names one: its name, its ARN,
// either with an alias or a version, or API Gateway's URI around its ARN.
func functionName(text string) string {
	if _, rest, ok := strings.Cut(text, ":lambda:path/"); ok {
		if _, arn, ok := strings.Cut(rest, "/functions/"); ok {
			text, _, _ = strings.Cut(arn, "/invocations")
		}
	}
	if _, rest, ok := strings.Cut(text, ":function:"); ok {
		text = rest
	}
	// A stage variable has no colon, so what follows one is a qualifier.
	text, _, _ = strings.Cut(text, ":")
	text, _, _ = strings.Cut(text, "/")
	return text
}

var stageVariable = regexp.MustCompile(`\$\{stageVariables\.([A-Za-z0-9_]+)\}`)

// dynamic says whether a text is looked up when the stack is made.
func dynamic(text string) bool { return strings.Contains(text, "{{resolve:") }
