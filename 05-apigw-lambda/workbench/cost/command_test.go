package cost

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func command(args ...string) (status int, out, errs string) {
	var o, e bytes.Buffer
	status = Run(context.Background(), args, &o, &e)
	return status, o.String(), e.String()
}

func TestCommand(t *testing.T) {
	prices := filepath.Join(t.TempDir(), "prices.json")
	if err := os.WriteFile(prices, []byte(`{"date":"2027-01-31","rows":[{"id":"apigateway-minutes","price":1000}]}`), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		args   string
		status int
		says   string // in the output, or in the error
	}{
		{"", 0, "API Gateway: connection minutes"},
		{"-lang pt-BR", 0, "minutos de conexão"},
		{"-users 2000 -room 5", 0, "2,000 users"},
		{"-h", 0, "What is assumed"},
		{"-list-prices", 0, "unverified"},
		{"-prices " + prices, 0, "Prices of 2027-01-31"},
		{"-prices nowhere.json", 1, "nowhere.json"},
		{"-users none", 2, "invalid value"},
		{"-users 0", 2, "-users 0 makes no sense"},
		{"-lang fr", 2, "en and pt-BR"},
		{"-cheap", 2, "-cheap"},
		{"now", 2, `"now" is no flag`},
	} {
		status, out, errs := command(strings.Fields(row.args)...)
		if status != row.status {
			t.Errorf("cost %s: status %d, want %d: %s", row.args, status, row.status, errs)
		}
		said := out
		if row.status != 0 {
			said = errs
			if strings.Count(errs, "\n") != 1 || out != "" {
				t.Errorf("cost %s: %q and %q, want one line of error", row.args, out, errs)
			}
		}
		if !strings.Contains(said, row.says) {
			t.Errorf("cost %s does not say %q:\n%s", row.args, row.says, said)
		}
	}
}

func TestJSON(t *testing.T) {
	_, out, _ := command("-json", "-users", "500")
	var got struct {
		Input     Input
		Bills     []Bill
		Crossings []Crossing
	}
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatal(err)
	}
	in := Standard()
	in.Users = 500
	if got.Input != in || len(got.Bills) != 3 || len(got.Crossings) == 0 {
		t.Errorf("%d bills and %d crossings for %+v", len(got.Bills), len(got.Crossings), got.Input)
	}
	near(t, "total", got.Bills[0].Total, Serverless(in, StandardPrices()).Total)
}

// Every text is there in both languages, and no gap is left open.
func TestLanguages(t *testing.T) {
	var keys []string
	for _, tag := range languages {
		l, err := Speak(tag)
		if err != nil {
			t.Fatal(err)
		}
		these := slices.Sorted(maps.Keys(l.texts))
		if keys != nil && !slices.Equal(keys, these) {
			t.Errorf("%s has other texts than %s", tag, languages[0])
		}
		keys = these
		for _, args := range [][]string{{"-lang", tag}, {"-lang", tag, "-users", "1e7"}, {"-lang", tag, "-messages", "0", "-room", "1"}} {
			if status, out, errs := command(args...); status != 0 || strings.ContainsAny(out, "{}") {
				t.Errorf("cost %v: status %d, %s%s", args, status, out, errs)
			}
		}
	}
}

func TestNumbers(t *testing.T) {
	en, _ := Speak("en")
	pt, _ := Speak("pt-BR")
	for _, row := range []struct{ got, want string }{
		{en.Number(1234567.891, 2), "1,234,567.89"}, {pt.Number(1234567.891, 2), "1.234.567,89"},
		{en.Number(999, 0), "999"}, {en.Number(1000, 0), "1,000"}, {en.Number(0.5, 1), "0.5"},
		{en.Money(999.5), "$999.50"}, {pt.Money(1000.4), "US$ 1.000"},
		{en.short(8), "8"}, {en.short(2.5), "2.5"}, {en.short(0.25), "0.25"},
	} {
		if row.got != row.want {
			t.Errorf("%s, want %s", row.got, row.want)
		}
	}
}

func TestDrawing(t *testing.T) {
	for _, tag := range languages {
		file := filepath.Join(t.TempDir(), "cost.svg")
		if status, _, errs := command("-lang", tag, "-svg", file); status != 0 {
			t.Fatal(errs)
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		paths, dots := 0, 0
		for d := xml.NewDecoder(bytes.NewReader(text)); ; {
			token, err := d.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			if e, ok := token.(xml.StartElement); ok {
				switch e.Name.Local {
				case "path":
					paths++
				case "circle":
					dots++
				}
			}
		}
		if want := len(Crossings(Standard(), StandardPrices())); paths != 3 || dots != want {
			t.Errorf("%s: %d lines and %d crossings, want 3 and %d", tag, paths, dots, want)
		}
		if bytes.Contains(text, []byte("NaN")) || bytes.Contains(text, []byte("Inf")) {
			t.Errorf("%s: a place that is no number", tag)
		}
	}
}
