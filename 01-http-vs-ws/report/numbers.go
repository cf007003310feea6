package report

import (
	"math"
	"strconv"
	"strings"
	"time"

	"websocket.example/01-http-vs-ws/measure"
)

// none stands where there is no number.
const none = "-"

// digits writes a number of milliseconds, requests and the like with about
// three significant digits: 0.14, 36.4, 521.
func (l *language) digits(v float64) string {
	switch size := math.Abs(v); {
	case math.IsNaN(v):
		return none
	case v == 0:
		return "0"
	case size < 9.995: // what rounds to 10 is written as 10.0
		return l.number(v, 2)
	case size < 99.95:
		return l.number(v, 1)
	}
	return l.number(v, 0)
}

// bytes are whole ones, but for the few of a ping.
func (l *language) bytes(v float64) string {
	if math.IsNaN(v) || v < 9.95 && v != math.Trunc(v) {
		return l.decimals(v, 1)
	}
	return l.number(v, 0)
}

// decimals writes a number with at most n decimals.
func (l *language) decimals(v float64, n int) string {
	if math.IsNaN(v) {
		return none
	}
	power := math.Pow10(n)
	v = math.Round(v*power) / power
	return l.number(v, -1)
}

// percent is a difference, so it always has a sign.
func (l *language) percent(share float64) string {
	percent := share * 100
	switch text := l.number(math.Abs(percent), 1); {
	case math.IsNaN(percent):
		return none
	case math.Abs(percent) < 0.05:
		return text + "%"
	case percent < 0:
		return "−" + text + "%"
	default:
		return "+" + text + "%"
	}
}

// number writes n decimals (as many as needed if n is -1) the way the
// language does. Only numbers of five digits and more are grouped, so that
// nobody takes 1,040 for about one.
func (l *language) number(v float64, n int) string {
	text := strconv.FormatFloat(v, 'f', n, 64)
	whole, fraction, _ := strings.Cut(text, ".")
	sign := ""
	if strings.HasPrefix(whole, "-") {
		sign, whole = "−", whole[1:]
	}
	if len(whole) > 4 {
		for i := len(whole) - 3; i > 0; i -= 3 {
			whole = whole[:i] + l.group + whole[i:]
		}
	}
	if fraction != "" {
		whole += l.decimal + fraction
	}
	return sign + whole
}

// count writes requests: 60, 0.96.
func (l *language) count(v float64) string { return l.decimals(v, 2) }

// Between a number and its unit stands a no-break space, so that no line
// ends there.
const nobreak = "\u00a0"

// ms writes milliseconds with their unit.
func (l *language) ms(v float64) string { return l.digits(v) + nobreak + "ms" }

// span writes a duration that somebody chose, in the unit that suits it.
func (l *language) span(d time.Duration) string {
	switch {
	case d >= 2*time.Minute && d%time.Minute == 0:
		return l.decimals(d.Minutes(), 0) + nobreak + "min"
	case d >= time.Second:
		return l.decimals(d.Seconds(), 2) + nobreak + "s"
	}
	return l.decimals(float64(d)/float64(time.Millisecond), 3) + nobreak + "ms"
}

// between writes the range of a figure, nothing if it has none.
func between(f measure.Figure, write func(float64) string) string {
	low, high := write(f.Low), write(f.High)
	if low == high {
		return ""
	}
	return low + "–" + high
}
