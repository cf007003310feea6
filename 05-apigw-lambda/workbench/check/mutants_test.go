package check

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	awslambda "github.com/aws/aws-lambda-go/lambda"

	"websocket.example/03-raw-server/frame"
	"websocket.example/05-apigw-lambda/gateway/api"
)

// A mutant is a gateway with one thing wrong, and the rows that must see it.
type mutant struct {
	name  string
	bend  bend
	fails []string
}

// inAnswer and inRequest replace a text in a head.
func inAnswer(old, with string) bend {
	return bend{answer: func(head string) string { return strings.Replace(head, old, with, 1) }}
}

// onWire changes the frames that a condition is true of.
func onWire(is func(frame.Header, []byte) bool, change func(*frame.Header, []byte) []byte) func(frame.Header, []byte) (frame.Header, []byte) {
	return func(h frame.Header, payload []byte) (frame.Header, []byte) {
		if is(h, payload) {
			payload = change(&h, payload)
		}
		return h, payload
	}
}

func opcode(op frame.Opcode) func(frame.Header, []byte) bool {
	return func(h frame.Header, _ []byte) bool { return h.Opcode == op }
}

func contains(text string) func(frame.Header, []byte) bool {
	return func(_ frame.Header, b []byte) bool { return bytes.Contains(b, []byte(text)) }
}

// inEvent changes what the probe is told of a kind of event.
func inEvent(kind string, change func(e, context map[string]any)) bend {
	return bend{function: func(resource string, h awslambda.Handler) awslambda.Handler {
		if resource != "ProbeFunction" {
			return h
		}
		return invoke(func(ctx context.Context, payload []byte) ([]byte, error) {
			var e event
			if err := json.Unmarshal(payload, &e); err != nil {
				return nil, err
			}
			if e.kind() == kind {
				change(e, e.at("requestContext").(map[string]any))
				payload = []byte(written(e))
			}
			return h.Invoke(ctx, payload)
		})
	}}
}

type invoke func(ctx context.Context, payload []byte) ([]byte, error)

func (f invoke) Invoke(ctx context.Context, payload []byte) ([]byte, error) { return f(ctx, payload) }

// inProject changes what the template says.
func inProject(change func(main, bare, asking *api.API)) bend {
	return bend{project: func(p *api.Project) {
		find := func(name string) *api.API {
			return p.APIs[slices.IndexFunc(p.APIs, func(a *api.API) bool { return a.ResourceID == name })]
		}
		change(find("Api"), find("BareApi"), find("AskingApi"))
	}}
}

// inCalls changes answers of @connections that have a status.
func inCalls(status int, change func(*http.Response)) bend {
	return bend{calls: func(r *http.Response) {
		if r.StatusCode == status {
			change(r)
		}
	}}
}

func setBody(r *http.Response, b []byte) {
	r.Body.Close()
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(b)), int64(len(b))
	r.Header.Set("Content-Length", itoa(len(b)))
}

// changeBody changes it, if there is one.
func changeBody(change func([]byte) []byte) func(*http.Response) {
	return func(r *http.Response) {
		if b, err := io.ReadAll(r.Body); err == nil && len(b) > 0 {
			setBody(r, change(b))
		}
	}
}

var (
	moment   = regexp.MustCompile(`"\d{4}-\d\d-[^"]*Z"`)
	gones    = []string{"gone-post", "gone-get", "gone-delete", "gone-closed", "gone-deleted"}
	failures = []string{"two-way-malformed", "two-way-null", "one-way-malformed", "one-way-null", "one-way-error", "one-way-crash", "no-permission"}
	ofBare   = []string{
		"connect-no-route", "expression-two-parts", "expression-part-missing", "default-no-match", "default-not-json",
		"default-not-object", "bare-fields", "stage-variables",
	}
)

func and(lists ...[]string) []string { return slices.Concat(lists...) }

