package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"websocket.example/04-chat-hub/edge"
	"websocket.example/04-chat-hub/hub"
	"websocket.example/04-chat-hub/log"
	"websocket.example/04-chat-hub/log/memory"
	"websocket.example/04-chat-hub/log/nats"
	"websocket.example/04-chat-hub/rest"
)

const serveLesson = `
Usage: go run ./04-chat-hub [flags]

A chat in rooms: nicknames, presence, typing, history, and resume after a lost
connection. Open its page in two browser tabs. Nothing else is needed: the history
is kept by a NATS server inside of this process, in a folder, and every message that
was acknowledged is on the disk.

  go run ./04-chat-hub                        alone, history in ./chat-data
  go run ./04-chat-hub -memory                history is forgotten at the end
  go run ./04-chat-hub -nats nats://h1,nats://h2,nats://h3
                                              one of several hubs on a NATS cluster

Programs connect to /ws; asyncapi.yaml says what they may send and get.
/metrics is for Prometheus, /healthz and /readyz are for whoever watches over it.

A member that does not read as fast as its room talks is cut off with close code
1013, comes back, and gets what it missed from the history. Ctrl-C sends everybody
close code 1012 with a delay after which to come back, waits, and stops.

Beside it, each with its own -h:

  go run ./04-chat-hub bots       load, which checks every delivery
  go run ./04-chat-hub bench      what a delivery costs, beside gorilla's chat example
  go run ./04-chat-hub check      grades any chat server, yours for example
  go run ./04-chat-hub cluster    three hubs on three servers, which are killed
`

// goodbye is how long members have to answer a close frame.
const goodbye = 5 * time.Second

// opening is how long a NATS cluster may take to find its leaders.
const opening = 30 * time.Second

// settings are the flags.
type settings struct {
	addr, cert, key string
	memory          bool
	nats            nats.Options
	hub             hub.Options
	pprof, verbose  bool
	asJSON          bool
}

func (s *settings) flags(t io.Writer) *flags {
	fs := newFlags("04-chat-hub", serveLesson, t)
	fs.StringVar(&s.addr, "addr", "127.0.0.1:8004", "where to listen, as `host:port`; port 0 is a free one")
	fs.StringVar(&s.cert, "tls", "", "`file` with a certificate in PEM, then https and wss are served")
	fs.StringVar(&s.key, "tls-key", "", "`file` with its key")
	fs.BoolVar(&s.memory, "memory", false, "keep the history in memory only")
	fs.StringVar(&s.nats.Dir, "data", "chat-data", "`folder` for the history")
	fs.StringVar(&s.nats.URL, "nats", "", "`URL` of NATS servers with JetStream, in place of the one inside,\nseveral with commas between")
	number(fs, &s.nats.Replicas, "replicas", 0, 0, 5, "`number` of servers of the cluster that keep each message: 1, 3 or 5,\n0 is 3 if there are as many, else 1")
	fs.DurationVar(&s.nats.MaxAge, "keep", 7*24*time.Hour, "`time` for which messages are kept")
	number(fs, &s.nats.MaxPerRoom, "keep-messages", 10_000, 1, 1<<40, "`number` of messages that are kept of a room")
	fs.Var(checked{"", func(text string) error { return origins(&s.hub, text) }}, "origin",
		"`list` of origins of foreign pages that may connect, with commas between,\nsuch as https://example.com, or *; its own page always may")
	number(fs, &s.hub.Conns, "conns", 0, 0, 1<<30, "`number` of connections at a time, 0 is no limit")
	number(fs, &s.hub.Rooms, "rooms", 16, 1, 1000, "`number` of rooms that one connection is in")
	perSecond(fs, &s.hub.Rate, "rate", 100, "`messages` a second from one connection, twice as many at once,\n0 is no limit")
	number(fs, &s.hub.Addresses.Conns, "address-conns", 0, 0, 1<<30, "`number` of connections from one address other than this machine,\n0 is no limit")
	perSecond(fs, &s.hub.Addresses.Rate, "address-rate", 0, "`messages` a second from one such address, 0 is no limit")
	fs.BoolVar(&s.hub.NoCompress, "no-compress", false, "do not agree to permessage-deflate")
	fs.BoolVar(&s.pprof, "pprof", false, "open /debug/pprof to everybody who can connect")
	fs.BoolVar(&s.asJSON, "json", false, "log in JSON")
	fs.BoolVar(&s.verbose, "v", false, "log more")
	return fs
}

func serveCommand(ctx context.Context, args []string, out, errs io.Writer) int {
	var s settings
	err := s.flags(out).parse(args)
	if err == nil {
		err = s.check()
	}
	if err == nil {
		err = s.serve(ctx, out, errs)
	}
	return exit(errs, err)
}

func (s *settings) check() error {
	switch {
	case (s.cert == "") != (s.key == ""):
		return wrong("-tls and -tls-key belong together: a certificate and its key, both in PEM")
	case s.memory && s.nats.URL != "":
		return wrong("-memory and -nats: the history is in one place, choose which")
	case s.nats.Replicas > 0 && s.nats.Replicas%2 == 0:
		return wrong("-replicas %d: choose 1, 3 or 5, for most of them have to agree", s.nats.Replicas)
	case s.nats.URL == "" && s.nats.Replicas > 1:
		return wrong("-replicas %d needs the servers of a cluster: name them with -nats", s.nats.Replicas)
	case s.nats.MaxAge < time.Second:
		return wrong("-keep %v: a second is the least", s.nats.MaxAge)
	}
	s.hub.Burst = int(2 * s.hub.Rate)
	if s.hub.Rate == 0 {
		s.hub.Rate = -1 // no limit
	}
	return nil
}

