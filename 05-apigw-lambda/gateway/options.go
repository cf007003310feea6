package gateway

import (
	"websocket.example/05-apigw-lambda/gateway/integration"
	"websocket.example/05-apigw-lambda/gateway/mapping"
	"websocket.example/05-apigw-lambda/gateway/selection"
	"websocket.example/05-apigw-lambda/gateway/unsure"
)

// What the rooms call by other names.

func selectionOptions(s unsure.Settings) selection.Options {
	return selection.Options{
		ScalarMisses:   s.Is("scalar-action", "missing"),
		NullIsText:     s.Is("null-action", "text"),
		ObjectIsJava:   s.Is("object-action", "java"),
		ReservedRoutes: s.Is("reserved-action", "dispatch"),
		FindInResponse: s.Is("response-pattern", "part"),
	}
}

func integrationOptions(s unsure.Settings) integration.Options {
	return integration.Options{
		Selection:         selectionOptions(s),
		Mapping:           mappingOptions(s),
		StrictTemplates:   s.Is("template-without-expression", "none"),
		ConvertBinaryOnly: s.Is("convert-to-text", "binary-only"),
		ForwardHeaders:    s.Is("http-proxy-headers", "forwarded"),
		StrictStatus:      s.Is("status-in-quotes", "malformed"),
		ZeroStatus:        s.Is("status-zero", "status"),
		KeepBase64:        s.Is("base64-body", "kept"),
	}
}

func mappingOptions(s unsure.Settings) mapping.Options {
	return mapping.Options{
		UndefinedIsLiteral: s.Is("template-undefined", "literal"),
		MissingIsNull:      s.Is("template-missing-json", "null"),
		BodyIsText:         s.Is("template-body-not-json", "text"),
		ObjectIsJSON:       s.Is("template-object", "json"),
		EmptyIsFalse:       s.Is("template-truth", "empty"),
		SetNullKeeps:       s.Is("template-set-null", "keep"),
		LongLoopFails:      s.Is("template-long-loop", "fail"),
	}
}
