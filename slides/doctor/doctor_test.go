package doctor

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// visiting is a visit that is not begun: a check is called by itself.
func visiting(t *testing.T, o Options) *visit {
	t.Helper()
	texts, err := load(o.Lang)
	if err != nil {
		t.Fatal(err)
	}
	if o.Listen == nil {
		o.Listen = net.Listen
	}
	if o.Found == nil {
		o.Found = func(Finding) {}
	}
	if o.Progress == nil {
		o.Progress = func(int, int, string) {}
	}
	if o.Names[0] == "" {
		o.Names = [3]string{"127.0.0.1", "::1", "localhost"}
	}
	return &visit{Options: o, texts: texts, version: runtime.Version()}
}

// tree is a workspace of one module, with the name that this one has, and one package.
func tree(t *testing.T, requires, source string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"go.work":       "go 1.26.0\n\nuse ./slides\n",
		"slides/go.mod": "module websocket.example/slides\n\ngo 1.26.0\n" + requires,
		"slides/a.go":   source,
	} {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// taken is a port that somebody listens on.
func taken(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l.Addr().(*net.TCPAddr).Port
}

// Each thing is broken for real, and found by its name.
func TestBroken(t *testing.T) {
	const whole = "package slides\n"
	const needs = "package slides\n\nimport _ \"module.example/none\"\n"
	const requires = "\nrequire module.example/none v1.2.3\n"
	broken := errors.New("not today")
	port := taken(t)
	for _, row := range []struct {
		name   string
		check  func(*visit, context.Context)
		before func(*testing.T, *Options)
		want   string // check, status, and a part of the text and of what mends it
	}{
		{"Go", (*visit).checkGo, func(*testing.T, *Options) {}, "go ok " + runtime.Version()},
		{"no Go", (*visit).checkGo, func(t *testing.T, _ *Options) { t.Setenv("PATH", t.TempDir()) },
			"go missing there is no go command -> install Go 1.26"},
		{"old Go", (*visit).checkGo, func(t *testing.T, _ *Options) { program(t, "go", "go1.25.3") },
			"go missing this is go1.25.3, and the workshop needs 1.26 -> install Go 1.26"},

		{"modules", (*visit).checkModules, func(t *testing.T, o *Options) { o.Dir = tree(t, "", whole) },
			"workspace ok 1 modules / modules ok all 1 build"},
		{"empty module cache", (*visit).checkModules, func(t *testing.T, o *Options) {
			o.Dir = tree(t, requires, needs)
			t.Setenv("GOMODCACHE", t.TempDir())
		}, "workspace ok 1 modules / modules missing not in the module cache: module.example/none@v1.2.3 (for slides) -> go mod download"},
		{"edited and broken", (*visit).checkModules, func(t *testing.T, o *Options) { o.Dir = tree(t, "", whole+"\nvar x int = \"\"\n") },
			"workspace ok 1 modules / build warn slides: does not build: ./a.go:3:13: -> git status"},
		{"another folder", (*visit).checkModules, func(t *testing.T, o *Options) { o.Dir = t.TempDir() },
			"workspace missing this is not the folder -> go run ./slides doctor"},

		{"port taken", (*visit).checkPorts, func(_ *testing.T, o *Options) { o.Ports = []int{0, 0, 0, 0, port, 0} },
			fmt.Sprintf("port-%d warn %d is taken -> go run ./04-chat-hub -addr 127.0.0.1:0", port, port)},
		{"ports free", (*visit).checkPorts, func(_ *testing.T, o *Options) { o.Ports = []int{0, 0} }, "ports ok are free"},
		{"loopback", (*visit).checkLoopback, func(_ *testing.T, o *Options) { o.Names[1] = "127.0.0.1" },
			"ipv4 ok 127.0.0.1 answers / ipv6 ok 127.0.0.1 answers"},
		{"addresses of nobody", (*visit).checkLoopback, func(_ *testing.T, o *Options) { o.Names = [3]string{"192.0.2.1", "2001:db8::1"} },
			"ipv4 missing 192.0.2.1 does not answer: listen tcp -> allow programs to listen / ipv6 warn 2001:db8::1 does not answer -> use 127.0.0.1"},
		{"a name of nobody", (*visit).checkName, func(_ *testing.T, o *Options) { o.Names[2] = "none.invalid" },
			"localhost warn none.invalid leads nowhere -> write 127.0.0.1"},
		{"localhost", (*visit).checkName, func(*testing.T, *Options) {}, "localhost ok localhost is 127.0.0.1"},
		{"WebSocket", (*visit).checkWebSocket, func(*testing.T, *Options) {}, "websocket ok a message came back"},
		{"nothing can listen", (*visit).checkWebSocket, func(_ *testing.T, o *Options) {
			o.Listen = func(string, string) (net.Listener, error) { return nil, broken }
		}, "websocket missing fails: not today -> antivirus"},
		{"hung up on", (*visit).checkWebSocket, func(_ *testing.T, o *Options) { o.Listen = hangingUp },
			"websocket missing fails: -> antivirus"},

		{"no proxy", (*visit).checkProxy, func(*testing.T, *Options) {}, "proxy ok none"},
		{"proxy for all", (*visit).checkProxy, func(t *testing.T, _ *Options) { t.Setenv("HTTP_PROXY", "http://proxy.invalid") },
			"proxy warn HTTP_PROXY is set, and NO_PROXY lacks localhost, 127.0.0.1 -> add localhost,127.0.0.1,::1"},
		{"proxy but for a name", (*visit).checkProxy, func(t *testing.T, _ *Options) {
			t.Setenv("all_proxy", "socks5://proxy.invalid")
			t.Setenv("no_proxy", "a.example, localhost")
		}, "proxy warn all_proxy is set, and NO_PROXY lacks 127.0.0.1 -> add"},
		{"proxy well set", (*visit).checkProxy, func(t *testing.T, _ *Options) {
			t.Setenv("https_proxy", "http://proxy.invalid")
			t.Setenv("NO_PROXY", "localhost,127.0.0.1")
		}, "proxy ok https_proxy is set"},

		{"no browser", (*visit).checkBrowser, func(t *testing.T, _ *Options) { t.Setenv("PATH", t.TempDir()) },
			"browser missing no browser was found -> install Firefox"},
		{"Chromium", (*visit).checkBrowser, func(t *testing.T, _ *Options) { program(t, "chromium", "Chromium 150.0.1 built") },
			"browser ok chromium 150.0.1"},
		{"Firefox", (*visit).checkBrowser, func(t *testing.T, _ *Options) { program(t, "firefox", "Mozilla Firefox 140.2") },
			"browser ok firefox 140.2; tests and PDF would need Chromium"},
		{"no Node.js", (*visit).checkNode, func(t *testing.T, _ *Options) { t.Setenv("PATH", t.TempDir()) }, "node ok no Node.js"},
		{"Node.js", (*visit).checkNode, func(t *testing.T, _ *Options) { program(t, "node", "v22.1.0") }, "node ok node 22.1.0"},

		{"clock", (*visit).checkClock, func(t *testing.T, o *Options) { o.Dir = tree(t, "", whole) }, "clock ok " + strconv.Itoa(time.Now().Year())},
		{"files of tomorrow", (*visit).checkClock, func(t *testing.T, o *Options) {
			dir := tree(t, "", whole)
			o.Dir = filepath.Join(dir, "slides")
			tomorrow := time.Now().Add(24 * time.Hour)
			if err := os.Chtimes(filepath.Join(dir, "go.work"), tomorrow, tomorrow); err != nil {
				t.Fatal(err)
			}
		}, "clock warn there are files of -> set the clock"},
	} {
		t.Run(row.name, func(t *testing.T) {
			if runtime.GOOS != "linux" && strings.Contains(row.want, "browser") {
				t.Skip("a browser has its own place here, whatever PATH says")
			}
			for _, name := range []string{"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"} {
				t.Setenv(name, "")
				t.Setenv(strings.ToLower(name), "")
			}
			o := Options{Names: [3]string{"127.0.0.1", "::1", "localhost"}, Dir: "."}
			row.before(t, &o)
			v := visiting(t, o)
			row.check(v, t.Context())
			compare(t, v.report.Findings, row.want)
		})
	}
}

// compare holds findings against rows of check, status and parts of the texts.
func compare(t *testing.T, findings []Finding, want string) {
	t.Helper()
	wants := strings.Split(want, " / ")
	if len(findings) != len(wants) {
		t.Fatalf("%d findings, want %d: %+v", len(findings), len(wants), findings)
	}
	for i, f := range findings {
		text, mend, _ := strings.Cut(wants[i], " -> ")
		parts := strings.SplitN(text, " ", 3)
		if f.Check != parts[0] || string(f.Status) != parts[1] || !strings.Contains(f.Text, parts[2]) || !strings.Contains(f.Mend, mend) {
			t.Errorf("got  %+v\nwant %s", f, wants[i])
		}
		if (f.Mend == "") != (f.Status == OK) || strings.Contains(f.Text+f.Mend, "[no text") || strings.Contains(f.Text+f.Mend, "\n") {
			t.Errorf("%+v: what is not well, and only that, is mended in one line", f)
		}
	}
}

// program puts a program that says one thing into an otherwise empty PATH.
func program(t *testing.T, name, says string) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("needs a shell")
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\necho '"+says+"'\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir)
}