var mutants = []mutant{
	{"the stack itself", bend{}, nil},
	{"nothing changed on the way", bend{up: onWire(opcode(frame.Text), same), down: onWire(opcode(frame.Text), same), calls: func(*http.Response) {}}, nil},

	// The handshake.
	{"500 in place of 502", inAnswer("HTTP/1.1 502", "HTTP/1.1 500"), []string{"connect-error", "connect-panic", "connect-malformed", "connect-null"}},
	{"400 for every refusal of $connect", bend{answer: func(head string) string {
		return regexp.MustCompile(`^HTTP/1.1 (404|418|429|503)`).ReplaceAllString(head, "HTTP/1.1 400")
	}}, []string{"connect-status-4xx", "connect-status-5xx"}},
	{"opened, then closed", inAnswer("HTTP/1.1 403 Forbidden", "HTTP/1.1 101 Switching Protocols"),
		[]string{"connect-status-4xx", "authorizer-trap", "authorizer-deny", "authorizer-other", "authorizer-both"}},
	{"a GET that is no handshake finds a page", inAnswer("HTTP/1.1 426", "HTTP/1.1 200"), []string{"plain-get"}},
	{"a subprotocol that nobody has returned", bend{answer: func(head string) string {
		if strings.Contains(head, " 101 ") && !strings.Contains(head, protocol) {
			head = strings.Replace(head, "\r\n\r\n", "\r\n"+protocol+": chat1\r\n\r\n", 1)
		}
		return head
	}}, []string{"subprotocol-none"}},
	{"the subprotocol is forgotten", inAnswer(protocol+": myprotocol\r\n", ""), []string{"subprotocol-returned"}},
	{"headers of $connect are passed on", inAnswer("\r\n\r\n", "\r\nX-Probe: connect\r\n\r\n"), []string{"connect-headers-hidden"}},
	{"without $connect nobody gets in", inProject(func(main, bare, _ *api.API) {
		bare.Routes[api.Connect] = main.Routes["sealed"]
	}), ofBare},
	{"every error of the authorizer is Unauthorized", bend{function: func(resource string, h awslambda.Handler) awslambda.Handler {
		if resource != "ProbeAuthorizer" {
			return h
		}
		return invoke(func(ctx context.Context, payload []byte) ([]byte, error) {
			b, err := h.Invoke(ctx, payload)
			if err != nil {
				err = errors.New("Unauthorized")
			}
			return b, err
		})
	}}, []string{"authorizer-error"}},
	{"no identity sources", inProject(func(_, _, asking *api.API) {
		asking.Routes[api.Connect].Authorizer.IdentitySource = nil
	}), []string{"identity-no-header", "identity-no-query", "identity-empty", "identity-first"}},

	// Routes and answers.
	{"another space in Forbidden", bend{down: onWire(contains(`"Forbidden"`), func(_ *frame.Header, b []byte) []byte {
		return bytes.Replace(b, []byte(`"connectionId":`), []byte(`"connectionId": `), 1)
	})}, []string{"route-none"}},
	{"Forbidden closes the connection", bend{down: onWire(contains(`"Forbidden"`), closing)},
		[]string{"route-none", "route-none-open", "route-exact", "route-no-action", "route-not-json", "route-not-object"}},
	{"errors close the connection", bend{down: onWire(contains(failed), closing)}, and(failures, []string{"crash-recovers"})},
	{"errors of one-way routes are not told", bend{down: onWire(contains(failed), func(h *frame.Header, _ []byte) []byte {
		h.Opcode = frame.Pong
		return nil
	})}, and(failures, []string{"crash-recovers"})},
	{"a $default that nobody has asked for", inProject(func(main, _, _ *api.API) {
		main.Routes[api.Default] = main.Routes["echo"]
	}), []string{"route-none", "route-none-open", "route-exact", "route-no-action", "route-not-json", "route-not-object"}},
	{"the action is all that is read", inProject(func(_, bare, _ *api.API) {
		bare.RouteSelection = "$request.body.action"
	}), []string{"expression-two-parts"}},
	{"one-way routes answer", inProject(func(main, _, _ *api.API) {
		main.Routes["oneway"].ResponseSelection, main.Routes["oneway"].Response = api.Default, &api.RouteResponse{}
	}), []string{"one-way-silent"}},
	{"permissions do not matter", inProject(func(main, _, _ *api.API) {
		main.Routes["sealed"].Integration.NoPermission = false
	}), []string{"no-permission"}},
	{"integrations have all the time", inProject(func(main, _, _ *api.API) {
		main.Routes["slow"].Integration.Timeout = 0
	}), []string{"integration-timeout"}},
	{"models do not matter", inProject(func(main, _, _ *api.API) {
		main.Routes["modelled"].RequestModels = nil
	}), []string{"model-fails"}},

	// Events.
	{"headers in MESSAGE", inEvent("MESSAGE", func(e, _ map[string]any) { e["headers"] = map[string]any{} }), []string{"message-fields", "bare-fields"}},
	{"no authorizer in MESSAGE", inEvent("MESSAGE", func(_, c map[string]any) { delete(c, "authorizer") }), []string{"message-context", "authorizer-in-message"}},
	{"messageId null in DISCONNECT", inEvent("DISCONNECT", func(_, c map[string]any) { c["messageId"] = nil }), []string{"disconnect-fields", "disconnect-types"}},
	{"all headers in DISCONNECT", inEvent("DISCONNECT", func(e, _ map[string]any) {
		e["headers"].(map[string]any)["User-Agent"] = agent
	}), []string{"disconnect-headers"}},
	{"close codes as text", inEvent("DISCONNECT", func(_, c map[string]any) {
		c["disconnectStatusCode"] = written(c["disconnectStatusCode"])
	}), []string{"disconnect-types", "close-1000", "close-1001", "close-4001", "delete-disconnects"}},
	{"extendedRequestId of its own", inEvent("MESSAGE", func(_, c map[string]any) { c["extendedRequestId"] = nobody }), []string{"request-ids-equal"}},
	{"UUIDs", inEvent("MESSAGE", func(_, c map[string]any) {
		c["requestId"], c["extendedRequestId"] = "c3b1a0de-0f0a-4b7e-9d55-0c8f5d2d1b11", "c3b1a0de-0f0a-4b7e-9d55-0c8f5d2d1b11"
	}), []string{"event-ids", "event-ids-new"}},
	{"connectedAt is now", inEvent("MESSAGE", func(_, c map[string]any) {
		c["connectedAt"] = c["requestTimeEpoch"].(float64) - 1000
	}), []string{"connected-at", "disconnect-connected-at"}},
	{"requestTime in seconds", inEvent("MESSAGE", func(_, c map[string]any) { c["requestTime"] = "2026-11-23T10:00:00Z" }), []string{"request-time"}},
	{"message bodies are parsed and written again", bend{up: onWire(opcode(frame.Text), func(_ *frame.Header, b []byte) []byte {
		var out bytes.Buffer
		if json.Compact(&out, b) != nil || out.Len() == 0 {
			return b
		}
		return out.Bytes()
	})}, []string{"message-body"}},
	{"headers in lower case", bend{request: func(head string) string {
		return regexp.MustCompile(`(?m)^[\w-]+:`).ReplaceAllStringFunc(head, strings.ToLower)
	}}, []string{"connect-header-case", "connect-header-lines"}},

	// Frames.
	{"binary messages are taken", bend{up: onWire(opcode(frame.Binary), func(h *frame.Header, b []byte) []byte {
		h.Opcode = frame.Text
		return b
	})}, []string{"binary"}},
	{"1009 is 1008", bend{down: onWire(opcode(frame.Close), func(_ *frame.Header, b []byte) []byte {
		if code, _, err := frame.ParseClose(b); err == nil && code == frame.MessageTooBig {
			return frame.AppendClose(nil, frame.PolicyViolation, "")
		}
		return b
	})}, []string{"frame-40k", "message-over-128k"}},
	{"long frames are cut", bend{up: onWire(func(h frame.Header, b []byte) bool { return h.Fin && len(b) > maxFrame }, func(_ *frame.Header, _ []byte) []byte {
		return []byte(padded(maxFrame))
	})}, []string{"frame-40k"}},
	{"close codes are lost", bend{up: onWire(opcode(frame.Close), func(*frame.Header, []byte) []byte { return nil })},
		[]string{"close-1000", "close-1001", "close-4001", "close-answered"}},
	{"close reasons are lost", bend{up: onWire(opcode(frame.Close), func(_ *frame.Header, b []byte) []byte { return b[:min(2, len(b))] })},
		[]string{"close-4001"}},

	// @connections.
	{"no x-amzn-errortype", bend{calls: func(r *http.Response) { r.Header.Del("X-Amzn-Errortype") }},
		and(gones, []string{"function-post-gone", "post-too-large", "malformed-id", "sdk-gone", "sdk-too-large", "sdk-malformed-id"})},
	{"410 with a text", inCalls(http.StatusGone, func(r *http.Response) { setBody(r, []byte("GoneException")) }),
		and(gones, []string{"function-post-gone", "sdk-gone"})},
	{"200 for who has gone", inCalls(http.StatusGone, func(r *http.Response) {
		r.StatusCode = http.StatusOK
		r.Header.Del("X-Amzn-Errortype")
	}), and(gones, []string{"own-connect", "function-post-gone", "sdk-gone"})},
	{"404 for who has gone", inCalls(http.StatusGone, func(r *http.Response) { r.StatusCode = http.StatusNotFound }),
		and(gones, []string{"own-connect", "function-post-gone"})},
	{"204 for POST", inCalls(http.StatusOK, func(r *http.Response) {
		if r.Request.Method == http.MethodPost {
			r.StatusCode = http.StatusNoContent
		}
	}), []string{"post", "post-headers", "post-as-is", "post-128k", "encoded-path"}},
	{"times as numbers", inCalls(http.StatusOK, changeBody(func(b []byte) []byte { return moment.ReplaceAll(b, []byte("1763892000000")) })),
		[]string{"function-get", "get", "sdk-get"}},
	{"GET in PascalCase", inCalls(http.StatusOK, changeBody(func(b []byte) []byte {
		return regexp.MustCompile(`"[a-zI]+[a-zA-Z]*":`).ReplaceAllFunc(b, func(name []byte) []byte {
			name[1] = bytes.ToUpper(name[1:2])[0]
			return name
		})
	})), []string{"function-get", "get", "sdk-get"}},
	{"GET in one line", inCalls(http.StatusOK, changeBody(func(b []byte) []byte {
		var out bytes.Buffer
		_ = json.Compact(&out, b)
		return out.Bytes()
	})), []string{"get-printed"}},
	{"DELETE says nothing to the client", bend{down: onWire(opcode(frame.Close), func(_ *frame.Header, b []byte) []byte { return b[:min(2, len(b))] })}, []string{"delete-closes"}},
}

