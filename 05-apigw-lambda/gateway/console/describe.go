package console

import (
	"cmp"
	"encoding/json"
	"maps"
	"net/http"
	"slices"

	"websocket.example/05-apigw-lambda/gateway/api"
)

// A gateway is what gateway.json says.
type gateway struct {
	Name      string   `json:"name"`
	Stage     string   `json:"stage"`
	Selection string   `json:"selection"`
	Socket    string   `json:"socket"` // relative to the page, or absolute
	Chat      string   `json:"chat,omitempty"`
	Routes    []route  `json:"routes"`
	Functions []string `json:"functions,omitempty"` // that can be invoked from the page
}

// A route, and what is behind it.
type route struct {
	Key         string `json:"key"`
	Integration string `json:"integration,omitempty"` // "" is none
	Target      string `json:"target,omitempty"`      // a function, or a URL
	TwoWay      bool   `json:"twoWay,omitempty"`
	Authorizer  string `json:"authorizer,omitempty"` // a function, or AWS_IAM
	KeyRequired bool   `json:"keyRequired,omitempty"`
}

// describe serves gateway.json.
func describe(o Options) http.Handler {
	g := gateway{
		Name: cmp.Or(o.API.Name, o.API.ResourceID), Stage: o.API.Stage.Name, Selection: cmp.Or(o.API.RouteSelection, "$request.body.action"),
		Socket: o.WebSocketURL, Chat: o.Chat, Functions: slices.Sorted(maps.Keys(o.Invoke)),
	}
	for _, r := range o.API.Routes {
		g.Routes = append(g.Routes, routeOf(r))
	}
	slices.SortFunc(g.Routes, func(a, b route) int {
		return cmp.Or(cmp.Compare(place(a.Key), place(b.Key)), cmp.Compare(a.Key, b.Key))
	})
	text, err := json.Marshal(g)
	if err != nil {
		panic(err) // strings and booleans only
	}
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", kinds[".json"])
		w.Header().Set("Cache-Control", "no-store")
		_, _ = w.Write(text) // when nobody reads, there is nobody to tell
	})
}

// place orders routes as a connection's life does.
func place(key string) int {
	switch key {
	case api.Connect:
		return 0
	case api.Default:
		return 2
	case api.Disconnect:
		return 3
	}
	return 1
}

func routeOf(r *api.Route) route {
	is := route{Key: r.Key, TwoWay: r.TwoWay(), KeyRequired: r.KeyRequired}
	if in := r.Integration; in != nil {
		is.Integration, is.Target = string(in.Type), cmp.Or(in.Function, in.URI)
	}
	switch r.Authorization {
	case "AWS_IAM":
		is.Authorizer = "AWS_IAM"
	case "CUSTOM":
		if r.Authorizer != nil {
			is.Authorizer = r.Authorizer.Function
		}
	}
	return is
}
