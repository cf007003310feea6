package web

import (
	"math"
	"strings"
	"testing"
	"time"

	"websocket.example/01-http-vs-ws/link"
)

func TestOptionsThatMakeNoSense(t *testing.T) {
	for want, o := range map[string]Options{
		"poll interval":         {Poll: -time.Second},
		"-1 events per second":  {Rate: -1},
		"NaN events per second": {Rate: math.NaN()},
		"Inf events per second": {Rate: math.Inf(1)},
		"keep-alive":            {Keepalive: -1},
		"session":               {Sessions: -1},
		"round trip":            {Link: link.Settings{RTT: -1}},
	} {
		page, err := New(o)
		if err == nil {
			page.Close()
			t.Errorf("%+v is accepted", o)
		} else if !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %q does not say %q", o, err, want)
		}
	}
}

func TestCloseTwice(t *testing.T) {
	page, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	page.Close()
	page.Close()
}

// The curve of a model is drawn from where it rises to where it has risen,
// and its points lie on the model.
func TestCurve(t *testing.T) {
	s := settings{PollMS: 1000, RTTMS: 80}
	m := modelOf(s, s.link(0), 5)
	for name, want := range map[string]struct{ mean, median float64 }{
		"short-poll": {540, 540}, "long-poll": {0, 0}, "sse": {40, 40}, "websocket": {40, 40},
	} {
		c := m.Transports[name]
		first, last := c.CDF[0], c.CDF[len(c.CDF)-1]
		if first[1] != 0 || last[1] != 1 {
			t.Errorf("%s: the curve goes from %v to %v", name, first, last)
		}
		if want.mean == 0 {
			continue
		}
		if math.Abs(c.MeanMS-want.mean) > 0.001 {
			t.Errorf("%s: mean %v, want %v", name, c.MeanMS, want.mean)
		}
		for i, point := range c.CDF {
			if point[1] >= 0.5 { // the median is between this point and the one before
				if point[0] < want.median || c.CDF[i-1][0] > want.median {
					t.Errorf("%s: the median is between %v and %v, want %v", name, c.CDF[i-1][0], point[0], want.median)
				}
				break
			}
		}
	}
	if loopback := modelOf(settings{PollMS: 1000}, link.Settings{}, 5).Transports["websocket"]; loopback.CDF[0][1] != 1 {
		t.Errorf("without any delay every event takes less than the grid begins with: %v", loopback)
	}
}
