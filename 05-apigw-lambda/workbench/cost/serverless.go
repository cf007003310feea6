package cost

import "math"

// operations are what a thing that happens costs in the table, as package app
// does it: reads of at most 4 KB, all strongly consistent, and writes of at
// most 1 KB. Members are read besides, by their size.
var operations = map[string]struct{ reads, writes float64 }{
	"send":       {2, 4}, // seat, room; claim, message, the room's turn and its end
	"join":       {5, 3}, // room twice, seats, the name, the newest message; member, its place in the index, seat
	"ping":       {3, 0}, // seats; the name, the room
	"disconnect": {2, 3}, // seats, room; member, index, seat
}

// Serverless is the chat as functions.
func Serverless(in Input, p *Prices) Bill {
	l := in.Count()
	b := Bill{Key: "serverless"}

	units := math.Max(math.Ceil(in.Bytes/messageUnit), 1)
	messages := l.Received + l.Delivered + (units-1)*l.Sends*(1+in.room())
	minutes := l.UserHours * 60
	b.add(p, "messages", "apigateway-messages", p.free(in, "apigateway-messages", messages))
	b.add(p, "minutes", "apigateway-minutes", p.free(in, "apigateway-minutes", minutes))

	// Authorizer, $connect, join and $disconnect for each connection.
	calls := l.Sends + l.Pings + 4*l.Connects
	posts := l.Delivered - l.Pings // a pong is the function's answer
	seconds := (calls*in.FunctionMS + posts*in.PostMS) / 1000
	b.add(p, "requests", "lambda-requests", p.free(in, "lambda-requests", calls))
	b.add(p, "duration", "lambda-duration", p.free(in, "lambda-duration", seconds*in.MemoryMB/1024))

	members := math.Max(math.Ceil(in.room()*memberBytes/readUnit), 1)
	send, join, ping, gone := operations["send"], operations["join"], operations["ping"], operations["disconnect"]
	reads := l.Sends*(send.reads+members) + l.Connects*(join.reads+gone.reads+2*members) + l.Pings*ping.reads
	size := math.Ceil((in.Bytes + itemBytes) / writeUnit)
	writes := l.Sends*(send.writes-1+size) + l.Connects*(join.writes+gone.writes)
	b.add(p, "reads", "dynamodb-reads", reads)
	b.add(p, "writes", "dynamodb-writes", writes)
	b.add(p, "stored", "dynamodb-storage", l.Sends/math.Max(in.Days, 1)*math.Min(keptDays, in.Days)*(in.Bytes+2*itemBytes)/1e9)

	b.add(p, "logs", "logs", (calls+l.Received)/2*logBytes/1e9)
	b.add(p, "egress", "egress", l.Egress)
	b.add(p, "secret", "secret", 1)
	b.add(p, "alarms", "alarms", 11) // as many metrics as template.yaml watches
	return b
}
