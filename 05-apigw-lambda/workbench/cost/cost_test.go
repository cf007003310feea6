package cost

import (
	"math"
	"testing"
)

func near(t *testing.T, what string, got, want float64) {
	t.Helper()
	if math.Abs(got-want) > 1e-6*math.Max(1, math.Abs(want)) {
		t.Errorf("%s: %g, want %g", what, got, want)
	}
}

// find is a line of a bill.
func find(t *testing.T, b Bill, key string) Item {
	t.Helper()
	for _, it := range b.Items {
		if it.Key == key {
			return it
		}
	}
	t.Fatalf("%s has no line %q", b.Key, key)
	return Item{}
}

// What AWS itself gives as an example: a thousand users for twelve hours on
// thirty days, and 18 million messages.
func TestWorkedExample(t *testing.T) {
	in := Standard()
	in.Users, in.Hours, in.Days = 1000, 12, 30
	minutes := find(t, Serverless(in, StandardPrices()), "minutes")
	near(t, "minutes", minutes.Amount, 21.6e6)
	near(t, "their price", minutes.USD, 5.40)
	near(t, "price of the messages", StandardPrices().Cost("apigateway-messages", 18e6), 18.00)
}

// A chat that can be counted by hand: two users in one room for an hour, each
// says one thing, and pings every ten minutes.
var tiny = Input{
	Users: 2, Messages: 1, Room: 2, Hours: 1, Days: 1, Bytes: 200, Session: 1, Heartbeat: 600,
	FunctionMS: 10, PostMS: 1, MemoryMB: 1024, Overhead: 0,
	Peak: 1, Utilisation: 1, DeliveryMicros: 10, ConnectionKiB: 20,
}

func TestCount(t *testing.T) {
	l := tiny.Count()
	near(t, "sends", l.Sends, 2)
	near(t, "connects", l.Connects, 2)
	near(t, "pings", l.Pings, 12)
	near(t, "received: sends, pings, joins", l.Received, 2+12+2)
	near(t, "delivered: messages, acks, pongs, joined, presence twice", l.Delivered, 4+2+12+2+4)
	near(t, "egress", l.Egress, (4*200+20*100)/1e9)
}

func TestServerless(t *testing.T) {
	b := Serverless(tiny, StandardPrices())
	for _, want := range []struct {
		key    string
		amount float64
	}{
		{"messages", 16 + 24},
		{"minutes", 120},
		{"requests", 2 + 12 + 4*2},
		{"duration", (22*10 + 12*1) / 1000.0},         // 24 deliveries, of which 12 are answers
		{"reads", 2*(2+1) + 2*(5+1) + 2*(2+1) + 12*3}, // send, join, disconnect, ping
		{"writes", 2*4 + 2*3 + 2*3},                   // send, join, disconnect
		{"stored", 2 * 1 * (200 + 2*itemBytes) / 1e9}, // all of the one day
		{"logs", (22 + 16) / 2.0 * logBytes / 1e9},    //
		{"egress", tiny.Count().Egress}, {"secret", 1}, {"alarms", 11},
	} {
		near(t, want.key, find(t, b, want.key).Amount, want.amount)
	}
	sum := 0.0
	for _, it := range b.Items {
		sum += it.USD
	}
	near(t, "total", b.Total, sum)
}

func TestMessageUnits(t *testing.T) {
	for _, row := range []struct {
		bytes float64
		units float64 // of a message
	}{
		{1, 1}, {32 << 10, 1}, {32<<10 + 1, 2}, {64 << 10, 2}, {128 << 10, 4},
	} {
		in := tiny
		in.Bytes = row.bytes
		// Two messages: each received once and delivered twice.
		near(t, "messages", find(t, Serverless(in, StandardPrices()), "messages").Amount, 40+(row.units-1)*6)
	}
}

