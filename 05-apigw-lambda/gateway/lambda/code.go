package lambda

import (
	"archive/zip"
	"debug/elf"
	"debug/macho"
	"debug/pe"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"

	"websocket.example/05-apigw-lambda/gateway/api"
)

// maxUnzipped is Lambda's own limit.
const maxUnzipped = 250 << 20

// isNode says whether a runtime is Node.js.
func isNode(runtime string) bool { return strings.HasPrefix(runtime, "nodejs") }

// isProvided says whether a runtime is the operating system only.
func isProvided(runtime string) bool { return strings.HasPrefix(runtime, "provided") }

// unpacked returns the folder with the function's code: the one it names, or
// a new one inside private with what its zip file holds.
func unpacked(f *api.Function, private string) (folder string, err error) {
	info, err := os.Stat(f.Code)
	switch {
	case f.Code == "":
		return "", fmt.Errorf("%s has no code on this machine: give its CodeUri a folder or a zip file", f.ResourceID)
	case errors.Is(err, fs.ErrNotExist):
		return "", fmt.Errorf("the code of %s is not there: %s: build it first", f.ResourceID, f.Code)
	case err != nil:
		return "", fmt.Errorf("the code of %s: %w", f.ResourceID, err)
	case info.IsDir():
		return f.Code, nil
	}
	folder = filepath.Join(private, "task")
	if err := os.Mkdir(folder, 0o700); err != nil {
		return "", err
	}
	if err := unzip(f.Code, folder); err != nil {
		return "", fmt.Errorf("the code of %s: %s: %w", f.ResourceID, f.Code, err)
	}
	return folder, nil
}

// unzip writes the files of an archive, and nothing outside the folder.
func unzip(archive, folder string) error {
	z, err := zip.OpenReader(archive)
	if err != nil {
		return fmt.Errorf("it is neither a folder nor a zip file: %w", err)
	}
	defer z.Close()
	root, err := os.OpenRoot(folder)
	if err != nil {
		return err
	}
	defer root.Close()
	left := int64(maxUnzipped)
	for _, file := range z.File {
		n, err := unzipFile(root, file, left)
		if err != nil {
			return fmt.Errorf("%s: %w", file.Name, err)
		}
		left -= n
	}
	return nil
}

func unzipFile(root *os.Root, file *zip.File, left int64) (int64, error) {
	name := strings.ReplaceAll(file.Name, `\`, "/")
	if strings.HasSuffix(name, "/") {
		return 0, root.MkdirAll(strings.TrimSuffix(name, "/"), 0o700)
	}
	if !file.Mode().IsRegular() {
		return 0, nil // a link or a device has no place in a bundle
	}
	if err := root.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return 0, err
	}
	from, err := file.Open()
	if err != nil {
		return 0, err
	}
	defer from.Close()
	// A process that is started while a program is being written holds it open
	// for an instant more, and Linux runs no program that is open for writing.
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	to, err := root.OpenFile(name, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, file.Mode().Perm()|0o600)
	if err != nil {
		return 0, err
	}
	n, err := io.Copy(to, io.LimitReader(from, left+1))
	if n > left {
		err = fmt.Errorf("more than %d MiB unzipped, which is Lambda's limit", maxUnzipped>>20)
	}
	return n, errors.Join(err, to.Close())
}

// bootstrap returns the program of an OS-only runtime, after a look whether
// this machine can run it.
func bootstrap(f *api.Function, folder string) (string, error) {
	path := filepath.Join(folder, "bootstrap")
	info, err := os.Stat(path)
	if err != nil && runtime.GOOS == "windows" { // which knows a program by its name
		path += ".exe"
		info, err = os.Stat(path)
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", fmt.Errorf("%s has no file named bootstrap in %s: build it with %s", f.ResourceID, f.Code, buildCommand())
	case err != nil:
		return "", fmt.Errorf("%s: %w", f.ResourceID, err)
	case !info.Mode().IsRegular():
		return "", fmt.Errorf("%s: bootstrap is no program: build it with %s", f.ResourceID, buildCommand())
	case runtime.GOOS != "windows" && info.Mode()&0o111 == 0:
		return "", fmt.Errorf("%s: bootstrap is not executable, AWS would not start it either: chmod +x it, and zip it with that mode", f.ResourceID)
	}
	if built := builtFor(path); built != "" && built != here() {
		return "", fmt.Errorf("%s: bootstrap is built for %s and this machine is %s: for here, build it with %s",
			f.ResourceID, built, here(), buildCommand())
	}
	return path, nil
}

func here() string { return runtime.GOOS + "/" + runtime.GOARCH }

// buildCommand is how a bootstrap for this machine is built. AWS wants
// GOOS=linux and the architecture that the template names.
func buildCommand() string {
	name := "bootstrap"
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	return "GOOS=" + runtime.GOOS + " GOARCH=" + runtime.GOARCH + " CGO_ENABLED=0 go build -tags lambda.norpc -o " + name
}

// builtFor returns the system and architecture of a program in Go's words, ""
// if the file does not say: such as a script, or one for several.
func builtFor(path string) string {
	if f, err := elf.Open(path); err == nil {
		defer f.Close()
		switch f.Machine {
		case elf.EM_X86_64:
			return "linux/amd64"
		case elf.EM_AARCH64:
			return "linux/arm64"
		}
		return "linux/" + f.Machine.String()
	}
	if f, err := macho.Open(path); err == nil {
		defer f.Close()
		if f.Cpu == macho.CpuArm64 {
			return "darwin/arm64"
		}
		return "darwin/amd64"
	}
	if f, err := pe.Open(path); err == nil {
		defer f.Close()
		if f.Machine == pe.IMAGE_FILE_MACHINE_ARM64 {
			return "windows/arm64"
		}
		return "windows/amd64"
	}
	return ""
}
