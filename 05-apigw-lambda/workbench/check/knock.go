package check

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"websocket.example/02-handshake/handshake"
)

// A knock is a handshake that is not yet made. It is done by hand, because
// half of what is asked here no client should accept.
type knock struct {
	at     *url.URL // nil is the main API
	path   string   // in place of the URL's
	query  string
	header handshake.Header // added to the request
	drop   string           // a header that is left out
	plain  bool             // a GET and no handshake
}

// agent is our User-Agent.
const agent = "apigw-check/1.0"

// A reply is what came of it.
type reply struct {
	handshake.Response
	body []byte
	conn net.Conn // after a 101
	rest []byte   // what came behind it
}

// knock sends a handshake, and takes whatever answer comes.
func (t *trial) knock(k knock) *reply {
	u := *t.Main
	if k.at != nil {
		u = *k.at
	}
	if k.path != "" {
		u.Path = k.path
	}
	u.RawQuery = strings.Trim(u.RawQuery+"&"+k.query, "&")
	request, err := handshake.NewRequest(&u, nil)
	if err != nil {
		t.fail("no-request", "", "error", err)
	}
	request.Header.Add("User-Agent", agent)
	request.Header = append(request.Header, k.header...)
	var header handshake.Header
	for _, f := range request.Header {
		ours := strings.HasPrefix(f.Name, "Sec-WebSocket-") || f.Name == "Upgrade" || f.Name == "Connection"
		if f.Name != k.drop && (!k.plain || !ours) {
			header = append(header, f)
		}
	}
	request.Header = header
	conn, err := (&handshake.DialOptions{TLS: t.TLS}).Connect(t.ctx, &u)
	if err != nil {
		t.fail("unreachable", "", "error", err)
	}
	t.later(func() { conn.Close() })
	if at, ok := t.ctx.Deadline(); ok {
		_ = conn.SetDeadline(at) // if it fails, so does writing
	}
	t.sent("GET %s%s", request.Target, told(k.header))
	if _, err := conn.Write(request.Append(nil)); err != nil {
		t.fail("unreachable", "", "error", err)
	}
	r, err := readReply(conn)
	if err != nil {
		t.came("(%s)", reason(err))
		t.fail("no-answer", "")
	}
	t.came("HTTP %d%s", r.Status, shown(r))
	_ = conn.SetDeadline(time.Time{})
	return r
}

// told is the header lines that make this request different from others.
func told(h handshake.Header) string {
	var b strings.Builder
	for _, f := range h {
		fmt.Fprintf(&b, "\n%s: %s", f.Name, f.Value)
	}
	return b.String()
}

// shown is the lines of an answer that matter.
func shown(r *reply) string {
	var lines handshake.Header
	for _, f := range r.Header {
		switch strings.ToLower(f.Name) {
		case "sec-websocket-protocol", "sec-websocket-extensions", "x-probe", "content-type", "x-amzn-errortype":
			lines = append(lines, f)
		}
	}
	if len(r.body) > 0 {
		return told(lines) + "\n" + short(string(r.body))
	}
	return told(lines)
}

// readReply reads an answer, with its body if it is no 101.
func readReply(conn net.Conn) (*reply, error) {
	const most = 64 << 10
	var came []byte
	chunk := make([]byte, 4096)
	for len(came) < most {
		n, err := conn.Read(chunk)
		came = append(came, chunk[:n]...)
		if n > 0 {
			response, end, parseErr := handshake.ParseResponse(came)
			switch {
			case parseErr == nil && response.Status == http.StatusSwitchingProtocols:
				return &reply{Response: response, conn: conn, rest: bytes.Clone(came[end:])}, nil
			case parseErr == nil:
				all := bufio.NewReader(io.MultiReader(bytes.NewReader(came), conn))
				return &reply{Response: response, body: body(all)}, nil
			case !errors.Is(parseErr, handshake.ErrIncomplete):
				return nil, parseErr
			}
		}
		if err != nil {
			return nil, err
		}
	}
	return nil, errors.New("a header without end")
}

// body is as much of a body as comes.
func body(r *bufio.Reader) []byte {
	response, err := http.ReadResponse(r, nil)
	if err != nil {
		return nil
	}
	defer response.Body.Close()
	b, _ := io.ReadAll(io.LimitReader(response.Body, 4096)) // half a body is one too
	return b
}

// reason is an error without the addresses in it.
func reason(err error) string {
	if timeout := net.Error(nil); errors.As(err, &timeout) && timeout.Timeout() {
		return "nothing"
	}
	if errors.Is(err, io.EOF) || errors.Is(err, net.ErrClosed) {
		return "closed"
	}
	var op *net.OpError
	if errors.As(err, &op) {
		return op.Err.Error()
	}
	return err.Error()
}

// short is a text that fits in a few lines.
func short(s string) string {
	const most = 600
	if len(s) <= most {
		return s
	}
	return fmt.Sprintf("%s... (%d bytes)", s[:most], len(s))
}

// status wants a status.
func (t *trial) status(r *reply, wanted int) {
	if r.Status != wanted {
		t.fail("status", fmt.Sprintf("HTTP %d", wanted), "got", r.Status)
	}
}

// open is a connection to the main API.
func (t *trial) open(query string) *peer { return t.enter(t.knock(knock{query: query})) }

// answersStatus wants a handshake to be answered with a status.
func answersStatus(k knock, status int) func(*trial) {
	return func(t *trial) { t.status(t.knock(k), status) }
}

// tellsStatus tells the status that a handshake is answered with.
func tellsStatus(k knock) func(*trial) {
	return func(t *trial) { t.tell("%d", t.knock(k).Status) }
}
