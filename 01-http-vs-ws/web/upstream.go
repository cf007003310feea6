package web

import (
	"fmt"
	"net/http"
	"strconv"
	"sync"
)

// For the way up a session has two lanes. A browser keeps a connection for
// the next request whenever it can, and gives a page no way to say "not this
// one". So the page posts to the second lane with ?close, and the server
// closes the connection after its answer: the next POST there needs a new one.
const (
	upstreamKept = "upstream"
	upstreamNew  = "upstream-new"
)

// requestNumber is the header that tells a page how manyeth request of its
// connection this was: 1 is a new connection, more is a kept one. The
// browser knows as well, but not every browser tells.
const requestNumber = "Connection-Request-Number"

// numbered adds the header to the answers of POST requests.
func numbered(next http.Handler) http.HandlerFunc {
	var mu sync.Mutex
	seen := make(map[string]int)
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			next.ServeHTTP(w, r)
			return
		}
		// A client's address alone may be on two lanes at once.
		connection := fmt.Sprint(r.Context().Value(http.LocalAddrContextKey), r.RemoteAddr)
		mu.Lock()
		if len(seen) > 1000 { // connections come and go without a word; a page has a few at a time
			clear(seen)
		}
		seen[connection]++
		number := seen[connection]
		if r.URL.Query().Has("close") {
			w.Header().Set("Connection", "close")
			delete(seen, connection)
		}
		mu.Unlock()
		w.Header().Set(requestNumber, strconv.Itoa(number))
		w.Header().Set("Access-Control-Expose-Headers", requestNumber)
		next.ServeHTTP(w, r)
	}
}
