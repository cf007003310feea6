package check

// Stages is how many there are: a room, errors, names, order, the slow, the
// dead, coming back.
const Stages = 7

// A Case is one conversation.
type Case struct {
	ID      string
	Stage   int
	Level   Level
	Section string
	Topic   string // of its hints
	Needs   string // a case of the same stage; if that fails, this one is not worth a word

	script func(*scene)
	waits  bool // for as long as Config.Patience
}

func says(message string) string { return "asyncapi.yaml, " + message }

func rfc(section string) string { return "RFC 6455, section " + section }

// Cases in the order in which they are worth mending.
var Cases = []Case{
	{ID: "joined", Stage: 1, Level: Core, Section: says("joined"), Topic: "join", script: joined},
	{ID: "see", Stage: 1, Level: Core, Section: says("message"), Topic: "tell", Needs: "joined", script: see},
	{ID: "echo", Stage: 1, Level: Core, Section: says("message"), Topic: "tell", Needs: "joined", script: echo},
	{ID: "ack", Stage: 1, Level: Core, Section: says("ack"), Topic: "ack", Needs: "echo", script: ack},
	{ID: "frames", Stage: 1, Level: Core, Section: says("info"), Topic: "frames", Needs: "see", script: frames},
	{ID: "rooms", Stage: 1, Level: Core, Section: says("join"), Topic: "rooms", Needs: "echo", script: rooms},

	{ID: "bad-json", Stage: 2, Level: Core, Section: says("error"), Topic: "error", script: badJSON},
	{ID: "unknown-action", Stage: 2, Level: Core, Section: says("error"), Topic: "error", script: unknownAction},
	{ID: "no-name", Stage: 2, Level: Must, Section: says("join"), Topic: "error", script: noName},
	{ID: "not-in-room", Stage: 2, Level: Core, Section: says("send"), Topic: "outside", script: notInRoom},
	{ID: "private", Stage: 2, Level: Core, Section: says("error"), Topic: "outside", Needs: "bad-json", script: private},

	{ID: "members", Stage: 3, Level: Core, Section: says("joined"), Topic: "presence", script: members},
	{ID: "came", Stage: 3, Level: Core, Section: says("presence"), Topic: "presence", script: came},
	{ID: "taken", Stage: 3, Level: Core, Section: says("join"), Topic: "name", script: taken},
	{ID: "any-case", Stage: 3, Level: Strict, Section: "RFC 8266, section 2.4", Topic: "name", Needs: "taken", script: anyCase},
	{ID: "other-room", Stage: 3, Level: Must, Section: says("join"), Topic: "name", script: otherRoom},
	{ID: "who", Stage: 3, Level: Core, Section: says("who"), Topic: "presence", script: who},
	{ID: "leave", Stage: 3, Level: Core, Section: says("leave"), Topic: "leave", script: leave},
	{ID: "cut", Stage: 3, Level: Core, Section: rfc("7.1.5"), Topic: "leave", script: cut},

	{ID: "order", Stage: 4, Level: Core, Section: says("message"), Topic: "order", script: order},
	{ID: "cursors", Stage: 4, Level: Core, Section: says("cursor"), Topic: "cursor", Needs: "order", script: cursors},

	{ID: "stall", Stage: 5, Level: Core, Section: "RFC 9293, section 3.8.6", Topic: "slow", script: stall},
	{ID: "no-hole", Stage: 5, Level: Must, Section: says("chat"), Topic: "hole", Needs: "stall", script: noHole},

	{ID: "dead", Stage: 6, Level: Core, Section: rfc("5.5.2"), Topic: "dead", script: dead, waits: true},
	{ID: "idle", Stage: 6, Level: Must, Section: rfc("5.5.3"), Topic: "idle", Needs: "dead", script: idle, waits: true},

	{ID: "resume", Stage: 7, Level: Core, Section: says("join"), Topic: "resume", script: resume},
	{ID: "seam", Stage: 7, Level: Must, Section: says("join"), Topic: "seam", Needs: "resume", script: seam},
	{ID: "after-slow", Stage: 7, Level: Must, Section: says("chat"), Topic: "rest", Needs: "resume", script: afterSlow},
	{ID: "bogus", Stage: 7, Level: Must, Section: says("cursor"), Topic: "bogus", script: bogus},
	{ID: "resend", Stage: 7, Level: Core, Section: says("send"), Topic: "resend", script: resend},
	{ID: "resend-later", Stage: 7, Level: Core, Section: says("send"), Topic: "resend", Needs: "resend", script: resendLater},
	{ID: "takeover", Stage: 7, Level: Must, Section: says("join"), Topic: "takeover", script: takeover},
}
