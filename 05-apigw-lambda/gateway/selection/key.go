package selection

import (
	"fmt"
	"regexp"
	"strings"

	"websocket.example/05-apigw-lambda/gateway/api"
)

// Route chooses a route by the value of the route selection expression: the
// one with exactly this key, else $default. Without either it is not ok, and
// the client gets a Forbidden frame. ("Create routes for WebSocket APIs")
func Route[R any](routes map[string]R, value string, o Options) (key string, ok bool) {
	reserved := value == api.Connect || value == api.Disconnect
	if _, ok = routes[value]; ok && (!reserved || o.ReservedRoutes) {
		return value, true
	}
	return defaultOf(routes)
}

// Exact chooses a model or a template: the one with exactly this key, else
// $default. ("WebSocket selection expressions", summary)
func Exact[T any](m map[string]T, value string) (key string, ok bool) {
	if _, ok = m[value]; ok {
		return value, true
	}
	return defaultOf(m)
}

func defaultOf[T any](m map[string]T) (string, bool) {
	_, ok := m[api.Default]
	return api.Default, ok
}

// Keys are those of an integration's responses.
type Keys struct {
	exact    map[string]bool
	patterns []pattern
}

type pattern struct {
	key string
	re  *regexp.Regexp
}

// ParseKeys reads the keys of integration responses. A key between slashes is
// a pattern: "/4\d\d/". ("Set up WebSocket API integration responses")
//
// AWS runs Java's expressions, this RE2: what has no RE2, such as a lookahead,
// is an error.
func ParseKeys(keys []string, o Options) (*Keys, error) {
	k := &Keys{exact: make(map[string]bool, len(keys))}
	for _, key := range keys {
		if len(key) < 2 || !strings.HasPrefix(key, "/") || !strings.HasSuffix(key, "/") {
			k.exact[key] = true
			continue
		}
		expr := key[1 : len(key)-1]
		if !o.FindInResponse {
			expr = `^(?:` + expr + `)$`
		}
		re, err := regexp.Compile(expr)
		if err != nil {
			return nil, fmt.Errorf("selection: the response key %s: %w", key, err)
		}
		k.patterns = append(k.patterns, pattern{key, re})
	}
	return k, nil
}

// Choose returns the key for a value: the same one, else the first pattern that
// matches, else $default if there is one.
func (k *Keys) Choose(value string) (key string, ok bool) {
	if k.exact[value] {
		return value, true
	}
	for _, p := range k.patterns {
		if p.re.MatchString(value) {
			return p.key, true
		}
	}
	return api.Default, k.exact[api.Default]
}
