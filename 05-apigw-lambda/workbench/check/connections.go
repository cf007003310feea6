package check

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigatewaymanagementapi"
	"github.com/aws/aws-sdk-go-v2/service/apigatewaymanagementapi/types"
	"github.com/aws/smithy-go"

	"websocket.example/03-raw-server/frame"
)

// Only the functions' own calls can be seen without a key.
var connectionRows = []Row{
	{ID: "own-connect", Mark: Documented, Fact: "3.6", Source: "AWS re:Post Knowledge Center, 410 Gone", run: answersStatus(knock{query: "post=1"}, 410)},
	{ID: "function-post", Mark: Documented, Fact: "3.1", Source: guideCallback, run: functionPost},
	{ID: "function-post-gone", Mark: Observed, Fact: "3.2", Source: recorded, run: functionPostGone},
	{ID: "function-get", Mark: Documented, Fact: "3.1", Source: guideCallback, run: functionGet},
	{ID: "function-delete", Mark: Documented, Fact: "3.1", Source: guideCallback, run: functionDelete},

	{ID: "post", Mark: Observed, Fact: "3.2", Source: recorded, needs: connections, run: post},
	{ID: "post-headers", Mark: Observed, Fact: "3.2", Source: recorded, needs: connections, run: postHeaders},
	{ID: "post-as-is", Mark: Observed, Fact: "1.6", Source: "localstack/localstack#13219", needs: connections, run: postAsIs},
	{ID: "post-128k", Mark: Documented, Fact: "3.3", Source: serviceModel, needs: connections, run: postLong},
	{ID: "post-frames", Mark: Unsure, Fact: "3.6", needs: connections, run: postFrames},
	{ID: "post-too-large", Mark: Documented, Fact: "3.3", Source: serviceModel, needs: connections, run: postTooLarge},
	{ID: "post-empty", Mark: Unsure, Fact: "3.1", needs: connections, run: postTells(nil)},
	{ID: "post-not-utf8", Mark: Unsure, Fact: "1.6", needs: connections, run: postTells([]byte{'a', 0xff})},
	{ID: "post-order", Mark: Unsure, Fact: "1.7", needs: connections, run: postOrder},
	{ID: "get", Mark: Observed, Fact: "3.2", Source: recorded, needs: connections, run: get},
	{ID: "get-printed", Mark: Observed, Fact: "3.2", Source: recorded, needs: connections, run: getPrinted},
	{ID: "last-active", Mark: Unsure, Fact: "3.6", needs: connections, run: lastActive},
	{ID: "delete", Mark: Observed, Fact: "3.2", Source: recorded, needs: connections, run: remove},
	{ID: "delete-closes", Mark: Observed, Fact: "3.6", Source: "aws/aws-sdk-js#3636; boto/boto3#3789", needs: connections, run: removeCloses},
	{ID: "delete-disconnects", Mark: Observed, Fact: "1.2", Source: "boto/boto3#3789; aws/chalice#2060", needs: connections, run: removeDisconnects},
	{ID: "gone-post", Mark: Observed, Fact: "3.2", Source: recorded, needs: connections, run: gone(http.MethodPost)},
	{ID: "gone-get", Mark: Observed, Fact: "3.2", Source: recorded, needs: connections, run: gone(http.MethodGet)},
	{ID: "gone-delete", Mark: Observed, Fact: "3.2", Source: recorded, needs: connections, run: gone(http.MethodDelete)},
	{ID: "gone-closed", Mark: Observed, Fact: "3.2", Source: recorded, needs: connections, run: goneClosed},
	{ID: "gone-deleted", Mark: Observed, Fact: "3.2", Source: recorded, needs: connections, run: goneDeleted},
	{ID: "malformed-id", Mark: Observed, Fact: "3.2", Source: recorded, needs: connections, run: malformedID},
	{ID: "encoded-path", Mark: Documented, Fact: "3.1", Source: guideCallback, needs: connections, run: encodedPath},
	{ID: "no-stage", Mark: Observed, Fact: "3.3", Source: "aws/aws-sdk-php#1955", needs: connections, run: noStage},
	{ID: "other-stage", Mark: Observed, Fact: "1.1", Source: "aws/aws-sdk-js-v3#1830", needs: connections, run: otherStage},
	{ID: "unsigned", Mark: Unsure, Fact: "3.3", needs: connections, run: unsigned},

	{ID: "sdk-post", Mark: Documented, Fact: "3.4", Source: serviceModel, needs: connections, run: sdkPost},
	{ID: "sdk-get", Mark: Documented, Fact: "3.4", Source: serviceModel, needs: connections, run: sdkGet},
	{ID: "sdk-delete", Mark: Documented, Fact: "3.4", Source: serviceModel, needs: connections, run: sdkDelete},
	{ID: "sdk-gone", Mark: Documented, Fact: "3.4", Source: serviceModel, needs: connections, run: sdkGone},
	{ID: "sdk-too-large", Mark: Documented, Fact: "3.4", Source: serviceModel, needs: connections, run: sdkTooLarge},
	{ID: "sdk-malformed-id", Mark: Observed, Fact: "3.4", Source: recorded, needs: connections, run: sdkMalformedID},
}

