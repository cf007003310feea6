// Package management is the @connections API, with which a backend sends to
// a client, asks about it, and disconnects it:
//
//	POST   /{stage}/@connections/{connectionId}    200, the body goes to the client as one text message
//	GET    /{stage}/@connections/{connectionId}    200, who it is, since when, when last active
//	DELETE /{stage}/@connections/{connectionId}    204, the client is told 1000
//
// An SDK makes a typed error of an answer by its header x-amzn-ErrorType, not
// by its status: with a bare 410 no errors.As for GoneException is ever true,
// and the code that cleans up never runs.
package management

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"websocket.example/05-apigw-lambda/gateway/id"
)

// MaxPayload is how much can be posted, in bytes.
//
// API Gateway quotas: 128 KB.
const MaxPayload = 128 << 10

// What a Registry answers.
var (
	ErrGone    = errors.New("the connection is gone, or never was")
	ErrFull    = errors.New("the client does not read: its buffer is full")
	ErrNotUTF8 = errors.New("the payload is not UTF-8, and a text frame holds nothing else")
)

// A Registry has the connections.
type Registry interface {
	Post(ctx context.Context, connection string, data []byte) error
	Get(connection string) (Info, error)
	Delete(connection string) error
}

// Info is what GET tells.
type Info struct {
	SourceIP, UserAgent       string
	ConnectedAt, LastActiveAt time.Time
}

// An API serves the calls.
type API struct {
	Registry Registry
	Stage    string
	// Told is shown each call with its answer. Nil is nobody.
	Told func(method, connection string, body []byte, status int, why string)
}

// Is says whether a request is for this API, of any stage or, by a common
// mistake, of none.
func Is(r *http.Request) bool {
	_, _, is := cut(r)
	return is || strings.HasPrefix(r.URL.Path, "/@connections/")
}

// cut takes a path apart, as it was sent: the connection's ID ends in "=",
// which SDKs send as %3D, and old documents also write %40connections.
func cut(r *http.Request) (stage, connection string, is bool) {
	parts := strings.SplitN(strings.TrimPrefix(r.URL.EscapedPath(), "/"), "/", 3)
	if len(parts) != 3 {
		return "", "", false
	}
	if word, err := url.PathUnescape(parts[1]); err != nil || word != "@connections" {
		return "", "", false
	}
	connection, err := url.PathUnescape(parts[2])
	if err != nil {
		connection = parts[2]
	}
	return parts[0], connection, true
}

func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	stage, connection, is := cut(r)
	var body []byte
	answer := func(status int, kind, message, why string) {
		Answer(w, status, kind, message)
		if a.Told != nil {
			a.Told(r.Method, connection, body, status, why)
		}
	}
	if !is || stage != a.Stage {
		answer(http.StatusForbidden, "ForbiddenException", "Forbidden", "no such stage: this API has "+a.Stage)
		return
	}
	if !id.Valid(connection) {
		answer(http.StatusBadRequest, "BadRequestException", "Invalid connectionId: "+connection, "an ID has 16 letters, the last is =")
		return
	}
	var err error
	switch r.Method {
	case http.MethodPost:
		body, err = io.ReadAll(http.MaxBytesReader(w, r.Body, MaxPayload))
		var long *http.MaxBytesError
		if errors.As(err, &long) {
			status, kind, message := failure(ErrTooLong)
			answer(status, kind, message, ErrTooLong.Error())
			return
		}
		if err != nil {
			return // whoever called has gone
		}
		if err = a.Registry.Post(r.Context(), connection, body); err == nil {
			answer(http.StatusOK, "", "", "")
			return
		}
	case http.MethodGet:
		var info Info
		if info, err = a.Registry.Get(connection); err == nil {
			a.describe(w, info)
			if a.Told != nil {
				a.Told(r.Method, connection, nil, http.StatusOK, "")
			}
			return
		}
	case http.MethodDelete:
		if err = a.Registry.Delete(connection); err == nil {
			answer(http.StatusNoContent, "", "", "")
			return
		}
	default:
		answer(http.StatusForbidden, "MissingAuthenticationTokenException", "Missing Authentication Token", "the methods are POST, GET and DELETE")
		return
	}
	status, kind, message := failure(err)
	answer(status, kind, message, err.Error())
}

// snippet: failure

// failure is what a caller is told: an SDK reads the kind, from the
// header x-amzn-ErrorType. Only some errors have a message.
func failure(err error) (status int, kind, message string) {
	switch {
	case errors.Is(err, ErrGone):
		return 410, "GoneException", ""
	case errors.Is(err, ErrFull):
		return 429, "LimitExceededException", ""
	case errors.Is(err, ErrNotUTF8):
		return 400, "BadRequestException", err.Error()
	case errors.Is(err, ErrTooLong):
		return 413, "PayloadTooLargeException", "Message too long"
	}
	kind = "InternalServerErrorException"
	return 500, kind, "Internal server error"
}

// end snippet: failure

// Answer writes an answer as API Gateway does. A kind makes it an error; only
// some have a message.
func Answer(w http.ResponseWriter, status int, kind, message string) {
	h := w.Header()
	h["x-amzn-requestid"] = []string{id.UUID()} // in its spelling, for those who log headers
	h["x-amz-apigw-id"] = []string{id.New()}
	if kind != "" {
		h["x-amzn-ErrorType"] = []string{kind}
	}
	if status != http.StatusNoContent {
		h.Set("Content-Type", "application/json")
	}
	if message == "" {
		w.WriteHeader(status)
		return
	}
	b, _ := json.Marshal(map[string]string{"message": message})
	w.WriteHeader(status)
	_, _ = w.Write(b) // if it fails, the caller has gone
}

// describe answers a GET: indented, as AWS does, and with times as text. An
// SDK does not decode times as numbers.
func (a *API) describe(w http.ResponseWriter, info Info) {
	const milli = "2006-01-02T15:04:05.000Z"
	type identity struct {
		SourceIP  string `json:"sourceIp"`
		UserAgent string `json:"userAgent,omitempty"`
	}
	b, _ := json.MarshalIndent(struct {
		Identity     identity `json:"identity"`
		ConnectedAt  string   `json:"connectedAt"`
		LastActiveAt string   `json:"lastActiveAt"`
	}{
		identity{info.SourceIP, info.UserAgent},
		info.ConnectedAt.UTC().Format(milli), info.LastActiveAt.UTC().Format(milli),
	}, "", "  ")
	h := w.Header()
	h["x-amzn-requestid"] = []string{id.UUID()}
	h["x-amz-apigw-id"] = []string{id.New()}
	h.Set("Content-Type", "application/json")
	_, _ = w.Write(b)
}
