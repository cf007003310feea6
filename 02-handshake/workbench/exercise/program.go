package exercise

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"testing"
)

// build builds programs, and returns where they are. One go command for all
// of them costs little more than one program.
func build(t *testing.T, folder string, programs []string) (binaries []string) {
	t.Helper()
	stub, err := filepath.Abs(folder)
	if err != nil {
		t.Fatal(err)
	}
	// It is told to see them in folders beside the stub, where nothing is.
	temp, replace := t.TempDir(), map[string]string{}
	overlay, args := filepath.Join(temp, "overlay.json"), []string{"build", "-ldflags=-s -w"}
	for i, program := range programs {
		name := fmt.Sprintf("todo%d", i)
		source, binary := filepath.Join(temp, name+".go"), filepath.Join(temp, name)
		if err := os.WriteFile(source, []byte(program), 0o600); err != nil {
			t.Fatal(err)
		}
		replace[filepath.Join(stub, name, "main.go")] = source
		if runtime.GOOS == "windows" {
			binary += ".exe"
		}
		binaries = append(binaries, binary)
	}
	content, err := json.Marshal(map[string]any{"Replace": replace})
	if err == nil {
		err = os.WriteFile(overlay, content, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	args = append(args, "-overlay", overlay, "-o", temp+string(filepath.Separator))
	for i := range programs {
		args = append(args, fmt.Sprintf("./todo%d", i))
	}
	command := exec.CommandContext(t.Context(), "go", args...)
	command.Dir = stub
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return binaries
}

// run runs a program until the test ends, and returns the URL that it prints.
func run(t *testing.T, binary string) string {
	t.Helper()
	program := exec.CommandContext(t.Context(), binary, "-addr", "127.0.0.1:0")
	program.Stderr = os.Stderr
	out, err := program.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := program.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = program.Wait() }) // the end of t.Context has killed it
	line, err := bufio.NewReader(out).ReadString('\n')
	url := regexp.MustCompile(`ws://\S+`).FindString(line)
	if err != nil || url == "" {
		t.Fatalf("%v: it says %q, and no URL", err, line)
	}
	return url
}
