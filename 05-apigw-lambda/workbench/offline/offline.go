// Package offline starts serverless-offline, the tool that most people run
// WebSocket APIs with on their own machine, so that the local gateway can be
// held against it. It is npm's: run npm ci in this folder.
//
//	serverless.yml, handler.mjs   the echo that bench measures
//	probe/                        deploy/probe's functions and APIs, for Node and serverless.yml
//	matrix/                       what workbench/check says of them
package offline

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// Version is what package.json pins.
const Version = "serverless-offline 14.8.2, osls 4.3.1"

// A MissingError says what would have to be installed.
type MissingError struct{ What string }

func (e *MissingError) Error() string { return e.What }

// A Server is a running serverless-offline.
type Server struct {
	URL string // of the WebSocket API; there is no stage in it
	Pid int

	cmd   *exec.Cmd
	wrote tail
	ended chan struct{} // closed when it has, with err
	err   error
}

// started is how long the first start may take: it reads thousands of files.
const started = 60 * time.Second

// Start starts it on free ports of this machine with one of the functions
// beside this file. Its last words are in the error.
func Start(ctx context.Context) (*Server, error) { return start(ctx, ".", "serverless.yml") }

// StartProbe starts one of the services in probe, by the name of its file, with
// more of serverless-offline's own flags.
func StartProbe(ctx context.Context, service string, flags ...string) (*Server, error) {
	return start(ctx, "probe", service+".yml", flags...)
}

// start tries again if somebody else was quicker to take a port.
func start(ctx context.Context, sub, config string, flags ...string) (s *Server, err error) {
	for range 3 {
		if s, err = startOnce(ctx, sub, config, flags...); err == nil || !strings.Contains(err.Error(), "EADDRINUSE") {
			break
		}
	}
	return s, err
}

func startOnce(ctx context.Context, sub, config string, flags ...string) (*Server, error) {
	folder, node, err := installed()
	if err != nil {
		return nil, err
	}
	addr, err := freePorts(2)
	if err != nil {
		return nil, err
	}
	_, lambdaPort, _ := net.SplitHostPort(addr[1])
	host, port, _ := net.SplitHostPort(addr[0])
	s := &Server{URL: "ws://" + addr[0], ended: make(chan struct{})}
	s.cmd = exec.Command(node, append([]string{filepath.Join(folder, "node_modules", "osls", "bin", "serverless.js"),
		"offline", "--config", config, "--host", host, "--websocketPort", port, "--lambdaPort", lambdaPort}, flags...)...)
	s.cmd.Dir = filepath.Join(folder, sub)
	s.cmd.Env = append(os.Environ(),
		"SLS_TELEMETRY_DISABLED=1", "SLS_NOTIFICATIONS_MODE=off", "AWS_EC2_METADATA_DISABLED=true",
		"AWS_ACCESS_KEY_ID=local", "AWS_SECRET_ACCESS_KEY=local", // it signs with them, and nobody looks
		"CONNECTIONS_ENDPOINT=http://"+addr[0])
	s.cmd.Stdout, s.cmd.Stderr = &s.wrote, &s.wrote
	asGroup(s.cmd)
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	s.Pid = s.cmd.Process.Pid
	go func() {
		s.err = s.cmd.Wait()
		close(s.ended)
	}()
	if err := s.wait(ctx, addr[0]); err != nil {
		s.Stop()
		return nil, fmt.Errorf("serverless-offline did not start: %w: %s", err, s.Said())
	}
	return s, nil
}

// Ended says whether it has ended by itself. Patient, it waits a while for that.
func (s *Server) Ended(patient bool) bool {
	patience := time.Duration(0)
	if patient {
		patience = 10 * time.Second
	}
	select {
	case <-s.ended:
		return true
	case <-time.After(patience):
		return false
	}
}

// Said is the end of what it has written.
func (s *Server) Said() string { return strings.TrimSpace(s.wrote.String()) }

// wait waits until it listens.
func (s *Server) wait(ctx context.Context, addr string) error {
	ctx, cancel := context.WithTimeout(ctx, started)
	defer cancel()
	for {
		nc, err := net.Dial("tcp", addr)
		if err == nil {
			return nc.Close()
		}
		select {
		case <-s.ended:
			return errors.Join(errors.New("it ended"), s.err)
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// Stop ends it, and all that it has started.
func (s *Server) Stop() {
	killGroup(s.cmd)
	<-s.ended
}

// installed finds this folder and what npm has put in it.
func installed() (folder, node string, err error) {
	for _, f := range []string{filepath.Join("05-apigw-lambda", "workbench", "offline"), filepath.Join("workbench", "offline"), filepath.Join("..", "offline"), ".."} {
		if _, err := os.Stat(filepath.Join(f, "offline.go")); err == nil {
			if folder, err = filepath.Abs(f); err != nil {
				return "", "", err
			}
			break
		}
	}
	if folder == "" {
		return "", "", &MissingError{"it is in 05-apigw-lambda/workbench/offline: run this in the workspace's folder"}
	}
	if node, err = exec.LookPath("node"); err != nil {
		return "", "", &MissingError{"Node.js is not installed"}
	}
	if _, err := os.Stat(filepath.Join(folder, "node_modules", "serverless-offline")); err != nil {
		return "", "", &MissingError{"it is not installed: run npm ci in 05-apigw-lambda/workbench/offline"}
	}
	return folder, node, nil
}

// freePorts are addresses that nobody listens on, a moment ago at least: it
// can't be told to choose one.
func freePorts(n int) ([]string, error) {
	var addr []string
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		defer l.Close() // all at the end, so that they differ
		addr = append(addr, l.Addr().String())
	}
	return addr, nil
}
