package local

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"websocket.example/03-raw-server/frame"
	"websocket.example/03-raw-server/wsconn"
	"websocket.example/05-apigw-lambda/functions"
	"websocket.example/05-apigw-lambda/gateway/api"
	"websocket.example/05-apigw-lambda/internal/dynalite"
	"websocket.example/05-apigw-lambda/internal/osls"
	"websocket.example/05-apigw-lambda/store/dynamo"
)

const secret = "a secret of the test"

// Both files that deploy the chat run here, with the binaries that they
// deploy: what osls makes of serverless.yml, and template.yaml as it is.
func TestDeployed(t *testing.T) {
	if os.Getenv("CI") != "true" {
		t.Skip("takes long: CI=true runs it")
	}
	if runtime.GOOS == "windows" {
		t.Skip("a bootstrap has no .exe in its zip")
	}
	root := deployment(t)
	for _, row := range []struct {
		name     string
		template func(t *testing.T) string
	}{
		{"serverless.yml", func(t *testing.T) string {
			file, err := osls.Package(t.Context(), "..", filepath.Join(root, "deploy"))
			if err != nil {
				t.Fatal(err)
			}
			return file
		}},
		{"template.yaml", func(*testing.T) string { return filepath.Join(root, "deploy", "template.yaml") }},
	} {
		t.Run(row.name, func(t *testing.T) {
			database := dynalite.Start(t, "..").URL
			project, at := start(t, Options{
				Template: row.template(t), DynamoDB: database, Parameters: map[string]string{"TokenSecret": secret},
			})
			for _, n := range project.Notices {
				if strings.Contains(n.Type, "Function") || strings.Contains(n.Type, "ApiGatewayV2") {
					t.Errorf("%s does not run: %s", n.ResourceID, n.Reason)
				}
			}
			createTable(t, database, function(t, project, "chat").Environment["TABLE_NAME"])
			converse(t, project, at)
		})
	}
}

// deployment is a folder that is laid out as this step is, with what is
// deployed in it, built for this machine.
func deployment(t *testing.T) (root string) {
	root = t.TempDir()
	build := exec.CommandContext(t.Context(), "go", "run", "./deploy/build",
		"-arch", runtime.GOARCH, "-os", runtime.GOOS, "-o", filepath.Join(root, "bin", "lambda"))
	build.Dir = ".."
	if said, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	if err := os.Mkdir(filepath.Join(root, "deploy"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{"serverless.yml", "template.yaml"} {
		text, err := os.ReadFile(filepath.Join("..", "deploy", file))
		if err == nil {
			err = os.WriteFile(filepath.Join(root, "deploy", file), text, 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// start runs a project until the test ends.
func start(t *testing.T, o Options) (*api.Project, string) {
	t.Helper()
	logged := &lines{t: t}
	o.Log, o.Printed = slog.New(slog.NewTextHandler(logged, nil)), logged
	project, err := Project(o)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	stack, err := New(t.Context(), o, project, []net.Listener{l})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- stack.Serve(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	return project, l.Addr().String()
}

// lines are a test's log.
type lines struct{ t *testing.T }

func (l *lines) Write(b []byte) (int, error) {
	l.t.Logf("%s", bytes.TrimSpace(b))
	return len(b), nil
}

// function finds a function, whose logical ID each framework spells its own way.
func function(t *testing.T, p *api.Project, name string) *api.Function {
	t.Helper()
	for _, f := range p.Functions {
		if strings.HasPrefix(strings.ToLower(f.ResourceID), name) {
			return f
		}
	}
	t.Fatalf("there is no function %s", name)
	return nil
}

// createTable does what CloudFormation would.
func createTable(t *testing.T, url, name string) {
	t.Helper()
	s := dynamo.New(aws.Config{
		Region: Region, BaseEndpoint: &url, Credentials: credentials.NewStaticCredentialsProvider("local", "local", ""),
	}, name)
	if err := dynamo.CreateTable(t.Context(), s); err != nil {
		t.Fatal(err)
	}
}

// converse chats, through all three functions.
func converse(t *testing.T, p *api.Project, at string) {
	token, err := functions.Mint(secret, "", time.Now().Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	url := "ws://" + at + "/" + p.APIs[0].Stage.Name
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if _, err := wsconn.Dial(ctx, url, nil); err == nil {
		t.Error("somebody without a token got in")
	}
	ana, bia := &guest{t: t, ctx: ctx}, &guest{t: t, ctx: ctx}
	for name, g := range map[string]*guest{"Ana": ana, "Bia": bia} {
		if g.Conn, err = wsconn.Dial(ctx, url+"?token="+token, nil); err != nil {
			t.Fatal(err)
		}
		defer g.Close(frame.NormalClosure, "")
		g.send(`{"action":"join","room":"sala","name":"` + name + `"}`)
		g.want(`"type":"joined"`, `"name":"`+name+`"`)
	}
	ana.send(`{"action":"send","room":"sala","id":"1","text":"olá"}`)
	ana.want(`"type":"ack"`)
	bia.want(`"type":"message"`, `"from":"Ana"`, `"text":"olá"`)
	bia.send(`{"action":"send","room":"sala","id":"1","text":"oi"}`)
	ana.want(`"type":"message"`, `"from":"Bia"`, `"text":"oi"`)
	ana.send(`{"action":"ping"}`)
	ana.want(`{"type":"pong"}`)
	ana.send(`no JSON, so for $default`)
	ana.want(`"code":"bad_json"`)

	announce := function(t, p, "announce")
	r, err := http.Post("http://"+at+"/2015-03-31/functions/"+announce.Name+"/invocations", "application/json",
		strings.NewReader(`{"text":"down at noon","id":"2"}`))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	if said, err := io.ReadAll(r.Body); err != nil || r.StatusCode != http.StatusOK || r.Header.Get("X-Amz-Function-Error") != "" {
		t.Errorf("the announcement: %d %s %v", r.StatusCode, said, err)
	}
	for _, g := range []*guest{ana, bia} {
		g.want(`"text":"down at noon"`)
	}
}

// A guest is a client of the chat.
type guest struct {
	*wsconn.Conn
	t   *testing.T
	ctx context.Context
}

func (g *guest) send(text string) {
	g.t.Helper()
	if err := g.Write(g.ctx, frame.Text, []byte(text)); err != nil {
		g.t.Fatal(err)
	}
}

// want reads until a message has all of these in it.
func (g *guest) want(parts ...string) {
	g.t.Helper()
	for {
		_, b, err := g.Read(g.ctx)
		if err != nil {
			g.t.Fatalf("nothing with %q came: %v", parts, err)
		}
		found := 0
		for _, part := range parts {
			if bytes.Contains(b, []byte(part)) {
				found++
			}
		}
		if found == len(parts) {
			return
		}
	}
}
