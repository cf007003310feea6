package probe

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
)

// A gone is a management API that knows one connection.
type gone struct {
	t     *testing.T
	known string
	posts []string
}

func (g *gone) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	id := strings.TrimPrefix(r.URL.Path, "/prod/@connections/")
	if id != g.known {
		w.Header().Set("X-Amzn-ErrorType", "GoneException")
		w.WriteHeader(http.StatusGone)
		return
	}
	switch r.Method {
	case http.MethodPost:
		body, err := io.ReadAll(r.Body)
		if err != nil {
			g.t.Error(err)
		}
		g.posts = append(g.posts, string(body))
	case http.MethodGet:
		_, _ = io.WriteString(w, `{"connectedAt":"2026-11-23T10:00:00Z","lastActiveAt":"2026-11-23T10:00:01Z","identity":{"sourceIp":"192.0.2.1","userAgent":"test"}}`)
	case http.MethodDelete:
		w.WriteHeader(http.StatusNoContent)
	}
}

// ask gives the probe an event, and returns what it answers.
func ask(t *testing.T, g *gone, event string) (string, error) {
	t.Helper()
	server := httptest.NewServer(g)
	defer server.Close()
	h := Handler(Options{
		Endpoint: server.URL + "/prod",
		Config:   &aws.Config{Region: "us-east-1", Credentials: credentials.NewStaticCredentialsProvider("test", "test", "")},
	})
	out, err := h.Invoke(t.Context(), []byte(event))
	return string(out), err
}

func said(body string) string {
	quoted, _ := json.Marshal(body)
	return `{"requestContext":{"eventType":"MESSAGE","connectionId":"me=","routeKey":"x"},"body":` + string(quoted) + `}`
}

func connecting(query string) string {
	return `{"requestContext":{"eventType":"CONNECT","connectionId":"me="},"queryStringParameters":` + query + `}`
}

func TestHandler(t *testing.T) {
	for _, row := range []struct {
		name, event string
		answer      string // a part of it
		wrong       string // of the error
		posts       string // all of them
	}{
		{"connect", connecting(`null`), `"statusCode":200`, "", ""},
		{"refused", connecting(`{"status":"403"}`), `"statusCode":403`, "", ""},
		{"subprotocol", connecting(`{"subprotocol":"x"}`), `"Sec-WebSocket-Protocol":"x"`, "", ""},
		{"post in $connect", connecting(`{"post":"1"}`), `"statusCode":200`, "", "posted in $connect"},
		{"malformed", connecting(`{"fail":"malformed"}`), `"text in place of a status"`, "", ""},
		{"null", connecting(`{"fail":"null"}`), `null`, "", ""},
		{"fails", connecting(`{"fail":"error"}`), "", "as it was told", ""},
		{"no number", connecting(`{"status":"x"}`), "", "no number", ""},

		{"echo", said(`{"action":"echo","a":1}`), `"body":"{\"action\":\"echo\",\"a\":1}"`, "", ""},
		{"answer", said(`{"action":"answer","return":{"statusCode":500}}`), `{"statusCode":500}`, "", ""},
		{"answer text", said(`{"action":"oneway","return":"text"}`), `"text"`, "", ""},
		{"answer nothing", said(`{"action":"answer"}`), `null`, "", ""},
		{"error", said(`{"action":"error"}`), "", "as it was told", ""},
		{"event", said(`{"action":"event"}`), `\"connectionId\":\"me=\"`, "", ""},
		{"no JSON", said(`hi`), `\"body\":\"hi\"`, "", ""},
		{"post", said(`{"action":"post","text":"hi"}`), `200`, "", "hi"},
		{"post much", said(`{"action":"post","size":4}`), `200`, "", "xxxx"},
		{"post to nobody", said(`{"action":"post","to":"you=","text":"hi"}`), `200`, "", `{"call":"post","status":410,"error":"GoneException"}`},
		{"get", said(`{"action":"get"}`), `\"lastActiveAt\":\"2026-11-23T10:00:01Z\",\"sourceIp\":\"192.0.2.1\"`, "", ""},
		{"get nobody", said(`{"action":"get","to":"you="}`), `\"status\":410`, "", ""},
		{"delete", said(`{"action":"delete"}`), `\"status\":204`, "", ""},

		{"disconnect", `{"requestContext":{"eventType":"DISCONNECT","connectionId":"you=","authorizer":{"watcher":"me="}}}`, `200`, "",
			`{"requestContext":{"eventType":"DISCONNECT","connectionId":"you=","authorizer":{"watcher":"me="}}}`},
		{"disconnect unseen", `{"requestContext":{"eventType":"DISCONNECT","connectionId":"me="}}`, `200`, "", ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			g := &gone{t: t, known: "me="}
			answer, err := ask(t, g, row.event)
			switch {
			case row.wrong == "" && err != nil, row.wrong != "" && (err == nil || !strings.Contains(err.Error(), row.wrong)):
				t.Errorf("error %v, want %q", err, row.wrong)
			case !strings.Contains(answer, row.answer):
				t.Errorf("answer %s, want %s", answer, row.answer)
			}
			if got := strings.Join(g.posts, "|"); got != row.posts {
				t.Errorf("posts %q, want %q", got, row.posts)
			}
		})
	}
}

