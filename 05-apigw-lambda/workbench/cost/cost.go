// Package cost says what the chat costs a month: as functions behind API
// Gateway, and as the hub of step 4 on machines, and where one gets cheaper
// than the other.
//
// It is arithmetic, and measures nothing. [Input] is what there is to do,
// [Load] counts it, [Serverless], [OneMachine] and [Cluster] price it with the
// dated table in prices.json, and [Crossings] compares them. Whatever is
// assumed and not known is a field of Input, with its default and its reason.
package cost

import (
	"fmt"
	"math"
)

// Input is a month of chat, and what is assumed about it.
type Input struct {
	Users    float64 `json:"users"`    // connected at the same time
	Messages float64 `json:"messages"` // that each sends an hour
	Room     float64 `json:"room"`     // members of a room: each message goes to so many
	Hours    float64 `json:"hours"`    // that users are connected a day
	Days     float64 `json:"days"`     // a month
	Bytes    float64 `json:"bytes"`    // of a message as it is delivered
	Free     bool    `json:"free"`     // the free tier of a new account

	// A connection lives two hours at most on API Gateway.
	Session float64 `json:"session"` // hours
	// One that is silent for ten minutes is closed, so clients say ping: this
	// step's page does it a minute earlier. Step 4's does it every 25 s, to
	// notice sooner that nobody answers.
	Heartbeat float64 `json:"heartbeat"` // seconds

	// How long the function takes, for one thing and more for each post. An
	// assumption: nobody has measured it on AWS here.
	FunctionMS float64 `json:"functionMs"`
	PostMS     float64 `json:"postMs"`
	MemoryMB   float64 `json:"memoryMb"`

	// What goes over the wire beside the message: frame, TLS, TCP/IP.
	Overhead float64 `json:"overhead"` // bytes

	// Machines have to carry the busiest minute, and not at their limit.
	Peak        float64 `json:"peak"`        // times the average
	Utilisation float64 `json:"utilisation"` // of CPU and memory, at the peak

	// Measured in step 4 (hub-nats of its bench): CPU for a delivery, and
	// memory for a connection, with as much again for the kernel's sockets.
	DeliveryMicros float64 `json:"deliveryMicros"`
	ConnectionKiB  float64 `json:"connectionKib"`
}

// Standard is a chat of a thousand.
func Standard() Input {
	return Input{
		Users: 1000, Messages: 10, Room: 20, Hours: 8, Days: 30, Bytes: 250,
		Session: 1, Heartbeat: 540,
		FunctionMS: 20, PostMS: 1, MemoryMB: 256,
		Overhead: 80,
		Peak:     3, Utilisation: 0.5,
		DeliveryMicros: 9.5, ConnectionKiB: 20,
	}
}

// How API Gateway and DynamoDB measure.
const (
	messageUnit = 32 << 10 // bytes of a billed message
	readUnit    = 4 << 10  // of a strongly consistent read
	writeUnit   = 1 << 10
	memberBytes = 250 // an item of the table that is a member of a room
	itemBytes   = 250 // what an item with a message has beside it
	keptDays    = 8   // messages in the table, see app.Retention
	hoursMonth  = 730 // that a machine runs
	logBytes    = 700 // START, END, REPORT and the line in the access log
)

// A Load is a month's work, counted.
type Load struct {
	UserHours float64 `json:"userHours"`
	Sends     float64 `json:"sends"`
	Connects  float64 `json:"connects"`
	Pings     float64 `json:"pings"`
	Received  float64 `json:"received"` // frames from clients
	Delivered float64 `json:"delivered"`
	Egress    float64 `json:"egressGb"` // GB to clients
}

// Count counts. A message goes to everybody in the room, the sender included,
// who gets an acknowledgement too. A connection joins one room: it hears who
// is there, and the others hear that it came and, later, that it left.
func (in Input) Count() Load {
	l := Load{UserHours: in.Users * in.Hours * in.Days}
	room := in.room()
	l.Sends = l.UserHours * in.Messages
	l.Connects = l.UserHours / in.Session
	l.Pings = l.UserHours * 3600 / in.Heartbeat
	l.Received = l.Sends + l.Connects + l.Pings
	others := math.Max(room-1, 0)
	short := l.Sends + l.Pings + l.Connects*(1+2*others) // ack, pong, joined, presence
	l.Delivered = l.Sends*room + short
	l.Egress = (l.Sends*room*(in.Bytes+in.Overhead) + short*(100+in.Overhead)) / 1e9
	return l
}

// room is the members of a room: no more than there are users.
func (in Input) room() float64 { return math.Min(in.Room, in.Users) }

// Check says what makes no sense.
func (in Input) Check() error {
	for _, f := range []struct {
		name      string
		value     float64
		low, high float64
	}{
		{"users", in.Users, 1, 1e8},
		{"messages", in.Messages, 0, 1e6},
		{"room", in.Room, 1, 1e6},
		{"hours", in.Hours, 0.01, 24},
		{"days", in.Days, 1, 31},
		{"bytes", in.Bytes, 1, 128 << 10},
		{"session", in.Session, 0.001, 2},
		{"heartbeat", in.Heartbeat, 1, 600},
		{"function-ms", in.FunctionMS, 1, 29000},
		{"post-ms", in.PostMS, 0, 29000},
		{"memory", in.MemoryMB, 128, 10240},
		{"overhead", in.Overhead, 0, 10000},
		{"peak", in.Peak, 1, 1000},
		{"utilisation", in.Utilisation, 0.01, 1},
		{"delivery-us", in.DeliveryMicros, 0.01, 1e6},
		{"connection-kib", in.ConnectionKiB, 0.1, 1e6},
	} {
		if !(f.value >= f.low && f.value <= f.high) {
			return fmt.Errorf("-%s %g makes no sense: it is from %g to %g", f.name, f.value, f.low, f.high)
		}
	}
	return nil
}

// An Item is a line of a bill.
type Item struct {
	Key    string  `json:"key"` // of its text
	Amount float64 `json:"amount"`
	Unit   string  `json:"unit"` // the key of its text
	USD    float64 `json:"usd"`
}

// A Bill is what one way to run the chat costs a month.
type Bill struct {
	Key   string  `json:"key"` // serverless, machine or cluster
	Items []Item  `json:"items"`
	Total float64 `json:"totalUsd"`

	Type      string  `json:"type,omitempty"`      // of the machines
	Instances float64 `json:"instances,omitempty"` // how many hubs
}

func (b *Bill) add(p *Prices, key, row string, amount float64) {
	b.item(key, p.rows[row].Unit, amount, p.Cost(row, amount))
}

func (b *Bill) item(key, unit string, amount, usd float64) {
	b.Items = append(b.Items, Item{key, amount, unit, usd})
	b.Total += usd
}
