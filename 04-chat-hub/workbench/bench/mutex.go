package bench

import (
	"net/http"
	"sync"

	"github.com/gorilla/websocket"
)

// A mutexHub is the shortest hub there is, for comparison: whoever has a
// message takes the mutex and writes it to everybody. It is right, and one
// socket that is full stops the room.
type mutexHub struct {
	mu    sync.Mutex
	conns map[*websocket.Conn]struct{}
}

var upgrader = websocket.Upgrader{ReadBufferSize: 1024, WriteBufferSize: 1024}

func (h *mutexHub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return // it is answered
	}
	defer c.Close()
	h.mu.Lock()
	h.conns[c] = struct{}{}
	h.mu.Unlock()
	for {
		kind, message, err := c.ReadMessage()
		h.mu.Lock()
		if err != nil {
			delete(h.conns, c)
			h.mu.Unlock()
			return
		}
		for c := range h.conns {
			_ = c.WriteMessage(kind, message) // who reads it learns of it
		}
		h.mu.Unlock()
	}
}
