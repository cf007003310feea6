package chat

import (
	"errors"
	"strings"
	"testing"
)

// long is a string that is still valid.
func long(n int) string { return strings.Repeat("x", n) }

var requests = []struct {
	name string
	json string
	want Request
	err  Error // its Message is only a part of what is said
}{
	{name: "join", json: `{"action":"join","room":"go","name":"Ana"}`, want: Request{Action: Join, Room: "go", Name: "Ana"}},
	{name: "join again", json: `{"action":"join","room":"go","name":"Ana","since":"1z12"}`, want: Request{Action: Join, Room: "go", Name: "Ana", Since: Cursor{35, 2}}},
	{name: "since null", json: `{"action":"join","room":"go","name":"Ana","since":null}`, want: Request{Action: Join, Room: "go", Name: "Ana"}},
	{name: "join with a key", json: `{"action":"join","room":"go","name":"Ana","key":"s3cret"}`, want: Request{Action: Join, Room: "go", Name: "Ana", Key: "s3cret"}},
	{name: "history", json: `{"action":"history","room":"go"}`, want: Request{Action: History, Room: "go"}},
	{name: "older history", json: `{"action":"history","room":"go","before":"1z12"}`, want: Request{Action: History, Room: "go", Before: Cursor{35, 2}}},
	{name: "leave", json: `{"action":"leave","room":"go"}`, want: Request{Action: Leave, Room: "go"}},
	{name: "send", json: `{"action":"send","room":"go","text":"olá\n\"<b>\" 👩‍💻","id":"a-1"}`, want: Request{Action: Send, Room: "go", Text: "olá\n\"<b>\" 👩‍💻", ID: "a-1"}},
	{name: "typing", json: `{"action":"typing","room":"sala de estar"}`, want: Request{Action: Typing, Room: "sala de estar"}},
	{name: "who", json: `{"action":"who","room":"東京"}`, want: Request{Action: Who, Room: "東京"}},
	{name: "ping", json: ` {"action":"ping"}` + "\n", want: Request{Action: Ping}},
	{name: "foreign fields", json: `{"action":"ping","room":5,"x":{"y":[1]},"Action":"join"}`, want: Request{Action: Ping}},
	{name: "escapes", json: `{"\u0061ction":"who","room":"\u006f\ud83d\ude00"}`, want: Request{Action: Who, Room: "o😀"}},
	{name: "the last of two", json: `{"action":"join","action":"ping"}`, want: Request{Action: Ping}},

	{name: "empty", json: ``, err: Error{BadJSON, "one JSON object", ""}},
	{name: "no JSON", json: `hello`, err: Error{BadJSON, "one JSON object", ""}},
	{name: "cut off", json: `{"action":"ping"`, err: Error{BadJSON, "one JSON object", ""}},
	{name: "two", json: `{"action":"ping"}{"action":"ping"}`, err: Error{BadJSON, "one JSON object", ""}},
	{name: "list", json: `["ping"]`, err: Error{BadJSON, "one JSON object", ""}},
	{name: "null", json: `null`, err: Error{BadJSON, "one JSON object", ""}},
	{name: "not UTF-8", json: "{\"action\":\"ping\",\"x\":\"\xff\"}", err: Error{BadJSON, "not UTF-8", ""}},
	{name: "too deep", json: `{"x":` + strings.Repeat("[", 20000), err: Error{BadJSON, "one JSON object", ""}},
	{name: "largest", json: `{"action":"ping","x":"` + long(MaxMessage-24) + `"}`, want: Request{Action: Ping}},
	{name: "too large", json: `{"action":"ping","x":"` + long(MaxMessage-23) + `"}`, err: Error{TooLarge, "32768 bytes", ""}},

	{name: "no action", json: `{}`, err: Error{BadRequest, "action is missing", ""}},
	{name: "a capital", json: `{"Action":"ping"}`, err: Error{BadRequest, "action is missing", ""}},
	{name: "action of another type", json: `{"action":7}`, err: Error{BadRequest, "action must be a string", ""}},
	{name: "unknown action", json: `{"action":"shout","id":"7"}`, err: Error{UnknownAction, `no action "shout"`, "7"}},
	{name: "API Gateway's own", json: `{"action":"$connect"}`, err: Error{UnknownAction, `no action "$connect"`, ""}},

	{name: "no room", json: `{"action":"who"}`, err: Error{BadRequest, "room is missing", ""}},
	{name: "room null", json: `{"action":"who","room":null}`, err: Error{BadRequest, "room must be a string", ""}},
	{name: "empty room", json: `{"action":"who","room":""}`, err: Error{BadRequest, "room is empty", ""}},
	{name: "longest room", json: `{"action":"who","room":"` + long(MaxRoom) + `"}`, want: Request{Action: Who, Room: long(MaxRoom)}},
	{name: "long room", json: `{"action":"who","room":"` + long(MaxRoom+1) + `"}`, err: Error{BadRequest, "a room has at most 64 bytes", ""}},
	{name: "room with a space at its end", json: `{"action":"who","room":"go "}`, err: Error{BadRequest, "no space at its ends", ""}},
	{name: "room with a tab", json: `{"action":"who","room":"a\tb"}`, err: Error{BadRequest, "no U+0009", ""}},
	{name: "room with nothing in it to see", json: `{"action":"who","room":"go\u200b"}`, err: Error{BadRequest, "no U+200B", ""}},
	{name: "room with another space", json: `{"action":"who","room":"a\u00a0b"}`, err: Error{BadRequest, "no U+00A0", ""}},
	{name: "room turned round", json: `{"action":"who","room":"go\u202e"}`, err: Error{BadRequest, "no U+202E", ""}},

	{name: "no name", json: `{"action":"join","room":"go"}`, err: Error{BadRequest, "name is missing", ""}},
	{name: "name in its normal form", json: `{"action":"join","room":"go","name":"  Jose\u0301  da  Silva "}`, want: Request{Action: Join, Room: "go", Name: "José da Silva"}},
	{name: "name of only spaces", json: `{"action":"join","room":"go","name":"  "}`, err: Error{BadRequest, "a name has", ""}},
	{name: "name with a control", json: `{"action":"join","room":"go","name":"A\u0007na"}`, err: Error{BadRequest, "a name has", ""}},
	{name: "name with a newline", json: `{"action":"join","room":"go","name":"Ana\nBob"}`, err: Error{BadRequest, "a name has", ""}},
	{name: "name turned round", json: `{"action":"join","room":"go","name":"\u202eanA"}`, err: Error{BadRequest, "a name has", ""}},
	{name: "name isolated", json: `{"action":"join","room":"go","name":"\u2067anA\u2069"}`, err: Error{BadRequest, "a name has", ""}},
	{name: "name with a mark of direction", json: `{"action":"join","room":"go","name":"Ana\u200f"}`, err: Error{BadRequest, "a name has", ""}},
	{name: "name with an invisible space", json: `{"action":"join","room":"go","name":"An\u200ba"}`, err: Error{BadRequest, "a name has", ""}},
	{name: "longest name", json: `{"action":"join","room":"go","name":"` + long(MaxName) + `"}`, want: Request{Action: Join, Room: "go", Name: long(MaxName)}},
	{name: "long name", json: `{"action":"join","room":"go","name":"` + long(MaxName+1) + `"}`, err: Error{BadRequest, "a name has at most 64 bytes", ""}},
	{name: "name that grows", json: `{"action":"join","room":"go","name":"` + strings.Repeat("ﷺ", MaxName/3) + `"}`, err: Error{BadRequest, "a name has at most 64 bytes", ""}},
	{name: "since is no cursor", json: `{"action":"join","room":"go","name":"Ana","since":"12"}`, err: Error{BadRequest, "since must be a cursor", ""}},
	{name: "since is a number", json: `{"action":"join","room":"go","name":"Ana","since":12}`, err: Error{BadRequest, "since must be a string", ""}},

	{name: "key with a space", json: `{"action":"join","room":"go","name":"Ana","key":"a b"}`, err: Error{BadRequest, "key is ASCII without spaces", ""}},
	{name: "before is no cursor", json: `{"action":"history","room":"go","before":"12"}`, err: Error{BadRequest, "before must be a cursor", ""}},

	{name: "no text", json: `{"action":"send","room":"go","id":"7"}`, err: Error{BadRequest, "text is missing", "7"}},
	{name: "empty text", json: `{"action":"send","room":"go","id":"7","text":""}`, err: Error{BadRequest, "text is empty", "7"}},
	{name: "no id", json: `{"action":"send","room":"go","text":"hi"}`, err: Error{BadRequest, "id is missing", ""}},
	{name: "id of another type", json: `{"action":"send","room":"go","text":"hi","id":7}`, err: Error{BadRequest, "id must be a string", ""}},
	{name: "id with a space", json: `{"action":"send","room":"go","text":"hi","id":"a b"}`, err: Error{BadRequest, "ASCII without spaces", ""}},
	{name: "long id", json: `{"action":"send","room":"go","text":"hi","id":"` + long(MaxID+1) + `"}`, err: Error{BadRequest, "1 to 64 characters", ""}},
	{name: "an error tells the id", json: `{"action":"send","id":"7"}`, err: Error{BadRequest, "room is missing", "7"}},
	{name: "longest text", json: `{"action":"send","room":"go","id":"7","text":"` + long(MaxText) + `"}`, want: Request{Action: Send, Room: "go", ID: "7", Text: long(MaxText)}},
	{name: "long text", json: `{"action":"send","room":"go","id":"7","text":"` + long(MaxText+1) + `"}`, err: Error{TooLarge, "at most 8192 bytes", "7"}},
	{name: "text that colours a terminal", json: `{"action":"send","room":"go","id":"7","text":"\u001b[31m"}`, err: Error{BadRequest, "U+001B", "7"}},
	{name: "text with a NUL", json: `{"action":"send","room":"go","id":"7","text":"a\u0000"}`, err: Error{BadRequest, "U+0000", "7"}},
	{name: "text with a C1 control", json: `{"action":"send","room":"go","id":"7","text":"\u009b31m"}`, err: Error{BadRequest, "U+009B", "7"}},
	{name: "text that overrides", json: `{"action":"send","room":"go","id":"7","text":"\u202efdp.exe\u202c"}`, err: Error{BadRequest, "U+202E", "7"}},
	{name: "text with an isolate", json: `{"action":"send","room":"go","id":"7","text":"\u2068שלום\u2069 Go"}`, want: Request{Action: Send, Room: "go", ID: "7", Text: "\u2068שלום\u2069 Go"}},
	{name: "text with an isolate that is open", json: `{"action":"send","room":"go","id":"7","text":"\u2067Go"}`, err: Error{BadRequest, "U+2069", "7"}},
	{name: "text with an embedding that is open", json: `{"action":"send","room":"go","id":"7","text":"\u202c\u202bGo"}`, err: Error{BadRequest, "U+202C", "7"}},
	{name: "half a surrogate pair", json: `{"action":"send","room":"go","id":"7","text":"\ud83d"}`, want: Request{Action: Send, Room: "go", ID: "7", Text: "\uFFFD"}},
}

