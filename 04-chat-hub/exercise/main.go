// The exercise of step 04: a chat in rooms. Gorilla does the frames, the room
// is yours. The TODOs have the numbers of the check's stages, and name its
// cases; asyncapi.yaml says what every message has in it:
//
//	go run ./04-chat-hub check ws://127.0.0.1:9014/ws
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"sync"

	"github.com/gorilla/websocket"
)

type event map[string]any // what a client hears: one JSON object

// A client is one connection, here in one room at a time.
type client struct {
	ws         *websocket.Conn
	room, name string
}

var mu sync.Mutex // guards all below
var clients []*client
var count int // of messages

func main() {
	addr := flag.String("addr", "127.0.0.1:9014", "listen at `host:port`")
	flag.Parse()
	listener, err := net.Listen("tcp", *addr)
	if err != nil {
		log.Fatal(err)
	}
	http.HandleFunc("/ws", serve)
	// TODO 0: take the next line away, and clients are let in
	http.HandleFunc("GET /ws", func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "not yet", http.StatusNotImplemented) })
	fmt.Printf("Now: go run ./04-chat-hub check ws://%s/ws\n", listener.Addr())
	log.Fatal(http.Serve(listener, nil))
}

func serve(w http.ResponseWriter, r *http.Request) {
	ws, err := new(websocket.Upgrader).Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer ws.Close()
	c := &client{ws: ws}
	// TODO 3 (cut): when it ends, c has left the room
	// TODO 6 (dead, idle): a ping every half second, and 2 s without any sign of life are the end
	for {
		_, data, err := ws.ReadMessage()
		if err != nil {
			return
		}
		var request map[string]string
		_ = json.Unmarshal(data, &request) // TODO 2 (bad-json): an error for c
		mu.Lock()
		c.answer(request)
		mu.Unlock()
	}
}

// answer does what a client asks for. It is called with the mutex held.
func (c *client) answer(r map[string]string) {
	switch r["action"] {
	case "join":
		// TODO 2 (no-name), TODO 3 (taken): errors. TODO 7 (takeover): taken by herself
		c.room, c.name = r["room"], r["name"]
		clients = append(clients, c)
		c.tell(event{"type": "joined", "room": c.room, "name": c.name, "cursor": cursor(count)}) // TODO 3 (members, came)
		// TODO 7 (resume to bogus): what was missed
	case "send":
		// TODO 2 (not-in-room): an error. TODO 7 (resend): known, so only ack
		count++
		// TODO 1 (see, echo, ack, rooms): a message to all in the room, and an ack
	}
	// TODO 2 (unknown-action): an error. TODO 3 (who, leave): two more actions
}

// tell writes events to one client.
func (c *client) tell(events ...event) {
	for _, e := range events {
		_ = c.ws.WriteJSON(e) // TODO 5 (stall, no-hole): this waits for who does not read, and all wait with it
	}
}

// cursor is where in the history a message is.
func cursor(n int) string { return fmt.Sprint(n) } // TODO 4 (cursors): as text, "9" is more than "10"
