package report

import (
	"websocket.example/01-http-vs-ws/measure"
)

// Sentences are the verdict in plain words: what the figures say, and what
// they do not. The language is "en" or "pt-BR". A number and its unit are
// joined by a no-break space.
func Sentences(s *measure.Summary, lang string) []string {
	l := speak(lang)
	var list []string
	for _, f := range s.Verdict() {
		list = append(list, l.finding(f, s.Runs))
	}
	return list
}

func (l *language) finding(f measure.Finding, runs int) string {
	key := "verdict." + string(f.Kind)
	if runs > 1 && l.has(key+".runs") {
		key += ".runs"
	}
	names, write := "name.", l.ms
	switch f.Kind {
	case measure.UpSooner, measure.UpAsFast:
		names = "way."
	case measure.Bytes, measure.Idle:
		write = l.bytes
	case measure.TooFew, measure.Incomplete, measure.NoTrouble:
		write = func(n float64) string { return l.number(n, 0) }
	}
	pairs := []any{"x", write(f.X), "y", write(f.Y)}
	if f.A != "" {
		pairs = append(pairs, "a", l.say(names+f.A))
	}
	if f.B != "" {
		pairs = append(pairs, "b", l.say(names+f.B))
	}
	return sentence(l.say(key, pairs...))
}
