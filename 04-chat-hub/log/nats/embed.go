package nats

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// embed starts a server inside this process. It opens no port: with
// DontListen only connections made with nats.InProcessServer reach it.
func embed(ctx context.Context, o Options) (*server.Server, *os.File, error) {
	if o.Dir == "" {
		return nil, nil, errors.New("the embedded log needs a folder for its files")
	}
	owned, err := own(o.Dir)
	if err != nil {
		return nil, nil, err
	}
	s, err := run(ctx, o)
	if err != nil {
		owned.Close()
	}
	return s, owned, err
}

// own keeps a second hub out of the folder: two servers would destroy each
// other's files.
func own(dir string) (*os.File, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := lock(f); err != nil {
		f.Close()
		return nil, fmt.Errorf("another hub uses the folder %s: end it, or choose another folder", dir)
	}
	return f, nil
}

func run(ctx context.Context, o Options) (*server.Server, error) {
	s, err := server.NewServer(&server.Options{
		ServerName: "hub",
		DontListen: true,
		JetStream:  true,
		StoreDir:   o.Dir,
		// Every message is on the disk before it is acknowledged. Without,
		// a power cut may take the last two minutes, kill -9 nothing.
		SyncAlways: true,
		// Zero would mean "three quarters of the machine's". Nothing of ours
		// is stored in memory.
		JetStreamMaxMemory: 1 << 20,
		JetStreamMaxStore:  2*o.MaxBytes + 1<<30,
		NoSigs:             true, // Ctrl-C belongs to the program
	})
	if err != nil {
		return nil, fmt.Errorf("the embedded log: %w", err)
	}
	s.SetLoggerV2(serverLog{o.Log}, false, false, false)
	s.Start()
	for !s.ReadyForConnections(10 * time.Millisecond) {
		if ctx.Err() != nil || !s.Running() {
			shutdown(s)
			return nil, fmt.Errorf("the embedded log in %s does not start: can its files be written?", o.Dir)
		}
	}
	if !s.JetStreamEnabled() {
		shutdown(s)
		return nil, fmt.Errorf("the embedded log can't use the folder %s", o.Dir)
	}
	return s, nil
}

// shutdown waits until the files are closed: a process that ends before that
// has to repair them at its next start.
func shutdown(s *server.Server) {
	s.Shutdown()
	s.WaitForShutdown()
}

// serverLog passes on what goes wrong in the server, and no chatter.
type serverLog struct{ log *slog.Logger }

func (l serverLog) Warnf(f string, v ...any)  { l.log.Warn(fmt.Sprintf("nats: "+f, v...)) }
func (l serverLog) Errorf(f string, v ...any) { l.log.Error(fmt.Sprintf("nats: "+f, v...)) }
func (l serverLog) Fatalf(f string, v ...any) { l.log.Error(fmt.Sprintf("nats: "+f, v...)) }
func (serverLog) Noticef(string, ...any)      {}
func (serverLog) Debugf(string, ...any)       {}
func (serverLog) Tracef(string, ...any)       {}
