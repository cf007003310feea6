package report

import (
	"testing"

	"websocket.example/01-http-vs-ws/model"
)

func TestECDF(t *testing.T) {
	h := newLatencies()
	for _, ms := range []float64{10, 10, 100, 1000} {
		enter(t, h, ms)
	}
	points := ecdf(h, axis{10, 1000})
	if got, want := steps(points), "M0 1000H0V500H500V250H1000V0"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	// Of four values the true curve is not known better than to 0.68.
	if got, want := band(points, 4), "M0 1000H0V0H500V0H1000V0V679V929H500V1000H0Z"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestECDFOfMany: the path does not grow with the number of events.
func TestECDFOfMany(t *testing.T) {
	h := newLatencies()
	for us := range int64(300_000) {
		if err := h.RecordValue(1000 + us); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(ecdf(h, axis{1, 1000})); n > square+1 {
		t.Errorf("%d points on %d spots", n, square)
	}
}

func TestExpectedOfNoDelay(t *testing.T) {
	if got := expected(model.Distribution{}, axis{1, 1000}); got != "" {
		t.Errorf("a link without delay is drawn as %s", got)
	}
}
