// Package dynalite starts a DynamoDB for tests, the one that
// store/dynamo/dynalite pins.
package dynalite

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// A Server is one. Its table survives its end.
type Server struct {
	URL string

	t       testing.TB
	command []string
	cmd     *exec.Cmd
}

// survive keeps it alive when a client goes away in the middle of a request,
// for which dynalite was not made.
const survive = `data:text/javascript,process.on("uncaughtException",e=>console.error("went on after:",e.message))`

// Start starts one, and ends it with the test. Step is the folder of this
// module. Where it is not installed the test is skipped, and in CI it fails.
func Start(t testing.TB, step string) *Server {
	t.Helper()
	node, err := exec.LookPath("node")
	cli := filepath.Join(step, "store", "dynamo", "dynalite", "node_modules", "dynalite", "cli.js")
	if _, missing := os.Stat(cli); err == nil {
		err = missing
	}
	if err != nil && os.Getenv("CI") != "true" {
		t.Skipf("dynalite is not there (npm ci in store/dynamo/dynalite): %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0") // it takes port 0 for its default
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	s := &Server{URL: "http://127.0.0.1:" + port, t: t, command: []string{
		node, "--import", survive, cli, "--host", "127.0.0.1", "--port", port, "--path", t.TempDir(), "--createTableMs", "5", "--updateTableMs", "5",
	}}
	l.Close()
	t.Cleanup(s.Kill)
	s.Restart()
	return s
}

// Kill ends it at once.
func (s *Server) Kill() {
	if s.cmd != nil {
		_ = s.cmd.Process.Kill() // it may have ended
		_ = s.cmd.Wait()
		s.cmd = nil
	}
}

// Restart starts it again, at the same address with the same table.
func (s *Server) Restart() {
	s.t.Helper()
	s.cmd = exec.Command(s.command[0], s.command[1:]...)
	if err := s.cmd.Start(); err != nil {
		s.cmd = nil
		s.t.Fatal(err)
	}
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if c, err := net.Dial("tcp", s.URL[len("http://"):]); err == nil {
			c.Close()
			return
		}
		if time.Now().After(deadline) {
			s.t.Fatal("dynalite does not start")
		}
	}
}
