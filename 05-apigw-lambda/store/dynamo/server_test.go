package dynamo_test

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"websocket.example/05-apigw-lambda/store/dynamo"
)

// dynalite starts the DynamoDB from npm, and is its store.
func dynalite(t *testing.T) *dynamo.Store {
	t.Helper()
	node, err := exec.LookPath("node")
	script := filepath.Join("dynalite", "node_modules", "dynalite", "cli.js")
	if err == nil {
		_, err = os.Stat(script)
	}
	if err != nil {
		missing(t, "install Node.js, and run npm ci in 05-apigw-lambda/store/dynamo/dynalite:", err)
	}
	return start(t, node, script, "--host", "127.0.0.1", "--createTableMs", "5", "--port")
}

// moto is another one, from Python.
func moto(t *testing.T) *dynamo.Store {
	t.Helper()
	server, err := exec.LookPath("moto_server")
	if err != nil {
		t.Skip("a third opinion, where there is one:", err)
	}
	return start(t, server, "-H", "127.0.0.1", "-p")
}

// missing skips a test, but not where everything must be there.
func missing(t *testing.T, args ...any) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatal(args...)
	}
	t.Skip(args...)
}

// start runs a server, whose last argument is a port, until the test ends.
func start(t *testing.T, command string, args ...string) *dynamo.Store {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	_, port, _ := net.SplitHostPort(address)
	l.Close()
	ctx, stop := context.WithCancel(context.Background())
	server := exec.CommandContext(ctx, command, append(args, port)...)
	server.WaitDelay = time.Second
	errs, err := server.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	said := make(chan string, 1)
	go func() { // it may say much, and would wait for somebody to read it
		var lines strings.Builder
		for scan := bufio.NewScanner(errs); scan.Scan(); {
			if lines.Len() < 1<<9 {
				fmt.Fprintln(&lines, scan.Text())
			}
		}
		said <- lines.String()
	}()
	t.Cleanup(func() {
		stop()
		lines := <-said
		_ = server.Wait() // it was killed
		if t.Failed() {
			t.Log(lines)
		}
	})
	for deadline := time.Now().Add(30 * time.Second); ; {
		c, err := net.Dial("tcp", address)
		if err == nil {
			c.Close()
			break
		}
		if time.Now().After(deadline) {
			t.Fatal(command, "does not listen:", err)
		}
		time.Sleep(20 * time.Millisecond)
	}
	s := dynamo.New(aws.Config{
		Region: "us-east-1", BaseEndpoint: aws.String("http://" + address),
		Credentials: credentials.NewStaticCredentialsProvider("local", "local", ""),
	}, "chat")
	for range 2 { // the second time it is there
		if err := dynamo.CreateTable(t.Context(), s); err != nil {
			t.Fatal(err)
		}
	}
	return s
}
