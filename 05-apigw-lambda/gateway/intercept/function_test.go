package intercept

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/apigatewaymanagementapi"
	"github.com/aws/aws-sdk-go-v2/service/apigatewaymanagementapi/types"
	"go.uber.org/goleak"
)

// The test's own binary is also the function: started with this variable it
// does what a function does, and knows of no proxy.
const asFunction = "INTERCEPT_TEST_FUNCTION"

func TestMain(m *testing.M) {
	var err error
	switch os.Getenv(asFunction) {
	case "":
		goleak.VerifyTestMain(m)
	case "post":
		err = post()
	default:
		err = get(os.Getenv(asFunction))
	}
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	os.Exit(0)
}

// post sends to two connections of an API whose name is built in. The second
// is gone.
func post() error {
	c, err := config.LoadDefaultConfig(context.Background())
	if err != nil {
		return err
	}
	client := apigatewaymanagementapi.NewFromConfig(c, func(o *apigatewaymanagementapi.Options) {
		o.BaseEndpoint = aws.String("https://abc123defg.execute-api.us-east-1.amazonaws.com/prod")
	})
	for _, id := range []string{"L0SM9cOFvHcCIhw=", "gonegonegonegon="} {
		_, err = client.PostToConnection(context.Background(), &apigatewaymanagementapi.PostToConnectionInput{ConnectionId: &id, Data: []byte("olá")})
		var gone *types.GoneException
		if errors.As(err, &gone) {
			fmt.Println(id, "is gone")
			continue
		}
		if err != nil {
			return err
		}
		fmt.Println(id, "has it")
	}
	return nil
}

// get shows a page and the certificate of who sent it.
func get(url string) error {
	r, err := http.Get(url)
	if err != nil {
		return err
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	fmt.Printf("%s %x\n", b, sha256.Sum256(r.TLS.PeerCertificates[0].Raw))
	return err
}

// start runs something as the gateway starts a function: without what the
// test has of AWS or of proxies.
func start(t *testing.T, env []string, command ...string) (output string, err error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Env = slices.DeleteFunc(os.Environ(), func(line string) bool {
		name, _, _ := strings.Cut(strings.ToUpper(line), "=")
		return strings.HasPrefix(name, "AWS_") || strings.HasSuffix(name, "_PROXY") || strings.HasPrefix(name, "SSL_CERT_")
	})
	cmd.Env = append(cmd.Env,
		"AWS_ACCESS_KEY_ID="+accessKey, "AWS_SECRET_ACCESS_KEY="+secret, "AWS_REGION=us-east-1", "AWS_DEFAULT_REGION=us-east-1",
		"AWS_EC2_METADATA_DISABLED=true", "AWS_CONFIG_FILE="+os.DevNull, "AWS_SHARED_CREDENTIALS_FILE="+os.DevNull)
	cmd.Env = append(cmd.Env, env...)
	b, err := cmd.CombinedOutput()
	return strings.TrimSpace(string(b)), err
}

// function runs our own binary as a function.
func function(t *testing.T, env []string, what string) (output string, err error) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return start(t, append([]string{asFunction + "=" + what}, env...), self)
}
