package gateway

import (
	"context"
	"time"

	"websocket.example/05-apigw-lambda/gateway/api"
	"websocket.example/05-apigw-lambda/gateway/edge"
	"websocket.example/05-apigw-lambda/gateway/id"
)

// Disconnect is told when a connection is over. Its function can send it
// nothing any more, and what it answers nobody hears.
//
// API Gateway, "$connect and $disconnect": best effort. A client that vanishes
// without a word is noticed when its time is over, here as there.
func (g handler) Disconnect(conn *edge.Conn, code int, reason string) {
	c, request := clientOf(conn), id.New()
	g.showClosed(c, request, code, reason)
	route := g.o.API.Routes[api.Disconnect]
	if route == nil || route.Integration == nil {
		return
	}
	e := c.source.OfDisconnect(request, time.Now(), code, reason)
	if out := g.run(context.Background(), c, route, request, &e); out.failed {
		g.log.Warn("$disconnect failed: nobody is told", "connectionId", c.ID, "reason", out.why)
	}
}
