package matrix

import (
	"os"
	"strings"
	"testing"
)

func TestTmp(t *testing.T) {
	old, _ := Committed()
	for n := range 5 {
		var some []Sheet
		for _, s := range Sheets() {
			for _, w := range strings.Split(os.Getenv("SHEETS"), ",") {
				if w != "" && strings.Contains(s.Name(), w) {
					some = append(some, s)
				}
			}
		}
		_, _, err := Run(t.Context(), nil, some, nil, func(int, int) {})
		d := Differences(old, some, nil)
		t.Log(n, err, len(d))
		if len(d) > 4 { d = d[:4] }
		for _, l := range d { t.Log(l) }
	}
}
