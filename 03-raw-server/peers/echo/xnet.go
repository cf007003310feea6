package echo

import (
	"net"
	"net/http"

	"golang.org/x/net/websocket"
)

// Receive and Send of a codec that remembers whether a message was text,
// which the ready-made ones do not. A Server without a Handshake function
// checks no origin.
var xnet = Peer{
	Name: "x/net", Module: "golang.org/x/net", How: "Codec, Receive and Send",
	Serve: func(l net.Listener, _ Deflate) error {
		s := websocket.Server{Handler: func(c *websocket.Conn) {
			c.MaxPayloadBytes = MaxMessage
			for {
				var m xnetMessage
				if err := xnetCodec.Receive(c, &m); err != nil {
					return
				}
				if err := xnetCodec.Send(c, &m); err != nil {
					return
				}
			}
		}}
		return serveHTTP(l, func(w http.ResponseWriter, r *http.Request) { s.ServeHTTP(w, r) })
	},
}

type xnetMessage struct {
	kind  byte
	bytes []byte
}

var xnetCodec = websocket.Codec{
	Marshal: func(v any) ([]byte, byte, error) {
		m := v.(*xnetMessage)
		return m.bytes, m.kind, nil
	},
	Unmarshal: func(bytes []byte, kind byte, v any) error {
		m := v.(*xnetMessage)
		m.kind, m.bytes = kind, bytes
		return nil
	},
}
