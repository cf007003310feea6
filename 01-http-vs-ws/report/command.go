package report

import (
	"strconv"
	"strings"
	"time"

	"websocket.example/01-http-vs-ws/link"
	"websocket.example/01-http-vs-ws/measure"
)

// usual is the interval of keep-alives that the command takes by itself.
const usual = 30 * time.Second

// command measures the same again.
func command(s *measure.Summary) string {
	c := s.Config
	words := []string{"go run ./01-http-vs-ws"}
	flag := func(name, value string) { words = append(words, "-"+name, value) }

	if preset, err := link.Named(c.Network); err == nil && preset.Settings == c.Link {
		flag("net", c.Network)
	} else {
		flag("rtt", c.Link.RTT.String())
		flag("jitter", c.Link.Jitter.String())
		flag("bandwidth", rate(c.Link.Bandwidth))
	}
	flag("poll", c.Poll.String())
	flag("rate", strconv.FormatFloat(c.Rate, 'f', -1, 64))
	flag("seed", strconv.FormatUint(c.Seed, 10))
	flag("duration", c.Duration.String())
	flag("headers", string(c.Headers))
	if c.Keepalive != usual {
		flag("keepalive", c.Keepalive.String())
	}
	if c.TLS {
		words = append(words, "-tls")
	}
	if s.Runs > 1 {
		flag("repeat", strconv.Itoa(s.Runs))
	}
	return strings.Join(words, " ")
}

// rate writes bits per second as the flag reads them: 12M, 500k, 8001.
func rate(bits int64) string {
	switch {
	case bits >= 1_000_000 && bits%100_000 == 0:
		return strconv.FormatFloat(float64(bits)/1e6, 'f', -1, 64) + "M"
	case bits >= 1000 && bits%100 == 0:
		return strconv.FormatFloat(float64(bits)/1e3, 'f', -1, 64) + "k"
	}
	return strconv.FormatInt(bits, 10)
}