// hangingUp closes every connection that comes.
func hangingUp(network, address string) (net.Listener, error) {
	l, err := net.Listen(network, address)
	return rude{l}, err
}

type rude struct{ net.Listener }

func (l rude) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err == nil {
		c.Close()
	}
	return c, err
}

func TestRun(t *testing.T) {
	t.Setenv("GOMODCACHE", t.TempDir())
	dir := tree(t, "\nrequire module.example/none v1.2.3\n", "package slides\n\nimport _ \"module.example/none\"\n")
	var told []Finding
	var progress []string
	report, err := Run(t.Context(), Options{
		Lang: "pt-BR", Dir: dir, Ports: []int{taken(t)}, Names: [3]string{"", "127.0.0.1"},
		Found:    func(f Finding) { told = append(told, f) },
		Progress: func(done, total int, doing string) { progress = append(progress, fmt.Sprint(done, total, doing)) },
	})
	if err != nil {
		t.Fatal(err)
	}
	if report.OK || !slices.Equal(told, report.Findings) {
		t.Errorf("all is well? %v, told %v of %v", report.OK, told, report.Findings)
	}
	if got := fmt.Sprint(progress); got != "[0 1slides 1 1]" {
		t.Errorf("progress is %s", got)
	}
	for _, part := range []string{"doctor " + runtime.GOOS + "/" + runtime.GOARCH + " | " + runtime.Version(), " | MISSING ", "modules", " | warn port-"} {
		if !strings.Contains(report.Line, part) {
			t.Errorf("the line lacks %q: %s", part, report.Line)
		}
	}
	if strings.Contains(report.Line, "\n") || strings.Contains(report.Line, dir) {
		t.Errorf("the line is %q", report.Line)
	}
	last := report.Findings[len(report.Findings)-1]
	if last.Check != "modules" || !strings.HasPrefix(last.Text, "fora do cache de módulos: module.example/none@v1.2.3") {
		t.Errorf("the last finding is %+v", last)
	}
	if _, err := Run(t.Context(), Options{Lang: "fr"}); err == nil {
		t.Error("it speaks French")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Run(ctx, Options{Dir: dir}); !errors.Is(err, context.Canceled) {
		t.Errorf("after Ctrl-C: %v", err)
	}
}