// What functions do, with the SDK in them.

func functionPost(t *trial) {
	p := t.open("")
	p.send(`{"action":"post","text":"hello"}`)
	p.want("hello")
}

// wantOutcome looks at what the probe says of a call.
func (t *trial) wantOutcome(o event, status int, code string) {
	t.value("status", written(o.at("status")), itoa(status))
	t.value("error", o.text("error"), code)
}

func functionPostGone(t *trial) {
	p := t.open("")
	p.send(`{"action":"post","text":"hello","to":"` + nobody + `"}`)
	t.wantOutcome(t.event(p.nextOr("{outcome}")), 410, "GoneException")
}

func functionGet(t *trial) {
	p := t.open("")
	p.send(`{"action":"get"}`)
	o := t.event(p.nextOr("{outcome}"))
	t.wantOutcome(o, 200, "")
	t.value("userAgent", o.text("userAgent"), agent)
	t.shape("connectedAt", o.text("connectedAt"), regexp.MustCompile(`^\d{4}-`))
}

func functionDelete(t *trial) {
	p, victim := t.open(""), t.open("")
	p.send(`{"action":"delete","to":"` + victim.connectionID() + `"}`)
	t.wantOutcome(t.event(p.nextOr("{outcome}")), 204, "")
	victim.closes(int(frame.NormalClosure))
}

// By hand.

func post(t *trial) {
	p := t.open("")
	a := t.call(call{method: http.MethodPost, id: p.connectionID(), body: []byte("hello")})
	t.is(a, http.StatusOK, "")
	t.empty(a)
	p.want("hello")
}

