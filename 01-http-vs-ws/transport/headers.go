package transport

import (
	"fmt"
	"net/http"
)

// A HeaderSet says which headers a request carries. They count: polling
// sends them all again with every question.
type HeaderSet string

const (
	// Bare is the least that Go's client sends: Host, User-Agent and
	// Accept-Encoding.
	Bare HeaderSet = "bare"
	// Browser is what Chromium 156 sends from a page of the same origin,
	// without cookies: about 500 bytes. (A test compares it with what the
	// installed browser sends.)
	Browser HeaderSet = "browser"
)

// ParseHeaderSet returns the set of that name.
func ParseHeaderSet(name string) (HeaderSet, error) {
	switch set := HeaderSet(name); set {
	case Bare, Browser:
		return set, nil
	}
	return "", fmt.Errorf("no header set is called %q: choose browser or bare", name)
}

const userAgent = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36"

// request returns the headers of a request to the endpoint called name.
func (set HeaderSet) request(origin, name string) http.Header {
	h := make(http.Header)
	if set != Browser {
		return h
	}
	h.Set("User-Agent", userAgent)
	h.Set("Accept-Encoding", "gzip, deflate, br, zstd")
	h.Set("Accept-Language", "pt-BR,pt;q=0.9,en-US;q=0.8,en;q=0.7")
	if name == WebSocket || name == upstreamSocket {
		h.Set("Origin", origin)
		h.Set("Cache-Control", "no-cache")
		h.Set("Pragma", "no-cache")
		return h
	}
	h.Set("Accept", "*/*")
	h.Set("Referer", origin+"/")
	h.Set("Sec-Ch-Ua", `"Chromium";v="156", "Google Chrome";v="156", "Not_A Brand";v="24"`)
	h.Set("Sec-Ch-Ua-Mobile", "?0")
	h.Set("Sec-Ch-Ua-Platform", `"Linux"`)
	h.Set("Sec-Fetch-Dest", "empty")
	h.Set("Sec-Fetch-Mode", "cors")
	h.Set("Sec-Fetch-Site", "same-origin")
	switch name {
	case SSE:
		h.Set("Accept", "text/event-stream")
		h.Set("Cache-Control", "no-cache")
		h.Set("Pragma", "no-cache")
	case upstreamPost:
		h.Set("Content-Type", "application/json")
		h.Set("Origin", origin)
	}
	return h
}
