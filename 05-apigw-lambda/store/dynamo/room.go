package dynamo

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"websocket.example/05-apigw-lambda/app"
)

type roomItem struct {
	key
	Epoch     uint64 `dynamodbav:"epoch"`
	Head      uint64 `dynamodbav:"head"`
	Delivered uint64 `dynamodbav:"delivered"`
	Holder    string `dynamodbav:"holder,omitempty"`
	Until     int64  `dynamodbav:"until,omitempty"` // milliseconds
	Expires   int64  `dynamodbav:"expires"`         // seconds, as all of them
	Version   uint64 `dynamodbav:"version"`
}

func (i roomItem) ends() int64 { return i.Expires }

func roomKey(name string) key { return key{"R#" + name, "!"} }

// Room reads a room.
func (s *Store) Room(ctx context.Context, name string) (app.Room, error) {
	i, found, err := get[roomItem](ctx, s, roomKey(name))
	if err != nil || !found {
		return app.Room{Name: name}, err
	}
	return app.Room{
		Name: name, Epoch: i.Epoch, Head: i.Head, Delivered: i.Delivered,
		Holder: i.Holder, Until: moment(i.Until), Expires: time.Unix(i.Expires, 0), Version: i.Version,
	}, nil
}

// PutRoom replaces a room.
func (s *Store) PutRoom(ctx context.Context, r app.Room) (app.Room, error) {
	is := version(r.Version)
	r.Version = newVersion()
	i := roomItem{roomKey(r.Name), r.Epoch, r.Head, r.Delivered, r.Holder, milliseconds(r.Until), seconds(r.Expires), r.Version}
	return r, s.put(ctx, i, is)
}

// newVersion is a number that no other item ever had: one that was deleted and
// made again must not pass for the old one.
func newVersion() uint64 { return rand.Uint64()>>1 + 1 }

// Rooms scans the index of members.
func (s *Store) Rooms(ctx context.Context) (names []string, err error) {
	seen := map[string]bool{}
	pages := dynamodb.NewScanPaginator(s.db, &dynamodb.ScanInput{TableName: &s.table, IndexName: aws.String(roomsIndex)})
	for pages.HasMorePages() {
		out, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, item := range out.Items {
			if room, ok := item["room"].(*types.AttributeValueMemberS); ok && !seen[room.Value] {
				seen[room.Value] = true
				names = append(names, room.Value)
			}
		}
	}
	return names, nil
}
