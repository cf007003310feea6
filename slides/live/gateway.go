package live

import (
	"context"
	"net"
	"net/http"
	"net/url"

	"websocket.example/05-apigw-lambda/local"
)

// openGateway is step 5: the chat as functions behind an API Gateway, which
// has a port of its own, for it counts frames and net/http has none.
func (o *Options) openGateway(ctx context.Context) (*running, error) {
	options := local.Options{FrameAncestors: []string{"'self'"}, Goodbye: goodbye, Log: o.Log}
	project, err := local.Project(options)
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	stack, err := local.New(ctx, options, project, []net.Listener{listener})
	if err != nil {
		listener.Close()
		return nil, err
	}
	serving, stop := context.WithCancel(context.WithoutCancel(ctx))
	over := make(chan struct{})
	go func() {
		defer close(over)
		if err := stack.Serve(serving); err != nil {
			o.Log.Error("the gateway has stopped", "error", err)
		}
	}()
	return &running{named(stack.Page()), func(ctx context.Context) {
		stop()
		select {
		case <-over:
		case <-ctx.Done():
		}
	}}, nil
}

// named gives the person of the page a name, so that nobody is asked for one.
func named(page http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked := r.URL.Query()
		if r.URL.Path != "/" || asked.Has("name") {
			page.ServeHTTP(w, r)
			return
		}
		to := url.Values{"lang": {language(r)}, "name": {"Ana"}, "room": {Room}}
		w.Header().Set("Location", "./?"+to.Encode())
		w.WriteHeader(http.StatusSeeOther)
	})
}
