package lambda

import (
	"archive/zip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"websocket.example/05-apigw-lambda/gateway/api"
)

// zipped writes an archive of one file.
func zipped(t *testing.T, name string, content []byte, mode os.FileMode) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "function.zip")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	w := zip.NewWriter(f)
	header := &zip.FileHeader{Name: name, Method: zip.Deflate}
	header.SetMode(mode)
	file, err := w.CreateHeader(header)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestZip(t *testing.T) {
	t.Parallel()
	program, err := os.ReadFile(filepath.Join(code, "bootstrap"))
	if err != nil {
		t.Fatal(err)
	}
	fn := testFunction()
	fn.Code = zipped(t, "bootstrap", program, 0o755)
	f, err := Process(fn, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if r := invoke(t, f, `"zipped"`); string(r.Payload) != `"zipped"` {
		t.Errorf("it returned %s", r.Payload)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(f.private); !os.IsNotExist(err) {
		t.Errorf("its folder is left: %v", err)
	}
}

func TestCodeErrors(t *testing.T) {
	t.Parallel()
	folder := func(mode os.FileMode, content string) string {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "bootstrap"), []byte(content), mode); err != nil {
			t.Fatal(err)
		}
		return dir
	}
	other := t.TempDir() // a program for another machine
	build := exec.Command("go", "build", "-o", filepath.Join(other, "bootstrap"), "./testdata/empty")
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH=riscv64")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	tests := []struct {
		name    string
		runtime string
		code    string
		want    string
	}{
		{"no code", "provided.al2023", "", "TestFunction has no code on this machine: give its CodeUri a folder or a zip file"},
		{"not there", "provided.al2023", "/nowhere/at/all", "the code of TestFunction is not there: /nowhere/at/all: build it first"},
		{"no bootstrap", "provided.al2023", t.TempDir(), "has no file named bootstrap in"},
		{"how to build", "provided.al2023", t.TempDir(), "CGO_ENABLED=0 go build -tags lambda.norpc -o bootstrap"},
		{"not executable", "provided.al2", folder(0o644, "x"), "bootstrap is not executable"},
		{"other machine", "provided.al2023", other, "bootstrap is built for linux/EM_RISCV and this machine is " + here()},
		{"a folder", "provided.al2023", filepath.Dir(mkdir(t, "bootstrap")), "bootstrap is no program"},
		{"no zip", "provided.al2023", filepath.Join(folder(0o600, "not a zip"), "bootstrap"), "it is neither a folder nor a zip file"},
		{"out of the zip", "provided.al2023", zipped(t, "../bootstrap", []byte("x"), 0o755), "../bootstrap: "},
		{"zip without mode", "provided.al2023", zipped(t, "bootstrap", []byte("x"), 0o644), "bootstrap is not executable"},
		{"python", "python3.13", code, `the runtime "python3.13" does not run here`},
		{"go1.x", "go1.x", code, `the runtime "go1.x" does not run here`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Process(&api.Function{ResourceID: "TestFunction", Name: "test", Runtime: tt.runtime, Code: tt.code}, Options{})
			if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("error %v, want %q", err, tt.want)
			}
		})
	}
}

func mkdir(t *testing.T, name string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.Mkdir(path, 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestScript: a bootstrap may be a script, as on AWS; if it does not start, the
// caller is told.
func TestScript(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "bootstrap"), []byte("#!/bin/sh\nexec \""+code+"/bootstrap\"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	fn := testFunction()
	fn.Code = dir
	if r := invoke(t, started(t, fn, Options{}), `"by script"`); string(r.Payload) != `"by script"` {
		t.Errorf("it returned %s", r.Payload)
	}
	if err := os.WriteFile(filepath.Join(dir, "bootstrap"), []byte("#!/no/such/shell\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := started(t, fn, Options{}).Invoke(t.Context(), nil); err == nil || !strings.Contains(err.Error(), "TestFunction cannot be started") {
		t.Errorf("error %v", err)
	}
}
