package mapping

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"
)

const pets = `{"pets":[{"id":1,"type":"dog","price":249.99},{"id":2,"type":"cat","price":124.99},{"id":3,"type":"fish","price":0.99}],"none":null,"s":"it's \"é\"","o":{"b":1,"a":{"l":[{"c":5}]}},"e":{},"f":1.0,"t":true}`

var data = Data{
	Body:           []byte(pets),
	Context:        []byte(`{"connectionId":"c1=","connectedAt":1700000000000,"authorizer":{"principalId":"u","numKey":1,"boolKey":true},"routeKey":"$default"}`),
	StageVariables: map[string]string{"color": "blue", "a-b": "x"},
	Header:         map[string][]string{"Host": {"h"}},
	Query:          map[string][]string{"token": {"t1", "t2"}},
}

var rows = []struct{ name, template, want string }{
	// Text and references.
	{"text", `{"statusCode": 200}`, `{"statusCode": 200}`},
	{"nothing", ``, ``},
	{"a variable", `#set($x = 1)a $x b`, `a 1 b`},
	{"in braces", `#set($x = 1)${x}st`, `1st`},
	{"quiet", `[$!x][$!{x.y}]`, `[][]`},
	{"undefined", `[$x][${x}][$x.y.z()]`, `[][][]`},
	{"money", `$5.00 $ $$ $(`, `$5.00 $ $$ $(`},
	{"a point after it", `#set($x = "me")It is $x.`, `It is me.`},
	{"a colour", `#ff0000 #1 # #`, `#ff0000 #1 # #`},
	{"escaped", `\$x \#end \#{if} \d \\d \`, `$x #end #{if} \d \\d \`},
	{"a comment", "a## b\nc#* $x\n*#d", "acd"},
	{"literal", `#[[ $x #if ]]#`, ` $x #if `},
	{"a hyphen is part of a name", `#set($a-b = 1)$a-b`, `1`},

	// Directives.
	{"if", `#if(true)a#{else}b#end`, `a`},
	{"else", `#if(false)a#{else}b#end`, `b`},
	{"elseif", `#if(false)a#elseif(1 == 1)b#{else}c#end`, `b`},
	{"no branch", `[#if($x)a#elseif(false)b#end]`, `[]`},
	{"on lines of their own", "#if(true)\nyes\n#else\nno\n#end\n#set($x = 1)\nend", "yes\nend"},
	{"with spaces", "#set ( $x = 1 )\n#if ( $x == 1 ) yes#end", " yes"},
	{"foreach", `#foreach($x in [1, 2, 3])$x#if($foreach.hasNext),#end#end`, `1,2,3`},
	{"foreach, its state", `#foreach($x in ["a", "b"])$foreach.index$foreach.count$velocityCount$foreach.first$foreach.last #end`, `011truefalse 122falsetrue `},
	{"foreach over a range", `#foreach($x in [3..1])$x#end`, `321`},
	{"foreach over a map", `#foreach($x in {"a": 1, "b": 2})$x#end`, `12`},
	{"foreach over nothing", `[#foreach($x in $y)$x#end#foreach($x in [])$x#end]`, `[]`},
	{"foreach in foreach", `#foreach($x in [1,2])#foreach($y in [1..$x])$foreach.parent.index$y #end#end`, `01 11 12 `},
	{"after the loop", `#set($x = "old")#foreach($x in [1])$x#end $x $foreach`, `1 old `},
	{"break", `#foreach($x in [1..9])#if($x == 3)#break#end$x#end.`, `12.`},
	{"break with braces", `#foreach($x in [1..9])#{break}x#end.`, `.`},
	{"stop", `a#foreach($x in [1..9])$x#if($x == 2)#stop#end#end b`, `a12`},
	{"a loop ends at 1000", `#foreach($x in [1..2000])#set($n = $foreach.count)#end$n`, `1000`},
	{"a loop that adds to its list", `#set($l = [1])#foreach($x in $l)#set($y = $l.add(2))#end$l.size()`, `2`},

	// Literals.
	{"single quotes", `#set($x = 1)#set($s = 'a $x "b" it''s')$s`, `a $x "b" it's`},
	{"double quotes", `#set($x = 1)#set($s = "a $x ${x} 'b' ""c"" #if(true)d#end")$s`, `a 1 1 'b' "c" d`},
	{"numbers", `#set($l = [1, -1, 1.5, 1e3, 0.0001, 12345678.9])$l`, `[1, -1, 1.5, 1000.0, 1.0E-4, 1.23456789E7]`},
	{"booleans and null", `#set($l = [true, false, null, $no])$l`, `[true, false, null, null]`},
	{"a map", `#set($m = {"a": 1, "b": [1, {"c": "d"}]})$m $m.b[1].c $m["a"]`, `{a=1, b=[1, {c=d}]} d 1`},
	{"an empty map and list", `#set($m = {})#set($l = [])$m$l`, `{}[]`},

	// Operators.
	{"arithmetic", `#set($x = 1 + 2 * 3 - 8 / 2 % 3)$x`, `6`},
	{"parentheses", `#set($x = (1 + 2) * -3)$x`, `-9`},
	{"minus a variable", `#set($x = 5)#set($y = -$x - 1)$y`, `-6`},
	{"fractions", `#set($x = 1 / 2)#set($y = 1.0 / 2)$x $y`, `0 0.5`},
	{"by zero", `#set($x = 1 / 0)#set($y = 1.0 / 0)#set($z = 1 % 0)[$x$y$z]`, `[]`},
	{"strings", `#set($x = "a" + 1 + true)$x`, `a1true`},
	{"with null", `#set($x = "a" + $no)[$x]`, `[]`},
	{"comparisons", `#if(1 < 2 && 2 <= 2 && 3 > 2 && 3 >= 3 && 1 == 1.0 && 1 != 2)yes#end`, `yes`},
	{"words", `#if(1 lt 2 and 2 le 2 and 3 gt 2 and 3 ge 3 and not (1 ne 1) or false)yes#end`, `yes`},
	{"strings are compared", `#if("a" == "a" && "a" != "b" && "1" == 1)yes#end`, `yes`},
	{"null is only null", `#if($no == $never && $no != "" && !$no)yes#end`, `yes`},
	{"what is true", `#if("")a#end#if(0)b#end#if([])c#end`, `abc`},
	{"the right side is not asked", `#if($no && $no.x.y() == 1)a#{else}b#end#if(true || $util.nothing())c#end`, `bc`},
	{"or before and", `#if(true || false && false)yes#end`, `yes`},

	// Setting parts.
	{"a part of a map", `#set($m = {})#set($m.a = 1)#set($m["b"] = 2)$m`, `{a=1, b=2}`},
	{"a part of a list", `#set($l = [1, 2])#set($l[1] = 3)$l`, `[1, 3]`},

	// Methods.
	{"of strings", `#set($s = "Hello é")$s.length() $s.toUpperCase() $s.substring(1, 3) $s.substring(6) $s.indexOf("é") $s.contains("lo") $s.startsWith("H") $s.endsWith("x") $s.isEmpty() $s.charAt(1) $s.concat("!") $s.replace("l", "L") $s.equals("x") $s.equalsIgnoreCase("hello é")`,
		`7 HELLO É el é 6 true true false false e Hello é! HeLLo é false true`},
	{"patterns", `#set($s = "a1b22")$s.replaceAll("[0-9]+", "#") $s.replaceFirst("([a-z])", "<$1>") $s.matches("a.*") $s.matches("a") $s.split("[0-9]")`,
		`a#b# <a>1b22 true false [a, b]`},
	{"of lists", `#set($l = [1, 2])#set($x = $l.add(3))$l.size() $l.get(2) $l[-1] $l.contains(2) $l.indexOf(3) $l.isEmpty() $l.remove(0) $l.set(0, 9) $l $l.addAll([7])$l.empty`,
		`3 3 3 true 2 false 1 2 [9, 3] truefalse`},
	{"of maps", `#set($m = {"a": 1})#set($x = $m.put("b", 2))$m.size() $m.get("b") $m.containsKey("a") $m.containsKey("z") $m.keySet() $m.values() $m.remove("a") $m.isEmpty() #foreach($e in $m.entrySet())$e.key=$e.value $e.getKey()#end`,
		`2 2 true false [a, b] [1, 2] 1 false b=2 b`},
	{"of numbers", `#set($f = 2.7)$f.intValue() $f.toString().length()`, `2 3`},

	// $input.
	{"the body", `$input.body`, pets},
	{"json", `$input.json('$.o')`, `{"b":1,"a":{"l":[{"c":5}]}}`},
	{"json of a string", `$input.json('$.s')`, `"it's \"é\""`},
	{"json of nothing", `$input.json('$.nobody')`, `""`},
	{"json of null", `$input.json('$.none')`, `null`},
	{"path", `$input.path('$.pets[0].type') $input.path("$.pets")[1].price`, `dog 124.99`},
	{"the documented count", `$input.path('$.pets').count() $input.path('$.pets').size()`, `3 3`},
	{"path of nothing", `[$input.path('$.nobody')]#if($input.path('$.nobody'))a#end`, `[]`},
	{"path of an object is Java's", `$input.path('$.o')`, `{b=1, a={l=[{"c":5}]}}`},
	{"path of a list is JSON", `$input.path('$.pets[*].type')`, `["dog","cat","fish"]`},
	{"numbers keep their kind", `$input.path('$.f') $input.path('$.t')`, `1.0 true`},
	{"keySet", `#foreach($k in $input.path('$.pets[0]').keySet())$k #end`, `id type price `},
	{"a list of objects", `#set($root = $input.path('$'))[#foreach($p in $root.pets){"i":$p.id}#if($foreach.hasNext),#end#end]`, `[{"i":1},{"i":2},{"i":3}]`},
	{"params", `$input.params('token') $input.params('Host') [$input.params('x')] $input.params().header.get('Host') $input.params().querystring`, `t2 h [] h {token=t2}`},

	// $context, $stageVariables, $util.
	{"context", `$context.connectionId $context.connectedAt $context.authorizer.numKey.length() $context.authorizer.boolKey [$context.no.thing]`, `c1= 1700000000000 1 true []`},
	{"context's keys", `#foreach($k in $context.authorizer.keySet())$k=$context.authorizer.get($k) #end`, `principalId=u numKey=1 boolKey=true `},
	{"stage variables", `$stageVariables.color ${stageVariables['a-b']} $stageVariables.get("color")`, `blue x blue`},
	{"escapeJavaScript", `$util.escapeJavaScript($input.path('$.s')) $util.escapeJavaScript("a/b\	😀")`, `it\'s \"\u00E9\" a\/b\\\t\uD83D\uDE00`},
	{"escapeJavaScript, as documented", `$util.escapeJavaScript("it's").replaceAll("\\'","'")`, `it's`},
	{"parseJson", `#set($o = $util.parseJson('{"key1":"var1","key2":{"arr":[1,2,3]}}')){"v" : $o.key2.arr[0]}`, `{"v" : 1}`},
	{"urlEncode", `$util.urlEncode("a b&c=é*~") $util.urlDecode("a+b%26")`, `a+b%26c%3D%C3%A9*%7E a b&`},
	{"base64", `$util.base64Encode("hé") $util.base64Decode("aMOp")`, `aMOp hé`},
	{"util of null", `[$util.urlEncode($no)]`, `[]`},
}

func run1(t *testing.T, template string, d Data) (string, error) {
	t.Helper()
	parsed, err := Parse(template)
	if err != nil {
		return "", err
	}
	return parsed.Execute(d)
}

func TestExecute(t *testing.T) {
	for _, row := range rows {
		got, err := run1(t, row.template, data)
		if err != nil || got != row.want {
			t.Errorf("%s:\n%s\n got %q, %v\nwant %q", row.name, row.template, got, err, row.want)
		}
	}
}

func TestOptions(t *testing.T) {
	for _, row := range []struct {
		name, template, want string
		body                 string
		options              Options
	}{
		{"undefined", `$x.y() $!x`, `$x.y() `, `{}`, Options{UndefinedIsLiteral: true}},
		{"missing", `$input.json('$.x')`, `null`, `{}`, Options{MissingIsNull: true}},
		{"text", `$input.json('$') $input.path('$')`, `"a\"b" a"b`, `a"b`, Options{BodyIsText: true}},
		{"objects", `$input.path('$') $context.authorizer.boolKey`, `{"a":{"b":[1]}} true`, `{"a":{"b":[1]}}`, Options{ObjectIsJSON: true}},
		{"emptiness", `#if("")a#end#if(0)b#end#if([])c#end#if({})d#end#if(0.0)e#end#if("x")f#end`, `f`, ``, Options{EmptyIsFalse: true}},
		{"null", `#set($x = 1)#set($x = $no)$x`, `1`, ``, Options{SetNullKeeps: true}},
		{"null, by default", `#set($x = 1)#set($x = $no)[$x]`, `[]`, ``, Options{}},
		{"an empty body", `$input.body $input.json('$') $input.path('$')`, `{} {} {}`, ``, Options{}},
	} {
		d := data
		d.Body, d.Options = []byte(row.body), row.options
		got, err := run1(t, row.template, d)
		if err != nil || got != row.want {
			t.Errorf("%s: %q, %v; want %q", row.name, got, err, row.want)
		}
	}
}

func TestErrors(t *testing.T) {
	for _, row := range []struct {
		template string
		line     int
		want     string // parts of the error, with a * between them
	}{
		// What cannot be read.
		{"a\n#if(true)", 2, "#if*no #end"},
		{"#foreach($x in [1])", 1, "#foreach*no #end"},
		{"a#end", 1, "#end*nothing open"},
		{"#if(true)#else#elseif(true)#end", 1, "#elseif*after #else"},
		{"\n\n#set($x 1)", 3, "a = is missing"},
		{"#set(x = 1)", 1, "a variable is missing"},
		{"#set($x = )", 1, "a value is missing"},
		{"#set($x = 1", 1, "the end*a ) is missing"},
		{"#if true", 1, "a ( is missing"},
		{"${x", 1, "the end*a } after ${x"},
		{"$x.y(1 2)", 1, "a comma or )"},
		{"$x[1", 1, "a ] after $x"},
		{"#set($x = 'a)", 1, "'*no end"},
		{"#set($x = [1, 2)", 1, "a comma or ]"},
		{"#set($x = [1..2)", 1, "a ] is missing"},
		{`#set($x = {"a" 1})`, 1, "a : is missing"},
		{`#set($x = {"a": 1)`, 1, "a comma or }"},
		{"#* a", 1, "no end"},
		{"#[[ a", 1, "no end"},
		{"#foreach(x in $y)#end", 1, "a variable"},
		{"#foreach($x.y in $y)#end", 1, "plain variable"},
		{"#foreach($x of $y)#end", 1, "in is missing"},
		{`#set($s = "#end")`, 1, "nothing open"},
		{"#macro(x)#end", 1, "#macro*local gateway does not"},
		{"#parse('x')", 1, "#parse*local gateway does not"},
		{"#if(" + strings.Repeat("(", 500), 1, "levels"},
		{"#set($x = 1" + strings.Repeat("+1", 500) + ")", 1, "too long"},
		{strings.Repeat("x", MaxSource+1), 0, "300 KB"},

		// What cannot be done.
		{"\n$util.toJson($x)", 2, "$util.toJson($x)*no function toJson"},
		{"$util.urlEncode()", 1, "one argument"},
		{"$util.base64Decode('?')", 1, "not base64"},
		{"$util.parseJson('{')", 1, "not JSON"},
		{"$util.urlDecode('%')", 1, "invalid URL escape"},
		{"$input.bodies", 1, "not bodies"},
		{"$input.jsonp('$')", 1, "not jsonp"},
		{"$input.path()", 1, "one argument"},
		{"$input.path('$..x')", 1, "recursion"},
		{"$input", 1, "$input*no value that can be written"},
		{`#set($s = "x")$s.reverse()`, 1, "$s.reverse()*a string has no method reverse"},
		{`#set($s = "x")$s.length`, 1, "a string has no property length"},
		{`#set($s = "x")$s[0]`, 1, "a string has no elements"},
		{`#set($s = "x")$s.substring(2)`, 1, "no position"},
		{`#set($s = "x")$s.substring(1, 0)`, 1, "ends before it begins"},
		{`#set($s = "x")$s.matches("(")`, 1, "missing closing )"},
		{`#set($s = "x")$s.replaceAll("(?!a)", "")`, 1, "invalid or unsupported"},
		{`#set($l = [1])$l[1]`, 1, "outside of a list of 1"},
		{`#set($l = [1])$l["a"]`, 1, "an index is an integer"},
		{`#set($l = [1])#set($l[3] = 1)`, 1, "outside"},
		{`#set($l.a = 1)`, 1, "only parts of maps and lists"},
		{`#set($l.a() = 1)`, 1, "what a method returns"},
		{"\n#set($x = 'a' * 2)", 2, "*numbers only"},
		{`#foreach($x in ["a".."b"])#end`, 1, "one integer to another"},
		{`#foreach($x in [1])$foreach.size$foreach.hasNext()#end`, 1, "$foreach has"},

		// What would not end, or not fit.
		{`#set($s = "xxxxxxxxxx")#foreach($i in [1..100])#set($s = $s + $s)#end`, 1, "too much"},
		{`#set($s = "xxxxxxxxxx")#foreach($i in [1..100])#set($s = "$s$s")#end`, 1, "too much"},
		{`#set($l = [1])#set($l = [$l])#set($x = $l.add($l))$l`, 1, "nested too deeply"},
		{`#set($l = [1])#foreach($i in [1..60])#set($l = [$l, $l])#end$l`, 1, "too much"},
		{`#foreach($i in [1..1000])#foreach($i in [1..1000])#foreach($i in [1..1000])x#end#end#end`, 1, "too much"},
		{`#set($l = [1..9000000000])`, 1, "too much"},
		{`#set($s = "x")#foreach($i in [1..20])#set($s = $s.replaceAll("x", "xxxxxxxx"))#end`, 1, "too much"},
		{`#set($s = "x")#foreach($i in [1..20])#set($s = $s.replace("", "xxxxxxxx"))#end`, 1, "too much"},
		{`#foreach($i in [1..1000])#foreach($i in [1..1000])#set($b = $input.body.matches(".*x{900}.*"))#end#end`, 1, "too much"},
	} {
		parsed, err := Parse(row.template)
		if err == nil {
			_, err = parsed.execute(data, budget/64) // what is bounded is so sooner
		}
		var e *Error
		if !errors.As(err, &e) {
			t.Errorf("%.60q: %v; want an *Error with %q", row.template, err, row.want)
			continue
		}
		rest := err.Error()
		for part := range strings.SplitSeq(row.want, "*") {
			_, after, ok := strings.Cut(rest, part)
			if !ok {
				t.Errorf("%.60q: %v; want %q in it", row.template, err, row.want)
			}
			rest = after
		}
		if e.Line != row.line {
			t.Errorf("%.60q: line %d, want %d: %v", row.template, e.Line, row.line, err)
		}
	}
}

// What is written is bounded by itself.
func TestOutputIsBounded(t *testing.T) {
	d := data
	d.Body = []byte(strings.Repeat("x", MaxOutput))
	if out, err := run1(t, `$input.body`, d); len(out) != MaxOutput || err != nil {
		t.Errorf("%d bytes, %v", len(out), err)
	}
	if _, err := run1(t, `$input.body!`, d); err == nil || !strings.Contains(err.Error(), "larger than 10 MiB") {
		t.Errorf("a byte more: %v", err)
	}
}

func TestOptionalErrors(t *testing.T) {
	d := data
	d.Options.LongLoopFails = true
	if _, err := run1(t, `#foreach($x in [1..1001])#end`, d); err == nil || !strings.Contains(err.Error(), "more than 1000") {
		t.Errorf("a long loop: %v", err)
	}
	d.Body = []byte("hi")
	if _, err := run1(t, `$input.json('$')`, d); err == nil || !strings.Contains(err.Error(), "not JSON") {
		t.Errorf("a body that is no JSON: %v", err)
	}
}

// A context that is no object is empty.
func TestNoContext(t *testing.T) {
	if got, err := run1(t, `[$context.connectionId]`, Data{}); got != "[]" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
}

func FuzzExecute(f *testing.F) {
	for _, row := range rows {
		f.Add(row.template, []byte(pets))
	}
	f.Add(`#foreach($x in $input.path('$.*'))$x.get(0)$x.put("a", $x)$x#end`, []byte(`[{},[1]]`))
	f.Add(`#set($l=[])#set($x=$l.add($l))#if($l==$l)#end$l.contains($l)`, []byte(`1`))
	f.Fuzz(func(t *testing.T, template string, body []byte) {
		parsed, err := Parse(template)
		if err != nil {
			return
		}
		d := data
		d.Body = body
		begin := time.Now()
		out, err := parsed.Execute(d)
		if took := time.Since(begin); took > 30*time.Second {
			t.Errorf("it took %v", took)
		}
		if len(out) > MaxOutput {
			t.Errorf("%d bytes of output", len(out))
		}
		var e *Error
		if err != nil && !errors.As(err, &e) {
			t.Errorf("%v has no line", err)
		}
	})
}

func BenchmarkExecute(b *testing.B) {
	t, err := Parse(`{"id": "$context.connectionId", "pets": [#foreach($p in $input.path('$.pets')){"id": $p.id}#if($foreach.hasNext),#end#end]}`)
	if err != nil {
		b.Fatal(err)
	}
	out, err := t.Execute(data)
	if err != nil || !json.Valid([]byte(out)) {
		b.Fatal(out, err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := t.Execute(data); err != nil {
			b.Fatal(err)
		}
	}
}
