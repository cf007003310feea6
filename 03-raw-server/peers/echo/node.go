package echo

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
)

// Node's ws with bufferutil: node/echo.js. Its deflate threads, which other
// libraries do without, run on the one CPU as well.
var nodeWS = Peer{
	Name: "node-ws", Module: "ws", How: "Node.js, with bufferutil",
	Compresses: true, TakesOver: true,
	Command: func(d Deflate) ([]string, error) {
		node, err := exec.LookPath("node")
		if err != nil {
			return nil, &MissingError{"there is no node here (https://nodejs.org)"}
		}
		if PackageVersion("ws") == "" {
			return nil, &MissingError{"its packages are not installed: npm ci --prefix " + nodeFolder()}
		}
		return []string{node, "--expose-gc", filepath.Join(nodeFolder(), "echo.js"), string(d)}, nil
	},
}

// A MissingError says what would have to be installed to run a server.
type MissingError struct{ What string }

func (e *MissingError) Error() string { return e.What }

// nodeFolder is where npm ci has put the packages: beside this file's folder.
func nodeFolder() string {
	_, file, _, _ := runtime.Caller(0)
	return filepath.Join(filepath.Dir(filepath.Dir(file)), "node")
}

// PackageVersion is the version of an npm package, empty if it is not
// installed.
func PackageVersion(name string) string {
	text, err := os.ReadFile(filepath.Join(nodeFolder(), "node_modules", name, "package.json"))
	if err != nil {
		return ""
	}
	var about struct{ Version string }
	if json.Unmarshal(text, &about) != nil {
		return ""
	}
	return about.Version
}
