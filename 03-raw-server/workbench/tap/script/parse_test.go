package script

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"websocket.example/03-raw-server/frame"
)

// Each row is a line, what it says, and how it is written: the same if "".
var lines = []struct {
	line string
	want Step
	as   string
}{
	{">: GET /chat HTTP/1.1", Step{Kind: Head, FromClient: true, Text: "GET /chat HTTP/1.1"}, ""},
	{"<:", Step{Kind: Head}, ""},
	{"> text mask=37fa213d \"Hello\"", Step{
		Kind: Frame, FromClient: true, Payload: []byte("Hello"),
		Header: frame.Header{Fin: true, Opcode: frame.Text, Masked: true, Key: [4]byte{0x37, 0xfa, 0x21, 0x3d}, Length: 5},
	}, ""},
	{"> text 'x'", Step{}, "error"},
	{"@0.012 <   text    \"Hel\" \"lo\"", Step{
		Kind: Frame, Timed: true, At: 12 * time.Millisecond, Payload: []byte("Hello"),
		Header: frame.Header{Fin: true, Opcode: frame.Text, Length: 5},
	}, `@0.012 < text "Hello"`},
	{"< cont more rsv1 rsv2 rsv3 len16 x00ff", Step{
		Kind: Frame, Payload: []byte{0, 0xff},
		Header: frame.Header{RSV: 0x70, Opcode: frame.Continuation, Length: 2, Form: frame.In16Bits},
	}, ""},
	{"> 0xB unmasked", Step{Kind: Frame, FromClient: true, Header: frame.Header{Fin: true, Opcode: 0xB}}, ""},
	{"> ping mask \"x\"", Step{
		Kind: Frame, FromClient: true, Payload: []byte("x"), Header: frame.Header{Fin: true, Opcode: frame.Ping, Length: 1},
	}, `> ping unmasked "x"`},
	{"< pong mask", Step{Kind: Frame, AnyKey: true, Header: frame.Header{Fin: true, Opcode: frame.Pong, Masked: true}}, ""},
	{"< close 1000", Step{Kind: Frame, Payload: []byte{3, 0xe8}, Header: frame.Header{Fin: true, Opcode: frame.Close, Length: 2}}, ""},
	{`< close 1001 "tchau" # 1001 is going away`, Step{
		Kind: Frame, Payload: []byte("\x03\xe9tchau"), Header: frame.Header{Fin: true, Opcode: frame.Close, Length: 7}, Note: "1001 is going away",
	}, ""},
	{"< binary claim=0x8000000000000000 x01", Step{
		Kind: Frame, Payload: []byte{1}, Header: frame.Header{Fin: true, Opcode: frame.Binary, Length: 1 << 63},
	}, "< binary claim=9223372036854775808 x01"},
	{`< text "ab"*32`, Step{
		Kind: Frame, Payload: []byte(strings.Repeat("ab", 32)), Header: frame.Header{Fin: true, Opcode: frame.Text, Length: 64},
	}, ""},
	{"< text `{\"a\":\"b\"}`", Step{
		Kind: Frame, Payload: []byte(`{"a":"b"}`), Header: frame.Header{Fin: true, Opcode: frame.Text, Length: 9},
	}, ""},
	{"+ x01", Step{Kind: More, FromClient: true, Payload: []byte{1}}, ">+ x01"},
	{"<! \"a\\nb\"", Step{Kind: Raw, Payload: []byte("a\nb")}, ""},
	{"> end # that is all", Step{Kind: End, FromClient: true, Note: "that is all"}, ""},
	{"< reset", Step{Kind: Reset}, ""},
	{"role server", Step{Kind: Role, Text: "server"}, ""},
}

