package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"syscall"
	"time"

	"websocket.example/01-http-vs-ws/web"
)

// serve shows the comparison as a page until Ctrl-C.
func serve(ctx context.Context, f measureFlags, t terminal) error {
	listener, err := net.Listen("tcp", f.addr)
	if err != nil {
		return wrong("-addr: %w", addressError(f.addr, err))
	}
	host, _, _ := net.SplitHostPort(listener.Addr().String())
	page, err := web.New(web.Options{
		Host: host, Link: f.Link, Poll: f.Poll, Rate: f.Rate, Keepalive: f.Keepalive, Seed: f.Seed,
	})
	if err != nil {
		listener.Close()
		return err
	}
	defer page.Close()
	server := &http.Server{Handler: page.Handler(), ReadHeaderTimeout: 10 * time.Second}
	defer context.AfterFunc(ctx, func() {
		page.Close()
		server.Close()
	})()
	fmt.Fprintf(t.out, "Open http://%s\nEvents come %g times a second over %s. Ctrl-C stops.\n", listener.Addr(), f.Rate, f.Link)
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

func addressError(addr string, err error) error {
	var unknown *net.AddrError
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("%s is taken by another program: choose another port, or port 0 for a free one", addr)
	case errors.Is(err, syscall.EACCES):
		return fmt.Errorf("%s is not for everyone: choose a port above 1023", addr)
	case errors.As(err, &unknown):
		return fmt.Errorf("%q is not host:port: write it like 127.0.0.1:8001", addr)
	}
	return fmt.Errorf("%s can't be listened on (%w): write host:port of this machine, like 127.0.0.1:8001", addr, err)
}
