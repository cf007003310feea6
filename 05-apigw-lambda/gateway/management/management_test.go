package management

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/apigatewaymanagementapi"
	"github.com/aws/aws-sdk-go-v2/service/apigatewaymanagementapi/types"
	"github.com/aws/smithy-go"
)

// The connections of the tests, by what becomes of a call.
const (
	live   = "R1kmxc2VNjMCFIA="
	dashes = "R1-_xc2VNjMCFIA="
	gone   = "GoneGoneGoneGoA="
	full   = "FullFullFullFuA="
	broken = "BrokenBrokenBrA="
)

type registry struct{ posted []string }

func (r *registry) err(id string) error {
	switch id {
	case live, dashes:
		return nil
	case full:
		return ErrFull
	case broken:
		return errors.New("the disk is full")
	}
	return ErrGone
}

func (r *registry) Post(_ context.Context, id string, data []byte) error {
	if err := r.err(id); err != nil {
		return err
	}
	r.posted = append(r.posted, id+" "+string(data))
	return nil
}
func (r *registry) Delete(id string) error { return r.err(id) }
func (r *registry) Get(id string) (Info, error) {
	at := time.Date(2020, 11, 15, 12, 23, 14, 726e6, time.UTC)
	return Info{"83.231.121.182", "Go", at, at.Add(246 * time.Millisecond)}, r.err(id)
}

func serve(t *testing.T) (*registry, string) {
	r := &registry{}
	s := httptest.NewServer(&API{Registry: r, Stage: "dev"})
	t.Cleanup(s.Close)
	return r, s.URL
}

