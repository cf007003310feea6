package console

import (
	"encoding/json"
	"io"
	"net/http"

	"websocket.example/05-apigw-lambda/gateway/lambda"
)

// mostPayload is Lambda's own limit for a synchronous invocation.
const mostPayload = 6 << 20

// An invocation is what the page is told of one.
type invocation struct {
	Payload     json.RawMessage `json:"payload,omitempty"`
	Error       string          `json:"error,omitempty"`
	Log         string          `json:"log,omitempty"`
	Micros      int64           `json:"micros"`
	Environment int             `json:"environment,omitempty"`
	Cold        bool            `json:"cold,omitempty"`
	Warnings    []string        `json:"warnings,omitempty"`
}

// invoke runs a function with the payload that the page sends.
func invoke(functions map[string]lambda.Function) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f := functions[r.PathValue("name")]
		if f == nil {
			http.NotFound(w, r)
			return
		}
		payload, err := io.ReadAll(http.MaxBytesReader(w, r.Body, mostPayload))
		if err != nil || !json.Valid(payload) {
			http.Error(w, "the payload is not JSON, or larger than 6 MB", http.StatusBadRequest)
			return
		}
		result, err := f.Invoke(r.Context(), payload)
		told := invocation{
			Error: result.Error, Log: result.Log, Micros: result.Duration.Microseconds(),
			Environment: result.Environment, Cold: result.Cold, Warnings: result.Warnings,
		}
		if err != nil {
			told.Error = err.Error()
		}
		if json.Valid(result.Payload) {
			told.Payload = result.Payload
		}
		w.Header().Set("Content-Type", kinds[".json"])
		_ = json.NewEncoder(w).Encode(told) // when nobody reads, there is nobody to tell
	})
}
