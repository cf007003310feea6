// Package edge is what the chat shows to the outside: the page, the
// WebSocket, and what those need who run it.
package edge

import (
	"context"
	"net/http"
	"net/http/pprof"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"websocket.example/04-chat-hub/hub"
	"websocket.example/04-chat-hub/log"
	"websocket.example/04-chat-hub/web"
)

// Options of a handler.
type Options struct {
	Hub  hub.Options
	Page web.Options
	// Pprof opens /debug/pprof: for whoever may see everything.
	Pprof bool
}

// New makes a hub and the handler in front of it. All its addresses are
// relative, so it may stand behind http.StripPrefix. The hub is ended with
// its Shutdown.
//
//	/            the page
//	/ws          the WebSocket
//	/metrics     for Prometheus
//	/healthz     200 as long as the process answers: else it is to be started anew
//	/readyz      200 while new connections are welcome, 503 while it shuts down or
//	             can't reach the log: a load balancer asks this one
//	/debug/pprof if it is opened
func New(o Options) (http.Handler, *hub.Hub) {
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	o.Hub.Registry = registry
	h := hub.New(o.Hub)

	mux := http.NewServeMux()
	mux.Handle("/", web.Handler(o.Page))
	mux.Handle("/ws", h)
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { answer(w, "") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) { answer(w, notReady(r.Context(), h, o.Hub.Store)) })
	if o.Pprof {
		mux.HandleFunc("/debug/pprof/", pprof.Index)
		mux.HandleFunc("/debug/pprof/cmdline", pprof.Cmdline)
		mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
		mux.HandleFunc("/debug/pprof/symbol", pprof.Symbol)
		mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
	}
	return mux, h
}

// Server is a net/http server with the limits that a chat needs. A handshake
// that is slow or never comes is cut off.
func Server(handler http.Handler) *http.Server {
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 5 * time.Second,
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    16 << 10,
	}
}

func notReady(ctx context.Context, h *hub.Hub, store log.Store) string {
	if !h.Ready() {
		return "shutting down"
	}
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	if _, err := store.Head(ctx, "readyz"); err != nil {
		return "the log can't be reached"
	}
	return ""
}

func answer(w http.ResponseWriter, wrong string) {
	w.Header().Set("Cache-Control", "no-store")
	if wrong != "" {
		http.Error(w, wrong, http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write([]byte("ok\n")) // whoever asked has gone
}
