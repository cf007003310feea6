package foreign

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"

	"websocket.example/04-chat-hub/chat"
	"websocket.example/04-chat-hub/edge"
	"websocket.example/04-chat-hub/hub"
	"websocket.example/04-chat-hub/log/memory"
)

// needModules skips a test where npm ci has not run. Where everything must be
// tested, it fails.
func needModules(t *testing.T) {
	t.Helper()
	_, err := exec.LookPath("node")
	if err == nil {
		_, err = os.Stat("node_modules/ws")
	}
	if err == nil {
		return
	}
	if os.Getenv("CI") == "true" {
		t.Fatal(err)
	}
	t.Skip("install Node.js, and run npm ci in 04-chat-hub/workbench/foreign:", err)
}

// A node is a process with chat.mjs.
type node struct {
	*testing.T
	in  io.WriteCloser
	out *bufio.Scanner
}

func start(t *testing.T, url, name string) *node {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	cmd := exec.CommandContext(ctx, "node", "chat.mjs", url, name)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close()
		cancel()
		_ = cmd.Wait() // it was ended
	})
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 1<<20)
	return &node{t, in, lines}
}

// hear reads on to the next event of a type.
func (n *node) hear(kind chat.Type) (e chat.Event) {
	n.Helper()
	for n.out.Scan() {
		e = chat.Event{}
		if err := json.Unmarshal(n.out.Bytes(), &e); err != nil && kind != "closed" {
			n.Fatalf("%s: %v", n.out.Text(), err)
		}
		if e.Type == kind {
			return e
		}
	}
	n.Fatalf("it ended without %s", kind)
	return e
}

func TestNodeWS(t *testing.T) {
	needModules(t)
	store := memory.NewServer().Open()
	defer store.Close()
	handler, h := edge.New(edge.Options{Hub: hub.Options{Store: store}})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := edge.Server(handler)
	go server.Serve(l) //nolint:errcheck // it ends with Close
	defer server.Close()
	url := fmt.Sprintf("ws://%s/ws", l.Addr())
	ana, rui := start(t, url, "Ana"), start(t, url, "Rui")
	ana.hear(chat.TypeJoined)
	rui.hear(chat.TypeJoined)

	// Short ones, and such that ws compresses, in both directions of size.
	texts := []string{"olá", "<b>&amp;</b> 👩‍💻", strings.TrimSpace(strings.Repeat("água ", 1300))}
	for _, text := range texts {
		fmt.Fprintln(ana.in, text)
		fmt.Fprintln(rui.in, text)
	}
	for _, n := range []*node{ana, rui} {
		heard := map[string][]string{}
		for range 2 * len(texts) {
			e := n.hear(chat.TypeMessage)
			heard[e.From] = append(heard[e.From], e.Text)
		}
		for from, got := range heard {
			if strings.Join(got, "\n") != strings.Join(texts, "\n") {
				t.Errorf("from %s: %.80q", from, got)
			}
		}
	}
	ana.in.Close() // it says goodbye
	ana.hear("closed")
	if e := rui.hear(chat.TypePresence); e.Name != "Ana" || e.State != chat.StateLeft {
		t.Errorf("%+v", e)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := h.Shutdown(ctx); err != nil {
		t.Error(err)
	}
	for rui.out.Scan() {
		var closed struct {
			Type   string
			Code   int
			Reason string
		}
		if json.Unmarshal(rui.out.Bytes(), &closed) == nil && closed.Type == "closed" {
			if closed.Code != 1012 || !strings.HasPrefix(closed.Reason, "reconnect in ") {
				t.Errorf("%+v", closed)
			}
			return
		}
	}
	t.Error("it was not told that the hub shut down")
}

// asyncapi.yaml is what the AsyncAPI project says such a document is.
func TestAsyncAPISchema(t *testing.T) {
	needModules(t)
	text, err := os.ReadFile(filepath.Join("..", "..", "asyncapi.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var doc any
	if err := yaml.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	schema, err := jsonschema.NewCompiler().Compile("node_modules/@asyncapi/specs/schemas/3.0.0-without-$id.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := schema.Validate(value); err != nil {
		t.Error(err)
	}
}
