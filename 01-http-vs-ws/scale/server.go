package scale

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"time"

	"websocket.example/01-http-vs-ws/feed"
	"websocket.example/01-http-vs-ws/link"
	"websocket.example/01-http-vs-ws/transport"
)

// Usage is what a server process has used up to now.
type Usage struct {
	CPU         time.Duration // of all its threads, user and system
	Memory      int64         // bytes that the Go runtime holds: heap, stacks and its own
	Goroutines  int
	Connections int64
	Requests    int64
}

// Serve runs the server alone in its process, so that what is measured is
// the server and not its clients. It prints its address, and ends when its
// standard input does: with its parent.
func Serve(in io.Reader, out io.Writer, keepalive time.Duration) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	var counter link.Counter
	handler := (&transport.Server{Feed: &feed.Feed{}, Keepalive: keepalive}).Handler()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /usage", func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(usage(&counter))
	})
	mux.HandleFunc("POST /collect", func(http.ResponseWriter, *http.Request) { debug.FreeOSMemory() })
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		counter.Requests.Add(1)
		handler.ServeHTTP(w, r)
	})
	server := &http.Server{Handler: mux, ReadHeaderTimeout: time.Minute}
	go func() {
		_, _ = io.Copy(io.Discard, in)
		server.Close()
	}()
	if _, err := fmt.Fprintln(out, "http://"+listener.Addr().String()); err != nil {
		return err
	}
	if err := server.Serve(link.Count(listener, &counter)); err != http.ErrServerClosed {
		return err
	}
	return nil
}

func usage(c *link.Counter) Usage {
	sample := []metrics.Sample{
		{Name: "/memory/classes/total:bytes"},
		{Name: "/memory/classes/heap/released:bytes"}, // given back to the system
	}
	metrics.Read(sample)
	return Usage{
		CPU:         cpuTime(),
		Memory:      int64(sample[0].Value.Uint64() - sample[1].Value.Uint64()),
		Goroutines:  runtime.NumGoroutine(),
		Connections: c.Connections.Load(),
		Requests:    c.Requests.Load(),
	}
}
