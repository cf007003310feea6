package cost

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
)

//go:embed prices.json
var standard []byte

// Prices is the price table. It is of one day and one region: look them up
// before you decide anything.
type Prices struct {
	Date     string `json:"date"`
	Region   string `json:"region"`
	Currency string `json:"currency"`
	Rows     []Row  `json:"rows"`

	rows map[string]Row
}

// A Row is the price of one thing.
type Row struct {
	ID         string  `json:"id"`
	Unit       string  `json:"unit"` // the key of its text
	Per        float64 `json:"per"`  // how many units the price is for
	Tiers      []Tier  `json:"tiers,omitempty"`
	FreeTier   float64 `json:"free,omitempty"` // units a month, for Input.Free
	Cores      float64 `json:"cores,omitempty"`
	GiB        float64 `json:"gib,omitempty"`
	Source     string  `json:"source"`
	Seen       string  `json:"seen"`       // when the source said so
	Confidence string  `json:"confidence"` // confirmed, one source or unverified
}

// A Tier is a price up to an amount a month. The last has no end.
type Tier struct {
	To    float64 `json:"to,omitempty"`
	Price float64 `json:"price"`
}

// StandardPrices are those of prices.json.
func StandardPrices() *Prices {
	p, err := parse(standard)
	if err != nil {
		panic(err) // it is compiled in, and tested
	}
	return p
}

func parse(text []byte) (*Prices, error) {
	p := new(Prices)
	if err := decode(text, p); err != nil {
		return nil, err
	}
	p.index()
	return p, nil
}

func (p *Prices) index() {
	p.rows = make(map[string]Row, len(p.Rows))
	for _, r := range p.Rows {
		p.rows[r.ID] = r
	}
}

// Override changes what a file says otherwise. It may be a whole table, or
// {"date": "2027-01-31", "rows": [{"id": "egress", "price": 0.08}]}.
func (p *Prices) Override(text []byte) (*Prices, error) {
	var file struct {
		Date, Region, Currency string
		Rows                   []struct {
			Row
			Price *float64 `json:"price"`
		}
	}
	if err := decode(text, &file); err != nil {
		return nil, err
	}
	out := &Prices{p.Date, p.Region, p.Currency, slices.Clone(p.Rows), nil}
	set(&out.Date, file.Date)
	set(&out.Region, file.Region)
	set(&out.Currency, file.Currency)
	for _, f := range file.Rows {
		i := slices.IndexFunc(out.Rows, func(r Row) bool { return r.ID == f.ID })
		if i < 0 {
			return nil, fmt.Errorf("no price has the id %q: there are %s", f.ID, strings.Join(p.ids(), ", "))
		}
		r := &out.Rows[i]
		if f.Price != nil {
			f.Tiers = []Tier{{Price: *f.Price}}
		}
		if f.Tiers != nil {
			r.Tiers, r.Source, r.Seen, r.Confidence = f.Tiers, "-prices", out.Date, "yours"
		}
		set(&r.Per, f.Per)
		set(&r.FreeTier, f.FreeTier)
		set(&r.Cores, f.Cores)
		set(&r.GiB, f.GiB)
		set(&r.Source, f.Source)
		set(&r.Seen, f.Seen)
		set(&r.Confidence, f.Confidence)
		if err := r.check(); err != nil {
			return nil, err
		}
	}
	out.index()
	return out, nil
}

// check says what makes no sense in a row.
func (r Row) check() error {
	if !(r.Per > 0) || len(r.Tiers) == 0 {
		return fmt.Errorf("price %s: per has to be above 0, and there has to be a price", r.ID)
	}
	from := 0.0
	for i, t := range r.Tiers {
		if !(t.Price >= 0) {
			return fmt.Errorf("price %s: %g is below 0", r.ID, t.Price)
		}
		if last := i == len(r.Tiers)-1; last != (t.To == 0) || !last && t.To <= from {
			return fmt.Errorf("price %s: tiers need a \"to\" that grows, and the last has none", r.ID)
		}
		from = t.To
	}
	return nil
}

func set[T comparable](v *T, to T) {
	var zero T
	if to != zero {
		*v = to
	}
}

func decode(text []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	return d.Decode(into)
}

func (p *Prices) ids() []string {
	ids := make([]string, len(p.Rows))
	for i, r := range p.Rows {
		ids[i] = r.ID
	}
	return ids
}

// Cost is the price of an amount, tier by tier.
func (p *Prices) Cost(id string, amount float64) float64 {
	r, ok := p.rows[id]
	if !ok {
		panic("cost: no price is called " + id)
	}
	usd, from := 0.0, 0.0
	for _, t := range r.Tiers {
		to := t.To
		if to == 0 {
			to = math.Inf(1)
		}
		if amount > from {
			usd += (math.Min(amount, to) - from) / r.Per * t.Price
		}
		from = to
	}
	return usd
}

// free takes off what a new account need not pay.
func (p *Prices) free(in Input, id string, amount float64) float64 {
	if !in.Free {
		return amount
	}
	return math.Max(amount-p.rows[id].FreeTier, 0)
}

// machines are the rows of machines, the cheapest first.
func (p *Prices) machines() []Row {
	var m []Row
	for _, r := range p.Rows {
		if r.Cores > 0 {
			m = append(m, r)
		}
	}
	slices.SortStableFunc(m, func(a, b Row) int {
		switch pa, pb := p.Cost(a.ID, 1), p.Cost(b.ID, 1); {
		case pa < pb:
			return -1
		case pa > pb:
			return 1
		}
		return 0
	})
	return m
}
