package bench

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/pprof"
	"time"

	"github.com/gorilla/websocket"

	"websocket.example/04-chat-hub/hub"
	"websocket.example/04-chat-hub/log"
	"websocket.example/04-chat-hub/log/memory"
	"websocket.example/04-chat-hub/log/nats"
	"websocket.example/04-chat-hub/rest"
	"websocket.example/04-chat-hub/workbench/internal/console"
)

const serveLesson = `
Usage: go run ./04-chat-hub bench serve [flags]

The process that bench measures: a hub without limits. It prints the address that
it listens on, answers each line "free" of its standard input by giving back memory
that is not in use, and ends when that input does, so that it never outlives bench.
`

// serveCommand is the hub that is measured.
func serveCommand(ctx context.Context, args []string, stdin io.Reader, stdout io.Writer) error {
	fs := console.NewFlags("serve", serveLesson, stdout)
	data := fs.String("data", "", "`folder` for the history, which is in memory without")
	addr := fs.String("addr", "127.0.0.1:0", "`address` to listen on")
	mutex := fs.Bool("mutex", false, "be the shortest hub in place of ours")
	profile := fs.String("cpuprofile", "", "write a CPU profile to this `file`")
	if err := fs.Parse(args, 0); err != nil {
		return err
	}
	var store log.Store = memory.NewServer().Open()
	if *data != "" {
		var err error
		if store, err = nats.Open(ctx, nats.Options{Dir: *data}); err != nil {
			return err
		}
	}
	defer store.Close()
	h := hub.New(hub.Options{Store: store, Rate: -1, Log: slog.New(slog.NewTextHandler(os.Stderr, nil))})
	l, err := net.Listen("tcp", *addr)
	if err != nil {
		return console.Wrong("-addr: %w", err)
	}
	if *profile != "" {
		file, err := os.Create(*profile)
		if err != nil {
			return console.Wrong("-cpuprofile: %w", err)
		}
		defer file.Close()
		if err := pprof.StartCPUProfile(file); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	mux := http.NewServeMux()
	if *mutex {
		mux.Handle("/ws", &mutexHub{conns: map[*websocket.Conn]struct{}{}})
	} else {
		mux.Handle("/ws", h)
	}
	resting, stop := context.WithCancel(ctx)
	defer stop()
	go rest.Keep(resting, h.Len)
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(l) }()
	fmt.Fprintln(stdout, l.Addr())
	asked := make(chan struct{})
	go func() {
		defer close(asked)
		for lines := bufio.NewScanner(stdin); lines.Scan(); {
			if lines.Text() == "free" {
				runtime.GC() // what a pool holds goes with the second collection
				debug.FreeOSMemory()
				fmt.Fprintln(stdout, "freed")
			}
		}
	}()
	select {
	case err = <-ended:
	case <-asked:
	case <-ctx.Done():
	}
	bye, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = h.Shutdown(bye) // the clients have gone
	server.Close()
	return err
}
