package live

import (
	"context"
	"html/template"
	"net/http"
	"net/url"
	"strconv"

	"websocket.example/05-apigw-lambda/workbench/cost"
)

// openCost is step 5's arithmetic, as a form: whoever changes a number sees
// the bill, and where the lines cross. It works without a script as well.
func openCost(context.Context) (*running, error) {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		month, err := newMonth(r)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		show(w, r, http.StatusOK, "cost", month)
	})
	mux.HandleFunc("GET /chart.svg", func(w http.ResponseWriter, r *http.Request) {
		month, err := newMonth(r)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		h := w.Header()
		h.Set("Content-Type", "image/svg+xml")
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'") // a drawing brings its style
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Cache-Control", "no-cache")
		_, _ = w.Write(cost.Draw(month.language, month.input, month.prices)) // whoever asked has gone
	})
	return &running{mux, func(context.Context) {}}, nil
}

// A month of chat, as the page shows it.
type month struct {
	Fields    []field
	Bills     []cost.Bill
	Crossings []cost.Crossing
	Sizes     []size // what fewer and more users cost

	input    cost.Input
	prices   *cost.Prices
	language cost.Language
}

// A field is a number that one may change.
type field struct {
	Name           string
	Low, High, Now float64
}

// A size is a number of users, and what each way costs then; below 0 it can't.
type size struct {
	Users float64
	USD   []float64
}

func newMonth(r *http.Request) (*month, error) {
	language, err := cost.Speak(language(r))
	if err != nil {
		return nil, err
	}
	m := &month{input: cost.Standard(), prices: cost.StandardPrices(), language: language}
	m.read(r.URL.Query())
	m.Bills = cost.Bills(m.input, m.prices)
	m.Crossings = cost.Crossings(m.input, m.prices)
	for _, users := range []float64{100, 1000, 10_000, 100_000} {
		m.Sizes = append(m.Sizes, m.size(users))
	}
	return m, nil
}

// read takes what was asked for, as far as it makes sense.
func (m *month) read(asked url.Values) {
	for _, f := range []struct {
		name      string
		value     *float64
		low, high float64
	}{
		{"users", &m.input.Users, 1, 1e6},
		{"messages", &m.input.Messages, 0, 1e4},
		{"room", &m.input.Room, 1, 1e4},
		{"hours", &m.input.Hours, 1, 24},
	} {
		if v, err := strconv.ParseFloat(asked.Get(f.name), 64); err == nil && v >= f.low && v <= f.high {
			*f.value = v
		}
		m.Fields = append(m.Fields, field{f.name, f.low, f.high, *f.value})
	}
}

// Ways to run the chat, in the order of the table.
func (m *month) Ways() []string { return []string{"serverless", "machine", "cluster"} }

func (m *month) size(users float64) size {
	in := m.input
	in.Users = users
	s := size{users, []float64{-1, -1, -1}}
	for _, b := range cost.Bills(in, m.prices) {
		for i, way := range m.Ways() {
			if b.Key == way {
				s.USD[i] = b.Total
			}
		}
	}
	return s
}

// What the page says is what the command says.

func (m *month) Say(key string, pairs ...string) string { return m.language.Say(key, pairs...) }
func (m *month) Money(usd float64) string               { return m.language.Money(usd) }
func (m *month) Number(v float64) string                { return m.language.Number(v, 0) }
func (m *month) Name(b cost.Bill) string                { return m.language.Way(b) }

// Cheapest says whether no other bill is lower.
func (m *month) Cheapest(b cost.Bill) bool {
	for _, other := range m.Bills {
		if other.Total < b.Total {
			return false
		}
	}
	return true
}

// Load is what there is to do.
func (m *month) Load() string {
	l := m.input.Count()
	return m.Say("load", "sends", m.Number(l.Sends), "delivered", m.Number(l.Delivered),
		"minutes", m.Number(l.UserHours*60), "egress", m.language.Number(l.Egress, 1))
}

// When is where the prices are from.
func (m *month) When() string {
	return m.language.Say("chart.prices", "date", m.prices.Date, "region", m.prices.Region)
}

// Cross says where two lines cross.
func (m *month) Cross(c cost.Crossing) string {
	return m.Say("cross.row", "users", m.Number(c.Users), "usd", m.Money(c.USD),
		"cheaper", m.Say("short."+c.Cheaper), "dearer", m.Say("short."+c.Dearer))
}

// Query asks for the drawing of the same month.
func (m *month) Query(lang string) template.URL {
	q := url.Values{"lang": {lang}}
	for _, f := range m.Fields {
		q.Set(f.Name, strconv.FormatFloat(f.Now, 'f', -1, 64))
	}
	return template.URL(q.Encode())
}
