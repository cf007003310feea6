// Package live runs every step of the workshop inside the deck: a pane for
// each, which is the step's own page, from its own handler, in this process.
//
//	live.go     the panes, and their addresses
//	pane.go     one of them: it starts when it is first asked for, or says why not
//	steps.go    the lanes of step 1, the handshake of step 2, the frames of step 3
//	chat.go     step 4: two people on stage, the audience on their phones
//	gateway.go  step 5: the chat behind a local API Gateway
//	cost.go     step 5: what that costs a month
//	pages.go    the pages that are the deck's own
//	pictures/   of every pane, for where none can run
package live

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Options of the panes. The zero value will do.
type Options struct {
	// Join is the address under which the audience reaches the chat, such as
	// http://192.0.2.7:8000/live/chat/. Empty is: they don't.
	Join string
	// QR is the address of that address as a picture, seen from the chat's
	// pane, such as ../../qr.svg?for=chat.
	QR string

	Log *slog.Logger // nil is nobody
}

func (o Options) logger() *slog.Logger {
	if o.Log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return o.Log
}

// Panes are all there are.
type Panes struct {
	list []*pane
	mux  *http.ServeMux
	once sync.Once
}

// A Pane is one of them, as it is now.
type Pane struct {
	Name    string
	Handler http.Handler
	Err     error // why it can't run: then the handler shows a page that says so
}

// Start prepares the panes. Nothing runs before somebody asks for it. They end
// with ctx, or with Close, which waits for them.
func Start(ctx context.Context, o Options) *Panes {
	o.Log = o.logger()
	return prepare(ctx, o.Log,
		&pane{name: "lanes", open: openLanes},
		&pane{name: "handshake", open: openHandshake},
		&pane{name: "frames", open: openFrames},
		&pane{name: "chat", open: o.openChat, audience: true},
		&pane{name: "gateway", open: o.openGateway},
		&pane{name: "cost", open: openCost},
	)
}

func prepare(ctx context.Context, log *slog.Logger, list ...*pane) *Panes {
	ps := &Panes{list: list, mux: http.NewServeMux()}
	for _, p := range list {
		p.ctx, p.log = ctx, log
		p.restrict()
		ps.mux.Handle("/"+p.name+"/", http.StripPrefix("/"+p.name, p))
	}
	ps.mux.Handle("GET /static/", staticFiles())
	ps.mux.Handle("GET /pictures/", pictureFiles())
	return ps
}

// Handler serves NAME/ for each pane, and what their pages need beside them.
// All addresses are relative, so it may stand behind http.StripPrefix, with or
// without the last slash.
func (ps *Panes) Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.URL.Path, "/") {
			r = r.Clone(r.Context())
			r.URL.Path = "/" + r.URL.Path
			if r.URL.RawPath != "" {
				r.URL.RawPath = "/" + r.URL.RawPath
			}
		}
		if name := r.URL.Path[1:]; ps.find(name) != nil { // without its slash
			w.Header().Set("Location", name+"/"+query(r))
			w.WriteHeader(http.StatusTemporaryRedirect)
			return
		}
		ps.mux.ServeHTTP(w, r)
	})
}

func (ps *Panes) find(name string) *pane {
	for _, p := range ps.list {
		if p.name == name {
			return p
		}
	}
	return nil
}

// List is all panes in the order of the talk.
func (ps *Panes) List() []Pane {
	var all []Pane
	for _, p := range ps.list {
		all = append(all, Pane{p.name, p, p.failure()})
	}
	return all
}

// goodbye is how long a pane has to end.
const goodbye = 4 * time.Second

// Close ends all panes, at once and for good.
func (ps *Panes) Close() {
	ps.once.Do(func() {
		var ending sync.WaitGroup
		for _, p := range ps.list {
			ending.Go(p.close)
		}
		ending.Wait()
	})
}

func query(r *http.Request) string {
	if r.URL.RawQuery == "" {
		return ""
	}
	return "?" + r.URL.RawQuery
}