func TestNotThereYet(t *testing.T) {
	answer, err := ask(t, &gone{t: t, known: "another"}, connecting(`{"post":"1"}`))
	if err != nil || !strings.Contains(answer, `"statusCode":410`) {
		t.Errorf("answer %s, error %v: want the post's 410", answer, err)
	}
}

func TestPanics(t *testing.T) {
	for _, event := range []string{said(`{"action":"crash"}`), connecting(`{"fail":"panic"}`)} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("no panic: %s", event)
				}
			}()
			_, _ = Handler(Options{}).Invoke(t.Context(), []byte(event))
		}()
	}
}

func TestSlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, row := range []struct {
			event    string
			deadline time.Duration
			takes    time.Duration
		}{
			{said(`{"action":"slow","ms":1500}`), 3 * time.Second, 1500 * time.Millisecond},
			{said(`{"action":"late"}`), 3 * time.Second, 4 * time.Second}, // AWS has stopped it by then
			{connecting(`{"fail":"timeout"}`), 3 * time.Second, 4 * time.Second},
		} {
			start := time.Now()
			ctx, cancel := context.WithTimeout(t.Context(), row.deadline)
			_, err := Handler(Options{}).Invoke(ctx, []byte(row.event))
			cancel()
			if took := time.Since(start); err != nil || took != row.takes {
				t.Errorf("%s took %v, want %v: %v", row.event, took, row.takes, err)
			}
		}
	})
}

func TestAuthorizer(t *testing.T) {
	const arn = "arn:aws:execute-api:us-east-1:123456789012:abc/prod/$connect"
	for _, row := range []struct{ auth, answer, wrong string }{
		{"", `"Effect":"Allow","Resource":"` + arn + `"`, ""},
		{"wide", `"Resource":"arn:aws:execute-api:us-east-1:123456789012:abc/prod/*"`, ""},
		{"star", `"Resource":"*"`, ""},
		{"trap", `abc/prod/*/*"`, ""},
		{"other", `abc/prod/echo"`, ""},
		{"deny", `"Effect":"Deny"`, ""},
		{"both", `"Effect":"Deny"`, ""},
		{"malformed", `"text in place of a policy"`, ""},
		{"unauthorized", "", "Unauthorized"},
		{"error", "", "the authorizer fails, as it was told to"},
	} {
		event, err := json.Marshal(map[string]any{"methodArn": arn, "queryStringParameters": map[string]string{"auth": row.auth, "watcher": "me="}})
		if err != nil {
			t.Fatal(err)
		}
		answer, err := Authorizer().Invoke(t.Context(), event)
		if row.wrong != "" {
			if err == nil || err.Error() != row.wrong {
				t.Errorf("%s: error %v, want %q", row.auth, err, row.wrong)
			}
			continue
		}
		if err != nil || !strings.Contains(string(answer), row.answer) {
			t.Errorf("%s: %s, %v: want %s", row.auth, answer, err, row.answer)
		}
		if row.auth != "malformed" && !strings.Contains(string(answer), `"watcher":"me="`) {
			t.Errorf("%s: no watcher in %s", row.auth, answer)
		}
	}
}
