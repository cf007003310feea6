package cost

import (
	"slices"
	"strings"
	"testing"
)

func TestPriceTable(t *testing.T) {
	p := StandardPrices()
	units := map[string]bool{}
	l, err := Speak("en")
	if err != nil {
		t.Fatal(err)
	}
	for key := range l.texts {
		if u, ok := strings.CutPrefix(key, "unit."); ok {
			units[u] = true
		}
	}
	for _, r := range p.Rows {
		if err := r.check(); err != nil {
			t.Error(err)
		}
		if !units[r.Unit] {
			t.Errorf("%s: no text for the unit %q", r.ID, r.Unit)
		}
		if !slices.Contains([]string{"confirmed", "one source", "unverified"}, r.Confidence) || r.Source == "" {
			t.Errorf("%s: a price says where it is from and how sure that is", r.ID)
		}
		if (r.Seen == "") != (r.Confidence == "unverified") {
			t.Errorf("%s: what nobody has seen is unverified, and nothing else", r.ID)
		}
	}
	if len(p.rows) != len(p.Rows) {
		t.Error("two prices have the same id")
	}
}

func TestTiers(t *testing.T) {
	p := StandardPrices()
	for _, row := range []struct {
		id          string
		amount, usd float64
	}{
		{"apigateway-messages", 0, 0},
		{"apigateway-messages", 1e6, 1},
		{"apigateway-messages", 1e9, 1000},
		{"apigateway-messages", 2e9, 1000 + 800},
		{"egress", 100, 0},
		{"egress", 101, 0.09},
		{"egress", 10340, 10240 * 0.09},
		{"egress", 10341, 10240*0.09 + 0.085},
		{"alarms", 11, 0.10},
	} {
		near(t, row.id, p.Cost(row.id, row.amount), row.usd)
	}
}

func TestOverride(t *testing.T) {
	p := StandardPrices()
	for _, row := range []struct {
		name, file, wrong string // what the error says, if there is one
	}{
		{"nothing", `{}`, ""},
		{"one price", `{"date":"2027-01-31","rows":[{"id":"apigateway-messages","price":2}]}`, ""},
		{"tiers", `{"rows":[{"id":"apigateway-messages","tiers":[{"to":10,"price":0},{"price":2}],"per":1}]}`, ""},
		{"no such price", `{"rows":[{"id":"apigateway-mesages","price":2}]}`, "apigateway-messages, apigateway-minutes"},
		{"below zero", `{"rows":[{"id":"egress","price":-1}]}`, "below 0"},
		{"tiers that fall", `{"rows":[{"id":"egress","tiers":[{"to":10,"price":1},{"to":5,"price":1},{"price":1}]}]}`, "grows"},
		{"tiers without end", `{"rows":[{"id":"egress","tiers":[{"to":10,"price":1}]}]}`, "last has none"},
		{"a field that is none", `{"rows":[{"id":"egress","prize":1}]}`, "prize"},
		{"no JSON", `price = 1`, "invalid character"},
	} {
		t.Run(row.name, func(t *testing.T) {
			got, err := p.Override([]byte(row.file))
			if row.wrong != "" {
				if err == nil || !strings.Contains(err.Error(), row.wrong) {
					t.Fatalf("error %v, want one with %q", err, row.wrong)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			near(t, "a price that stays", got.Cost("apigateway-minutes", 1e6), 0.25)
		})
	}

	got, err := p.Override([]byte(`{"date":"2027-01-31","rows":[{"id":"apigateway-messages","price":2}]}`))
	if err != nil {
		t.Fatal(err)
	}
	near(t, "the new price", got.Cost("apigateway-messages", 3e9), 6000)
	near(t, "the old table", p.Cost("apigateway-messages", 1e6), 1)
	if r := got.rows["apigateway-messages"]; got.Date != "2027-01-31" || r.Confidence != "yours" {
		t.Errorf("the new table is of %s, its price is %s", got.Date, r.Confidence)
	}
}
