package live

import (
	"context"
	"net/http"
	"net/url"

	"websocket.example/04-chat-hub/hub"
	"websocket.example/04-chat-hub/log/memory"
	"websocket.example/04-chat-hub/web"
)

// Room is where those on stage and the audience meet.
const Room = "workshop"

// What a phone may do. Behind a router a whole room can be one address, so
// there is air in it; what bounds one person is what bounds a connection.
var (
	perConnection = hub.Options{Rooms: 2, Rate: 5, Burst: 20, Conns: 2000}
	perAddress    = hub.AddressLimits{Conns: 200, Rate: 40}
)

// openChat is step 4. Its pane is two people side by side; a person alone, such
// as somebody with a phone, is at room/.
func (o *Options) openChat(context.Context) (*running, error) {
	server := memory.NewServer()
	server.MaxPerRoom = 1000
	store := server.Open()
	options := perConnection
	options.Store, options.Log, options.Addresses = store, o.Log, perAddress
	h := hub.New(options)

	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		if !nearby(r) {
			alone(w, r)
			return
		}
		show(w, r, http.StatusOK, "chat", stage{Room, o.Join, o.QR})
	})
	mux.Handle("/room/", http.StripPrefix("/room", web.Handler(web.Options{FrameAncestors: []string{"'self'"}})))
	mux.Handle("/room/ws", h)
	return &running{mux, func(ctx context.Context) {
		if err := h.Shutdown(ctx); err != nil {
			o.Log.Info("some did not say goodbye, and were cut off", "error", err)
		}
		store.Close()
	}}, nil
}

// stage is what the page with two people says.
type stage struct{ Room, Join, QR string }

// alone sends somebody with a phone to the page for one.
func alone(w http.ResponseWriter, r *http.Request) {
	to := url.Values{"room": {Room}}
	if lang := r.URL.Query().Get("lang"); lang != "" {
		to.Set("lang", lang)
	}
	w.Header().Set("Location", "room/?"+to.Encode())
	w.WriteHeader(http.StatusSeeOther)
}