func TestDecode(t *testing.T) {
	for _, row := range requests {
		t.Run(row.name, func(t *testing.T) {
			got, err := Decode([]byte(row.json))
			if row.err.Code == "" {
				if got != row.want || err != nil {
					t.Errorf("got %+v, %v, want %+v", got, err, row.want)
				}
				return
			}
			e, ok := errors.AsType[*Error](err)
			if !ok || e.Code != row.err.Code || e.ID != row.err.ID || !strings.Contains(e.Message, row.err.Message) {
				t.Errorf("got %+v, %#v, want %#v", got, err, row.err)
			}
			if got != (Request{}) {
				t.Errorf("with its error came %+v", got)
			}
		})
	}
}

// What is let through is within the limits, and can be told to everybody.
func FuzzDecode(f *testing.F) {
	for _, row := range requests {
		f.Add([]byte(row.json))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := Decode(data)
		if err != nil {
			e, ok := errors.AsType[*Error](err)
			if !ok || e.Code == "" || e.Message == "" || len(e.ID) > MaxID {
				t.Fatalf("%#v", err)
			}
			if n := len(Failed(e).Encode()); n > 1024 {
				t.Fatalf("an error of %d bytes", n)
			}
			return
		}
		if len(r.Room) > MaxRoom || len(r.Name) > MaxName || len(r.Text) > MaxText || len(r.ID) > MaxID {
			t.Fatalf("too long: %+v", r)
		}
		if r.Name != "" {
			if again, err := Name(r.Name); again != r.Name || err != nil {
				t.Fatalf("the normal form %q of a name is %q, %v", r.Name, again, err)
			}
		}
		said := Said(r.Room, Cursor{1, 2}, r.ID, r.Name, r.Text, zeroTime).Encode()
		if got := decodeEvent(t, said); len(said) > MaxMessage || got.Text != r.Text || got.Room != r.Room || got.From != r.Name {
			t.Fatalf("%s (%d bytes)\nof %+v", said, len(said), r)
		}
	})
}
