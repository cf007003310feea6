package edge

import (
	"time"

	"websocket.example/03-raw-server/frame"
)

// sweep ends the connections whose time is over. One goroutine looks after
// all: a timer for each would cost more than the rest.
//
// API Gateway quotas: idle connection timeout 10 minutes, connection duration
// 2 hours; both end with 1001.
func (e *Edge) sweep() {
	every := min(time.Second, e.options.Idle/20, e.options.Life/20)
	ticker := time.NewTicker(max(every, time.Millisecond))
	defer ticker.Stop()
	for {
		select {
		case <-e.stop:
			return
		case now := <-ticker.C:
			for _, c := range e.over(now) {
				go c.Close(frame.GoingAway, "Going away")
			}
		}
	}
}

// over are the connections whose time is over.
func (e *Edge) over(now time.Time) []*Conn {
	e.mu.Lock()
	defer e.mu.Unlock()
	var list []*Conn
	for _, c := range e.byID {
		select {
		case <-c.made:
		default:
			continue
		}
		if e.options.PingResetsIdle && c.ws != nil {
			if frames := c.ws.Frames(); frames != c.frames {
				c.frames = frames
				c.cameAt.Store(now.UnixNano())
			}
		}
		active := time.Unix(0, max(c.cameAt.Load(), c.sentAt.Load()))
		if now.Sub(active) >= e.options.Idle || now.Sub(c.ConnectedAt) >= e.options.Life {
			list = append(list, c)
		}
	}
	return list
}