func same(_ *frame.Header, b []byte) []byte { return b }

// closing makes a close frame of a frame.
func closing(h *frame.Header, _ []byte) []byte {
	h.Opcode = frame.Close
	return frame.AppendClose(nil, frame.InternalError, "")
}

// beside are the rows of the same topics.
func beside(ids []string) *regexp.Regexp {
	var list []string
	for _, r := range Rows {
		if slices.ContainsFunc(Rows, func(other Row) bool { return other.Topic == r.Topic && slices.Contains(ids, other.ID) }) {
			list = append(list, r.ID)
		}
	}
	return exactly(list)
}

func exactly(ids []string) *regexp.Regexp {
	return regexp.MustCompile(`^(` + strings.Join(ids, "|") + `)$`)
}

// Each mutant fails its rows, and no other.
func TestMutants(t *testing.T) {
	t.Parallel()
	const atOnce = 8 // most of their time is waiting
	turn := make(chan struct{}, atOnce)
	var unsure []string // which can't fail
	for _, r := range Rows {
		if r.Mark == Unsure {
			unsure = append(unsure, r.ID)
		}
	}
	var work sync.WaitGroup
	for _, m := range mutants {
		c := start(t, m.bend)
		c.Skip = exactly(unsure)
		// The race detector takes ten times as long. With it, a mutant is
		// asked what it gets wrong, and what is near that.
		if raceDetector && m.fails != nil {
			c.Only = beside(m.fails)
		}
		turn <- struct{}{}
		work.Go(func() {
			defer func() { <-turn }()
			report, err := Run(t.Context(), c)
			if err != nil {
				t.Error(err)
				return
			}
			var fails []string
			for i := range report.Results {
				if r := &report.Results[i]; r.Verdict == Fails {
					fails = append(fails, r.ID)
					if !slices.Contains(m.fails, r.ID) {
						t.Errorf("%s: %s fails as well: %+v\n%v", m.name, r.ID, r.Finding, r.Lines)
					}
				}
			}
			for _, id := range m.fails {
				if !slices.Contains(fails, id) {
					t.Errorf("%s: %s does not see it", m.name, id)
				}
			}
		})
	}
	work.Wait()
}
