package report

import (
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"websocket.example/01-http-vs-ws/measure"
	"websocket.example/01-http-vs-ws/transport"
)

// kinds reads the kinds of findings where they are defined, so that a new
// one without a sentence fails here.
func kinds(t *testing.T) []measure.Kind {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "../measure/verdict.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var list []measure.Kind
	ast.Inspect(file, func(n ast.Node) bool {
		spec, is := n.(*ast.ValueSpec)
		if !is {
			return true
		}
		if kind, is := spec.Type.(*ast.Ident); is && kind.Name == "Kind" {
			for _, value := range spec.Values {
				text, err := strconv.Unquote(value.(*ast.BasicLit).Value)
				if err != nil {
					t.Fatal(err)
				}
				list = append(list, measure.Kind(text))
			}
		}
		return true
	})
	if len(list) < 10 {
		t.Fatalf("only %d kinds were found in verdict.go: %v", len(list), list)
	}
	return list
}

func everyFinding(t *testing.T) []measure.Finding {
	t.Helper()
	var list []measure.Finding
	for _, kind := range kinds(t) {
		f := measure.Finding{Kind: kind, A: transport.WebSocket, B: transport.LongPoll, X: 36.44, Y: 12345.6}
		if strings.HasPrefix(string(kind), "up-") {
			f.A, f.B = measure.WayWebSocket, measure.WayPostKept
		}
		list = append(list, f)
	}
	return list
}

// TestEveryKind: each finding has a sentence in both languages, with all its
// figures and names, for one run and for several.
func TestEveryKind(t *testing.T) {
	unfilled := regexp.MustCompile(`[{}\[\]]|%!|no text`)
	for _, l := range languages {
		for _, f := range everyFinding(t) {
			for _, runs := range []int{1, 5} {
				text := l.finding(f, runs)
				first := []rune(text)[0]
				if unfilled.MatchString(text) || !unicode.IsUpper(first) || !strings.HasSuffix(text, ".") {
					t.Errorf("%s, %s, %d runs: %q is not a sentence", l.Tag, f.Kind, runs, text)
				}
			}
		}
	}
}

// TestNoWinner: where intervals overlap, no word says which one is ahead.
func TestNoWinner(t *testing.T) {
	winner := regexp.MustCompile(`(?i)\b(fast|slow|soon|before|earl|quick|better|win|rápid|lent|antes|ced|melhor|ganh|venc)`)
	says := map[string]string{"en": "can't tell them apart", "pt-BR": "não dá para separar os dois"}
	for _, l := range languages {
		for _, kind := range []measure.Kind{measure.AsFast, measure.UpAsFast} {
			for _, runs := range []int{1, 5} {
				f := measure.Finding{Kind: kind, A: "websocket", B: "websocket", X: 1, Y: 2}
				text := l.finding(f, runs)
				if winner.MatchString(text) || !strings.Contains(text, says[l.Tag]) {
					t.Errorf("%s: %q", l.Tag, text)
				}
			}
		}
	}
}

func TestSentences(t *testing.T) {
	s := fixtures[0].read(t)
	en, pt := Sentences(s, "en"), Sentences(s, "pt-BR")
	if len(en) != len(s.Verdict()) || len(pt) != len(en) {
		t.Fatalf("%d findings make %d sentences in English, %d in Portuguese", len(s.Verdict()), len(en), len(pt))
	}
	figure := regexp.MustCompile(`\d+[.,]\d+` + nobreak + `ms`)
	if got := figure.FindString(strings.Join(en, " ")); !strings.Contains(got, ".") {
		t.Errorf("English writes %q", got)
	}
	if got := figure.FindString(strings.Join(pt, " ")); !strings.Contains(got, ",") {
		t.Errorf("Portuguese writes %q", got)
	}
}
