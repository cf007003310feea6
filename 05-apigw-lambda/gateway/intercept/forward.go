package intercept

import (
	"context"
	"net"
	"net/http"
	"net/http/httputil"
	"time"
)

// A forwarder passes requests without TLS on to the host they are for.
// Environment does not ask for it; some programs use one proxy for all.
type forwarder struct {
	httputil.ReverseProxy
	transport *http.Transport
}

func newForwarder(dial func(ctx context.Context, network, address string) (net.Conn, error)) *forwarder {
	t := &http.Transport{
		DialContext: dial, DisableCompression: true,
		MaxIdleConns: 100, IdleConnTimeout: time.Minute, ResponseHeaderTimeout: time.Minute,
	}
	return &forwarder{transport: t, ReverseProxy: httputil.ReverseProxy{
		Transport: t, FlushInterval: -1,
		Rewrite: func(r *httputil.ProxyRequest) { // what ReverseProxy has taken out comes back
			r.Out.URL.RawQuery = r.In.URL.RawQuery
			for _, name := range []string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto"} {
				if values, has := r.In.Header[name]; has {
					r.Out.Header[name] = values
				}
			}
		},
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, err error) {
			http.Error(w, err.Error(), http.StatusBadGateway)
		},
	}}
}

func (f *forwarder) close() { f.transport.CloseIdleConnections() }
