package doctor

import (
	"cmp"
	"context"
	"go/version"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
)

const wanted = "go1.26" // what go.work asks for

// goCommand runs the go command in a folder, with more in its environment.
func (v *visit) goCommand(ctx context.Context, dir string, env []string, args ...string) (out, errs string, err error) {
	cmd := exec.CommandContext(ctx, "go", args...)
	var stdout, stderr strings.Builder
	cmd.Dir, cmd.Stdout, cmd.Stderr = cmp.Or(dir, v.Dir), &stdout, &stderr
	cmd.Env = append(os.Environ(), env...)
	err = cmd.Run()
	return strings.TrimSpace(stdout.String()), stderr.String(), err
}

func (v *visit) checkGo(ctx context.Context) {
	// Without a toolchain that it would fetch first: there may be no network.
	out, _, err := v.goCommand(ctx, "", []string{"GOTOOLCHAIN=local"}, "env", "GOVERSION")
	switch v.version = out; {
	case err != nil && out == "":
		v.find("go", Missing, "go.none", "wanted", wanted[2:])
	case version.IsValid(out) && version.Compare(out, wanted) < 0:
		v.find("go", Missing, "go.old", "version", out, "wanted", wanted[2:])
	default:
		v.find("go", OK, "go", "version", out, "system", system())
	}
}

// A module of the workspace.
type module struct{ name, dir string }

// modules are those of go.work, or nothing outside of this workspace.
func (v *visit) modules(ctx context.Context) (found []module) {
	out, _, err := v.goCommand(ctx, "", []string{"GOPROXY=off", "GOWORK="}, "list", "-m", "-f", "{{.Path}}\t{{.Dir}}")
	if err != nil {
		return nil
	}
	for line := range strings.Lines(out) {
		name, dir, _ := strings.Cut(strings.TrimSpace(line), "\t")
		found = append(found, module{strings.TrimPrefix(name, "websocket.example/"), dir})
	}
	if !slices.ContainsFunc(found, func(m module) bool { return m.name == "slides" }) {
		return nil
	}
	return found
}

// absent is how the go command names a module that it may not fetch.
var absent = regexp.MustCompile(`(\S+@v\S+): module lookup disabled by GOPROXY=off`)

// checkModules builds everything as if there were no network, which leaves the compiled
// packages in Go's cache besides: what is run in the workshop starts at once.
func (v *visit) checkModules(ctx context.Context) {
	if v.version == "" {
		return // that has been said
	}
	modules := v.modules(ctx)
	if modules == nil {
		v.find("workspace", Missing, "workspace")
		return
	}
	v.find("workspace", OK, "workspace.ok", "n", len(modules))

	offline := []string{"GOPROXY=off"}
	var lacking, lackingIn, broken []string
	why := ""
	for i, m := range modules {
		v.Progress(i, len(modules), m.name)
		_, errs, err := v.goCommand(ctx, m.dir, offline, "list", "-deps", "-test", "./...")
		if err == nil {
			_, errs, err = v.goCommand(ctx, m.dir, offline, "build", "-o", os.DevNull, "./...")
		}
		if err == nil {
			continue
		}
		names := absent.FindAllStringSubmatch(errs, -1)
		for _, name := range names {
			lacking = append(lacking, name[1])
		}
		switch {
		case names != nil:
			lackingIn = append(lackingIn, m.name)
		default:
			broken = append(broken, m.name)
			why = cmp.Or(why, firstLine(errs), err.Error())
		}
	}
	v.Progress(len(modules), len(modules), "")
	slices.Sort(lacking)
	lacking = slices.Compact(lacking)
	if lacking != nil {
		v.find("modules", Missing, "modules", "names", strings.Join(lacking, ", "), "steps", strings.Join(lackingIn, ", "))
	}
	if broken != nil {
		v.find("build", Warn, "build", "steps", strings.Join(broken, ", "), "why", why)
	}
	if lacking == nil && broken == nil {
		v.find("modules", OK, "modules.ok", "n", len(modules))
	}
}

// firstLine of what the go command says that is not the name of a package.
func firstLine(errs string) string {
	for line := range strings.Lines(errs) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			return line
		}
	}
	return ""
}

// version asks a program for it. On Windows a browser would open a window instead.
func programVersion(ctx context.Context, program string) string {
	name := strings.TrimSuffix(path.Base(filepath.ToSlash(program)), ".exe")
	if runtime.GOOS == "windows" && name != "node" {
		return name
	}
	out, err := exec.CommandContext(ctx, program, "--version").Output()
	number := versionNumber.FindString(string(out))
	if err != nil || number == "" {
		return name
	}
	return name + " " + number
}

var versionNumber = regexp.MustCompile(`\d+(\.\d+)+`)