func TestFreeTier(t *testing.T) {
	in := tiny
	in.Free = true
	b := Serverless(in, StandardPrices())
	for _, key := range []string{"messages", "minutes", "requests", "duration"} {
		near(t, key, find(t, b, key).USD, 0)
	}
	in = Standard()
	paid := Serverless(in, StandardPrices())
	in.Free = true
	near(t, "what the free tier saves", paid.Total-Serverless(in, StandardPrices()).Total,
		1*1.00+0.75*0.25+1*0.20+math.Min(400000, find(t, paid, "duration").Amount)*0.0000133334)
}

// A room has no more members than there are users.
func TestSmallHouse(t *testing.T) {
	in, full := tiny, tiny
	in.Room = 1000
	if in.Count() != full.Count() {
		t.Error("a room has more members than there are users")
	}
}

func TestCluster(t *testing.T) {
	in, p := Standard(), StandardPrices()
	if b := Cluster(in, p); b.Instances != fewest {
		t.Errorf("a small chat has %g hubs, want %d", b.Instances, fewest)
	}
	// Silent users take memory: 3.5 GiB of a hub, half of it usable, at 20 KiB.
	in.Users, in.Messages, in.Room, in.Heartbeat = 400000, 0, 1, 600
	if b := Cluster(in, p); b.Instances != math.Ceil(400000*20.0/(1<<20)/0.5/3.5)+1 {
		t.Errorf("%g hubs for 400,000 silent users", b.Instances)
	}
	// Talk takes CPU.
	quiet := Cluster(in, p).Instances
	in.Messages, in.Room = 60, 200
	if loud := Cluster(in, p).Instances; loud <= quiet {
		t.Errorf("%g hubs when they talk, %g when they are silent", loud, quiet)
	}
}

func TestOneMachine(t *testing.T) {
	in, p := Standard(), StandardPrices()
	last := 0.0
	for _, row := range []struct {
		users float64
		there bool
	}{
		{10, true}, {50000, true}, {400000, true}, {1e8, false},
	} {
		in.Users = row.users
		b, there := OneMachine(in, p)
		if there != row.there {
			t.Fatalf("%g users on one machine: %v, want %v", row.users, there, row.there)
		}
		if there && b.Total < last {
			t.Errorf("%g users cost %g, fewer cost %g", row.users, b.Total, last)
		}
		last = b.Total
	}
}

// The bills are below each other before a crossing, and above after it.
func TestCrossings(t *testing.T) {
	p := StandardPrices()
	quiet, loud := Standard(), Standard()
	quiet.Heartbeat, quiet.Messages, quiet.Room = 600, 0, 1
	loud.Room, loud.Messages = 500, 30
	for _, in := range []Input{Standard(), quiet, loud} {
		found := Crossings(in, p)
		if in == Standard() && len(found) != 2 {
			t.Errorf("%d crossings of the standard chat, want one with each kind of hub", len(found))
		}
		for _, c := range found {
			for _, row := range []struct {
				users         float64
				less, greater string
			}{
				{c.Users + 1, c.Cheaper, c.Dearer},
				{c.Users - 2, c.Dearer, c.Cheaper},
			} {
				less, _ := total(row.less, in, p, row.users)
				greater, _ := total(row.greater, in, p, row.users)
				if less > greater {
					t.Errorf("%g users: %s costs %g, %s %g", row.users, row.less, less, row.greater, greater)
				}
			}
		}
	}
}

func TestCheck(t *testing.T) {
	for _, spoil := range []func(*Input){
		func(in *Input) { in.Users = 0 },
		func(in *Input) { in.Users = math.NaN() },
		func(in *Input) { in.Messages = -1 },
		func(in *Input) { in.Messages = math.Inf(1) },
		func(in *Input) { in.Hours = 25 },
		func(in *Input) { in.Session = 3 },
		func(in *Input) { in.Heartbeat = 601 },
		func(in *Input) { in.Utilisation = 0 },
	} {
		in := Standard()
		if err := in.Check(); err != nil {
			t.Fatal(err)
		}
		spoil(&in)
		if in.Check() == nil {
			t.Errorf("%+v makes sense?", in)
		}
	}
}
