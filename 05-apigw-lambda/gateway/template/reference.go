package template

import (
	"strconv"
	"strings"
)

// ref answers a Ref: a pseudo parameter, a parameter or a resource.
func (t *template) ref(at *node, id string) *node {
	key := "Ref " + id
	if known, ok := t.memo[key]; ok {
		return known
	}
	if !t.enter(at, key, name(id)) {
		return absent
	}
	defer t.leave(key)
	value := t.refer(at, id)
	if t.err == nil {
		t.memo[key] = value
	}
	return value
}

func (t *template) refer(at *node, id string) *node {
	if strings.HasPrefix(id, "AWS::") {
		return t.pseudo(at, id)
	}
	if parameter := t.parameters.get(id); parameter.kind != none {
		return t.parameter(at, id, parameter)
	}
	r := t.created(at, id)
	if r == nil {
		if base, attribute, ok := strings.Cut(id, "."); ok && t.byID[base] != nil {
			return t.samRef(at, t.byID[base], attribute)
		}
		return t.missing(at, id)
	}
	switch r.kind {
	case apiType, "AWS::ApiGateway::RestApi", "AWS::Serverless::Api", "AWS::Serverless::HttpApi":
		return at.scalar(apiID(r.id))
	case "AWS::Lambda::Alias", "AWS::Lambda::Version":
		return at.scalar(t.arn(r))
	case "AWS::SNS::Topic", "AWS::StepFunctions::StateMachine", "AWS::SecretsManager::Secret":
		return at.scalar(t.arn(r))
	case "AWS::SQS::Queue":
		return at.scalar("https://sqs." + t.Region + "." + t.suffix() + "/" + t.Account + "/" + t.physical(r))
	}
	return at.scalar(t.physical(r))
}

// created finds a resource; one whose condition is false cannot be referred to.
func (t *template) created(at *node, id string) *resource {
	r := t.byID[id]
	if r != nil && r.off {
		t.fail(at, "%s is not created, its Condition being false: refer to it inside of an Fn::If only", name(id))
	}
	return r
}

// missing complains of a name that nothing has. Only what somebody else will
// write, SAM or a macro, may be missing.
func (t *template) missing(at *node, id string) *node {
	if t.writtenLater(id) {
		return at.unknown(name(id) + " is written on AWS only")
	}
	known := texts(t.parameters.keys)
	for _, r := range t.resources {
		known = append(known, r.id)
	}
	t.fail(at, "nothing here is called %s%s", name(id), meant(id, known))
	return absent
}

func (t *template) writtenLater(id string) bool {
	if t.macros {
		return true
	}
	if !t.sam {
		return false
	}
	if strings.HasPrefix(id, "Serverless") {
		return true
	}
	for i := range len(id) {
		// SAM appends such as Role, Version1a2b or prodStage.
		if r := t.byID[id[:i]]; r != nil && strings.HasPrefix(r.kind, "AWS::Serverless::") {
			return 'A' <= id[i] && id[i] <= 'Z' || strings.HasSuffix(id, "Stage")
		}
	}
	return false
}

// isSAMRef says whether SAM takes name.attribute for a Ref, in Fn::Sub too.
func (t *template) isSAMRef(id, attribute string) bool {
	r := t.byID[id]
	switch attribute {
	case "Alias", "Version":
		return r != nil && r.kind == "AWS::Serverless::Function"
	case "Stage":
		return r != nil && r.from != nil
	}
	return false
}

// samRef is what SAM adds to Ref: the resources that it makes of another.
func (t *template) samRef(at *node, r *resource, attribute string) *node {
	switch {
	case !t.isSAMRef(r.id, attribute):
	case attribute == "Alias" && r.properties.get("AutoPublishAlias").kind != none:
		return at.scalar(t.arn(r) + ":" + t.resolve(r.properties.get("AutoPublishAlias")).text)
	case attribute == "Version":
		return at.scalar(t.arn(r) + ":1")
	case attribute == "Stage":
		for _, stage := range t.of(stageType) {
			if stage.from == r.from {
				return at.scalar(t.physical(stage))
			}
		}
	}
	return t.missing(at, r.id+"."+attribute)
}

