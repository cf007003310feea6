// Package osls runs the Serverless Framework's free continuation for tests,
// the one that deploy/osls pins.
package osls

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// A MissingError says what would have to be installed.
type MissingError struct{ What string }

func (e *MissingError) Error() string { return e.What }

// Package packages the service in a folder, and returns the template that it
// has written. Step is the folder of this module.
func Package(ctx context.Context, step, folder string) (template string, err error) {
	node, err := exec.LookPath("node")
	if err != nil {
		return "", &MissingError{"node is not on the PATH"}
	}
	script, err := filepath.Abs(filepath.Join(step, "deploy", "osls", "node_modules", "osls", "bin", "serverless.js"))
	if err != nil {
		return "", err
	}
	if _, err := os.Stat(script); err != nil {
		return "", &MissingError{"osls is not installed: run npm ci in 05-apigw-lambda/deploy/osls"}
	}
	ctx, cancel := context.WithTimeoutCause(ctx, 2*time.Minute, errors.New("it took too long"))
	defer cancel()
	cmd := exec.CommandContext(ctx, node, script, "package")
	cmd.Dir = folder
	cmd.Env = append(os.Environ(), "SLS_TELEMETRY_DISABLED=1", "SLS_NOTIFICATIONS_MODE=off", "CI=1",
		"AWS_EC2_METADATA_DISABLED=true", "AWS_ACCESS_KEY_ID=none", "AWS_SECRET_ACCESS_KEY=none")
	cmd.WaitDelay = time.Second
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("osls package: %w\n%s", err, out)
	}
	return filepath.Join(folder, ".serverless", "cloudformation-template-update-stack.json"), nil
}
