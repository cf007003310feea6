package check

import (
	"strconv"

	"websocket.example/03-raw-server/frame"
)

const disconnected = "aws/aws-lambda-go#547; boto/boto3#3789"

var closingRows = []Row{
	{ID: "close-1000", Mark: Observed, Fact: "1.2", Source: disconnected, run: closesWith(frame.NormalClosure, "")},
	{ID: "close-1001", Mark: Observed, Fact: "1.2", Source: sampleEvents, run: closesWith(frame.GoingAway, "")},
	{ID: "close-4001", Mark: Observed, Fact: "1.2", Source: disconnected, run: closesWith(4001, "the reason")},
	{ID: "close-no-code", Mark: Unsure, Fact: "1.2", run: tellsEnd(func(p *peer) { p.leave(frame.NoStatus, "") })},
	{ID: "close-cut", Mark: Unsure, Fact: "1.2", run: tellsEnd(func(p *peer) {
		p.t.sent("(cut)")
		p.Abort()
	})},
	{ID: "close-binary", Mark: Unsure, Fact: "4.2", run: tellsEnd(func(p *peer) {
		p.t.sent("(binary)")
		p.write(p.Write(p.t.ctx, frame.Binary, []byte("x")))
	})},
	{ID: "close-too-big", Mark: Unsure, Fact: "4.2", run: tellsEnd(func(p *peer) { p.send(padded(40_000)) })},
	{ID: "close-answered", Mark: Documented, Fact: "4.2", Source: "RFC 6455, section 5.5.1", run: closeAnswered},
	{ID: "reject-no-disconnect", Mark: Unsure, Fact: "1.2", run: rejectNoDisconnect},
}

// leave sends a close frame. Whoever reads learns of the answer.
func (p *peer) leave(code frame.CloseCode, reason string) {
	p.t.sent("(close %d %q)", code, reason)
	_ = p.Conn.Close(code, reason) // what comes of it the row says
}

// wantDisconnect wants $disconnect to have been told so.
func (w watcher) wantDisconnect(code int, reason string) {
	e := w.toldDisconnect()
	w.t.value("disconnectStatusCode", written(e.at("requestContext", "disconnectStatusCode")), strconv.Itoa(code))
	w.t.value("disconnectReason", written(e.at("requestContext", "disconnectReason")), strconv.Quote(reason))
}

func closesWith(code frame.CloseCode, reason string) func(*trial) {
	return func(t *trial) {
		w, p := t.watched("")
		p.leave(code, reason)
		w.wantDisconnect(int(code), reason)
	}
}

// tellsEnd tells what $disconnect is told of an end.
func tellsEnd(end func(*peer)) func(*trial) {
	return func(t *trial) {
		w, p := t.watched("")
		end(p)
		e := w.toldDisconnect()
		t.tell("%s %s", written(e.at("requestContext", "disconnectStatusCode")), written(e.at("requestContext", "disconnectReason")))
	}
}

func closeAnswered(t *trial) {
	p := t.open("")
	p.leave(4001, "the reason")
	p.closes(4001)
}

// rejectNoDisconnect refuses a client, and looks whether $disconnect is told.
func rejectNoDisconnect(t *trial) {
	w := watcher{t.open("")}
	t.status(t.knock(knock{query: watching(w, "status=403")}), 403)
	for {
		text, silent := w.quiet()
		if silent {
			t.tell("not told")
			return
		}
		if e := t.event(text); e.kind() == "DISCONNECT" {
			t.tell("told %s", written(e.at("requestContext", "disconnectStatusCode")))
			return
		}
	}
}
