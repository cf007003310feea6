package echo

import (
	"net"

	"github.com/lxzan/gws"
)

// Its README's server, on gws's own listener loop. Messages are handled one
// after the other on the connection's goroutine, which is its default. Its
// limit for messages is 16 MiB by itself and is left there. Its windows would be
// 4 KiB, and it would ask that of clients that did not offer it, which the RFC
// forbids: they are set to what everyone else has.
var gwsPeer = Peer{
	Name: "gws", Module: "github.com/lxzan/gws", How: "OnMessage and WriteMessage, default options",
	Compresses: true, TakesOver: true,
	Serve: func(l net.Listener, d Deflate) error {
		return gws.NewServer(gwsEcho{}, &gws.ServerOption{
			PermessageDeflate: gws.PermessageDeflate{
				Enabled: d != Off, Level: 1,
				ServerContextTakeover: d == Takeover, ClientContextTakeover: d == Takeover,
				ServerMaxWindowBits: 15, ClientMaxWindowBits: 15,
			},
		}).RunListener(l)
	},
}

type gwsEcho struct{ gws.BuiltinEventHandler }

func (gwsEcho) OnPing(c *gws.Conn, payload []byte) { _ = c.WritePong(payload) }

func (gwsEcho) OnMessage(c *gws.Conn, message *gws.Message) {
	defer message.Close()
	_ = c.WriteMessage(message.Opcode, message.Bytes())
}
