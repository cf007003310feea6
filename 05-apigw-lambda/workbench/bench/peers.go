package bench

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"websocket.example/05-apigw-lambda/workbench/offline"
)

// A peer is who is measured.
type peer struct {
	name, how string
	start     func(ctx context.Context, o startOptions) (*running, error)
}

type startOptions struct {
	dir     string // for files, until the end
	profile string // file to write a CPU profile to
}

// running is a peer at work.
type running struct {
	url  string
	pid  int
	stop func() error
}

const (
	inProcess  = "in-process"
	inSDK      = "in-process-sdk"
	runtimeAPI = "runtime-api"
	offlineSLS = "serverless-offline"
)

var peers = []peer{
	{"direct", "a WebSocket echo on step 03's server: no gateway", ours("-echo")},
	{inProcess, "the local gateway, the function in its process", ours()},
	{inSDK, "the same, but it posts with the AWS SDK, over HTTP", ours("-sdk")},
	{runtimeAPI, "the local gateway, the function a binary of its own", startRuntimeAPI},
	{offlineSLS, offline.Version + ", useInProcess", startOffline},
}

// ours starts one of our own servers.
func ours(args ...string) func(context.Context, startOptions) (*running, error) {
	return func(_ context.Context, o startOptions) (*running, error) {
		if o.profile != "" {
			args = append(args[:len(args):len(args)], "-cpuprofile", o.profile)
		}
		c, err := startChild(args...)
		if err != nil {
			return nil, err
		}
		return &running{c.url, c.pid, c.stop}, nil
	}
}

func startRuntimeAPI(ctx context.Context, o startOptions) (*running, error) {
	const source = "websocket.example/05-apigw-lambda/workbench/bench/echo/bootstrap"
	build := exec.CommandContext(ctx, "go", "build", "-tags", "lambda.norpc", "-trimpath", "-ldflags", "-s -w",
		"-o", filepath.Join(o.dir, "bootstrap"), source)
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if said, err := build.CombinedOutput(); err != nil {
		line, _, _ := strings.Cut(strings.TrimSpace(string(said)), "\n")
		return nil, fmt.Errorf("the function can't be built, run this within the workspace: %w: %s", err, line)
	}
	return ours("-function", o.dir)(ctx, o)
}

func startOffline(ctx context.Context, _ startOptions) (*running, error) {
	s, err := offline.Start(ctx)
	if err != nil {
		return nil, err
	}
	return &running{s.URL, s.Pid, func() error {
		s.Stop()
		return nil
	}}, nil
}
