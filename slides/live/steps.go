package live

import (
	"context"
	"time"

	"websocket.example/01-http-vs-ws/link"
	lanes "websocket.example/01-http-vs-ws/web"
	handshake "websocket.example/02-handshake/web"
	frames "websocket.example/03-raw-server/web"
)

// openLanes is step 1: four ways to hear the same news, over a network like
// that of a phone.
func openLanes(context.Context) (*running, error) {
	network, err := link.Named("4g")
	if err != nil {
		return nil, err
	}
	page, err := lanes.New(lanes.Options{Link: network.Settings, Seed: uint64(time.Now().UnixNano())})
	if err != nil {
		return nil, err
	}
	return &running{page, func(context.Context) { page.Close() }}, nil
}

// openHandshake is step 2: what this very browser says to a server.
func openHandshake(context.Context) (*running, error) {
	page := handshake.NewPage(handshake.Options{})
	return &running{page, func(context.Context) { page.Close() }}, nil
}

// openFrames is step 3: a message, and the bits of its frame.
func openFrames(context.Context) (*running, error) {
	page := frames.New(frames.Options{})
	return &running{page, func(context.Context) { page.Close() }}, nil
}
