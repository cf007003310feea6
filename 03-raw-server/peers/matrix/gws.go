package matrix

import (
	"context"
	"net/http"
	"sync/atomic"

	"github.com/lxzan/gws"
)

// As in its examples/autobahn, which switches the check of UTF-8 on.
var ofGWS = Peer{
	Name: "gws", Module: "github.com/lxzan/gws",
	Server: "its `examples/autobahn/server`: `CheckUtf8Enabled`, takeover both ways, OnMessage and WriteMessage; on net/http, as in its README",
	Client: "its `examples/autobahn/client`, likewise",
	start: overHTTP(func(w http.ResponseWriter, r *http.Request) {
		c, err := gwsUpgrader.Upgrade(w, r)
		if err == nil {
			gwsRead(c)
		}
	}),
	come: again(func(_ context.Context, url string) {
		c, _, err := gws.NewClient(gwsEcho{}, &gws.ClientOption{
			Addr: url, PermessageDeflate: gwsDeflate, CheckUtf8Enabled: true, Recovery: gws.Recovery, Logger: gwsSilence{},
		})
		if err == nil {
			gwsRead(c)
		}
	}),
	panics: &gwsPanics,
}

var gwsUpgrader = gws.NewUpgrader(gwsEcho{}, &gws.ServerOption{
	PermessageDeflate: gwsDeflate, CheckUtf8Enabled: true, Recovery: gws.Recovery, Logger: gwsSilence{},
})

var gwsPanics atomic.Int64

// gwsRead is ReadLoop, which may panic. Its Recovery is for OnMessage alone,
// so there it would end the program.
func gwsRead(c *gws.Conn) {
	defer func() {
		if recover() != nil {
			gwsPanics.Add(1)
			c.NetConn().Close()
		}
	}()
	c.ReadLoop()
}

var gwsDeflate = gws.PermessageDeflate{Enabled: true, ServerContextTakeover: true, ClientContextTakeover: true}

type gwsEcho struct{ gws.BuiltinEventHandler }

func (gwsEcho) OnPing(c *gws.Conn, payload []byte) { _ = c.WritePong(payload) }

func (gwsEcho) OnMessage(c *gws.Conn, message *gws.Message) {
	defer message.Close()
	_ = c.WriteMessage(message.Opcode, message.Bytes())
}

type gwsSilence struct{}

func (gwsSilence) Error(...any) {}
