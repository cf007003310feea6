// Package wsconn is one WebSocket connection after its handshake, as either
// role: messages, fragments, control frames, the closing handshake and
// permessage-deflate.
//
//	conn.go    what a connection is, and who may do what with it
//	step.go    from bytes to pieces of messages; every rule is kept here
//	message.go pieces become messages
//	input.go   where bytes come from, and the buffer that idle connections lack
//	each.go    the loop of a server: all that came in one read, answered in one write
//	serve.go   the same for many connections, without a goroutine for the idle
//	output.go  frames to the wire, in order, from any goroutine
//	close.go   the closing handshake
//	dial.go    the client's side of the beginning
package wsconn

import (
	"net"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"websocket.example/03-raw-server/deflate"
	"websocket.example/03-raw-server/frame"
)

// A Role is which end of the connection this is. It decides who masks.
type Role byte

// The roles.
const (
	Server Role = iota
	Client
)

// Options are what this end puts up with. Many connections share one; it is
// not changed after the first.
type Options struct {
	// MaxMessage is the longest message that is taken, in bytes, after
	// decompression. A longer one ends the connection with 1009, before
	// memory is taken for it. 0 is 32 MiB.
	MaxMessage int

	// MaxFrame is the longest frame that is taken, in bytes as they are on
	// the wire, and ends the connection likewise. 0 is MaxMessage. (Amazon
	// API Gateway counts in frames.)
	MaxFrame int

	// WriteTimeout is how long the other side may leave its receive window
	// closed, or nearly so: in that time it takes all there is, or 64 KiB of
	// it. 0 is 10 s.
	WriteTimeout time.Duration

	// CloseTimeout is how long to wait for the answer to a close frame, and
	// how long for what is before it to be written. 0 is 5 s.
	CloseTimeout time.Duration

	// Kicked says that somebody calls Kick on connections that fall silent,
	// as package server does. Then Each makes fewer reads.
	Kicked bool

	// Deflate says how to compress, if that is agreed on.
	Deflate deflate.Options
}

// Agreed is what the handshake left for a connection.
type Agreed struct {
	Deflate *deflate.Params // nil if messages are not compressed
	Rest    []byte          // what was read beyond the handshake
	Trace   Trace           // is shown every frame; nil is nobody
}

// A Trace is shown every frame as it is on the wire: its header, then its
// payload, unmasked, in as many parts as it came in. It is called by readers
// and writers, and must not call the connection.
type Trace interface {
	Header(sent bool, h frame.Header)
	Payload(sent bool, part []byte)
}

func or[T comparable](value, otherwise T) T {
	var zero T
	if value == zero {
		return otherwise
	}
	return value
}

func (o *Options) maxMessage() uint64          { return uint64(or(o.MaxMessage, 32<<20)) }
func (o *Options) maxFrame() uint64            { return uint64(or(o.MaxFrame, int(o.maxMessage()))) }
func (o *Options) writeTimeout() time.Duration { return or(o.WriteTimeout, 10*time.Second) }
func (o *Options) closeTimeout() time.Duration { return or(o.CloseTimeout, 5*time.Second) }

// A Conn is one end of a WebSocket connection.
//
// One goroutine reads: it calls Read, NextReader or Each, one at a time.
// Any goroutine writes: Write, Ping and Close may be called at any time, and
// messages never mix. The bytes of a message that was read are good until
// the reader's next call; the bytes of a message that is written are the
// caller's again when Write returns.
//
// Control frames are answered while somebody reads: a connection that nobody
// reads answers no ping and notices no close.
//
// A connection ends with Close, with the other side's close frame, or with
// an error; whoever reads learns of all three, and the network connection is
// then closed.
type Conn struct {
	nc   net.Conn
	raw  syscall.RawConn // nil where a socket can't be watched without a buffer
	opts *Options
	pmd  *deflate.Params // permessage-deflate as agreed, nil without
	show Trace           // nil is nobody
	role Role

	reading sync.Mutex // held by whoever reads

	// What the reader knows.
	in       *buffer // bytes that were read, nil when there are none
	stash    []byte  // the start of a frame, kept while no buffer is
	left     uint64  // payload bytes of the current frame that are still to come
	received uint64  // payload bytes of the current message that came
	key      [4]byte // of the current frame
	keyAt    uint8   // where in the key its next payload byte is
	opcode   frame.Opcode
	fin      bool   // the current frame is the last of its message
	inFrame  bool   // between a header and the end of its payload
	inside   bool   // a message has begun and not ended
	packed   bool   // the message is compressed
	lately   uint32 // how long the last message was, if it was long
	text     frame.UTF8
	parts    *message // the message that is being put together, nil if none
	stream   *stream  // who reads the current message, nil unless NextReader returned it
	inflate  *deflate.Decompressor
	ended    error         // why nothing more is read
	frames   atomic.Uint32 // how many came, for whoever looks for the idle

	// What writers share.
	mu       sync.Mutex
	out      *buffer       // frames not written yet, nil when there are none
	corked   bool          // the reader will flush
	came     int32         // how much he has read, while corked
	held     int32         // the descriptor, while he flushes
	flushing bool          // somebody is writing; what is appended goes with it
	room     chan struct{} // closed when the flusher is done; nil while nobody waits
	broken   error         // why nothing more is written
	between  bool          // a message of a Writer is half sent
	sent     bool          // a close frame is on its way: the last of all frames
	closing  *time.Timer   // ends the wait for the answer to it
	nap      *nap          // set by Serve
	deflate  *deflate.Compressor
}

// New makes a connection of what a handshake left. It takes it over.
func New(nc net.Conn, role Role, opts *Options, agreed Agreed) *Conn {
	if opts == nil {
		opts = &Options{}
	}
	return &Conn{nc: nc, raw: watchable(nc), opts: opts, role: role, pmd: agreed.Deflate, show: agreed.Trace, held: noFD, stash: agreed.Rest}
}

// NetConn is the connection below, for its addresses and options. Whoever
// reads from it or writes to it breaks the WebSocket connection.
func (c *Conn) NetConn() net.Conn { return c.nc }

// Frames is how many frames came so far, and parts of long ones: a number
// that moves as long as the other side does something. It wraps around.
func (c *Conn) Frames() uint32 { return c.frames.Load() }
