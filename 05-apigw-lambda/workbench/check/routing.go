package check

import (
	"encoding/json"
	"regexp"
	"strings"
)

var routingRows = []Row{
	{ID: "route-match", Mark: Documented, Fact: "1.3", Source: guideRoutes, run: sends(echo, echo)},
	{ID: "route-none", Mark: Observed, Fact: "1.4", Source: chatApp24, run: routeNone},
	{ID: "route-none-open", Mark: Observed, Fact: "1.4", Source: chatApp24, run: forbids(`{"action":"nowhere"}`)},
	{ID: "route-exact", Mark: Documented, Fact: "1.3", Source: guideRoutes, run: forbids(`{"action":"Echo"}`, `{"action":"echo "}`, `{"action":"ech"}`)},
	{ID: "route-no-action", Mark: Documented, Fact: "1.3", Source: guideSelection, run: forbids(`{}`, `{"Action":"echo"}`)},
	{ID: "route-not-json", Mark: Documented, Fact: "1.3", Source: guideRoutes, run: forbids(`hello`, `{"action":"echo"`)},
	{ID: "route-not-object", Mark: Documented, Fact: "1.3", Source: guideSelection, run: forbids(`"echo"`, `3`, `[]`, `true`, `null`)},
	{ID: "route-empty-message", Mark: Unsure, Fact: "1.3", run: tellsFrame("")},
	{ID: "route-number", Mark: Unsure, Fact: "1.3", run: tellsFrame(`{"action":1}`)},
	{ID: "route-null", Mark: Unsure, Fact: "1.3", run: tellsFrame(`{"action":null}`)},
	{ID: "route-array", Mark: Unsure, Fact: "1.3", run: tellsFrame(`{"action":["echo","event"]}`)},
	{ID: "route-object", Mark: Unsure, Fact: "1.3", run: tellsFrame(`{"action":{"a":"echo"}}`)},
	{ID: "route-reserved-connect", Mark: Unsure, Fact: "1.3", run: tellsFrame(`{"action":"$connect"}`)},
	{ID: "route-reserved-disconnect", Mark: Unsure, Fact: "1.3", run: tellsFrame(`{"action":"$disconnect"}`)},
	{ID: "route-reserved-default", Mark: Unsure, Fact: "1.3", run: tellsFrame(`{"action":"$default"}`)},

	{ID: "expression-two-parts", Mark: Documented, Fact: "1.3", Source: guideSelection, needs: bareAPI, run: selects("chat/join", `{"service":"chat","action":"join"}`)},
	{ID: "expression-part-missing", Mark: Documented, Fact: "1.3", Source: guideSelection, needs: bareAPI, run: selects("$default", `{"service":"chat"}`, `{"action":"join"}`, `{}`)},
	{ID: "default-no-match", Mark: Documented, Fact: "1.3", Source: guideRoutes, needs: bareAPI, run: selects("$default", `{"service":"chat","action":"leave"}`)},
	{ID: "default-not-json", Mark: Documented, Fact: "1.3", Source: guideRoutes, needs: bareAPI, run: selects("$default", `hello`, `{"service":"chat","action":"join"`)},
	{ID: "default-not-object", Mark: Documented, Fact: "1.3", Source: guideSelection, needs: bareAPI, run: selects("$default", `"hi"`, `3`, `[]`)},
	{ID: "default-empty-message", Mark: Unsure, Fact: "1.3", needs: bareAPI, run: defaultEmpty},
}

// sends wants an answer to a message.
func sends(text, answer string) func(*trial) {
	return func(t *trial) {
		p := t.open("")
		p.send(text)
		p.want(answer)
	}
}

// A gateway's own words have spaces where nobody would put them, and there
// are programs that compare bytes.
func ownWords(message string) string {
	return `{"message": "` + message + `", "connectionId":"{connectionId}", "requestId":"{requestId}"}`
}

// framePattern is such words with IDs in them.
func framePattern(wanted string) *regexp.Regexp {
	quoted := regexp.QuoteMeta(wanted)
	for _, name := range []string{"connectionId", "requestId", "messageId"} {
		quoted = strings.Replace(quoted, `\{`+name+`\}`, `(?P<`+name+`>[A-Za-z0-9_-]{15}=)`, 1)
	}
	return regexp.MustCompile(`^` + quoted + `$`)
}

// wantFrame wants the gateway's own words, byte for byte, with the ID of this
// connection in them.
func (p *peer) wantFrame(send, wanted string) {
	id := p.connectionID()
	p.send(send)
	got := p.nextOr(wanted)
	pattern := framePattern(wanted)
	found := pattern.FindStringSubmatch(got)
	if found == nil {
		p.t.fail("other", wanted, "got", got)
	}
	if found[pattern.SubexpIndex("connectionId")] != id {
		p.t.fail("other-id", wanted, "id", id)
	}
}

func routeNone(t *trial) { t.open("").wantFrame(`{"action":"nowhere"}`, ownWords("Forbidden")) }

// forbidden is whether a frame says that there is no route, however spelt.
func forbidden(text string) bool {
	var f struct{ Message string }
	return json.Unmarshal([]byte(text), &f) == nil && f.Message == "Forbidden"
}

// forbids wants no route for messages, and the connection to stay.
func forbids(messages ...string) func(*trial) {
	return func(t *trial) {
		p := t.open("")
		for _, m := range messages {
			p.send(m)
			if got := p.nextOr("Forbidden"); !forbidden(got) {
				t.fail("other", "Forbidden", "got", got)
			}
		}
		p.alive()
	}
}

// tellsFrame tells what comes of a message.
func tellsFrame(text string) func(*trial) {
	return func(t *trial) {
		p := t.open("")
		p.send(text)
		got, _ := p.quiet()
		t.tell("%s", short(got))
	}
}

// selects wants a route of the bare API for messages.
func selects(key string, messages ...string) func(*trial) {
	return func(t *trial) {
		p := t.enter(t.knock(knock{at: t.Bare}))
		for _, m := range messages {
			p.send(m)
			e := t.event(p.nextOr("{event}"))
			if got := e.text("requestContext", "routeKey"); got != key {
				t.fail("value", key, "field", "routeKey", "got", got)
			}
		}
	}
}

func defaultEmpty(t *trial) {
	p := t.enter(t.knock(knock{at: t.Bare}))
	p.send("")
	got, silent := p.quiet()
	if silent {
		t.tell("silent")
		return
	}
	e := t.event(got)
	t.tell("%s, body %s", e.text("requestContext", "routeKey"), written(e.at("body")))
}
