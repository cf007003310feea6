package lambda

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awsapi "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
)

// TestSDK: AWS's own client reads what InvokeAPI writes, with types.
func TestSDK(t *testing.T) {
	url, _ := serveInvokeAPI(t)
	client := awsapi.New(awsapi.Options{
		Region: "us-east-1", BaseEndpoint: &url, RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider("x", "y", ""),
	})
	call := func(name, payload string, kind types.InvocationType) (*awsapi.InvokeOutput, error) {
		return client.Invoke(context.Background(), &awsapi.InvokeInput{
			FunctionName: &name, Payload: []byte(payload), InvocationType: kind, LogType: types.LogTypeTail,
		})
	}
	t.Run("fine", func(t *testing.T) {
		out, err := call("arn:aws:lambda:us-east-1:123456789012:function:stack-Echo", `{"a":1}`, "")
		if err != nil || string(out.Payload) != `{"a":1}` || out.StatusCode != 200 || out.FunctionError != nil ||
			aws.ToString(out.ExecutedVersion) != "$LATEST" || aws.ToString(out.LogResult) == "" {
			t.Errorf("%+v %v", out, err)
		}
	})
	t.Run("function error", func(t *testing.T) {
		out, err := call("Fail", `1`, "")
		if err != nil || aws.ToString(out.FunctionError) != "Unhandled" || !strings.Contains(string(out.Payload), "errorMessage") {
			t.Errorf("%+v %v", out, err)
		}
	})
	t.Run("event", func(t *testing.T) {
		if out, err := call("Echo", `1`, types.InvocationTypeEvent); err != nil || out.StatusCode != 202 {
			t.Errorf("%+v %v", out, err)
		}
	})
	t.Run("dry run", func(t *testing.T) {
		if out, err := call("Echo", `1`, types.InvocationTypeDryRun); err != nil || out.StatusCode != 204 {
			t.Errorf("%+v %v", out, err)
		}
	})
	t.Run("not found", func(t *testing.T) {
		_, err := call("nobody", `1`, "")
		if e, is := errors.AsType[*types.ResourceNotFoundException](err); !is || !strings.HasPrefix(e.ErrorMessage(), "Function not found: arn:") || aws.ToString(e.Type) != "User" {
			t.Errorf("%v", err)
		}
	})
	t.Run("busy", func(t *testing.T) {
		_, err := call("Busy", `1`, "")
		if e, is := errors.AsType[*types.TooManyRequestsException](err); !is || e.Reason != types.ThrottleReasonReservedFunctionConcurrentInvocationLimitExceeded {
			t.Errorf("%v", err)
		}
	})
	t.Run("no JSON", func(t *testing.T) {
		_, err := call("Echo", `{`, "")
		if _, is := errors.AsType[*types.InvalidRequestContentException](err); !is {
			t.Errorf("%v", err)
		}
	})
	t.Run("too large", func(t *testing.T) {
		_, err := call("Echo", `"`+strings.Repeat("x", maxRequest)+`"`, "")
		if _, is := errors.AsType[*types.RequestTooLargeException](err); !is {
			t.Errorf("%v", err)
		}
	})
	t.Run("broken", func(t *testing.T) {
		_, err := call("Broken", `1`, "")
		if e, is := errors.AsType[*types.InvalidRuntimeException](err); !is || e.ErrorMessage() != "it has no bootstrap" {
			t.Errorf("%v", err)
		}
	})
}
