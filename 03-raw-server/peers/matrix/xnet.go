package matrix

import (
	"context"
	"net/http"

	"golang.org/x/net/websocket"
)

// Receive and Send of a codec that remembers whether a message was text,
// which the ready-made ones do not. There is nothing else to set.
var ofXNet = Peer{
	Name: "x/net", Module: "golang.org/x/net",
	Server: "`websocket.Server`, Codec with Receive and Send; it has no compression",
	Client: "the same loop on `DialConfig`",
	start: overHTTP(func(w http.ResponseWriter, r *http.Request) {
		websocket.Server{Handler: xnetEcho}.ServeHTTP(w, r)
	}),
	come: again(func(ctx context.Context, url string) {
		config, err := websocket.NewConfig(url, "http://127.0.0.1/")
		if err != nil {
			return
		}
		c, err := config.DialContext(ctx)
		if err == nil {
			xnetEcho(c)
		}
	}),
}

func xnetEcho(c *websocket.Conn) {
	defer c.Close() // sends a close frame
	c.MaxPayloadBytes = most
	for {
		var m xnetMessage
		if xnetCodec.Receive(c, &m) != nil || xnetCodec.Send(c, &m) != nil {
			return
		}
	}
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
