package check

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"websocket.example/02-handshake/handshake"
)

// late is how much longer a row takes whose function sleeps past its timeout
// of 3 s, which deploy/probe sets.
const late = 3 * time.Second

var handshakeRows = []Row{
	{ID: "connect-accepts", Mark: Documented, Fact: "1.1", Source: guideConnect, run: answersStatus(knock{}, 101)},
	{ID: "connect-no-route", Mark: Documented, Fact: "1.1", Source: guideConnect, needs: bareAPI, run: connectNoRoute},
	{ID: "connect-status-2xx", Mark: Observed, Fact: "1.1", Source: "architect/sandbox; serverless-offline, tests that also run on AWS", run: passes(false, 201, 204, 299)},
	{ID: "connect-status-400", Mark: Documented, Fact: "1.1", Source: guideSubprotocol, run: passes(true, 400)},
	{ID: "connect-status-4xx", Mark: Observed, Fact: "1.1", Source: "architect/sandbox; serverless-offline, tests that also run on AWS", run: passes(true, 401, 403, 404, 418, 429)},
	{ID: "connect-status-5xx", Mark: Observed, Fact: "1.1", Source: "architect/sandbox; serverless-offline, tests that also run on AWS", run: passes(true, 500, 503)},
	{ID: "connect-status-3xx", Mark: Unsure, Fact: "1.1", run: tellsStatus(knock{query: "status=302"})},
	{ID: "connect-status-1xx", Mark: Unsure, Fact: "1.1", run: tellsStatus(knock{query: "status=199"})},
	{ID: "connect-error", Mark: Observed, Fact: "1.1", Source: "serverless/serverless-websockets-plugin#13", run: answersStatus(knock{query: "fail=error"}, 502)},
	{ID: "connect-panic", Mark: Observed, Fact: "1.1", Source: "anomalyco/guide#644", run: answersStatus(knock{query: "fail=panic"}, 502)},
	{ID: "connect-malformed", Mark: Observed, Fact: "1.1", Source: "michalkvasnicak/aws-lambda-graphql#107", run: answersStatus(knock{query: "fail=malformed"}, 502)},
	{ID: "connect-null", Mark: Observed, Fact: "1.1", Source: "michalkvasnicak/aws-lambda-graphql#48", run: answersStatus(knock{query: "fail=null"}, 502)},
	{ID: "connect-status-0", Mark: Unsure, Fact: "2.2", run: tellsStatus(knock{query: "status=0"})},
	{ID: "connect-function-timeout", Mark: Unsure, Fact: "1.1", extra: late, run: tellsStatus(knock{query: "fail=timeout"})},
	{ID: "connect-headers-hidden", Mark: Observed, Fact: "1.1", Source: "aws/chalice, docs/source/topics/websockets.rst", run: connectHeaders},
	{ID: "reject-body", Mark: Unsure, Fact: "1.1", run: rejectBody},
	{ID: "plain-get", Mark: Observed, Fact: "1.1", Source: "dherault/serverless-offline#652", run: answersStatus(knock{plain: true}, 426)},
	{ID: "stage-unknown", Mark: Unsure, Fact: "1.1", run: tellsStatus(knock{path: "/no-such-stage"})},
	{ID: "path-extra", Mark: Unsure, Fact: "1.1", run: extraPath},

	{ID: "subprotocol-none", Mark: Documented, Fact: "1.1", Source: guideSubprotocol, run: subprotocolNone},
	{ID: "subprotocol-returned", Mark: Documented, Fact: "1.1", Source: guideSubprotocol, run: subprotocolReturned},
	{ID: "subprotocol-unoffered", Mark: Unsure, Fact: "1.1", run: subprotocolUnoffered},
	{ID: "deflate", Mark: Unsure, Fact: "4.3", run: deflate},
}

// passes wants $connect's status to be the client's, or to let it in.
func passes(through bool, statuses ...int) func(*trial) {
	return func(t *trial) {
		for _, s := range statuses {
			wanted := 101
			if through {
				wanted = s
			}
			t.status(t.knock(knock{query: fmt.Sprintf("status=%d", s)}), wanted)
		}
	}
}

func connectNoRoute(t *trial) {
	p := t.enter(t.knock(knock{at: t.Bare}))
	p.connectionID()
}

// The probe's $connect always returns a header X-Probe, and with a status a
// body.
func connectHeaders(t *trial) {
	for _, query := range []string{"", "status=400"} {
		r := t.knock(knock{query: query})
		if r.Header.Count("X-Probe") > 0 {
			t.fail("header", "(no X-Probe)", "name", "X-Probe", "got", r.Header.Get("X-Probe"))
		}
		if bytes.Contains(r.body, []byte("the probe says")) {
			t.fail("body", "(not the body of the function)")
		}
		if query != "" {
			t.status(r, http.StatusBadRequest)
		} else {
			t.status(r, http.StatusSwitchingProtocols)
		}
	}
}

func rejectBody(t *trial) {
	var told []string
	for _, query := range []string{"status=403", "fail=error", "auth=unauthorized", "auth=deny"} {
		r := t.knock(knock{query: query})
		body := string(r.body)
		if body == "" {
			body = "empty"
		}
		told = append(told, fmt.Sprintf("%s: %d %s", query, r.Status, body))
	}
	t.tell("%s", strings.Join(told, "; "))
}

