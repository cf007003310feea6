package handshake

import (
	"reflect"
	"strings"
	"testing"
)

func TestParseTokens(t *testing.T) {
	for _, row := range []struct {
		name, lines string // several lines are separated by |
		want        string
		err         string
	}{
		{"one", "chat", "chat", ""},
		{"two", "chat, superchat", "chat superchat", ""},
		{"no space", "chat,superchat", "chat superchat", ""},
		{"tabs", "\tchat\t,\tsuperchat\t", "chat superchat", ""},
		{"two lines are one list", "chat|superchat, x", "chat superchat x", ""},
		{"empty elements are skipped", ",, chat ,,x,", "chat x", ""},
		{"an empty line beside another", "|chat", "chat", ""},
		{"every delimiter is none", "a!#$%&'*+-.^_`|~b", "a!#$%&'*+-.^_` ~b", ""},
		{"case is kept", "Chat, chat", "Chat chat", ""},
		{"nothing", "", "", "the list is empty"},
		{"only commas", ", ,", "", "the list is empty"},
		{"no comma", "chat superchat", "", `"superchat" stands where a comma should`},
		{"quoted", `"chat"`, "", "does not start with a token"},
		{"a slash", "a/b", "", `"/b" stands where a comma should`},
		{"not ASCII", "chät", "", `"ät" stands where a comma should`},
	} {
		t.Run(row.name, func(t *testing.T) {
			got, err := ParseTokens(strings.Split(row.lines, "|")...)
			if row.err != "" {
				if err == nil || !strings.Contains(err.Error(), row.err) {
					t.Fatalf("%q, %v, want the error %q", got, err, row.err)
				}
				return
			}
			if err != nil || strings.Join(got, " ") != row.want {
				t.Errorf("%q, %v, want %q", got, err, row.want)
			}
		})
	}
	if got, err := ParseTokens(); got != nil || err != nil {
		t.Errorf("no line at all: %q, %v", got, err)
	}
}

func TestParseExtensions(t *testing.T) {
	type list = []Extension
	for _, row := range []struct {
		name, lines string // several lines are separated by |
		want        list
		err         string
	}{
		{"a name", "foo", list{{Name: "foo"}}, ""},
		{"Chromium's offer", "permessage-deflate; client_max_window_bits",
			list{{"permessage-deflate", []Param{{"client_max_window_bits", ""}}}}, ""},
		{"a value", "mux; max=4", list{{"mux", []Param{{"max", "4"}}}}, ""},
		{"a quoted value", `mux; max="4"`, list{{"mux", []Param{{"max", "4"}}}}, ""},
		{"a backslash in quotes", `mux; max="\4\2"`, list{{"mux", []Param{{"max", "42"}}}}, ""},
		{"a comma would end a value", `a; b="1", c`, list{{"a", []Param{{"b", "1"}}}, {Name: "c"}}, ""},
		{"white space everywhere", "a ; b = 1 ;\tc , d", list{{"a", []Param{{"b", "1"}, {"c", ""}}}, {Name: "d"}}, ""},
		{"lines are one list", "a|b; c|d", list{{Name: "a"}, {"b", []Param{{"c", ""}}}, {Name: "d"}}, ""},
		{"the same offer twice", "a; x=1, a", list{{"a", []Param{{"x", "1"}}}, {Name: "a"}}, ""},
		{"empty elements", ",a,,b,", list{{Name: "a"}, {Name: "b"}}, ""},
		{"nothing", "", nil, "the list is empty"},
		{"no name", "; b", nil, `"; b" is not a name`},
		{"no parameter", "a;", nil, `a: "" is not the name of a parameter`},
		{"no parameter before the next", "a;,b", nil, `a: ",b" is not the name of a parameter`},
		{"no value", "a; b=", nil, "a: the value of b is not a token"},
		{"an empty value", `a; b=""`, nil, "a: the value of b is not a token"},
		{"a value that is no token unquoted", `a; b="1 2"`, nil, "a: the value of b is not a token"},
		{"a comma in a value", `a; b="1,2"`, nil, "a: the value of b is not a token"},
		{"an open quote", `a; b="1`, nil, "a: a quoted value is never closed"},
		{"an open backslash", `a; b="1\`, nil, "a: a quoted value is never closed"},
		{"a quote over two lines", `a; b="1|2"`, nil, "a: a quoted value is never closed"},
		{"a quoted name", `"a"`, nil, "is not a name"},
		{"no semicolon", "a b", nil, `"b" stands where a comma should`},
		{"something after a quote", `a; b="1"2`, nil, `"2" stands where a comma should`},
	} {
		t.Run(row.name, func(t *testing.T) {
			got, err := ParseExtensions(strings.Split(row.lines, "|")...)
			if row.err != "" {
				if err == nil || !strings.Contains(err.Error(), row.err) {
					t.Fatalf("%v, %v, want the error %q", got, err, row.err)
				}
				return
			}
			if err != nil || !reflect.DeepEqual(got, row.want) {
				t.Fatalf("%v, %v, want %v", got, err, row.want)
			}
			if again, err := ParseExtensions(joinExtensions(got)); err != nil || !reflect.DeepEqual(again, got) {
				t.Errorf("written and read again: %v, %v", again, err)
			}
		})
	}
}

func FuzzExtensions(f *testing.F) {
	for _, line := range []string{
		"permessage-deflate; client_max_window_bits", `mux; max-channels="4"; flow-control, x`,
		`a; b="\"`, ", ,a,;", "a ; b = 1\t,c", `a;b="x"y`,
	} {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		list, err := ParseExtensions(line)
		if err != nil {
			return
		}
		for _, e := range list {
			if err := e.check(); err != nil {
				t.Errorf("%q was read and could not be written: %v", line, err)
			}
		}
		again, err := ParseExtensions(joinExtensions(list))
		if err != nil || !reflect.DeepEqual(again, list) {
			t.Errorf("%v, written and read again, is %v, %v", list, again, err)
		}
		both, err := ParseExtensions(line, line)
		if err != nil || len(both) != 2*len(list) {
			t.Errorf("two lines %q: %v, %v", line, both, err)
		}
	})
}

// ASCII only: strings.EqualFold thinks otherwise about both of these.
func TestEqualFold(t *testing.T) {
	for _, row := range []struct {
		a, b string
		want bool
	}{
		{"WebSocket", "websocket", true},
		{"web\u017focket", "websocket", false},
		{"\u212aeep-alive", "keep-alive", false},
		{"@", "`", false},
		{"a", "", false},
	} {
		if got := equalFold(row.a, row.b); got != row.want {
			t.Errorf("%q and %q: %t", row.a, row.b, got)
		}
	}
}
