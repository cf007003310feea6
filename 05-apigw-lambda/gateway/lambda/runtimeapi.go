package lambda

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
)

// A runtimeAPI is the Lambda Runtime API of one environment, on a port of its
// own, so that whoever speaks to it is known.
//
// It reads requests with net/http's parser and writes answers by hand, because
// the answer to a request for the next event is not its handler's to write: it
// comes from whoever invokes the function, much later or never. An http.Server
// is no slower; what takes the time is the function's own client.
type runtimeAPI struct {
	env      *environment
	listener net.Listener
	mu       sync.Mutex
	conns    map[net.Conn]bool
	serving  sync.WaitGroup
}

// An apiError is an error of the Runtime API.
type apiError struct {
	status  int
	Type    string
	Message string
}

func wrongState(from, to state) *apiError {
	return &apiError{http.StatusForbidden, "InvalidStateTransition",
		"State transition from " + from.String() + " to " + to.String() + " failed for runtime. Error: State transition is not allowed"}
}

func (a *runtimeAPI) listen(e *environment) (err error) {
	a.env = e
	a.conns = make(map[net.Conn]bool)
	if a.listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		return err
	}
	a.serving.Go(func() {
		for {
			conn, err := a.listener.Accept()
			if err != nil {
				return
			}
			a.mu.Lock()
			a.conns[conn] = true
			a.mu.Unlock()
			a.serving.Go(func() { a.serve(conn) })
		}
	})
	return nil
}

func (a *runtimeAPI) address() string { return a.listener.Addr().String() }

// close ends all connections and waits until nobody serves any more.
func (a *runtimeAPI) close() {
	a.listener.Close()
	a.mu.Lock()
	for conn := range a.conns {
		conn.Close()
	}
	a.mu.Unlock()
	a.serving.Wait()
}

// serve answers one request after the other.
func (a *runtimeAPI) serve(conn net.Conn) {
	defer func() {
		a.env.gone(conn)
		a.mu.Lock()
		delete(a.conns, conn)
		a.mu.Unlock()
		conn.Close()
	}()
	r := bufio.NewReader(conn)
	for {
		req, err := http.ReadRequest(r)
		if err != nil {
			return
		}
		if req.Header.Get("Expect") != "" {
			if _, err := io.WriteString(conn, "HTTP/1.1 100 Continue\r\n\r\n"); err != nil {
				return
			}
		}
		if a.answer(conn, req) != nil || req.Close {
			return
		}
		if n, _ := io.CopyN(io.Discard, req.Body, 10*maxPayload); n == 10*maxPayload {
			return // what is left of a request that was refused, but not for ever
		}
	}
}

const (
	invocationPath = "/2018-06-01/runtime/invocation/"
	accepted       = `{"status":"OK"}` + "\n"
)

// answer does what a request asks for. The two that wait for an event are not
// answered here: that is done when there is one.
func (a *runtimeAPI) answer(conn net.Conn, req *http.Request) error {
	if req.Host != a.address() || req.Header.Get("Origin") != "" {
		return reply(conn, &apiError{http.StatusForbidden, "Forbidden", "this is for the function's process only"}, "")
	}
	path := req.URL.Path
	switch req.Method + " " + path {
	case "GET " + invocationPath + "next":
		if problem := a.env.next(conn); problem != nil {
			return reply(conn, problem, "")
		}
		return nil
	case "POST /2018-06-01/runtime/init/error":
		body, problem := readBody(req)
		if problem == nil {
			problem = a.env.initFailed(errorBody(req, body))
		}
		return reply(conn, problem, accepted)
	case "POST /2020-01-01/extension/register":
		return a.register(conn, req)
	case "GET /2020-01-01/extension/event/next":
		return nil // there are no events for extensions here: it waits for ever
	}
	id, kind, _ := strings.Cut(strings.TrimPrefix(path, invocationPath), "/")
	if req.Method != http.MethodPost || !strings.HasPrefix(path, invocationPath) || kind != "response" && kind != "error" {
		return reply(conn, &apiError{http.StatusNotFound, "NotFound", "no such path in the Runtime API: " + path}, "")
	}
	body, problem := readBody(req)
	failed := ""
	switch {
	case problem != nil: // the invocation is over all the same
		if wrong := a.env.respond(id, tooLarge.payload(), unhandled); wrong != nil {
			problem = wrong
		}
		return reply(conn, problem, "")
	case kind == "error":
		body, failed = errorBody(req, body), unhandled
	case req.Trailer.Get("Lambda-Runtime-Function-Error-Type") != "": // it failed in the middle of the response
		body, failed = trailerBody(req), unhandled
	}
	return reply(conn, a.env.respond(id, body, failed), accepted)
}

