package machine

import "testing"

func TestShortage(t *testing.T) {
	enough := need{have: 5000, want: 1200, each: 1, spare: 200, short: "files %d of %d", command: "more files %[1]d:%[1]d"}
	few := enough
	few.have = 700
	half := need{have: 1600, want: 2400, each: 2, spare: 400, short: "all %d of %d", command: "more %d"}
	unknown := need{want: 1}
	shared := few
	shared.each, shared.share = 0, 3
	for _, test := range []struct {
		needs []need
		want  string
	}{
		{[]need{enough, unknown}, ""},
		{[]need{enough, few}, "files 1200 of 700: run 'more files 1200:1200', or open 500"},
		{[]need{half, few}, "all 2400 of 1600, files 1200 of 700: run 'more 2400 && more files 1200:1200', or open 500"},
		{[]need{shared}, "files 1200 of 700: run 'more files 1200:1200', or open 1500"},
		{[]need{half}, "all 2400 of 1600: run 'more 2400', or open 600"},
	} {
		err := shortage(10_000, test.needs)
		if got := ""; err != nil {
			got = err.Error()
			if got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		} else if test.want != "" {
			t.Errorf("no error, want %q", test.want)
		}
	}
}