// What the Go SDK makes of every answer.
func TestGoSDK(t *testing.T) {
	r, base := serve(t)
	client := apigatewaymanagementapi.New(apigatewaymanagementapi.Options{
		BaseEndpoint: aws.String(base + "/dev"), Region: "us-east-1",
		Credentials: credentials.NewStaticCredentialsProvider("AKID", "SECRET", ""), RetryMaxAttempts: 1,
	})
	ctx := t.Context()
	post := func(id string, data string) error {
		_, err := client.PostToConnection(ctx, &apigatewaymanagementapi.PostToConnectionInput{ConnectionId: &id, Data: []byte(data)})
		return err
	}
	for _, id := range []string{live, dashes} {
		if err := post(id, "hello"); err != nil {
			t.Error(err)
		}
	}
	if want := []string{live + " hello", dashes + " hello"}; strings.Join(r.posted, ",") != strings.Join(want, ",") {
		t.Errorf("posted %q", r.posted)
	}
	if err := post(gone, "x"); !is[*types.GoneException](err) {
		t.Errorf("gone: %v", err)
	}
	if err := post(full, "x"); !is[*types.LimitExceededException](err) {
		t.Errorf("full: %v", err)
	}
	if err := post(live, strings.Repeat("x", MaxPayload)); err != nil {
		t.Errorf("128 KiB: %v", err)
	}
	if err := post(live, strings.Repeat("x", MaxPayload+1)); !is[*types.PayloadTooLargeException](err) {
		t.Errorf("too large: %v", err)
	}
	var api smithy.APIError
	if err := post("tooshort=", "x"); !errors.As(err, &api) || api.ErrorCode() != "BadRequestException" || api.ErrorMessage() != "Invalid connectionId: tooshort=" {
		t.Errorf("malformed: %v", err)
	}
	if err := post(broken, "x"); !errors.As(err, &api) || api.ErrorCode() != "InternalServerErrorException" {
		t.Errorf("broken: %v", err)
	}

	id := live
	got, err := client.GetConnection(ctx, &apigatewaymanagementapi.GetConnectionInput{ConnectionId: &id})
	if err != nil || *got.Identity.SourceIp != "83.231.121.182" || *got.Identity.UserAgent != "Go" || got.LastActiveAt.Sub(*got.ConnectedAt) != 246*time.Millisecond {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := client.DeleteConnection(ctx, &apigatewaymanagementapi.DeleteConnectionInput{ConnectionId: &id}); err != nil {
		t.Error(err)
	}
	id = gone
	if _, err := client.GetConnection(ctx, &apigatewaymanagementapi.GetConnectionInput{ConnectionId: &id}); !is[*types.GoneException](err) {
		t.Errorf("get: %v", err)
	}
	if _, err := client.DeleteConnection(ctx, &apigatewaymanagementapi.DeleteConnectionInput{ConnectionId: &id}); !is[*types.GoneException](err) {
		t.Errorf("delete: %v", err)
	}
}

func is[E error](err error) bool {
	_, yes := errors.AsType[E](err)
	return yes
}

// The answers byte for byte, and all spellings of the path.
func TestAnswers(t *testing.T) {
	_, base := serve(t)
	for _, row := range []struct {
		method, path, body string
		status             int
		kind, want         string
	}{
		{"POST", "/dev/@connections/R1kmxc2VNjMCFIA%3D", "x", 200, "", ""},
		{"POST", "/dev/@connections/R1kmxc2VNjMCFIA=", "x", 200, "", ""},
		{"POST", "/dev/%40connections/R1kmxc2VNjMCFIA%3D", "x", 200, "", ""},
		{"POST", "/dev/@connections/R1kmxc2VNjMCFIA%3D", "", 200, "", ""},
		{"POST", "/dev/@connections/" + gone, "x", 410, "GoneException", ""},
		{"GET", "/dev/@connections/" + gone, "", 410, "GoneException", ""},
		{"DELETE", "/dev/@connections/" + gone, "", 410, "GoneException", ""},
		{"DELETE", "/dev/@connections/" + live, "", 204, "", ""},
		{"POST", "/dev/@connections/WDGT8fY4joECJrQ=test", "x", 400, "BadRequestException", `{"message":"Invalid connectionId: WDGT8fY4joECJrQ=test"}`},
		{"POST", "/dev/@connections/R1kmxc2VNjMCFIA", "x", 400, "BadRequestException", `{"message":"Invalid connectionId: R1kmxc2VNjMCFIA"}`},
		{"POST", "/prod/@connections/" + live, "x", 403, "ForbiddenException", `{"message":"Forbidden"}`},
		{"POST", "/@connections/" + live, "x", 403, "ForbiddenException", `{"message":"Forbidden"}`},
		{"PUT", "/dev/@connections/" + live, "x", 403, "MissingAuthenticationTokenException", `{"message":"Missing Authentication Token"}`},
		{"GET", "/dev/@connections/" + live, "", 200, "", `{
  "identity": {
    "sourceIp": "83.231.121.182",
    "userAgent": "Go"
  },
  "connectedAt": "2020-11-15T12:23:14.726Z",
  "lastActiveAt": "2020-11-15T12:23:14.972Z"
}`},
	} {
		request, err := http.NewRequestWithContext(t.Context(), row.method, base+row.path, strings.NewReader(row.body))
		if err != nil {
			t.Fatal(err)
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		b, _ := io.ReadAll(response.Body)
		response.Body.Close()
		if response.StatusCode != row.status || response.Header.Get("X-Amzn-Errortype") != row.kind || string(b) != row.want {
			t.Errorf("%s %s: %d %q %q", row.method, row.path, response.StatusCode, response.Header.Get("X-Amzn-Errortype"), b)
		}
		if response.Header.Get("X-Amzn-Requestid") == "" || row.status != 204 && response.Header.Get("Content-Type") != "application/json" {
			t.Errorf("%s %s: %v", row.method, row.path, response.Header)
		}
	}
}

// The aws CLI, where it is found.
func TestCLI(t *testing.T) {
	cli, err := exec.LookPath("aws")
	if err != nil {
		t.Skip("the aws CLI is not installed")
	}
	r, base := serve(t)
	run := func(args ...string) (string, error) {
		cmd := exec.CommandContext(t.Context(), cli, append([]string{"--endpoint-url", base + "/dev", "--region", "us-east-1", "apigatewaymanagementapi"}, args...)...)
		cmd.Env = append(cmd.Environ(), "AWS_ACCESS_KEY_ID=AKID", "AWS_SECRET_ACCESS_KEY=SECRET", "AWS_EC2_METADATA_DISABLED=true", "AWS_MAX_ATTEMPTS=1")
		b, err := cmd.CombinedOutput()
		return string(b), err
	}
	if out, err := run("post-to-connection", "--connection-id", live, "--data", "aGVsbG8="); err != nil || len(r.posted) != 1 {
		t.Errorf("%v\n%s", err, out)
	}
	if out, err := run("post-to-connection", "--connection-id", gone, "--data", "aGVsbG8="); err == nil || !strings.Contains(out, "GoneException") {
		t.Errorf("%v\n%s", err, out)
	}
	out, err := run("get-connection", "--connection-id", live)
	var got struct{ Identity struct{ SourceIP string } }
	if err != nil || json.Unmarshal([]byte(out), &got) != nil || got.Identity.SourceIP != "83.231.121.182" {
		t.Errorf("%v\n%s", err, out)
	}
}

// A path from outside never panics, and what is found in it was in it.
func FuzzCut(f *testing.F) {
	for _, seed := range []string{"/dev/@connections/R1kmxc2VNjMCFIA%3D", "/dev/%40connections/x", "//@connections/", "/a/@connections/%zz", "/@connections/@connections/@connections", "/%/%/%"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, path string) {
		u, err := url.ParseRequestURI(path)
		if err != nil {
			return
		}
		stage, connection, is := cut(&http.Request{URL: u})
		if is && (strings.Contains(stage, "/") || connection != "" && !strings.Contains(u.EscapedPath(), "onnections/")) {
			t.Errorf("%q is %q %q", path, stage, connection)
		}
	})
}
