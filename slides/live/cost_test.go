package live

import (
	"net/http"
	"strings"
	"testing"
)

func TestCost(t *testing.T) {
	h := start(t)
	_, usual := h.get("cost/?lang=en")
	for _, row := range []struct{ query, want string }{
		{"lang=en", `value="1000"`},
		{"lang=en&users=5000", "users=5000"},
		{"lang=pt-BR&users=5000", "US$ "},
		{"lang=pt-BR", "Onde as linhas se cruzam"},
		{"lang=en&users=1000000&messages=1000", "none in the price table is large enough"},
		{"lang=en&messages=0&room=1", `name="room" value="1"`},
	} {
		r, body := h.get("cost/?" + row.query)
		if r.StatusCode != http.StatusOK || !strings.Contains(body, row.want) {
			t.Errorf("%s does not say %q:\n%s", row.query, row.want, body)
		}
	}
	// What makes no sense changes nothing.
	for _, query := range []string{"users=0", "users=NaN", "users=Inf", "users=1e99", "hours=25", "room=<b>", "nosuch=1"} {
		if _, body := h.get("cost/?lang=en&" + query); body != usual {
			t.Errorf("%s changes the page", query)
		}
	}
	r, few := h.get("cost/chart.svg?lang=en&room=2")
	_, many := h.get("cost/chart.svg?lang=en&room=200")
	if r.Header.Get("Content-Type") != "image/svg+xml" || few == many || !strings.HasPrefix(few, "<svg") {
		t.Errorf("the drawing is %s, and the same for any room", r.Header.Get("Content-Type"))
	}
}
