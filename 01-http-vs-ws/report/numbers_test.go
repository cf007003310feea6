package report

import (
	"math"
	"testing"
	"time"

	"websocket.example/01-http-vs-ws/measure"
)

func TestNumbers(t *testing.T) {
	for _, test := range []struct{ got, want string }{
		{english.digits(0), "0"},
		{english.digits(0.1449), "0.14"},
		{english.digits(9.994), "9.99"},
		{english.digits(9.996), "10.0"},
		{english.digits(36.44), "36.4"},
		{english.digits(99.96), "100"},
		{english.digits(521.3), "521"},
		{english.digits(1040), "1040"},
		{english.digits(math.NaN()), "-"},
		{portuguese.digits(36.44), "36,4"},
		{portuguese.digits(12345), "12.345"},
		{english.number(1234567, 0), "1,234,567"},
		{english.number(-12345.5, 1), "−12,345.5"},
		{english.bytes(4), "4"},
		{english.bytes(4.26), "4.3"},
		{english.bytes(1035.6), "1036"},
		{english.bytes(math.NaN()), "-"},
		{english.count(1.995), "2"},
		{english.count(0.961), "0.96"},
		{english.count(60), "60"},
		{english.percent(0.015), "+1.5%"},
		{portuguese.percent(-0.065), "−6,5%"},
		{english.percent(-0.0001), "0.0%"},
		{english.percent(math.NaN()), "-"},
		{english.span(1500 * time.Millisecond), "1.5\u00a0s"},
		{english.span(70 * time.Millisecond), "70\u00a0ms"},
		{english.span(90 * time.Second), "90\u00a0s"},
		{english.span(10 * time.Minute), "10\u00a0min"},
		{portuguese.span(2500 * time.Microsecond), "2,5\u00a0ms"},
		{portuguese.bits(1_600_000), "1,6\u00a0Mbit/s"},
		{english.bits(500_000), "500\u00a0kbit/s"},
		{english.round(0.1), "0.1\u00a0ms"},
		{english.round(5000), "5\u00a0s"},
		{english.short(10_000), "10k"},
		{between(measure.Figure{Median: 2, Low: 1, High: 3}, english.digits), "1.00–3.00"},
		{between(measure.Figure{Median: 2, Low: 2, High: 2.001}, english.digits), ""},
	} {
		if test.got != test.want {
			t.Errorf("got %q, want %q", test.got, test.want)
		}
	}
}
