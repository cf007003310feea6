package web

import (
	"math"
	"time"

	"websocket.example/01-http-vs-ws/link"
	"websocket.example/01-http-vs-ws/model"
	"websocket.example/01-http-vs-ws/transport"
)

// modelMessage is what the latencies should be under the settings.
type modelMessage struct {
	Type       string           `json:"type"` // model
	Settings   settings         `json:"settings"`
	Transports map[string]curve `json:"transports"`
}

// A curve is a distribution for drawing on a logarithmic axis.
type curve struct {
	MeanMS float64      `json:"mean_ms"`
	CDF    [][2]float64 `json:"cdf"` // milliseconds, share of the events that took at most that
}

func modelOf(s settings, l link.Settings, rate float64) modelMessage {
	m := modelMessage{"model", s, make(map[string]curve)}
	for _, t := range transport.All {
		m.Transports[t.Name] = curveOf(model.Downstream(t.Name, model.Conditions{
			Link: l, Poll: duration(s.PollMS), Rate: rate,
		}))
	}
	return m
}

// The grid of a curve.
const (
	gridFrom = 100 * time.Microsecond
	gridStep = 1.0 / 60 // of a decade
)

// curveOf takes the points of the grid from the last one before the curve
// rises to the first one where it has risen.
func curveOf(d model.Distribution) curve {
	c := curve{MeanMS: milliseconds(d.Mean())}
	for i := 0; ; i++ {
		at := time.Duration(float64(gridFrom) * math.Pow(10, float64(i)*gridStep))
		point := [2]float64{milliseconds(at), math.Round(d.CDF(at)*1e4) / 1e4}
		if point[1] <= 0 { // still before it rises
			c.CDF = c.CDF[:0]
		}
		c.CDF = append(c.CDF, point)
		if point[1] >= 1 {
			return c
		}
	}
}