func TestLines(t *testing.T) {
	for _, row := range lines {
		t.Run(row.line, func(t *testing.T) {
			s, err := Parse("-- 1\n" + row.line + "\n")
			if row.as == "error" {
				if err == nil {
					t.Errorf("no error, but %+v", s)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			want := row.want
			want.Conn, want.Line = "1", 2
			if row.want.FromClient && row.want.Kind == Frame && row.want.Header.Masked && row.want.Header.Key == [4]byte{} {
				want.AnyKey = true
			}
			if len(s) != 1 || !reflect.DeepEqual(s[0], want) {
				t.Errorf("%+v\nwant %+v", s, want)
			}
			as := row.as
			if as == "" {
				as = row.line
			}
			if got := Format(s); got != "-- 1\n"+as+"\n" {
				t.Errorf("written as %q", got)
			}
		})
	}
}

// What is wrong is said in one line, with its number.
func TestMistakes(t *testing.T) {
	for text, want := range map[string]string{
		"text":                          "line 1: it begins with",
		"-- 1\ntext":                    `line 2: it begins with "t": begin with > for the client`,
		"-- 1\n>":                       "line 2: what is sent? Write text, binary",
		"-- 1\n> texte":                 `line 2: "texte" is no opcode`,
		"-- 1\n> 0x10":                  `line 2: "0x10" is no opcode`,
		"-- 1\n> text \"x":              "line 2: a quotation mark without its other one",
		"-- 1\n> text hello":            `line 2: "hello" is no flag and no payload`,
		"-- 1\n> text \"x\"y":           `line 2: "y" behind a text`,
		"-- 1\n> text x0":               `line 2: "x0" are not bytes`,
		"-- 1\n> text mask=1":           `line 2: the key "1" is not 4 bytes`,
		"-- 1\n> text claim=-1":         `line 2: "-1" is no number of bytes`,
		"-- 1\n@x > text":               "line 2: the time @x is not a number of seconds",
		"-- 1\n@1":                      "line 2: there is nothing behind the time",
		"-- 1\n> end now":               `line 2: "now" behind end means nothing`,
		"-- 1\nrole both":               `line 2: the role "both" is not server or client`,
		"-- 1\n> text \"x\"*9999999999": "line 2: the payloads are too long",
	} {
		if _, err := Parse(text); err == nil || !strings.HasPrefix(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

// A long payload stands on lines of its own, and connections take turns.
func TestLayout(t *testing.T) {
	const text = `-- 1
> text more mask=01020304
    "` + "Zwölf Boxkämpfer jagen Viktor quer über den großen Sylter Deich. Zwölf Boxkämpfer ja" + `"
    "gen Viktor."

-- 2
< binary
    x000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f2021222324252627
    x28292a2b2c2d2e2f30

-- 1
> cont mask=01020304 # the rest is silence
`
	s := mustParse(t, text)
	if got := Format(s); got != text {
		t.Errorf("%s\nwant\n%s", got, text)
	}
	if names := s.Conns(); len(names) != 2 || len(s) != 3 || len(s[1].Payload) != 0x31 {
		t.Errorf("%v, %+v", names, s)
	}
}

// The conversations of package wsconn can be read, and written again.
func TestSameNotation(t *testing.T) {
	for name, text := range written(t) {
		s := mustParse(t, text)
		if len(s) == 0 || !reflect.DeepEqual(unnumbered(mustParse(t, Format(s))), unnumbered(s)) {
			t.Errorf("%s: %d steps are not the same when written again", name, len(s))
		}
	}
}

// unnumbered forgets the lines.
func unnumbered(s Script) Script {
	for i := range s {
		s[i].Line = 0
		if len(s[i].Payload) == 0 {
			s[i].Payload = nil
		}
	}
	return s
}

// What can be read is written so that it is read as the same.
func FuzzParse(f *testing.F) {
	for _, row := range lines {
		f.Add("-- 1\n" + row.line)
	}
	f.Add("-- 1\n> text \"a\"\n    \"b\" claim=7\n\n-- 2\n<! x00\n-- 1\n# comment\n> end")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := parse(text, 1<<20)
		if err != nil {
			return
		}
		again, err := parse(Format(s), 1<<20)
		if err != nil || !reflect.DeepEqual(unnumbered(again), unnumbered(s)) {
			t.Fatalf("%q\nis written as\n%s\nwhich is %+v (%v)\nand not %+v", text, Format(s), again, err, s)
		}
	})
}
