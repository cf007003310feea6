package narrate

import (
	"errors"
	"net"
	"regexp"
	"strings"
	"testing"
	"time"

	"websocket.example/02-handshake/handshake"
	"websocket.example/03-raw-server/frame"
	"websocket.example/03-raw-server/wsconn"
)

func TestPrinter(t *testing.T) {
	var out strings.Builder
	p := &Printer{Out: &out, Start: time.Now(), Draw: true}
	p.Opened(3, &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 4711}, &handshake.Handshake{
		Request:    handshake.Request{Target: "/" + strings.Repeat("x", 100)},
		Extensions: []handshake.Extension{{Name: "permessage-deflate"}},
	})
	p.Frame(Frame{Conn: 3, Header: frame.Header{Fin: true, Opcode: frame.Ping}})
	p.Ended(3, &wsconn.CloseError{Code: frame.GoingAway, Reason: "tchau"})
	p.Ended(4, errors.New("no luck"))
	got := regexp.MustCompile(`\d\.\d{3}s`).ReplaceAllString(out.String(), "0.000s")
	golden(t, "printer", got)
}

// Colours change nothing but the colour.
func TestColours(t *testing.T) {
	var with, without strings.Builder
	codes := regexp.MustCompile("\x1b\\[[0-9;]*m")
	for _, row := range drawn {
		for _, f := range watch(t, Terms{Role: wsconn.Server}, row.fromClient, []byte(row.wire)) {
			(&Printer{Out: &with, Colour: true}).Frame(f)
			(&Printer{Out: &without}).Frame(f)
		}
	}
	if !codes.MatchString(with.String()) {
		t.Error("no colours")
	}
	if codes.ReplaceAllString(with.String(), "") != without.String() {
		t.Errorf("with colours:\n%s\nwithout:\n%s", with.String(), without.String())
	}
}
