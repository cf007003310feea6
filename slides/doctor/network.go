package doctor

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"websocket.example/03-raw-server/frame"
	"websocket.example/03-raw-server/wsconn"
)

// patience with what answers in a millisecond when it is well.
const patience = 3 * time.Second

// steps in the order of their ports.
var steps = []string{"slides", "01-http-vs-ws", "02-handshake", "03-raw-server", "04-chat-hub", "05-apigw-lambda"}

func (v *visit) checkPorts(context.Context) {
	free := true
	for i, port := range v.Ports {
		l, err := v.Listen("tcp", net.JoinHostPort(v.Names[0], fmt.Sprint(port)))
		if err == nil {
			l.Close()
			continue
		}
		free = false
		v.find(fmt.Sprintf("port-%d", port), Warn, "port", "port", port, "step", steps[i%len(steps)])
	}
	if free {
		v.find("ports", OK, "ports", "first", v.Ports[0], "last", v.Ports[len(v.Ports)-1])
	}
}

// answers listens on one address and dials another one with its port.
func (v *visit) answers(ctx context.Context, listen, dial string) error {
	l, err := v.Listen("tcp", net.JoinHostPort(listen, "0"))
	if err != nil {
		return err
	}
	defer l.Close()
	go func() {
		if c, err := l.Accept(); err == nil {
			c.Close()
		}
	}()
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		return err
	}
	dialer := net.Dialer{Timeout: patience}
	c, err := dialer.DialContext(ctx, "tcp", net.JoinHostPort(dial, port))
	if err != nil {
		return err
	}
	return c.Close()
}

func (v *visit) checkLoopback(ctx context.Context) {
	if err := v.answers(ctx, v.Names[0], v.Names[0]); err != nil {
		v.find("ipv4", Missing, "loopback4", "address", v.Names[0], "why", err)
	} else {
		v.find("ipv4", OK, "loopback", "address", v.Names[0])
	}
	if err := v.answers(ctx, v.Names[1], v.Names[1]); err != nil {
		v.find("ipv6", Warn, "loopback6", "address", v.Names[1], "why", err)
	} else {
		v.find("ipv6", OK, "loopback", "address", v.Names[1])
	}
}

func (v *visit) checkName(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	name := v.Names[2]
	addresses, err := net.DefaultResolver.LookupHost(ctx, name)
	if err == nil {
		err = v.answers(ctx, v.Names[0], name)
	}
	if err != nil {
		v.find("localhost", Warn, "name", "name", name, "why", err)
		return
	}
	slices.Sort(addresses)
	v.find("localhost", OK, "name.ok", "name", name, "addresses", strings.Join(slices.Compact(addresses), ", "))
}

// checkWebSocket opens a real one. What protects a machine at times lets HTTP pass and
// holds back what comes after the handshake.
func (v *visit) checkWebSocket(ctx context.Context) {
	took, err := v.roundTrip(ctx)
	if err != nil {
		v.find("websocket", Missing, "websocket", "why", err)
		return
	}
	v.find("websocket", OK, "websocket.ok", "ms", fmt.Sprintf("%.1f", float64(took)/float64(time.Millisecond)))
}

func (v *visit) roundTrip(ctx context.Context) (time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	l, err := v.Listen("tcp", net.JoinHostPort(v.Names[0], "0"))
	if err != nil {
		return 0, err
	}
	server := &http.Server{ReadHeaderTimeout: patience, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, _, err := wsconn.Upgrade(w, r, nil, nil)
		if err != nil {
			return
		}
		defer c.NetConn().Close()
		if op, message, err := c.Read(ctx); err == nil {
			_ = c.Write(ctx, op, message) // the client sees whether it came
		}
	})}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = server.Serve(l) // until Close
	}()
	defer func() {
		server.Close()
		<-ended
	}()

	began := time.Now()
	c, err := wsconn.Dial(ctx, "ws://"+l.Addr().String(), nil)
	if err != nil {
		return 0, err
	}
	defer c.NetConn().Close()
	if err := c.Write(ctx, frame.Text, []byte("hello")); err != nil {
		return 0, err
	}
	if _, message, err := c.Read(ctx); err != nil || string(message) != "hello" {
		return 0, fmt.Errorf("the echo is %q: %w", message, err)
	}
	return time.Since(began), nil
}

// checkProxy looks for the classic stall: programs other than Go's send even what is for
// this machine to a proxy, unless they are told not to.
func (v *visit) checkProxy(context.Context) {
	proxy := ""
	for _, name := range []string{"HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"} {
		if os.Getenv(name) != "" {
			proxy = name
			break
		}
	}
	if proxy == "" {
		v.find("proxy", OK, "proxy.none")
		return
	}
	var lacking []string
	for _, name := range []string{"localhost", "127.0.0.1"} {
		if !excepted(name) {
			lacking = append(lacking, name)
		}
	}
	if lacking != nil {
		v.find("proxy", Warn, "proxy", "proxy", proxy, "names", strings.Join(lacking, ", "))
		return
	}
	v.find("proxy", OK, "proxy.ok", "proxy", proxy)
}

// excepted says whether a name goes around the proxy, as curl, Node.js and Chromium read it.
func excepted(name string) bool {
	for _, list := range []string{os.Getenv("NO_PROXY"), os.Getenv("no_proxy")} {
		for item := range strings.SplitSeq(list, ",") {
			if item = strings.TrimSpace(item); item == "*" || item == name {
				return true
			}
		}
	}
	return false
}