// register is how a program asks to be told of its end: lambda-go's
// WithEnableSIGTERM does.
func (a *runtimeAPI) register(conn net.Conn, req *http.Request) error {
	if _, problem := readBody(req); problem != nil {
		return reply(conn, problem, "")
	}
	e := a.env
	e.mu.Lock()
	e.extension = true
	e.mu.Unlock()
	f := e.of.function
	b, err := json.Marshal(map[string]string{"functionName": f.Name, "functionVersion": "$LATEST", "handler": f.Handler})
	if err != nil {
		return err
	}
	return write(conn, http.StatusOK, "Lambda-Extension-Identifier: "+newRequestID()+"\r\n", string(b))
}

// readBody reads what was sent.
func readBody(req *http.Request) ([]byte, *apiError) {
	var body []byte
	var err error
	if n := req.ContentLength; n >= 0 && n <= maxPayload {
		body = make([]byte, n)
		_, err = io.ReadFull(req.Body, body)
	} else {
		body, err = io.ReadAll(io.LimitReader(req.Body, maxPayload+1))
	}
	switch {
	case err != nil:
		return nil, &apiError{http.StatusBadRequest, "InvalidRequest", err.Error()}
	case len(body) > maxPayload:
		_, _ = io.CopyN(io.Discard, req.Body, 10*maxPayload) // so that the answer is read
		return nil, &apiError{http.StatusRequestEntityTooLarge, "RequestEntityTooLarge",
			"Exceeded maximum allowed payload size (" + strconv.Itoa(maxPayload) + " bytes)."}
	}
	return body, nil
}

// errorBody is the error that was sent, or one made of its header.
func errorBody(req *http.Request, body []byte) []byte {
	if json.Valid(body) {
		return body
	}
	return failure{Message: string(body), Type: req.Header.Get("Lambda-Runtime-Function-Error-Type")}.payload()
}

// trailerBody is the error in the trailers of a response.
func trailerBody(req *http.Request) []byte {
	body, err := base64.StdEncoding.DecodeString(req.Trailer.Get("Lambda-Runtime-Function-Error-Body"))
	if err == nil && json.Valid(body) {
		return body
	}
	return failure{Type: req.Trailer.Get("Lambda-Runtime-Function-Error-Type")}.payload()
}

func reply(conn net.Conn, problem *apiError, fine string) error {
	if problem == nil {
		return write(conn, http.StatusAccepted, "", fine)
	}
	b, err := json.Marshal(struct {
		Message string `json:"errorMessage"`
		Type    string `json:"errorType"`
	}{problem.Message, problem.Type})
	if err != nil {
		return err
	}
	return write(conn, problem.status, "", string(b))
}

func write(conn net.Conn, status int, header, body string) error {
	_, err := io.WriteString(conn, "HTTP/1.1 "+strconv.Itoa(status)+" "+http.StatusText(status)+"\r\nContent-Type: application/json\r\n"+
		header+"Content-Length: "+strconv.Itoa(len(body))+"\r\n\r\n"+body)
	return err
}

// initFailed is told why a start failed. The process is about to exit.
func (e *environment) initFailed(payload []byte) *apiError {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.state != starting {
		return wrongState(e.state, ended)
	}
	e.initError = payload
	return nil
}
