package check

import (
	"slices"
	"time"
)

// A Mark says how sure a behaviour is.
type Mark string

const (
	Documented Mark = "documented" // by AWS in guides, service models, code, or by the RFC
	Observed   Mark = "observed"   // recorded from AWS by somebody
	Unsure     Mark = "unsure"     // sources contradict each other, or there is none
)

// A Row is one behaviour that can be seen from outside.
type Row struct {
	ID     string
	Topic  string
	Mark   Mark
	Fact   string // the section of the fact sheet
	Source string // who says so; "" is nobody

	needs need
	extra time.Duration // it takes longer than others, by so much
	clock time.Duration // it waits for a clock of the endpoint, for so long
	run   func(*trial)
}

// A need is what has to be given to try a row.
type need int

const (
	nothing     need = 0
	bareAPI     need = 1 << iota // Config.Bare
	askingAPI                    // Config.Asking
	connections                  // Config.Connections
)

// Rows are all of them.
var Rows = slices.Concat(
	about("handshake", handshakeRows),
	about("authorizer", authorizerRows),
	about("routing", routingRows),
	about("answers", answerRows),
	about("events", eventRows),
	about("frames", frameRows),
	about("connections", connectionRows),
	about("closing", closingRows),
	about("clocks", clockRows),
)

// Topics in their order.
var Topics = []string{"handshake", "authorizer", "routing", "answers", "events", "frames", "connections", "closing", "clocks"}

func about(topic string, rows []Row) []Row {
	for i := range rows {
		rows[i].Topic = topic
	}
	return rows
}

// Where it is written. The pages are those of AWS's "API Gateway Developer
// Guide"; a name with a number is an issue or a pull request on GitHub.
const (
	guideConnect     = "Developer Guide, $connect and $disconnect routes"
	guideSubprotocol = "Developer Guide, $connect routes that require a WebSocket subprotocol"
	guideAuthorizer  = "Developer Guide, Lambda REQUEST authorizers for WebSocket APIs"
	guideRoutes      = "Developer Guide, routes for WebSocket APIs"
	guideSelection   = "Developer Guide, WebSocket selection expressions"
	guideResponse    = "Developer Guide, two-way communication"
	guideIntegration = "Developer Guide, WebSocket API integration responses"
	guideValidation  = "Developer Guide, WebSocket API request validation"
	guideCallback    = "Developer Guide, @connections commands"
	guideQuotas      = "Developer Guide, quotas for WebSocket APIs"
	guideStatus      = "Developer Guide, WebSocket API status codes"
	serviceModel     = "botocore, apigatewaymanagementapi service model"
	recorded         = "brefphp/bref, recorded in 2020"
	sampleEvents     = "aws-lambda-go events/testdata; a capture of March 2025"
	chatApp24        = "aws-samples/simple-websockets-chat-app#24"
	chatApp42        = "aws-samples/simple-websockets-chat-app#42"
)
