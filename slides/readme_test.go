package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// What the READMEs say one may run is taken from their own text: the program
// builds, has the command, and its -h knows each flag. The Portuguese has the
// same lines, .ci/docs sees to that.
//
// The go command keeps a result until a file of this module changes, and these
// are files of others: .ci/run tests with -count=1.
func TestREADMEs(t *testing.T) {
	if !everything() {
		t.Skip("builds every program of the workshop: with CI=true it does")
	}
	programs := make(map[string][]instruction) // by folder
	for _, pattern := range []string{"../*.md", "../*/*.md", "../*/*/README.md"} {
		files, err := filepath.Glob(filepath.FromSlash(pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			for _, i := range instructions(t, file) {
				programs[i.folder] = append(programs[i.folder], i)
			}
		}
	}
	// Fewer than the slides and five steps would mean that nothing was read.
	if len(programs) < 6 {
		t.Fatalf("the READMEs name %d programs", len(programs))
	}
	for folder, list := range programs {
		t.Run(folder, func(t *testing.T) {
			t.Parallel()
			binary := filepath.Join(t.TempDir(), "program")
			if runtime.GOOS == "windows" {
				binary += ".exe"
			}
			build := exec.Command("go", "build", "-o", binary, ".")
			build.Dir = filepath.Join("..", filepath.FromSlash(folder)) // in its own module
			if out, err := build.CombinedOutput(); err != nil {
				t.Fatalf("%s tells of it, and it does not build: %v\n%s", list[0].file, err, out)
			}
			help := make(map[string]string) // by command
			for _, i := range list {
				name := strings.Join(i.command, " ")
				if _, asked := help[name]; !asked {
					out, err := exec.Command(binary, append(i.command, "-h")...).CombinedOutput()
					if err != nil {
						t.Errorf("%s: %s: -h of it: %v\n%s", i.file, i.line, err, out)
					}
					help[name] = string(out)
				}
				for _, flag := range i.flags {
					if !regexp.MustCompile(`(?m)(^|[\s\[(])-?` + flag + `\b`).MatchString(help[name]) {
						t.Errorf("%s: %s: its -h has no %s", i.file, i.line, flag)
					}
				}
			}
		})
	}
}

// An instruction is one "go run" of a README.
type instruction struct {
	file, line string
	folder     string   // of the program, from the root
	command    []string // such as bench idle
	flags      []string
}

var (
	shell  = regexp.MustCompile("(?ms)^```sh\n(.*?)^```")
	inline = regexp.MustCompile("[^`]`(go\\s+run\\s[^`]+)`[^`]")
	word   = regexp.MustCompile(`^[a-z]+$`)
)

func instructions(t *testing.T, file string) (list []instruction) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	prose := strings.ReplaceAll(string(text), "\r\n", "\n")
	var lines []string
	for _, block := range shell.FindAllStringSubmatch(prose, -1) {
		lines = append(lines, strings.Split(block[1], "\n")...)
	}
	for _, code := range inline.FindAllStringSubmatch(prose, -1) {
		lines = append(lines, strings.Join(strings.Fields(code[1]), " "))
	}
	for _, line := range lines {
		line, _, _ = strings.Cut(line, " #")
		words := strings.Fields(line)
		if len(words) < 3 || words[0] != "go" || words[1] != "run" || strings.Contains(line, "NN-name") {
			continue
		}
		i := instruction{file: file, line: strings.TrimSpace(line), folder: strings.TrimPrefix(words[2], "./")}
		for n, w := range words[3:] {
			switch {
			case strings.HasPrefix(w, "-"):
				flag, _, _ := strings.Cut(w, "=")
				i.flags = append(i.flags, flag)
			case word.MatchString(w) && n == len(i.command): // not the value of a flag
				i.command = append(i.command, w)
			}
		}
		i.flags = slices.DeleteFunc(i.flags, func(flag string) bool { return flag == "-h" })
		list = append(list, i)
	}
	return list
}
