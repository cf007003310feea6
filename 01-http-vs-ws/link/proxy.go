package link

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"
)

// A Proxy listens on one address and passes every connection on to another
// with the delays of its settings.
type Proxy struct {
	proxy *toxiproxy.Proxy
	key   string
	path  *path
	once  sync.Once
}

var (
	proxies atomic.Int64 // how many were made, for their keys

	// Toxiproxy's own server is not started: only its proxies are used.
	server = toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop())
)

// Listen opens a proxy on the address listen, in front of upstream.
func Listen(listen, upstream string, s Settings) (*Proxy, error) {
	p := &Proxy{
		key:  fmt.Sprintf("link-%d", proxies.Add(1)),
		path: &path{closed: make(chan struct{})},
	}
	p.path.settings.Store(&s)
	paths.Store(p.key, p.path)

	p.proxy = toxiproxy.NewProxy(server, p.key, listen, upstream)
	for _, toxic := range p.toxics(s) {
		if _, err := p.proxy.Toxics.AddToxicJson(strings.NewReader(toxic)); err != nil {
			return nil, fmt.Errorf("toxiproxy does not take %s: %w", toxic, err)
		}
	}
	if err := p.proxy.Start(); err != nil {
		paths.Delete(p.key)
		return nil, err
	}
	return p, nil
}

// toxics are the settings in toxiproxy's own terms. The order counts: a
// bandwidth toxic in front would have its time swallowed by the delay.
func (p *Proxy) toxics(s Settings) []string {
	var list []string
	for _, direction := range []string{"upstream", "downstream"} {
		list = append(list, toxic("wan", direction, map[string]any{
			"link": p.key, "opener": direction == "upstream",
		}))
		if s.Bandwidth > 0 {
			list = append(list, toxic("bandwidth", direction, map[string]any{
				"rate": s.Bandwidth / 8000, // toxiproxy counts in kB/s
			}))
		}
	}
	return list
}

func toxic(kind, direction string, attributes map[string]any) string {
	text, err := json.Marshal(map[string]any{
		"type": kind, "stream": direction, "attributes": attributes,
	})
	if err != nil {
		panic(err) // strings, booleans and integers always marshal
	}
	return string(text)
}

// Addr is where the proxy listens.
func (p *Proxy) Addr() string { return p.proxy.Listen }

// Set changes round trip and jitter, from the next byte on, on connections
// that are open as well. The bandwidth stays as it was.
func (p *Proxy) Set(s Settings) { p.path.settings.Store(&s) }

// Close stops listening and closes every connection.
func (p *Proxy) Close() {
	p.once.Do(func() {
		paths.Delete(p.key)
		close(p.path.closed)
		p.proxy.Stop()
	})
}