func (s *settings) serve(ctx context.Context, out, errs io.Writer) error {
	listener, err := net.Listen("tcp", s.addr)
	if err != nil {
		return wrong("-addr: %w", addressError(s.addr, err))
	}
	defer listener.Close()
	scheme := "http"
	if s.cert != "" {
		pair, err := tls.LoadX509KeyPair(s.cert, s.key)
		if err != nil {
			return wrong("-tls: %w", err)
		}
		listener = tls.NewListener(listener, &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12})
		scheme = "https"
	}
	s.hub.Log = s.logger(errs)

	var h atomic.Pointer[hub.Hub] // the store comes first
	s.nats.Taken = func(room, name string) { h.Load().Taken(room, name) }
	store, where, err := s.open(ctx)
	if err != nil || ctx.Err() != nil {
		return err
	}
	defer store.Close()
	s.hub.Store = store
	handler, theHub := edge.New(edge.Options{Hub: s.hub, Pprof: s.pprof})
	h.Store(theHub)

	resting, stop := context.WithCancel(ctx)
	defer stop()
	go rest.Keep(resting, theHub.Len)
	server := edge.Server(handler)
	server.ErrorLog = slog.NewLogLogger(s.hub.Log.Handler(), slog.LevelDebug)
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	fmt.Fprintf(out, "Chat at %s://%s, open it in two tabs. %s. Ctrl-C stops.\n", scheme, listener.Addr(), where)
	select {
	case err = <-ended:
	case <-ctx.Done():
	}
	return errors.Join(err, s.shutdown(server, theHub))
}

// shutdown says goodbye: first to those who are there, while the listener
// answers others that they are too late.
func (s *settings) shutdown(server *http.Server, h *hub.Hub) error {
	ctx, cancel := context.WithTimeout(context.Background(), goodbye)
	defer cancel()
	if err := h.Shutdown(ctx); err != nil {
		s.hub.Log.Info("some connections did not say goodbye, and were cut off")
	}
	return server.Close()
}

// open opens the log, and says where it is.
func (s *settings) open(ctx context.Context) (log.Store, string, error) {
	if s.memory {
		server := memory.NewServer()
		server.MaxAge, server.MaxPerRoom = s.nats.MaxAge, int(s.nats.MaxPerRoom)
		return server.Open(), "The history is in memory", nil
	}
	limited, cancel := context.WithTimeout(ctx, opening)
	defer cancel()
	where := "The history is in " + s.nats.Dir
	if s.nats.URL != "" {
		where = "The history is at " + withoutSecrets(s.nats.URL)
	}
	s.nats.Log = s.hub.Log
	store, err := nats.Open(limited, s.nats)
	if err != nil {
		switch {
		case ctx.Err() != nil: // Ctrl-C
			return nil, "", nil
		case s.nats.URL != "":
			err = fmt.Errorf("%w: is it running, with JetStream (nats-server -js)?", err)
		case errors.As(err, new(*os.PathError)):
			err = fmt.Errorf("%w: choose a folder that can be written with -data, or -memory", err)
		}
		return nil, "", err
	}
	return store, where, nil
}

func withoutSecrets(urls string) string {
	all := strings.Split(urls, ",")
	for i, text := range all {
		if u, err := url.Parse(strings.TrimSpace(text)); err == nil {
			all[i] = u.Redacted()
		}
	}
	return strings.Join(all, ", ")
}

func (s *settings) logger(w io.Writer) *slog.Logger {
	o := &slog.HandlerOptions{Level: slog.LevelInfo}
	if s.verbose {
		o.Level = slog.LevelDebug
	}
	if s.asJSON {
		return slog.New(slog.NewJSONHandler(w, o))
	}
	return slog.New(slog.NewTextHandler(w, o))
}

// origins reads a list of origins.
func origins(o *hub.Options, text string) error {
	o.Origins = nil
	for origin := range strings.SplitSeq(text, ",") {
		origin = strings.TrimSpace(origin)
		u, err := url.Parse(origin)
		if origin != "*" && (err != nil || u.Scheme == "" || u.Host == "" || u.Path != "") {
			return fmt.Errorf("an origin is a scheme and a host, such as https://example.com, and * is all")
		}
		o.Origins = append(o.Origins, origin)
	}
	return nil
}

func addressError(addr string, err error) error {
	var unknown *net.AddrError
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("%s is taken by another program: choose another port, or port 0 for a free one", addr)
	case errors.Is(err, os.ErrPermission):
		return fmt.Errorf("%s is not for everyone: choose a port above 1023", addr)
	case errors.As(err, &unknown):
		return fmt.Errorf("%q is not host:port, with a port up to 65535: write it like 127.0.0.1:8004", addr)
	}
	return fmt.Errorf("%s can't be listened on (%w): write host:port of this machine, like 127.0.0.1:8004", addr, err)
}