func (t *template) parameter(at *node, id string, parameter *node) *node {
	text, given := t.Parameters[id]
	kind := parameter.get("Type").text
	if !given {
		standard := parameter.get("Default")
		switch {
		case strings.HasPrefix(kind, "AWS::SSM::"):
			return at.unknown("the parameter " + name(id) + " has its value in SSM")
		case standard.kind == none && parameter.get("Default") == absent:
			t.fail(at, "the parameter %s has no Default: give its value", name(id))
			return absent
		case standard.kind == list || standard.kind == fields:
			t.fail(standard, "the Default of %s has to be a text, and is %s", name(id), standard.kind)
			return absent
		}
		text = standard.text
	}
	if kind != "CommaDelimitedList" && !strings.HasPrefix(kind, "List<") {
		return at.scalar(text)
	}
	made := at.list()
	for item := range strings.SplitSeq(text, ",") {
		made.items = append(made.items, at.scalar(strings.TrimSpace(item)))
	}
	return made
}

func (t *template) pseudo(at *node, id string) *node {
	switch id {
	case "AWS::Region":
		return at.scalar(t.Region)
	case "AWS::AccountId":
		return at.scalar(t.Account)
	case "AWS::Partition":
		return at.scalar(t.partition())
	case "AWS::URLSuffix":
		return at.scalar(t.suffix())
	case "AWS::StackName":
		return at.scalar(t.Stack)
	case "AWS::StackId":
		return at.scalar("arn:" + t.partition() + ":cloudformation:" + t.Region + ":" + t.Account + ":stack/" + t.Stack + "/00000000-0000-0000-0000-000000000000")
	case "AWS::NotificationARNs":
		return at.list()
	case "AWS::NoValue":
		return absent
	}
	known := []string{"AWS::Region", "AWS::AccountId", "AWS::Partition", "AWS::URLSuffix", "AWS::StackName", "AWS::StackId", "AWS::NoValue", "AWS::NotificationARNs"}
	t.fail(at, "there is no pseudo parameter %s%s", name(id), meant(id, known))
	return absent
}

// getAtt is Fn::GetAtt: "resource.attribute" or [resource, attribute].
func (t *template) getAtt(n *node) *node {
	if n.kind == list && len(n.items) == 2 && n.items[0].kind == scalar {
		attribute := t.resolve(n.items[1])
		if attribute.kind != scalar {
			return t.notText("Fn::GetAtt", attribute)
		}
		return t.attribute(n.items[0], n.items[0].text, attribute.text)
	}
	id, attribute, ok := strings.Cut(n.text, ".")
	if n.kind != scalar || !ok {
		t.fail(n, "Fn::GetAtt takes resource.attribute, or [resource, attribute]")
		return absent
	}
	return t.attribute(n, id, attribute)
}

func (t *template) attribute(at *node, id, attribute string) *node {
	key := "GetAtt " + id + "." + attribute
	if known, ok := t.memo[key]; ok {
		return known
	}
	if !t.enter(at, key, name(id+"."+attribute)) {
		return absent
	}
	defer t.leave(key)
	value := t.attributeOf(at, id, attribute)
	if t.err == nil {
		t.memo[key] = value
	}
	return value
}

func (t *template) attributeOf(at *node, id, attribute string) *node {
	r := t.created(at, id)
	if r == nil {
		return t.missing(at, id)
	}
	switch attribute {
	case "Arn", "TopicArn", "AliasArn", "FunctionArn", "StateMachineArn":
		return at.scalar(t.arn(r))
	case "StreamArn":
		return at.scalar(t.arn(r) + "/stream/2020-01-01T00:00:00.000")
	case "Version":
		return at.scalar("1")
	case "ApiId", "RestApiId":
		return at.scalar(apiID(r.id))
	case "ApiEndpoint":
		return at.scalar("wss://" + apiID(r.id) + ".execute-api." + t.Region + "." + t.suffix())
	case "QueueUrl":
		return t.refer(at, id)
	case "IntegrationId", "RouteId", "RouteResponseId", "IntegrationResponseId", "AuthorizerId", "DeploymentId", "ModelId":
		return at.scalar(r.id)
	case "QueueName", "TopicName", "TableName", "Name", "StateMachineName", "FunctionName":
		return at.scalar(t.physical(r))
	}
	return at.unknown(name(id+"."+attribute) + " has its value on AWS only")
}

func itoa(n int) string { return strconv.Itoa(n) }
