package hub

import (
	"errors"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"websocket.example/04-chat-hub/chat"
	"websocket.example/04-chat-hub/log"
)

// metrics are what is seen from outside. No label is ever a room or a name:
// people choose them, and each value would be a time series of its own.
type metrics struct {
	connections prometheus.Gauge
	rooms       prometheus.Gauge
	upgrades    *prometheus.CounterVec // by result
	closes      *prometheus.CounterVec // by close code
	requests    *prometheus.CounterVec // by action and error code
	messages    prometheus.Counter
	deliveries  prometheus.Counter
	evicted     prometheus.Counter
	resumes     *prometheus.CounterVec // by result
	storeTime   prometheus.Histogram
	hubDelay    prometheus.Histogram
	passDelay   prometheus.Histogram
}

func newMetrics(r prometheus.Registerer) *metrics {
	gauge := func(name, help string) prometheus.Gauge {
		return prometheus.NewGauge(prometheus.GaugeOpts{Name: "chat_" + name, Help: help})
	}
	counter := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Name: "chat_" + name, Help: help})
	}
	counters := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: "chat_" + name, Help: help}, labels)
	}
	seconds := func(name, help string) prometheus.Histogram {
		return prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "chat_" + name, Help: help, Buckets: prometheus.ExponentialBuckets(50e-6, 2, 20),
		})
	}
	m := &metrics{
		connections: gauge("connections", "Connections that are open."),
		rooms:       gauge("rooms", "Rooms with somebody of this hub in them."),
		upgrades:    counters("upgrades_total", "Handshakes, by result.", "result"),
		closes:      counters("closes_total", "Connections that this hub closed, by close code.", "code"),
		requests:    counters("requests_total", "What clients asked for, by action and error.", "action", "error"),
		messages:    counter("messages_total", "Messages of the rooms that this hub follows."),
		deliveries:  counter("deliveries_total", "Messages times the members of this hub they were for."),
		evicted:     counter("evictions_total", "Members that were too slow."),
		resumes:     counters("resumes_total", "Joins with a cursor, by whether all was there.", "result"),
		storeTime:   seconds("store_seconds", "From a send to its acknowledgement by the store."),
		hubDelay:    seconds("follow_seconds", "From the store to this hub, by the two's clocks."),
		passDelay:   seconds("delivery_seconds", "From this hub to the last socket of a room."),
	}
	if r != nil {
		r.MustRegister(m.connections, m.rooms, m.upgrades, m.closes, m.requests, m.messages, m.deliveries,
			m.evicted, m.resumes, m.storeTime, m.hubDelay, m.passDelay)
	}
	return m
}

func (m *metrics) request(a chat.Action, err error) {
	code := "" // none
	if e, ok := errors.AsType[*chat.Error](err); ok {
		a, code = "", string(e.Code) // an action that is not known may be anything
	}
	m.requests.WithLabelValues(string(a), code).Inc()
}

func (m *metrics) closed(code int)        { m.closes.WithLabelValues(strconv.Itoa(code)).Inc() }
func (m *metrics) resumed(result string)  { m.resumes.WithLabelValues(result).Inc() }
func (m *metrics) stored(began time.Time) { m.storeTime.Observe(time.Since(began).Seconds()) }
func (m *metrics) passed(began time.Time) { m.passDelay.Observe(time.Since(began).Seconds()) }

func (m *metrics) told(msg *log.Message, members int) {
	m.messages.Inc()
	m.deliveries.Add(float64(members))
	m.hubDelay.Observe(max(0, time.Since(msg.At).Seconds()))
}
