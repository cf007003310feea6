package report

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"websocket.example/01-http-vs-ws/model"
)

// square is the side of the square in which curves are drawn. The page
// stretches it to the width there is.
const square = 1000

// A point says that this share of the events came by x. Both go from 0 to 1.
type point struct{ x, share float64 }

func spot(share float64) int { return int(math.Round(share * square)) }

// ecdf is the distribution that was measured, as the corners of its steps.
// Of the steps that fall on one spot it keeps the last.
func ecdf(h *hdrhistogram.Histogram, a axis) []point {
	var list []point
	sum, all := int64(0), float64(h.TotalCount())
	for _, bar := range h.Distribution() {
		if bar.Count == 0 {
			continue
		}
		sum += bar.Count
		p := point{a.at(float64(bar.From+bar.To) / 2000), float64(sum) / all}
		if last := len(list) - 1; last >= 0 && spot(list[last].x) == spot(p.x) {
			list[last] = p
		} else {
			list = append(list, p)
		}
	}
	return list
}

// steps draws it, from the first event to the last: level up to the next
// latency, then up.
func steps(points []point) string {
	var path strings.Builder
	fmt.Fprintf(&path, "M%d %d", spot(points[0].x), square)
	for _, p := range points {
		fmt.Fprintf(&path, "H%dV%d", spot(p.x), spot(1-p.share))
	}
	return path.String()
}

// band draws where the true distribution is in 95 of 100 cases, whatever its
// shape: at most √(ln(2/0.05) / 2n) above or below that of n values, by the
// inequality of Dvoretzky, Kiefer and Wolfowitz with Massart's constant.
func band(points []point, n int64) string {
	half := math.Sqrt(math.Log(2/0.05) / (2 * float64(n)))
	up := func(p point) int { return spot(1 - min(p.share+half, 1)) }
	down := func(p point) int { return spot(1 - max(p.share-half, 0)) }

	var path strings.Builder
	fmt.Fprintf(&path, "M%d %d", spot(points[0].x), square)
	for _, p := range points { // there along the upper edge
		fmt.Fprintf(&path, "H%dV%d", spot(p.x), up(p))
	}
	last := len(points) - 1
	fmt.Fprintf(&path, "V%d", down(points[last]))
	for i := last; i > 0; i-- { // and back along the lower one
		fmt.Fprintf(&path, "V%dH%d", down(points[i-1]), spot(points[i-1].x))
	}
	return path.String() + "Z"
}

// expected draws the model's distribution, which is a formula: so many
// points that it looks smooth. Where it says none or all it draws nothing,
// and so nothing at all of a link without delay.
func expected(m model.Distribution, a axis) string {
	const step = 2
	height := func(x int) int {
		ms := a.value(float64(x) / square)
		return spot(1 - m.CDF(time.Duration(ms*float64(time.Millisecond))))
	}
	var path strings.Builder
	verb := "M" // move there, then draw lines
	for x := 0; x <= square; x += step {
		before, here, after := height(max(x-step, 0)), height(x), height(min(x+step, square))
		if before == here && here == after {
			continue // within a level line
		}
		fmt.Fprintf(&path, "%s%d %d", verb, x, here)
		verb = "L"
	}
	return path.String()
}
