package functions

import (
	"context"

	"github.com/aws/aws-lambda-go/lambdacontext"

	"websocket.example/05-apigw-lambda/app"
)

// An Announcement is what a schedule, or whoever invokes the function, has to
// say: to one room, or to all in which somebody is.
type Announcement struct {
	Text string `json:"text"`
	Room string `json:"room,omitempty"`
	ID   string `json:"id,omitempty"` // the same again is not said twice; the invocation's, if empty
}

// Announced is what became of it.
type Announced struct {
	Rooms int `json:"rooms"`
}

// An AnnounceFunction says something to everybody.
type AnnounceFunction func(context.Context, Announcement) (Announced, error)

// Announce is the function for other events. Lambda invokes it again when it
// fails, with the same request id: so no room hears it twice.
func Announce(a *app.App) AnnounceFunction {
	return func(ctx context.Context, n Announcement) (Announced, error) {
		if c, ok := lambdacontext.FromContext(ctx); ok && n.ID == "" {
			n.ID = c.AwsRequestID
		}
		rooms, err := a.Announce(ctx, n.ID, n.Room, n.Text)
		return Announced{rooms}, err
	}
}
