package main

import "testing"

func TestCatalogs(t *testing.T) {
	const flat = `: write one object, {"key": "text", ...}, each key once`
	two := func(en, pt string) files { return files{"w/en.json": en, "w/pt-BR.json": pt} }
	english := "{\n\"a\": \"A {n} of {m}\",\n\"b\": \"B\"\n}\n"
	testRule(t, checkCatalogs, []row{
		{"alike", two(english, "{\n\"a\": \"Á {m} de {n}\",\n\"b\": \"B\"\n}\n"), nil},
		{"other JSON", files{"w/package.json": "["}, nil},
		{"no Portuguese", files{"w/en.json": english}, []string{"w/en.json:1: there is no pt-BR.json beside it: write it with the same keys"}},
		{"no English", files{"w/pt-BR.json": english}, []string{"w/pt-BR.json:1: there is no en.json beside it: write it with the same keys"}},

		{"key missing", two(english, "{\n\"a\": \"Á {m} de {n}\"\n}\n"),
			[]string{"w/pt-BR.json:3: key 2 is missing, and at en.json:3 it is b: have the keys of en.json in its order"}},
		{"key too many", two("{\"a\": \"A\"}", "{\"a\": \"A\",\n\"b\": \"B\"}"),
			[]string{"w/pt-BR.json:2: key 2 is b, and at en.json:3 it is missing: have the keys of en.json in its order"}},
		{"other order", two(english, "{\n\"b\": \"B\",\n\"a\": \"Á {m} de {n}\"\n}\n"),
			[]string{"w/pt-BR.json:2: key 1 is b, and at en.json:2 it is a: have the keys of en.json in its order"}},
		{"placeholder", two(english, "{\n\"a\": \"Á {n} de {x}\",\n\"b\": \"B\"\n}\n"),
			[]string{`w/pt-BR.json:2: the text of "a" has placeholders [{n} {x}], and en.json:2 has [{m} {n}]: use the same ones, in any order`}},
		{"empty text", two("{\"a\": \"A\"}", "{\"a\":\n\" \"}"),
			[]string{`w/pt-BR.json:1: the text of "a" is empty: write it`}},
		{"key twice", two("{\"a\": \"A\",\n\"a\": \"B\"}", "{\"a\": \"A\"}"),
			[]string{`w/en.json:2: key "a" comes twice` + flat}},

		{"not an object", two("[]", "{\"a\": \"A\"}"), []string{"w/en.json:1: this is not a JSON object" + flat}},
		{"no text", two("{\"a\": \"A\"}", "{\n\"a\": 1}"),
			[]string{"w/pt-BR.json:2: json: cannot unmarshal number into Go value of type string" + flat}},
		{"cut off", two("{\"a\": \"A\"", "{\"a\": \"A\"}"), []string{"w/en.json:1: this catalog is empty or never closed" + flat}},
		{"nothing in it", two("{\"a\": \"A\"}", "{}"), []string{"w/pt-BR.json:1: this catalog is empty or never closed" + flat}},
	})
}
