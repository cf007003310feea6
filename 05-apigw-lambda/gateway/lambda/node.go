package lambda

import (
	_ "embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"websocket.example/05-apigw-lambda/gateway/api"
)

// nodeRuntime stands for the runtime client that AWS has in its Node.js
// runtimes. The functions' own packages must be with them: the SDK that AWS
// adds is not here.
//
//go:embed node/runtime.mjs
var nodeRuntime []byte

// nodeCommand returns how a Node.js handler is run, with the Node.js that is
// on this machine, whatever the template's version.
func nodeCommand(f *api.Function, private string) ([]string, error) {
	node, err := exec.LookPath("node")
	if err != nil {
		return nil, fmt.Errorf("%s needs Node.js for its runtime %s, and there is no node on the PATH: install it", f.ResourceID, f.Runtime)
	}
	client := filepath.Join(private, "runtime.mjs")
	if err := os.WriteFile(client, nodeRuntime, 0o600); err != nil {
		return nil, err
	}
	return []string{node, client}, nil
}
