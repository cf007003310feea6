package wsconn

import (
	"context"
	"errors"
	"net/http"

	"websocket.example/02-handshake/handshake"
	"websocket.example/03-raw-server/deflate"
)

// DialOptions are what a client wants. The zero value, or a nil pointer,
// will do: no compression.
type DialOptions struct {
	Options
	Handshake handshake.DialOptions
	Compress  bool // offer permessage-deflate, as Options.Deflate says
}

// Dial connects to a ws or wss URL. The context bounds the handshake, and not
// the connection.
//
//	c, err := wsconn.Dial(ctx, "ws://127.0.0.1:8003", nil)
//	...
//	err = c.Write(ctx, frame.Text, []byte("hello"))
//	op, message, err := c.Read(ctx)
//	err = c.Close(frame.NormalClosure, "")
func Dial(ctx context.Context, url string, o *DialOptions) (*Conn, error) {
	var options DialOptions
	if o != nil {
		options = *o
	}
	ask := options.Handshake
	if options.Compress {
		ask.Extensions = append(ask.Extensions[:len(ask.Extensions):len(ask.Extensions)], options.Deflate.Offer())
	}
	nc, h, err := handshake.Dial(ctx, url, &ask)
	if err != nil {
		return nil, err
	}
	agreed := Agreed{Rest: h.Rest}
	for i, answer := range h.Extensions {
		params, err := options.Deflate.Confirm(answer)
		if i > 0 { // RFC 7692, section 5: two extensions that use one bit can't be combined
			err = errors.New("wsconn: the server answered with more than one extension")
		}
		if err != nil { // RFC 6455, section 9.1: the client MUST fail the connection
			nc.Close()
			return nil, err
		}
		agreed.Deflate = &params
	}
	return New(nc, Client, &options.Options, agreed), nil
}

// Upgrade makes a connection of a request to a net/http server. Whoever can
// should use package server instead: net/http keeps its buffers and its
// goroutine for as long as the connection lives.
func Upgrade(w http.ResponseWriter, r *http.Request, ask *handshake.Options, o *Options) (*Conn, *handshake.Handshake, error) {
	var agreed Agreed
	var options handshake.Options
	if ask != nil {
		options = *ask
	}
	if o == nil {
		o = &Options{}
	}
	options.Extensions = Negotiate(&o.Deflate, &agreed)
	nc, h, err := options.Upgrade(w, r)
	if err != nil {
		return nil, nil, err
	}
	agreed.Rest = h.Rest
	return New(nc, Server, o, agreed), h, nil
}

// Negotiate is the server's choice of an extension for a handshake: it
// accepts permessage-deflate where it is offered, and remembers the terms.
func Negotiate(o *deflate.Options, agreed *Agreed) func([]handshake.Extension) ([]handshake.Extension, error) {
	return func(offers []handshake.Extension) ([]handshake.Extension, error) {
		params, answer, ok := o.Negotiate(offers)
		if !ok {
			return nil, nil
		}
		agreed.Deflate = &params
		return []handshake.Extension{answer}, nil
	}
}
