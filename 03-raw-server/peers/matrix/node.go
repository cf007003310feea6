package matrix

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// There is nothing to set: it checks all there is to check. Both roles are in
// node/conform.js.
var ofNode = Peer{
	Name: "node-ws", Module: "ws", Version: nodeVersion(),
	Server: "its README's echo server on Node.js, `perMessageDeflate` (takeover) with threshold 0, bufferutil",
	Client: "the same loop on `new WebSocket(url)`",
	start: func(ctx context.Context) (string, func(), error) {
		cmd, err := node(ctx, "serve")
		if err != nil {
			return "", nil, err
		}
		in, err1 := cmd.StdinPipe()
		out, err2 := cmd.StdoutPipe()
		if err := errors.Join(err1, err2, cmd.Start()); err != nil {
			return "", nil, err
		}
		stop := func() {
			in.Close() // it ends with its input
			_ = cmd.Wait()
		}
		address, err := bufio.NewReader(out).ReadString('\n')
		if err != nil {
			stop()
			return "", nil, fmt.Errorf("node says no address: %w", err)
		}
		return "ws://" + strings.TrimSpace(address) + "/", stop, nil
	},
	come: func(ctx context.Context, url string) error {
		cmd, err := node(ctx, "visit", url, fmt.Sprint(sideBySide))
		if err != nil {
			return err
		}
		in, err := cmd.StdinPipe()
		if err != nil {
			return err
		}
		defer in.Close()
		if _, err := cmd.CombinedOutput(); err != nil && ctx.Err() == nil {
			return fmt.Errorf("node: %w", err)
		}
		return nil
	},
}

// node is node/conform.js in one of its roles.
func node(ctx context.Context, role ...string) (*exec.Cmd, error) {
	program, err := exec.LookPath("node")
	if err != nil {
		return nil, &MissingError{"there is no node here (https://nodejs.org)"}
	}
	if nodeVersion() == "" {
		return nil, &MissingError{"its packages are not installed: npm ci --prefix " + nodeFolder()}
	}
	return exec.CommandContext(ctx, program, append([]string{filepath.Join(nodeFolder(), "conform.js")}, role...)...), nil
}

// A MissingError says what would have to be installed to run a peer.
type MissingError struct{ What string }

func (e *MissingError) Error() string { return e.What }

// nodeFolder is where npm ci has put the packages: beside this file's folder.
func nodeFolder() string { return filepath.Join(filepath.Dir(folder()), "node") }

func nodeVersion() string {
	text, err := os.ReadFile(filepath.Join(nodeFolder(), "node_modules", "ws", "package.json"))
	if err != nil {
		return ""
	}
	var about struct{ Version string }
	if json.Unmarshal(text, &about) != nil {
		return ""
	}
	return about.Version
}
