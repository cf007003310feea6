package gateway

import (
	"websocket.example/05-apigw-lambda/gateway/integration"
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
		StrictTemplates:   s.Is("template-without-expression", "none"),
		ConvertBinaryOnly: s.Is("convert-to-text", "binary-only"),
		ForwardHeaders:    s.Is("http-proxy-headers", "forwarded"),
		StrictStatus:      s.Is("status-in-quotes", "malformed"),
		ZeroStatus:        s.Is("status-zero", "status"),
		KeepBase64:        s.Is("base64-body", "kept"),
	}
}
