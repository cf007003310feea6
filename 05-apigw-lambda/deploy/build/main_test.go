package main

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"websocket.example/05-apigw-lambda/gateway/template"
)

// What Lambda needs of a zip file: one entry, called bootstrap, that may be
// executed, whatever the file on the disk may.
func TestPack(t *testing.T) {
	dir := t.TempDir()
	binary, file := filepath.Join(dir, "bootstrap"), filepath.Join(dir, "chat.zip")
	code := bytes.Repeat([]byte("code"), 1000)
	if err := os.WriteFile(binary, code, 0o600); err != nil {
		t.Fatal(err)
	}
	var packed [2][]byte
	for i := range packed {
		// When it was built is not in it.
		if err := os.Chtimes(binary, time.Unix(int64(i), 0), time.Unix(int64(i), 0)); err != nil {
			t.Fatal(err)
		}
		if _, err := pack(binary, file); err != nil {
			t.Fatal(err)
		}
		var err error
		if packed[i], err = os.ReadFile(file); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(packed[0], packed[1]) {
		t.Error("the same binary makes two zip files")
	}

	z, err := zip.NewReader(bytes.NewReader(packed[0]), int64(len(packed[0])))
	if err != nil {
		t.Fatal(err)
	}
	if len(z.File) != 1 || z.File[0].Name != "bootstrap" || z.File[0].Mode() != 0o755 {
		t.Fatalf("the zip file has %d entries, the first %s %v", len(z.File), z.File[0].Name, z.File[0].Mode())
	}
	r, err := z.File[0].Open()
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, code) {
		t.Errorf("other code comes out: %v", err)
	}
}

// Every folder that a template names is one that is built.
func TestFolders(t *testing.T) {
	built := map[string]bool{}
	for _, f := range functions {
		built[filepath.Join("bin", "lambda", f.name)] = true
		if _, err := os.Stat(filepath.Join("..", "..", f.source, "main.go")); err != nil {
			t.Error(err)
		}
	}
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{"template.yaml", "probe/template.yaml"} {
		p, err := template.Read(filepath.Join("..", file), template.Options{})
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range p.Functions {
			if code, err := filepath.Rel(root, f.Code); err != nil || !built[code] {
				t.Errorf("%s: the code of %s is %s, which nothing builds", file, f.ResourceID, f.Code)
			}
		}
	}
}

func TestMisuse(t *testing.T) {
	for _, args := range [][]string{{"-only", "nothing"}, {"-architecture", "arm64"}, {"chat"}} {
		if err := run(t.Context(), args, io.Discard, io.Discard); !errors.As(err, new(usageError)) {
			t.Errorf("build %v: %v, want that it is misuse", args, err)
		}
	}
	var out strings.Builder
	if err := run(t.Context(), []string{"-h"}, &out, io.Discard); err == nil || !strings.Contains(out.String(), "bootstrap") {
		t.Errorf("-h says %q, %v", out.String(), err)
	}
}
