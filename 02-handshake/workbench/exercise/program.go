package exercise

import (
	"bufio"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"testing"
)

// start builds a program, runs it until the test ends, and returns the URL
// that it prints.
func start(t *testing.T, folder, program string) string {
	t.Helper()
	stub, err := filepath.Abs(filepath.Join(folder, "main.go"))
	if err != nil {
		t.Fatal(err)
	}
	// The go command is told to read this program where the stub stands.
	temp := t.TempDir()
	source, overlay, binary := filepath.Join(temp, "main.go"), filepath.Join(temp, "overlay.json"), filepath.Join(temp, "exercise")
	if runtime.GOOS == "windows" {
		binary += ".exe"
	}
	replace, err := json.Marshal(map[string]any{"Replace": map[string]string{stub: source}})
	if err != nil {
		t.Fatal(err)
	}
	for file, content := range map[string]string{source: program, overlay: string(replace)} {
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	build := exec.CommandContext(t.Context(), "go", "build", "-overlay", overlay, "-o", binary, ".")
	build.Dir = folder
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return run(t, binary)
}

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
