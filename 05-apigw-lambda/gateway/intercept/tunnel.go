package intercept

import (
	"context"
	"net"
	"net/http"
	"sync"
	"time"
)

// tunnel connects to another host and passes on what comes, both ways. It
// sees nothing of it: TLS is between the function and that host.
func (p *Proxy) tunnel(w http.ResponseWriter, r *http.Request) error {
	ctx, cancel := context.WithTimeout(p.ctx, headerTimeout)
	defer cancel()
	there, err := p.o.Dial(ctx, "tcp", r.Host)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return err
	}
	defer there.Close()
	here, err := accept(w)
	if err != nil {
		return err
	}
	defer here.Close()
	stop := context.AfterFunc(p.ctx, func() {
		here.Close()
		there.Close()
	})
	defer stop()
	join(here, there, tunnelTimeout)
	return nil
}

// join copies both ways, until both are done, one breaks, or nothing has
// moved for so long. When one side has said all, it can still listen.
func join(a, b net.Conn, idle time.Duration) {
	touch := func() {
		until := time.Now().Add(idle)
		_ = a.SetDeadline(until)
		_ = b.SetDeadline(until)
	}
	touch()
	var both sync.WaitGroup
	one := func(to, from net.Conn) {
		buffer := make([]byte, 32<<10)
		for {
			n, err := from.Read(buffer)
			if n > 0 {
				touch()
				if _, err := to.Write(buffer[:n]); err != nil {
					to.Close()
					from.Close()
					return
				}
			}
			if err != nil {
				if closeWrite(to) != nil {
					from.Close()
				}
				return
			}
		}
	}
	both.Go(func() { one(a, b) })
	both.Go(func() { one(b, a) })
	both.Wait()
}
