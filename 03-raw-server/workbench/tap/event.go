// Package tap sits between a WebSocket client and a server, passes every byte
// on as it is, and tells what it was: requests, the handshake, each frame of
// both directions, and which of them breaks a rule.
//
//	event.go     what is told
//	tap.go       between a listener and a server; pipe.go passes the bytes on
//	follow.go    both directions of one connection: HTTP, then frames
//	message.go   one direction, while it is HTTP
//	shake.go     the handshake, judged
//	decoder.go   one direction, when it is frames; every rule is judged here
//	inflate.go   compressed messages
//	host.go      the one thing that may be changed, if asked for: Host and Origin
//	log.go       a sink that remembers, for tests
//	printer.go   a sink that is a terminal; payload.go how a payload is written
//	json.go      a sink for programs
//
// Whoever wants the frames of a program's conversation puts a tap into it:
//
//	var log tap.Log
//	t, err := tap.New("ws://127.0.0.1:8003", log.See)
//	go t.Serve(ctx, listener)
//	... // the program connects to the listener's address
//	for _, f := range log.Frames() {
package tap

import (
	"time"

	"websocket.example/03-raw-server/narrate"
)

// A Kind says what an Event is about.
type Kind string

// The kinds. A connection begins with Opened and ends with Closed.
const (
	Opened   Kind = "opened"    // a client has come, and the server was reached; Text is the client's address
	Request  Kind = "request"   // the head of an HTTP request: Raw, and its first line as Text
	Response Kind = "response"  // the head of a response, likewise
	Body     Kind = "body"      // a piece of a body: Raw as it came, Data without the borders of chunks
	Shaken   Kind = "handshake" // the answer to a WebSocket handshake: Handshake
	Framed   Kind = "frame"     // a frame is complete, or will never be: Frame
	Part     Kind = "part"      // a piece of a long frame, unmasked: Data, and Frame.Header; see Options.Parts
	Lost     Kind = "lost"      // from here on this direction can't be followed: Text says why
	Bytes    Kind = "bytes"     // bytes that mean nothing, because this direction can't be followed: Raw
	End      Kind = "end"       // this side sends no more; Text is empty or what is unusual about it
	Closed   Kind = "closed"    // both sides have gone; Text is empty or the error
)

// An Event is something that was seen on a connection. All of it is its
// receiver's own.
type Event struct {
	Kind       Kind
	At         time.Duration // since the tap began; of a frame, when it was complete
	Conn       int           // the connection's number, from 1
	FromClient bool          // who has sent it

	Text      string
	Reset     bool // of an End: it came as an error
	Raw, Data []byte
	Frame     *narrate.Frame // of a Framed; narrate.Draw draws it
	Handshake *Handshake     // of a Shaken
}

// A Sink is told everything, in the order in which it was seen, by one
// goroutine at a time. What was seen is passed on when the sink returns: a
// sink that waits holds the conversation up, and nothing piles up meanwhile.
type Sink func(Event)
