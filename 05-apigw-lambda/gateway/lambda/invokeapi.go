package lambda

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
)

// The Invoke API's own limits.
const (
	maxRequest      = 6 * 1024 * 1024
	maxAsyncRequest = 1024 * 1024 // since October 2025; it was 256 KiB
)

// InvokePath is what InvokeAPI answers.
const InvokePath = "/2015-03-31/functions/"

// InvokeAPI is the Invoke operation of Lambda, as `aws lambda invoke
// --endpoint-url` and the SDKs call it. Its errors are typed as theirs.
type InvokeAPI struct {
	Functions *Functions
	Options   Options // for ARNs
	Async     *Async  // for InvocationType Event; nil refuses it
}

// A refusal is one of the Invoke operation's errors.
type refusal struct {
	status int
	kind   string
	fields map[string]string
}

func refuse(status int, kind, message string, more ...string) *refusal {
	r := &refusal{status, kind, map[string]string{"Type": "User", "message": message}}
	for i := 0; i < len(more); i += 2 {
		r.fields[more[i]] = more[i+1]
	}
	return r
}

// ServeHTTP answers POST /2015-03-31/functions/{name}/invocations.
func (a *InvokeAPI) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	mux := http.NewServeMux()
	mux.HandleFunc("POST "+InvokePath+"{name}/invocations", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Amzn-Requestid", newRequestID())
		if problem := a.invoke(w, r); problem != nil {
			problem.write(w)
		}
	})
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Amzn-Requestid", newRequestID())
		refuse(http.StatusNotFound, "UnknownOperationException", "only Invoke runs here: POST "+InvokePath+"NAME/invocations").write(w)
	})
	mux.ServeHTTP(w, r)
}

func (a *InvokeAPI) invoke(w http.ResponseWriter, r *http.Request) *refusal {
	f, qualifier, found := a.Functions.Find(r.PathValue("name"))
	qualifier = cmp.Or(r.URL.Query().Get("Qualifier"), qualifier)
	if !found || qualifier != "" && qualifier != "$LATEST" {
		return a.notFound(r.PathValue("name"), qualifier)
	}
	kind := cmp.Or(r.Header.Get("X-Amz-Invocation-Type"), "RequestResponse")
	limit := maxRequest
	if kind == "Event" {
		limit = maxAsyncRequest
	}
	payload, problem := readPayload(w, r, limit)
	if problem != nil {
		return problem
	}
	switch kind {
	case "RequestResponse":
		return a.wait(w, r, f, payload)
	case "DryRun":
		w.WriteHeader(http.StatusNoContent)
		return nil
	case "Event":
		if a.Async == nil {
			return refuse(http.StatusInternalServerError, "ServiceException", "nobody runs asynchronous invocations here", "Type", "Service")
		}
		if err := a.Async.Enqueue(f, payload); err != nil {
			return throttled("", err)
		}
		w.WriteHeader(http.StatusAccepted)
		return nil
	}
	return refuse(http.StatusBadRequest, "InvalidParameterValueException", "Invocation type must be RequestResponse, Event or DryRun: "+kind)
}

// wait runs a function and returns what it returned.
func (a *InvokeAPI) wait(w http.ResponseWriter, r *http.Request, f Named, payload []byte) *refusal {
	result, err := f.Run.Invoke(r.Context(), payload)
	switch {
	case errors.Is(err, ErrThrottled):
		reason := "ConcurrentInvocationLimitExceeded"
		if f.Concurrency > 0 {
			reason = "ReservedFunctionConcurrentInvocationLimitExceeded"
		}
		return throttled(reason, err)
	case err != nil:
		return refuse(http.StatusBadGateway, "InvalidRuntimeException", err.Error())
	}
	h := w.Header()
	h.Set("X-Amzn-Requestid", result.RequestID)
	h.Set("X-Amz-Executed-Version", "$LATEST")
	if result.Error != "" {
		h.Set("X-Amz-Function-Error", result.Error)
	}
	if r.Header.Get("X-Amz-Log-Type") == "Tail" {
		h.Set("X-Amz-Log-Result", base64.StdEncoding.EncodeToString([]byte(lastOf(result.Log, tailLength))))
	}
	h.Set("Content-Type", "application/json")
	h.Set("Content-Length", strconv.Itoa(len(result.Payload)))
	_, _ = w.Write(result.Payload) // the caller may have gone
	return nil
}

func readPayload(w http.ResponseWriter, r *http.Request, limit int) ([]byte, *refusal) {
	payload, err := io.ReadAll(http.MaxBytesReader(w, r.Body, int64(limit)))
	if tooLong, is := errors.AsType[*http.MaxBytesError](err); is {
		return nil, refuse(http.StatusRequestEntityTooLarge, "RequestTooLargeException",
			fmt.Sprintf("Request must be smaller than %d bytes for the InvokeFunction operation", tooLong.Limit))
	}
	if err != nil {
		return nil, refuse(http.StatusBadRequest, "InvalidRequestContentException", err.Error())
	}
	if len(bytes.TrimSpace(payload)) == 0 {
		return []byte("{}"), nil
	}
	var any json.RawMessage
	if err := json.Unmarshal(payload, &any); err != nil {
		return nil, refuse(http.StatusBadRequest, "InvalidRequestContentException",
			"Could not parse request body into json: Could not parse payload into json: "+err.Error())
	}
	return payload, nil
}

func (a *InvokeAPI) notFound(name, qualifier string) *refusal {
	o := a.Options.withDefaults()
	name, _ = splitName(name)
	arn := "arn:aws:lambda:" + o.Region + ":" + o.Account + ":function:" + name
	if qualifier != "" {
		arn += ":" + qualifier
	}
	return refuse(http.StatusNotFound, "ResourceNotFoundException", "Function not found: "+arn)
}

func throttled(reason string, err error) *refusal {
	message := "Rate Exceeded."
	if reason == "" {
		message, reason = err.Error(), "CallerRateLimitExceeded"
	}
	return refuse(http.StatusTooManyRequests, "TooManyRequestsException", message, "Reason", reason)
}

func (r *refusal) write(w http.ResponseWriter) {
	b, err := json.Marshal(r.fields)
	if err != nil {
		panic(err) // strings only
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Amzn-Errortype", r.kind)
	w.WriteHeader(r.status)
	_, _ = w.Write(b) // the caller may have gone
}
