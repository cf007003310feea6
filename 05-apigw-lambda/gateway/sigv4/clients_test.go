package sigv4

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/apigatewaymanagementapi"
	"github.com/aws/smithy-go"
)

// A server that takes what is signed, and keeps what it was asked.
type server struct {
	*httptest.Server
	v *Verifier

	mu    sync.Mutex
	asked []string
}

func serve(t *testing.T) *server {
	s := &server{v: verifier()}
	s.v.Now = time.Now // the clients sign with the time of day
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		who, fail := s.v.Verify(r, body)
		s.mu.Lock()
		defer s.mu.Unlock()
		if fail != nil {
			s.asked = append(s.asked, fail.Error())
			w.Header().Set("x-amzn-ErrorType", fail.Type)
			w.WriteHeader(fail.Status)
			fmt.Fprintf(w, `{"message":%q}`, fail.Message)
			return
		}
		s.asked = append(s.asked, strings.TrimSpace(fmt.Sprint(r.Method, " ", r.URL.Path, " ", string(body), " ", who.Token)))
		w.Header().Set("Content-Type", "application/json")
		if r.Method == http.MethodGet {
			fmt.Fprint(w, `{"connectedAt":"2026-11-23T12:00:00.000Z"}`)
		}
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *server) expect(t *testing.T, want ...string) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if !slices.Equal(s.asked, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(s.asked, "\n"), strings.Join(want, "\n"))
	}
}

// The IDs that are hard to spell: the second is no ID, but it is signed.
const id, hard = "L0SM9cOFvHcCIhw=", "a/b+c d=ç"

func client(s *server, secret, token string) *apigatewaymanagementapi.Client {
	return apigatewaymanagementapi.New(apigatewaymanagementapi.Options{
		Region:       "us-east-1",
		BaseEndpoint: aws.String(s.URL + "/prod"),
		Credentials:  credentials.NewStaticCredentialsProvider(accessKey, secret, token),
	})
}

func TestGoSDK(t *testing.T) {
	s := serve(t)
	c := client(s, secret, "IQoJ/token==")
	for _, id := range []string{id, hard} {
		if _, err := c.PostToConnection(t.Context(), &apigatewaymanagementapi.PostToConnectionInput{ConnectionId: &id, Data: []byte("olá")}); err != nil {
			t.Fatal(err)
		}
		if _, err := c.GetConnection(t.Context(), &apigatewaymanagementapi.GetConnectionInput{ConnectionId: &id}); err != nil {
			t.Fatal(err)
		}
		if _, err := c.DeleteConnection(t.Context(), &apigatewaymanagementapi.DeleteConnectionInput{ConnectionId: &id}); err != nil {
			t.Fatal(err)
		}
	}
	var want []string
	for _, id := range []string{id, hard} {
		path := " /prod/@connections/" + id
		want = append(want, "POST"+path+" olá IQoJ/token==", "GET"+path+"  IQoJ/token==", "DELETE"+path+"  IQoJ/token==")
	}
	s.expect(t, want...)
}

// The SDK makes an error of the refusal that says what is wrong.
func TestGoSDKWithAnotherSecret(t *testing.T) {
	s := serve(t)
	_, err := client(s, "a guess", "").GetConnection(t.Context(), &apigatewaymanagementapi.GetConnectionInput{ConnectionId: aws.String(id)})
	var api smithy.APIError
	if !errors.As(err, &api) || api.ErrorCode() != "InvalidSignatureException" {
		t.Errorf("%v", err)
	}
	if n := len(s.asked); n != 1 {
		t.Errorf("it asked %d times", n)
	}
}

// environment is that of a program which signs as we want.
func environment(extra ...string) []string {
	env := slices.DeleteFunc(os.Environ(), func(line string) bool { return strings.HasPrefix(line, "AWS_") })
	return append(env, append([]string{
		"AWS_ACCESS_KEY_ID=" + accessKey, "AWS_SECRET_ACCESS_KEY=" + secret, "AWS_REGION=us-east-1", "AWS_DEFAULT_REGION=us-east-1",
		"AWS_EC2_METADATA_DISABLED=true", "AWS_CONFIG_FILE=" + os.DevNull, "AWS_SHARED_CREDENTIALS_FILE=" + os.DevNull,
	}, extra...)...)
}

func run(t *testing.T, name string, args ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = environment("AWS_SESSION_TOKEN=t/k==")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// Another signer than the SDK's for Go: botocore's.
func TestPython(t *testing.T) {
	t.Parallel()
	if exec.Command("python3", "-c", "import boto3").Run() != nil {
		t.Skip("there is no boto3 here (pip install boto3)")
	}
	s := serve(t)
	run(t, "python3", "-c", `
import sys, boto3
from botocore.auth import SigV4QueryAuth
from botocore.awsrequest import AWSRequest
import urllib.request
url, *ids = sys.argv[1:]
client = boto3.client("apigatewaymanagementapi", endpoint_url=url)
for id in ids:
    client.post_to_connection(ConnectionId=id, Data="olá".encode())
    client.get_connection(ConnectionId=id)
    client.delete_connection(ConnectionId=id)
request = AWSRequest("GET", url + "/hello%20world/", params={"b": "x y+z", "a": "1/2"})
SigV4QueryAuth(boto3.Session().get_credentials(), "execute-api", "us-east-1", expires=600).add_auth(request)
urllib.request.urlopen(request.prepare().url).read()
`, s.URL+"/prod", id, hard)
	var want []string
	for _, id := range []string{id, hard} {
		path := " /prod/@connections/" + id
		want = append(want, "POST"+path+" olá t/k==", "GET"+path+"  t/k==", "DELETE"+path+"  t/k==")
	}
	s.expect(t, append(want, "GET /prod/hello world/  t/k==")...)
}

func TestAWSCommand(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("aws"); err != nil {
		t.Skip("there is no aws command here")
	}
	s := serve(t)
	run(t, "aws", "apigatewaymanagementapi", "post-to-connection", "--endpoint-url", s.URL+"/prod", "--connection-id", id, "--data", "b2zDoQ==")
	if len(s.asked) != 1 || !strings.HasPrefix(s.asked[0], "POST /prod/@connections/"+id+" ") {
		t.Errorf("%q", s.asked)
	}
}
