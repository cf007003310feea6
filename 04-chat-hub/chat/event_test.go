package chat

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"
)

var (
	zeroTime = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	lisbon   = time.FixedZone("WEST", 3600)
)

var events = []struct {
	name  string
	event Event
	json  string
}{
	{"joined", Joined("go", "Ana", []string{"Ana", "Rui"}, Cursor{35, 2}), `{"type":"joined","room":"go","cursor":"1z12","name":"Ana","members":["Ana","Rui"],"count":2}`},
	{"joined again", Rejoined("go", "Ana", nil, Cursor{35, 0}, true), `{"type":"joined","room":"go","cursor":"1z10","name":"Ana","members":[],"recovered":true}`},
	{"too late", Rejoined("go", "Ana", []string{"Ana"}, Cursor{35, 2}, false), `{"type":"joined","room":"go","cursor":"1z12","name":"Ana","members":["Ana"],"count":1,"recovered":false}`},
	{"left", Left("go"), `{"type":"left","room":"go"}`},
	{"message", Said("go", Cursor{35, 2}, "7", "Ana", "<b>&\n\"olá\"", time.Date(2026, 11, 23, 13, 0, 0, 123456789, lisbon)), `{"type":"message","room":"go","cursor":"1z12","id":"7","from":"Ana","text":"<b>&\n\"olá\"","at":"2026-11-23T12:00:00.123Z"}`},
	{"ack", Ack("go", "7", Cursor{35, 2}), `{"type":"ack","room":"go","cursor":"1z12","id":"7"}`},
	{"typing", Types("go", "Ana"), `{"type":"typing","room":"go","name":"Ana"}`},
	{"members", MembersOf("go", []string{"Ana"}), `{"type":"members","room":"go","members":["Ana"],"count":1}`},
	{"came", Came("go", "Ana"), `{"type":"presence","room":"go","name":"Ana","state":"joined"}`},
	{"went", Went("go", "Ana"), `{"type":"presence","room":"go","name":"Ana","state":"left"}`},
	{"history", Earlier("go", []Event{Said("go", Cursor{35, 2}, "7", "Ana", "olá", zeroTime)}, true), `{"type":"history","room":"go","messages":[{"type":"message","room":"go","cursor":"1z12","id":"7","from":"Ana","text":"olá","at":"2026-11-23T12:00:00.000Z"}],"more":true}`},
	{"no history", Earlier("go", nil, false), `{"type":"history","room":"go","messages":[]}`},
	{"pong", Pong(), `{"type":"pong"}`},
	{"error", Failed(&Error{NotInRoom, "join first", "7"}), `{"type":"error","id":"7","code":"not_in_room","message":"join first"}`},
}

func TestEvents(t *testing.T) {
	for _, row := range events {
		t.Run(row.name, func(t *testing.T) {
			if got := string(row.event.Encode()); got != row.json {
				t.Errorf("got  %s\nwant %s", got, row.json)
			}
			want := row.event
			if !want.At.IsZero() { // milliseconds, in UTC
				want.At = Time(time.Time(want.At).UTC().Truncate(time.Millisecond))
			}
			if got := decodeEvent(t, []byte(row.json)); !reflect.DeepEqual(got, want) {
				t.Errorf("back: got %+v\nwant %+v", got, want)
			}
		})
	}
}

// Whatever is within the limits fits in a message: the worst text is one that
// JSON has to escape, the worst room one of many long names.
func TestLargestEvents(t *testing.T) {
	many := make([]string, 10_000)
	for i := range many {
		many[i] = strings.Repeat(`"`, MaxName)
	}
	room, name, id := strings.Repeat(`"`, MaxRoom), many[0], strings.Repeat(`"`, MaxID)
	at := Cursor{1<<64 - 1, 1<<64 - 1}
	for _, text := range []string{strings.Repeat("\n", MaxText), strings.Repeat("\u2028", MaxText/3), strings.Repeat("<", MaxText)} {
		if n := len(Said(room, at, id, name, text, zeroTime).Encode()); n > MaxMessage {
			t.Errorf("%.3q: %d bytes", text, n)
		}
	}
	for _, e := range []Event{Joined(room, name, many, at), MembersOf(room, many)} {
		b := e.Encode()
		if got := decodeEvent(t, b); len(b) > MaxMessage || len(got.Members) < 200 || got.Count != len(many) {
			t.Errorf("%s: %d bytes, %d of %d names", e.Type, len(b), len(got.Members), got.Count)
		}
	}
}

// A history drops the oldest that do not fit, and says so.
func TestLargestHistory(t *testing.T) {
	text := strings.Repeat("\n", MaxText)
	var messages []Event
	for i := range 9 {
		messages = append(messages, Said("go", Cursor{1, uint64(i)}, "7", "Ana", text, zeroTime))
	}
	b := Earlier("go", messages, false).Encode()
	got := decodeEvent(t, b)
	if len(b) > MaxMessage || len(got.Messages) != 1 || got.Messages[0].Cursor.Seq != 8 || !got.More {
		t.Errorf("%d bytes, %d messages, more: %t", len(b), len(got.Messages), got.More)
	}
}

func decodeEvent(t *testing.T, b []byte) (e Event) {
	t.Helper()
	if err := json.Unmarshal(b, &e); err != nil {
		t.Fatalf("%s: %v", b, err)
	}
	return e
}
