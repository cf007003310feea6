package check

import (
	"strings"
	"time"
)

const (
	failed   = "Internal server error"
	timedOut = "Endpoint request timed out"
	integral = "aws-samples/simple-websockets-chat-app#42; collinsmith/laconia#41"
)

var answerRows = []Row{
	{ID: "two-way-body", Mark: Documented, Fact: "1.5", Source: guideResponse, run: sends(`{"action":"answer","return":{"statusCode":200,"headers":{"X-A":"b"},"body":"hello"}}`, "hello")},
	{ID: "two-way-not-json", Mark: Documented, Fact: "1.5", Source: guideResponse, run: sends(`{"action":"answer","return":{"statusCode":200,"body":"{\"a\": 1 }\n"}}`, "{\"a\": 1 }\n")},
	{ID: "two-way-no-body", Mark: Unsure, Fact: "1.5", run: tellsFrame(`{"action":"answer","return":{"statusCode":200}}`)},
	{ID: "two-way-empty-body", Mark: Unsure, Fact: "1.5", run: tellsFrame(`{"action":"answer","return":{"statusCode":200,"body":""}}`)},
	{ID: "two-way-base64", Mark: Unsure, Fact: "1.5", run: tellsFrame(`{"action":"answer","return":{"statusCode":200,"isBase64Encoded":true,"body":"aGVsbG8="}}`)},
	{ID: "two-way-status-500", Mark: Observed, Fact: "1.4", Source: "yai333/React-Chat-App-Using-AWS-WebSocket-Api#2", run: sends(`{"action":"answer","return":{"statusCode":500,"body":"hello"}}`, "hello")},
	{ID: "two-way-malformed", Mark: Observed, Fact: "1.4", Source: integral, run: says(`{"action":"answer","return":"text"}`, ownWords(failed))},
	{ID: "two-way-null", Mark: Observed, Fact: "1.4", Source: integral, run: says(`{"action":"answer"}`, ownWords(failed))},
	{ID: "one-way-silent", Mark: Documented, Fact: "1.5", Source: guideResponse, run: silent(`{"action":"oneway","return":{"statusCode":200,"body":"hello"}}`)},
	{ID: "one-way-status-400", Mark: Unsure, Fact: "1.4", run: tellsFrame(`{"action":"oneway","return":{"statusCode":400,"body":"hello"}}`)},
	{ID: "one-way-status-500", Mark: Unsure, Fact: "1.4", run: tellsFrame(`{"action":"oneway","return":{"statusCode":500,"body":"hello"}}`)},
	{ID: "one-way-malformed", Mark: Observed, Fact: "1.4", Source: integral, run: says(`{"action":"oneway","return":"text"}`, ownWords(failed))},
	{ID: "one-way-null", Mark: Observed, Fact: "1.4", Source: integral, run: says(`{"action":"oneway"}`, ownWords(failed))},
	{ID: "one-way-error", Mark: Observed, Fact: "1.4", Source: chatApp42, run: says(`{"action":"error"}`, ownWords(failed))},
	{ID: "one-way-crash", Mark: Observed, Fact: "1.4", Source: chatApp42, run: says(`{"action":"crash"}`, ownWords(failed))},
	{ID: "crash-recovers", Mark: Documented, Fact: "7", Source: "Lambda guide, execution environments", run: crashRecovers},
	{ID: "no-permission", Mark: Observed, Fact: "1.4", Source: integral, run: says(`{"action":"sealed"}`, ownWords(failed))},
	{ID: "function-timeout", Mark: Unsure, Fact: "1.4", extra: late, run: functionTimeout},
	{ID: "integration-timeout", Mark: Observed, Fact: "1.4", Source: "jordaneremieff/mangum#128; aws/chalice#1406", extra: time.Second, run: says(`{"action":"slow","ms":1500}`, ownWords(timedOut))},
	{ID: "integration-in-time", Mark: Documented, Fact: "4.1", Source: guideQuotas, run: sends(`{"action":"slow","ms":200}`, `{"action":"slow","ms":200}`)},
	{ID: "model-fits", Mark: Documented, Fact: "1.4", Source: guideValidation, run: sends(`{"action":"modelled","text":"0123456789"}`, `{"action":"modelled","text":"0123456789"}`)},
	{ID: "model-fails", Mark: Documented, Fact: "1.4", Source: guideValidation, run: says(`{"action":"modelled","text":"0123456789a"}`,
		`{"message" : "Bad request body", "connectionId": "{connectionId}", "messageId": "{messageId}"}`)},
	{ID: "mock", Mark: Documented, Fact: "1.5", Source: guideIntegration, run: mock},
	{ID: "throttled", Mark: Unsure, Fact: "1.4", run: throttled},
	{ID: "parallel-messages", Mark: Unsure, Fact: "1.7", run: parallel},
	{ID: "order-of-messages", Mark: Unsure, Fact: "1.7", run: order},
}

// says wants the gateway's own words to a message, and the connection to
// stay.
func says(text, frame string) func(*trial) {
	return func(t *trial) {
		p := t.open("")
		p.wantFrame(text, frame)
		p.alive()
	}
}

func silent(text string) func(*trial) {
	return func(t *trial) {
		p := t.open("")
		p.send(text)
		p.silent()
	}
}

// crashRecovers wants others not to notice a crash.
func crashRecovers(t *trial) {
	p, other := t.open(""), t.open("")
	for range 3 {
		p.send(`{"action":"crash"}`)
	}
	other.alive()
	for range 3 {
		p.next()
	}
	p.alive()
}

func functionTimeout(t *trial) {
	p := t.open("")
	p.send(`{"action":"late"}`)
	t.tell("%s", short(p.next()))
}

func mock(t *trial) {
	p := t.open("")
	id := p.connectionID()
	p.send(`{"action":"mock"}`)
	p.want(`{"mock":"` + id + `"}`)
}

// throttled sends more than the one message a second that the route takes.
func throttled(t *trial) {
	const text = `{"action":"throttled"}`
	p := t.open("")
	for range 6 {
		p.send(text)
	}
	taken, other := 0, ""
	for range 6 {
		got, silent := p.quiet()
		if silent || strings.HasPrefix(got, "close ") {
			if other == "" {
				other = got
			}
			break
		}
		if got == text {
			taken++
		} else if other == "" {
			other = got
		}
	}
	if taken == 6 {
		t.tell("not throttled")
		return
	}
	t.tell("%s", short(other))
}

func parallel(t *trial) {
	const slow = `{"action":"slow","ms":700}`
	p := t.open("")
	p.alive()
	p.send(slow)
	p.send(echo)
	if first, second := p.next(), p.next(); first == echo && second == slow {
		t.tell("parallel")
	} else if first == slow && second == echo {
		t.tell("one after another")
	} else {
		t.fail("other", "", "got", first)
	}
}

// order sends numbers, and looks at how they come back.
func order(t *trial) {
	const n = 20
	numbered := func(i int) string { return `{"action":"echo","n":` + itoa(i) + `}` }
	p := t.open("")
	p.alive()
	for i := range n {
		p.send(numbered(i))
	}
	overtaken := false
	for i := range n {
		overtaken = p.next() != numbered(i) || overtaken
	}
	if overtaken {
		t.tell("some overtake others")
		return
	}
	t.tell("in order, this time")
}
