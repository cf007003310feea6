package bench

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/aws/aws-lambda-go/events"
	awslambda "github.com/aws/aws-lambda-go/lambda"

	"websocket.example/04-chat-hub/chat"
	"websocket.example/05-apigw-lambda/app"
	"websocket.example/05-apigw-lambda/functions"
	"websocket.example/05-apigw-lambda/functions/handler"
	"websocket.example/05-apigw-lambda/gateway"
	"websocket.example/05-apigw-lambda/gateway/api"
	"websocket.example/05-apigw-lambda/gateway/lambda"
	"websocket.example/05-apigw-lambda/store/memory"
)

// The chat as it is, but for two things. A connection may take a seat without
// anybody being told: a thousand that join are half a million posts. And
// there is no $disconnect, for the same reason.

const hall = "hall"

func chatAPI() *api.API { return routes("Chat", api.Connect, "seat", "send") }

func chatFunction(g *gateway.Gateway) lambda.Function {
	s := &seats{Store: memory.New(), poster: g}
	s.chat = handler.Of(functions.Chat(app.New(s.Store, s.poster, app.Options{})))
	f := &api.Function{ResourceID: "Chat", Name: "chat", Timeout: 29 * time.Second}
	return lambda.InProcess(f, s, lambda.Options{Concurrency: 1000})
}

// seats is the function: the chat, and a way in that makes no noise.
type seats struct {
	app.Store
	poster app.Poster
	chat   awslambda.Handler
}

const seated = `{"type":"seated"}`

// Invoke implements lambda.Handler.
func (s *seats) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	var e events.APIGatewayWebsocketProxyRequest
	if err := json.Unmarshal(payload, &e); err != nil {
		return nil, err
	}
	if e.RequestContext.RouteKey != "seat" {
		return s.chat.Invoke(ctx, payload)
	}
	if err := s.take(ctx, e.RequestContext.ConnectionID); err != nil {
		return nil, err
	}
	return []byte(`{"statusCode":200}`), s.poster.Post(ctx, e.RequestContext.ConnectionID, []byte(seated))
}

// take writes what a join would write.
func (s *seats) take(ctx context.Context, connection string) error {
	r, err := s.Room(ctx, hall)
	if err != nil {
		return err
	}
	now := time.Now()
	if r.Version == 0 {
		r.Epoch, r.Expires = uint64(now.UnixNano()), now.Add(app.Retention)
		if _, err := s.PutRoom(ctx, r); err != nil && !errors.Is(err, app.ErrConflict) {
			return err
		}
	}
	expires := now.Add(app.Membership)
	name := "m" + connection
	_, err = s.PutMember(ctx, app.Member{Room: hall, Key: chat.NameKey(name), Name: name, Connection: connection, Asked: now, Expires: expires})
	return errors.Join(err, s.PutSeat(ctx, app.Seat{Connection: connection, Room: hall, Name: name, Asked: now, Expires: expires}))
}
