// Package nodejs is the WebSocket libraries of Node.js, held against this
// repository's server and client. There is no Go program in it: the lesson is
// in README.md, the examples are in a folder for each library, and the tests
// run them.
//
//	main_test.go        Node.js and its packages
//	process_test.go     an example, as a process
//	wire_test.go        what goes over the network, seen by the tap
//	transcript_test.go  as text, without what differs from run to run
//	golden_test.go      that text, the tables, and the lesson that quotes them
//	lock_test.go        package-lock.json
//	ours_test.go        our server and our client
//
//	matrix_test.go      every client visits every server
//	<library>_test.go   what each puts on the wire, and what that buys
//	reset_test.go       a client that hangs up at a bad moment
//	costs_test.go       bytes, frames, requests, packages
package nodejs

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// patience is how long anything may take before a test gives up. Nothing
// waits for it to pass.
const patience = time.Minute

func TestMain(m *testing.M) {
	flag.Parse()
	status := m.Run()
	err := errors.Join(stopServers(), goleak.Find())
	if *update {
		err = errors.Join(err, mendLessons())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		status = max(status, 1)
	}
	os.Exit(status)
}

// needNode skips a test where there is no Node.js. Where everything must be
// tested, it fails.
func needNode(t *testing.T) {
	t.Helper()
	if err := installed(); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
}

// installed runs npm ci, once, unless the packages are there.
var installed = sync.OnceValue(func() error {
	for _, name := range []string{"node", "npm"} {
		if _, err := exec.LookPath(name); err != nil {
			return fmt.Errorf("there is no %s here: install Node.js 20 or later (https://nodejs.org)", name)
		}
	}
	if isInstalled() {
		return nil
	}
	// Two test runs may do this at once: each installs beside the other, and
	// the first puts its packages in place. (.gitignore knows *.test.)
	dir, err := os.MkdirTemp(".", "install-*.test")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	for _, name := range []string{"package.json", "package-lock.json", ".npmrc"} {
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			return err
		}
	}
	ci := exec.Command("npm", "ci", "--no-audit", "--no-fund", "--loglevel=error")
	ci.Dir = dir
	if out, err := ci.CombinedOutput(); err != nil {
		return fmt.Errorf("npm ci did not install the packages (%w): %s", err, bytes.TrimSpace(out))
	}
	if err := os.RemoveAll("node_modules"); err != nil {
		return err
	}
	if err := os.Rename(filepath.Join(dir, "node_modules"), "node_modules"); err != nil && !isInstalled() {
		return err
	}
	return nil
})

// isInstalled compares what is there with what is asked for: npm leaves a
// copy of the lock, without the entry of the project itself.
func isInstalled() bool {
	wanted, err1 := readLock("package-lock.json")
	there, err2 := readLock("node_modules/.package-lock.json")
	if err := errors.Join(err1, err2); err != nil || len(wanted) != len(there) {
		return false
	}
	for path, entry := range wanted {
		if there[path].Version != entry.Version {
			return false
		}
	}
	return true
}
