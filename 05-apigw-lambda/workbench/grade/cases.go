package grade

// Stages is how many there are: $connect, a route, $default, everybody,
// another event, $disconnect.
const Stages = 6

// A Case is one conversation.
type Case struct {
	ID      string
	Stage   int
	Level   Level
	Section string // where it is written
	Topic   string // of its hints
	Needs   string // a case of the same stage; if that fails, this one is not worth a word

	script func(*scene)
	looks  bool // at what the function does, not only at what clients hear
}

func guide(page string) string { return "API Gateway Developer Guide, " + page }

var (
	guideConnect    = guide("$connect and $disconnect routes")
	guideRoutes     = guide("routes for WebSocket APIs")
	guideCallback   = guide("@connections commands")
	guideDisconnect = guide("the $disconnect route")
)

// sections are where it is written what is wrong, if that is not where the
// case is from.
var sections = map[string]string{
	"no-status":          guide("Lambda proxy integrations"),
	"forbidden":          guideRoutes,
	"one-way":            guide("two-way communication"),
	"post-in-connect":    guideConnect,
	"post-in-disconnect": guideDisconnect,
	"elsewhere":          guideCallback,
	"variable":           "Lambda Developer Guide, execution environment lifecycle",
	"timed-out":          "Lambda Developer Guide, function timeout",
}

// Cases in the order in which they are worth mending.
var Cases = []Case{
	{ID: "open", Stage: 1, Level: Core, Section: guideConnect, Topic: "connect", script: open},
	{ID: "no-name", Stage: 1, Level: Core, Section: guideConnect, Topic: "refuse", Needs: "open", script: noName},
	{ID: "empty-name", Stage: 1, Level: Must, Section: guideConnect, Topic: "refuse", Needs: "no-name", script: emptyName},

	{ID: "echo", Stage: 2, Level: Core, Section: guideCallback, Topic: "post", script: echo},
	{ID: "private", Stage: 2, Level: Core, Section: guideCallback, Topic: "post", Needs: "echo", script: private},

	{ID: "unknown", Stage: 3, Level: Core, Section: guideRoutes, Topic: "default", script: unknown},
	{ID: "no-action", Stage: 3, Level: Must, Section: guideRoutes, Topic: "default", Needs: "unknown", script: noAction},
	{ID: "not-json", Stage: 3, Level: Core, Section: guideRoutes, Topic: "json", script: notJSON},

	{ID: "send", Stage: 4, Level: Core, Section: guideCallback, Topic: "everybody", script: send},
	{ID: "sender", Stage: 4, Level: Core, Section: guideCallback, Topic: "everybody", script: sender},
	{ID: "gone", Stage: 4, Level: Core, Section: guideCallback, Topic: "gone", Needs: "send", script: gone},
	{ID: "forgotten", Stage: 4, Level: Must, Section: guideCallback, Topic: "forget", Needs: "gone", script: forgotten, looks: true},

	{ID: "push", Stage: 5, Level: Core, Section: "Lambda API Reference, Invoke", Topic: "push", script: push},

	{ID: "forgets", Stage: 6, Level: Core, Section: guideDisconnect, Topic: "disconnect", script: forgets, looks: true},
}
