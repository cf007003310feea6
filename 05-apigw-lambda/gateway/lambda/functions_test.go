package lambda

import (
	"testing"

	"websocket.example/05-apigw-lambda/gateway/api"
)

func TestFind(t *testing.T) {
	var s Functions
	chat, auth := &api.Function{ResourceID: "ChatFunction", Name: "stack-chat"}, &api.Function{ResourceID: "stack-chat", Name: "auth"}
	s.Add(auth, nil)
	s.Add(chat, nil)
	tests := []struct {
		name      string
		want      *api.Function
		qualifier string
	}{
		{"stack-chat", chat, ""}, // a name before a logical ID
		{"ChatFunction", chat, ""},
		{"auth", auth, ""},
		{"auth:live", auth, "live"},
		{"auth:$LATEST", auth, "$LATEST"},
		{"123456789012:function:auth", auth, ""},
		{"123456789012:function:auth:7", auth, "7"},
		{"arn:aws:lambda:us-east-1:123456789012:function:stack-chat", chat, ""},
		{"arn:aws:lambda:us-east-1:123456789012:function:stack-chat:live", chat, "live"},
		{"nobody", nil, ""},
		{"", nil, ""},
	}
	for _, tt := range tests {
		got, qualifier, ok := s.Find(tt.name)
		if got.Function != tt.want || qualifier != tt.qualifier || ok != (tt.want != nil) {
			t.Errorf("%q is %v %q %v", tt.name, got.Function, qualifier, ok)
		}
	}
	if all := s.All(); len(all) != 2 || all[0].Function != auth {
		t.Errorf("all are %v", all)
	}
}