func extraPath(t *trial) {
	t.tell("%d", t.knock(knock{path: strings.TrimSuffix(t.Main.Path, "/") + "/extra"}).Status)
}

const protocol = "Sec-WebSocket-Protocol"

func subprotocolNone(t *trial) {
	r := t.knock(knock{header: handshake.Header{{Name: protocol, Value: "chat1"}}})
	t.status(r, http.StatusSwitchingProtocols)
	if got := r.Header.Get(protocol); r.Header.Count(protocol) > 0 {
		t.fail("header", "(no "+protocol+")", "name", protocol, "got", got)
	}
}

// The example of the documentation.
func subprotocolReturned(t *trial) {
	r := t.knock(knock{query: "subprotocol=myprotocol", header: handshake.Header{{Name: protocol, Value: "chat1,myprotocol"}}})
	t.status(r, http.StatusSwitchingProtocols)
	if got := r.Header.Values(protocol); !slices.Equal(got, []string{"myprotocol"}) {
		t.fail("header", protocol+": myprotocol", "name", protocol, "got", strings.Join(got, " | "))
	}
}

func subprotocolUnoffered(t *trial) {
	r := t.knock(knock{query: "subprotocol=other", header: handshake.Header{{Name: protocol, Value: "chat1"}}})
	t.tell("%d %s", r.Status, strings.TrimSpace(protocol+": "+strings.Join(r.Header.Values(protocol), " | ")))
}

func deflate(t *trial) {
	const name = "Sec-WebSocket-Extensions"
	r := t.knock(knock{header: handshake.Header{{Name: name, Value: "permessage-deflate; client_max_window_bits"}}})
	t.status(r, http.StatusSwitchingProtocols)
	if r.Header.Count(name) == 0 {
		t.tell("not accepted")
		return
	}
	t.tell("%s", r.Header.Get(name))
}

var authorizerRows = []Row{
	{ID: "authorizer-allow", Mark: Documented, Fact: "5", Source: guideAuthorizer, run: answersStatus(knock{}, 101)},
	{ID: "authorizer-wide", Mark: Observed, Fact: "5", Source: "aws-powertools/powertools-lambda-python#5800", run: answersStatus(knock{query: "auth=wide"}, 101)},
	{ID: "authorizer-star", Mark: Observed, Fact: "5", Source: "aws-powertools/powertools-lambda-python#5800", run: answersStatus(knock{query: "auth=star"}, 101)},
	{ID: "authorizer-trap", Mark: Observed, Fact: "5", Source: "aws-powertools/powertools-lambda-python#5800", run: answersStatus(knock{query: "auth=trap"}, 403)},
	{ID: "authorizer-deny", Mark: Documented, Fact: "5", Source: guideAuthorizer, run: answersStatus(knock{query: "auth=deny"}, 403)},
	{ID: "authorizer-other", Mark: Documented, Fact: "5", Source: guideAuthorizer, run: answersStatus(knock{query: "auth=other"}, 403)},
	{ID: "authorizer-both", Mark: Documented, Fact: "5", Source: guideAuthorizer, run: answersStatus(knock{query: "auth=both"}, 403)},
	{ID: "authorizer-unauthorized", Mark: Documented, Fact: "5", Source: guideAuthorizer, run: answersStatus(knock{query: "auth=unauthorized"}, 401)},
	{ID: "authorizer-error", Mark: Observed, Fact: "5", Source: "serverless-offline, tests that also run on AWS", run: answersStatus(knock{query: "auth=error"}, 500)},
	{ID: "authorizer-malformed", Mark: Observed, Fact: "5", Source: "serverless-offline, tests that also run on AWS", run: answersStatus(knock{query: "auth=malformed"}, 500)},

	{ID: "identity-present", Mark: Documented, Fact: "5", Source: guideAuthorizer, needs: askingAPI, run: identity("token=a", "X-Token", 101)},
	{ID: "identity-no-header", Mark: Documented, Fact: "5", Source: guideAuthorizer, needs: askingAPI, run: identity("token=a", "", 401)},
	{ID: "identity-no-query", Mark: Documented, Fact: "5", Source: guideAuthorizer, needs: askingAPI, run: identity("", "X-Token", 401)},
	{ID: "identity-empty", Mark: Documented, Fact: "5", Source: guideAuthorizer, needs: askingAPI, run: identity("token=", "X-Token", 401)},
	{ID: "identity-first", Mark: Documented, Fact: "5", Source: guideAuthorizer, needs: askingAPI, run: identity("auth=error", "X-Token", 401)},
	{ID: "identity-header-case", Mark: Unsure, Fact: "5", needs: askingAPI, run: identityCase},
}

func asks(t *trial, query, header string) *reply {
	k := knock{at: t.Asking, query: query}
	if header != "" {
		k.header = handshake.Header{{Name: header, Value: "a"}}
	}
	return t.knock(k)
}

func identity(query, header string, status int) func(*trial) {
	return func(t *trial) { t.status(asks(t, query, header), status) }
}

func identityCase(t *trial) { t.tell("%d", asks(t, "token=a", "x-token").Status) }
