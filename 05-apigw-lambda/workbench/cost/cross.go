package cost

import "math"

// The users that are compared.
const (
	fewUsers  = 10
	manyUsers = 1e6
)

// Bills are all ways to run the chat that can carry it.
func Bills(in Input, p *Prices) []Bill {
	b := []Bill{Serverless(in, p)}
	if one, ok := OneMachine(in, p); ok {
		b = append(b, one)
	}
	return append(b, Cluster(in, p))
}

// total is what one way costs for so many users, or false if it can't.
func total(way string, in Input, p *Prices, users float64) (float64, bool) {
	in.Users = users
	for _, b := range Bills(in, p) {
		if b.Key == way {
			return b.Total, true
		}
	}
	return 0, false
}

// A Crossing is a number of users from which on one way is cheaper than
// another.
type Crossing struct {
	Users   float64 `json:"users"`
	USD     float64 `json:"usd"`
	Cheaper string  `json:"cheaper"` // from here on
	Dearer  string  `json:"dearer"`
}

// Crossings are where the lines of functions and of machines cross. There may
// be several, for a machine more is a step.
func Crossings(in Input, p *Prices) []Crossing {
	var all []Crossing
	for _, way := range []string{"machine", "cluster"} {
		// saves is what functions cost less.
		saves := func(users float64) (float64, bool) {
			theirs, ok := total(way, in, p, users)
			ours, _ := total("serverless", in, p, users)
			return theirs - ours, ok
		}
		const steps = 500
		at := func(i int) float64 { return fewUsers * math.Pow(manyUsers/fewUsers, float64(i)/steps) }
		before, ok := saves(fewUsers)
		for i := 1; i <= steps && ok; i++ {
			var now float64
			if now, ok = saves(at(i)); !ok || now > 0 == (before > 0) {
				before = now
				continue
			}
			low, high := at(i-1), at(i)
			for high-low > 0.5 {
				middle := (low + high) / 2
				if there, _ := saves(middle); there > 0 == (before > 0) {
					low = middle
				} else {
					high = middle
				}
			}
			usd, _ := total("serverless", in, p, high)
			c := Crossing{math.Ceil(high), usd, way, "serverless"}
			if now > 0 {
				c.Cheaper, c.Dearer = c.Dearer, c.Cheaper
			}
			all = append(all, c)
			before = now
		}
	}
	return all
}
