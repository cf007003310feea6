// Package link puts a network between a client and a server on one machine.
//
// On loopback a round trip costs nothing, and a comparison of transports
// that differ in their round trips would say little. A link is a toxiproxy
// in the same process that delays what passes through it, the same way for
// every transport.
package link

import (
	"fmt"
	"strings"
	"time"
)

// Settings describe a network path between client and server.
type Settings struct {
	RTT       time.Duration // there and back
	Jitter    time.Duration // the round trip varies evenly by up to this much either way
	Bandwidth int64         // bits per second in each direction of each connection; 0 is unlimited
}

// OneWay is the mean delay in either direction.
func (s Settings) OneWay() time.Duration { return s.RTT / 2 }

// OneWayJitter is how far a single delay may be from OneWay.
func (s Settings) OneWayJitter() time.Duration { return s.Jitter / 2 }

// Check reports the first thing that no network could do.
func (s Settings) Check() error {
	switch {
	case s.RTT < 0:
		return fmt.Errorf("a round trip of %v is shorter than nothing: give 0 or more", s.RTT)
	case s.RTT > 10*time.Second:
		return fmt.Errorf("a round trip of %v is longer than 10s: give less", s.RTT)
	case s.Jitter < 0:
		return fmt.Errorf("a jitter of %v is below nothing: give 0 or more", s.Jitter)
	case s.Jitter > s.RTT:
		return fmt.Errorf("a jitter of %v is more than the round trip of %v: give at most that", s.Jitter, s.RTT)
	case s.Bandwidth < 0 || s.Bandwidth > 0 && s.Bandwidth < 8000:
		return fmt.Errorf("a bandwidth of %d bit/s is too little: give 0 for no limit, or at least 8000", s.Bandwidth)
	}
	return nil
}

func (s Settings) String() string {
	text := fmt.Sprintf("round trip %v", s.RTT)
	if s.Jitter > 0 {
		text += fmt.Sprintf(" ± %v", s.Jitter)
	}
	if s.Bandwidth > 0 {
		text += fmt.Sprintf(", %s", bits(s.Bandwidth))
	}
	return text
}

func bits(n int64) string {
	if n >= 1_000_000 {
		return fmt.Sprintf("%.4g Mbit/s", float64(n)/1e6)
	}
	return fmt.Sprintf("%.4g kbit/s", float64(n)/1e3)
}

// A Preset is a named network. The figures are round ones of the kind that
// one meets, chosen to teach; they are nobody's average.
type Preset struct {
	Name string
	Settings
	Like string // where one meets it
}

// Presets from the shortest path to the longest.
var Presets = []Preset{
	{"loopback", Settings{}, "no network at all"},
	{"lan", Settings{time.Millisecond, 0, 1_000_000_000}, "a cable in the same building"},
	{"wifi", Settings{12 * time.Millisecond, 6 * time.Millisecond, 50_000_000}, "a server in the same city, over Wi-Fi"},
	{"4g", Settings{70 * time.Millisecond, 20 * time.Millisecond, 12_000_000}, "a phone outdoors"},
	{"3g", Settings{300 * time.Millisecond, 60 * time.Millisecond, 1_600_000}, "a phone indoors, or in the country"},
	{"satellite", Settings{600 * time.Millisecond, 40 * time.Millisecond, 15_000_000}, "a geostationary satellite, 36,000 km up"},
}

// Named returns the preset of that name.
func Named(name string) (Preset, error) {
	var names []string
	for _, p := range Presets {
		if p.Name == name {
			return p, nil
		}
		names = append(names, p.Name)
	}
	return Preset{}, fmt.Errorf("no network is called %q: choose %s", name, strings.Join(names, ", "))
}