func postHeaders(t *trial) {
	a := t.call(call{method: http.MethodPost, id: t.open("").connectionID(), body: []byte("hello")})
	t.is(a, http.StatusOK, "")
	t.value("content-type", a.header.Get("content-type"), "application/json")
	t.value("content-length", fmt.Sprint(a.length), "0")
	t.shape("x-amzn-requestid", a.header.Get("x-amzn-requestid"), regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`))
	t.shape("x-amz-apigw-id", a.header.Get("x-amz-apigw-id"), wholeID)
}

// postAsIs wants bytes to come as they were posted, as one text message.
func postAsIs(t *trial) {
	const text = " {\"é ✓\": \"😀\"}\r\n\x01"
	p := t.open("")
	t.post(p.connectionID(), text)
	p.want(text)
}

func postLong(t *trial) {
	p := t.open("")
	text := strings.Repeat("x", maxMessage)
	t.post(p.connectionID(), text)
	p.want(text)
}

func postFrames(t *trial) {
	p := t.open("")
	id := p.connectionID()
	p.frames()
	text := strings.Repeat("x", 100_000)
	t.post(id, text)
	p.want(text)
	frames := p.frames()
	t.tell("%d frames, the longest has %d bytes", len(frames), slices.Max(frames))
}

func postTooLarge(t *trial) {
	p := t.open("")
	a := t.call(call{method: http.MethodPost, id: p.connectionID(), body: []byte(strings.Repeat("x", maxMessage+1))})
	t.is(a, http.StatusRequestEntityTooLarge, "PayloadTooLargeException")
	p.alive()
}

func postTells(body []byte) func(*trial) {
	return func(t *trial) {
		p := t.open("")
		a := t.call(call{method: http.MethodPost, id: p.connectionID(), body: body})
		got, _ := p.quiet()
		t.tell("%d %s, client: %q", a.status, strings.TrimSpace(a.header.Get("x-amzn-errortype")+" "+string(a.body)), got)
	}
}

// postOrder posts without waiting for the client, each when the last was
// taken.
func postOrder(t *trial) {
	const n = 20
	p := t.open("")
	id := p.connectionID()
	for i := range n {
		t.post(id, itoa(i))
	}
	for i := range n {
		if p.next() != itoa(i) {
			t.tell("some overtake others")
			return
		}
	}
	t.tell("in order, this time")
}

func (t *trial) describe(id string) (*answer, event) {
	a := t.call(call{method: http.MethodGet, id: id})
	t.is(a, http.StatusOK, "")
	return a, t.event(string(a.body))
}

var milliseconds = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$`)

func get(t *trial) {
	a, e := t.describe(t.open("").connectionID())
	t.value("content-type", a.header.Get("content-type"), "application/json")
	t.wantList("answer", e.names(), []string{"connectedAt", "identity", "lastActiveAt"})
	t.wantList("identity", e.names("identity"), []string{"sourceIp", "userAgent"})
	t.value("userAgent", e.text("identity", "userAgent"), agent)
	t.shape("connectedAt", e.text("connectedAt"), milliseconds)
	t.shape("lastActiveAt", e.text("lastActiveAt"), milliseconds)
}

func getPrinted(t *trial) {
	a, _ := t.describe(t.open("").connectionID())
	if !strings.Contains(string(a.body), "\n") {
		t.fail("body", "(JSON over several lines)")
	}
}

// lastActive looks at what moves it.
func lastActive(t *trial) {
	const tick = 30 * time.Millisecond
	p := t.open("")
	id := p.connectionID()
	var told []string
	moves := func(what string, do func()) {
		_, before := t.describe(id)
		time.Sleep(tick)
		do()
		time.Sleep(tick)
		_, after := t.describe(id)
		word := "does not move it"
		if before.text("lastActiveAt") != after.text("lastActiveAt") {
			word = "moves it"
		}
		told = append(told, what+" "+word)
	}
	moves("POST", func() { t.post(id, "hello") })
	moves("GET", func() { t.describe(id) })
	moves("a message", func() { p.send(`{"action":"oneway","return":{"statusCode":200}}`) })
	moves("a ping", func() { p.write(p.Ping(t.ctx, nil)) })
	t.tell("%s", strings.Join(told, ", "))
}

func remove(t *trial) {
	a := t.call(call{method: http.MethodDelete, id: t.open("").connectionID()})
	t.is(a, http.StatusNoContent, "")
	t.value("content-type", a.header.Get("content-type"), "")
	t.empty(a)
}

const closedNormally = "Connection Closed Normally"

func (t *trial) remove(id string) {
	t.is(t.call(call{method: http.MethodDelete, id: id}), http.StatusNoContent, "")
}

func removeCloses(t *trial) {
	p := t.open("")
	t.remove(p.connectionID())
	t.value("reason", p.closes(int(frame.NormalClosure)), closedNormally)
}

func removeDisconnects(t *trial) {
	w, p := t.watched("")
	t.remove(p.connectionID())
	w.wantDisconnect(1000, closedNormally)
}

// isGone wants what an SDK takes for a GoneException.
func (t *trial) isGone(method, id string) {
	a := t.call(call{method: method, id: id, body: []byte("hello")})
	t.is(a, http.StatusGone, "GoneException")
	t.empty(a)
}

func gone(method string) func(*trial) { return func(t *trial) { t.isGone(method, nobody) } }

func goneClosed(t *trial) {
	w, p := t.watched("")
	id := p.connectionID()
	p.leave(frame.NormalClosure, "")
	w.toldDisconnect()
	t.isGone(http.MethodPost, id)
}

func goneDeleted(t *trial) {
	p := t.open("")
	id := p.connectionID()
	t.remove(id)
	p.closes(int(frame.NormalClosure))
	t.isGone(http.MethodPost, id)
}

// malformedID is what was recorded: an ID with something behind it.
func malformedID(t *trial) {
	const id = nobody + "test"
	a := t.call(call{method: http.MethodPost, id: id, body: []byte("hello")})
	t.is(a, http.StatusBadRequest, "BadRequestException")
	var body struct{ Message string }
	_ = json.Unmarshal(a.body, &body) // no JSON has no message
	t.value("message", body.Message, "Invalid connectionId: "+id)
}

// encodedPath spells the path in all ways that programs do.
func encodedPath(t *trial) {
	p := t.open("")
	id, padded := strings.CutSuffix(p.connectionID(), "=")
	ends := []string{"=", "%3D", "%3d"}
	if !padded { // IDs of another kind are another row's
		ends = []string{""}
	}
	for _, at := range []string{"/@connections/", "/%40connections/"} {
		for _, end := range ends {
			path := at + id + end
			t.is(t.call(call{method: http.MethodPost, at: path, body: []byte(path)}), http.StatusOK, "")
			p.want(path)
		}
	}
}

// isForbidden wants 403 and these words.
func (t *trial) isForbidden(a *answer) {
	t.value("status", itoa(a.status), "403")
	var body struct{ Message string }
	_ = json.Unmarshal(a.body, &body)
	t.value("message", body.Message, "Forbidden")
}

func noStage(t *trial) {
	if strings.Trim(t.Connections.Path, "/") == "" {
		t.skip("stage")
	}
	t.isForbidden(t.call(call{method: http.MethodPost, host: true, at: "/@connections/" + url.PathEscape(nobody)}))
}

func otherStage(t *trial) {
	if strings.Trim(t.Connections.Path, "/") == "" {
		t.skip("stage")
	}
	t.isForbidden(t.call(call{method: http.MethodPost, host: true, at: "/no-such-stage/@connections/" + url.PathEscape(nobody)}))
}

func unsigned(t *trial) {
	a := t.call(call{method: http.MethodPost, id: nobody, body: []byte("hello"), unsigned: true})
	t.tell("%d %s", a.status, strings.TrimSpace(a.header.Get("x-amzn-errortype")+" "+string(a.body)))
}

// By the SDK, whose typed errors programs decide by.

func sdkPost(t *trial) {
	p := t.open("")
	_, err := t.sdk().PostToConnection(t.ctx, &apigatewaymanagementapi.PostToConnectionInput{
		ConnectionId: aws.String(p.connectionID()), Data: []byte("hello"),
	})
	t.sdkFine("PostToConnection", err)
	p.want("hello")
}

func sdkGet(t *trial) {
	p := t.open("")
	got, err := t.sdk().GetConnection(t.ctx, &apigatewaymanagementapi.GetConnectionInput{ConnectionId: aws.String(p.connectionID())})
	t.sdkFine("GetConnection", err)
	switch {
	case got.Identity == nil:
		t.fail("value", "", "field", "Identity", "got", "nil")
	case got.ConnectedAt == nil || got.LastActiveAt == nil:
		t.fail("value", "", "field", "ConnectedAt, LastActiveAt", "got", "nil")
	}
	t.value("UserAgent", aws.ToString(got.Identity.UserAgent), agent)
}

func sdkDelete(t *trial) {
	p := t.open("")
	_, err := t.sdk().DeleteConnection(t.ctx, &apigatewaymanagementapi.DeleteConnectionInput{ConnectionId: aws.String(p.connectionID())})
	t.sdkFine("DeleteConnection", err)
	p.closes(int(frame.NormalClosure))
}

func sdkGone(t *trial) {
	_, err := t.sdk().PostToConnection(t.ctx, &apigatewaymanagementapi.PostToConnectionInput{
		ConnectionId: aws.String(nobody), Data: []byte("hello"),
	})
	sdkError[*types.GoneException](t, "PostToConnection", err)
}

func sdkTooLarge(t *trial) {
	_, err := t.sdk().PostToConnection(t.ctx, &apigatewaymanagementapi.PostToConnectionInput{
		ConnectionId: aws.String(t.open("").connectionID()), Data: []byte(strings.Repeat("x", maxMessage+1)),
	})
	sdkError[*types.PayloadTooLargeException](t, "PostToConnection", err)
}

func sdkMalformedID(t *trial) {
	_, err := t.sdk().PostToConnection(t.ctx, &apigatewaymanagementapi.PostToConnectionInput{
		ConnectionId: aws.String(nobody + "test"), Data: []byte("hello"),
	})
	t.sdkSays("PostToConnection", err)
	var coded smithy.APIError
	if !errors.As(err, &coded) || coded.ErrorCode() != "BadRequestException" {
		t.fail("sdk", "BadRequestException")
	}
	t.value("message", coded.ErrorMessage(), "Invalid connectionId: "+nobody+"test")
}
