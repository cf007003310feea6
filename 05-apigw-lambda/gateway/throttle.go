package gateway

import (
	"golang.org/x/time/rate"

	"websocket.example/05-apigw-lambda/gateway/api"
)

// The account's limits, for all APIs of a region together.
//
// API Gateway quotas: 10,000 requests a second with a burst of half as many,
// which AWS raises for who asks; 500 new connections a second.
const (
	accountRate    = 10_000
	connectionRate = 500
)

// limits are the token buckets of a stage.
type limits struct {
	account *rate.Limiter
	call    *rate.Limiter // of the @connections API; the account's
	connect *rate.Limiter
	stage   *rate.Limiter // of DefaultRouteSettings; nil is none
	routes  map[string]*rate.Limiter
}

func newLimits(a *api.API, perSecond int) *limits {
	account := rate.NewLimiter(rate.Limit(perSecond), perSecond/2)
	l := &limits{account: account, call: account, connect: rate.NewLimiter(connectionRate, connectionRate), routes: make(map[string]*rate.Limiter)}
	l.stage = bucket(a.Stage.Throttle)
	for key, t := range a.Stage.Routes {
		l.routes[key] = bucket(t)
	}
	return l
}

func bucket(t api.Throttle) *rate.Limiter {
	if t.Rate <= 0 && t.Burst <= 0 {
		return nil
	}
	return rate.NewLimiter(rate.Limit(t.Rate), t.Burst)
}

// allow takes a token for a message of a route. A route's own settings stand
// in place of the stage's.
func (l *limits) allow(route string) (ok bool, why string) {
	if own := l.routes[route]; own != nil {
		if !own.Allow() {
			return false, "the route's RouteSettings"
		}
	} else if l.stage != nil && !l.stage.Allow() {
		return false, "the stage's DefaultRouteSettings"
	}
	if !l.account.Allow() {
		return false, "the account's requests a second"
	}
	return true, ""
}
