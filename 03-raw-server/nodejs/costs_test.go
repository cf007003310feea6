package nodejs

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"websocket.example/03-raw-server/workbench/tap"
)

// A cost is what somebody pays to say hello and to hear it.
type cost struct {
	requests, connections, roundTrips int // before hello may be said
	frames                            int // likewise, after the handshake
	openUp, openDown                  int // bytes of all that
	helloFrames                       int
	helloUp, helloDown                int // bytes
}

// TestCosts measures on the wire, and compares with what the lesson says.
func TestCosts(t *testing.T) {
	needNode(t)
	t.Parallel()
	const socketIO = "socket.io/client.mjs"
	rows := []struct {
		name   string
		server func(*testing.T) string
		run    func(t *testing.T, url string)
		costs  func([]tap.Event) cost
	}{
		{"ours", func(t *testing.T) string { return rawServer(t, false) }, func(t *testing.T, url string) { ourClient(t.Context(), url, nil) }, webSocketCost},
		{"ws", example("ws"), runs("ws/client.mjs"), webSocketCost},
		{"websocket-stream", example("websocket-stream"), runs("websocket-stream/client.mjs"), webSocketCost},
		{"websocket", example("websocket-node"), runs("websocket-node/client.mjs"), webSocketCost},
		{"socket.io, websocket", example("socket.io"), runs(socketIO, "TRANSPORTS=websocket"), webSocketCost},
		{"socket.io, polling", example("socket.io"), runs(socketIO, "TRANSPORTS=polling"), pollingCost},
		{"sockjs, websocket", example("sockjs"), runs("sockjs/client.mjs"), webSocketCost},
	}
	const line = "%-20s  %11s  %8s  %11s  %6s  %8s  %8s  |  %6s  %8s  %8s\n"
	var b bytes.Buffer
	fmt.Fprintf(&b, "%-22s%-64s|  %s\n", "", "before hello can be said", "hello, and its echo")
	fmt.Fprintf(&b, line, "", "connections", "requests", "round trips", "frames", "bytes up", "down", "frames", "bytes up", "down")
	for _, row := range rows {
		w := newWire(t, row.server(t))
		row.run(t, w.URL)
		c := row.costs(w.seen(t))
		trips := fmt.Sprint(c.roundTrips)
		if c.roundTrips == 0 {
			trips = "-"
		}
		fmt.Fprintf(&b, line, row.name, fmt.Sprint(c.connections), fmt.Sprint(c.requests), trips, fmt.Sprint(c.frames),
			fmt.Sprint(c.openUp), fmt.Sprint(c.openDown), fmt.Sprint(c.helloFrames), fmt.Sprint(c.helloUp), fmt.Sprint(c.helloDown))
	}
	golden(t, "costs.txt", noTrailingSpace.ReplaceAllString(b.String(), ""))
}

func runs(script string, env ...string) func(*testing.T, string) {
	return func(t *testing.T, url string) { run(t, env, script, url) }
}

// size is what an event takes on the wire. A port has five digits here, and
// sockjs' random number ten. Whether a connection is kept for another request
// is left out: Node 18 says something else than Node 20.
func size(e tap.Event) int {
	switch e.Kind {
	case tap.Request, tap.Response, tap.Body:
		raw := entropy.ReplaceAll(e.Raw, []byte(tenDigits))
		raw = keeping.ReplaceAll(raw, nil)
		return len(address.ReplaceAll(raw, []byte("127.0.0.1:12345")))
	case tap.Framed:
		return e.Frame.Header.Size() + int(e.Frame.Header.Length)
	}
	return 0
}

var (
	address = regexp.MustCompile(`127\.0\.0\.1:\d+`)
	keeping = regexp.MustCompile(`(?i)(connection: (keep-alive|close)|keep-alive: .*)\r\n`)
)

// says tells that an event is hello, or has it in it.
func says(e tap.Event) bool {
	text := e.Data
	if e.Kind == tap.Framed {
		text = e.Frame.Payload
	}
	return (e.Kind == tap.Framed || e.Kind == tap.Body) && bytes.Contains(text, []byte("hello"))
}

// webSocketCost counts up to hello, and up to its answer.
func webSocketCost(events []tap.Event) (c cost) {
	clientsTurn := false
	said := false
	for _, e := range events {
		n := size(e)
		if n == 0 {
			if e.Kind == tap.Opened {
				c.connections++
			}
			continue
		}
		said = said || says(e)
		if said {
			c.add(e, &c.helloUp, &c.helloDown, &c.helloFrames, n)
			if !e.FromClient && says(e) {
				return c
			}
			continue
		}
		if e.Kind == tap.Request {
			c.requests++
		}
		// A round trip is something from the client that the server answers.
		if clientsTurn && !e.FromClient {
			c.roundTrips++
		}
		clientsTurn = e.FromClient
		c.add(e, &c.openUp, &c.openDown, &c.frames, n)
	}
	return c
}

func (c *cost) add(e tap.Event, up, down, frames *int, n int) {
	if e.FromClient {
		*up += n
	} else {
		*down += n
	}
	if e.Kind == tap.Framed {
		*frames++
	}
}

// pollingCost counts connections: socket.io-client has one for each request,
// and several at once, so that nothing else has an order.
func pollingCost(events []tap.Event) (c cost) {
	hello, last := map[int]bool{}, 0
	for _, e := range events {
		if says(e) && len(hello) < 2 {
			hello[e.Conn] = true
			last = max(last, e.Conn)
		}
	}
	for _, e := range events {
		n := size(e)
		switch {
		case e.Conn > last:
		case hello[e.Conn]:
			c.add(e, &c.helloUp, &c.helloDown, &c.helloFrames, n)
		default:
			c.add(e, &c.openUp, &c.openDown, &c.frames, n)
			if e.Kind == tap.Request {
				c.requests++
				c.connections++
			}
		}
	}
	return c
}

// What npm ci brings for each, from the lock and from the disk.
func TestPackages(t *testing.T) {
	needNode(t)
	t.Parallel()
	lock, err := readLock("package-lock.json")
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "%-18s%10s%12s%12s\n", "", "packages", "installed", "in a page")
	for _, row := range []struct {
		name, page string
		roots      []string
	}{
		{"ws", "", []string{"ws"}},
		{"websocket-stream", "", []string{"websocket-stream"}},
		{"websocket", "", []string{"websocket"}},
		{"socket.io", "socket.io-client/dist/socket.io.min.js", []string{"socket.io", "socket.io-client"}},
		{"sockjs", "sockjs-client/dist/sockjs.min.js", []string{"sockjs", "sockjs-client"}},
	} {
		all := map[string]bool{}
		for _, root := range row.roots {
			closure(lock, "", root, all)
		}
		installed := 0
		for dir := range all {
			n, err := folderSize(dir)
			if err != nil {
				t.Fatal(err)
			}
			installed += n
		}
		page := "-"
		if row.page != "" {
			info, err := os.Stat(filepath.Join("node_modules", row.page))
			if err != nil {
				t.Fatal(err)
			}
			page = amount(int(info.Size()))
		}
		fmt.Fprintf(&b, "%-18s%10d%12s%12s\n", row.name, len(all), strings.TrimSuffix(amount(installed/1024), "B")+"KiB", page)
	}
	var copies []string
	for dir, entry := range lock {
		if path.Base(dir) == "ws" && path.Base(path.Dir(dir)) == "node_modules" {
			copies = append(copies, entry.Version)
		}
	}
	slices.Sort(copies)
	fmt.Fprintf(&b, "\nAmong them are %d copies of ws: %s.\n", len(copies), strings.Join(copies, ", "))
	golden(t, "packages.txt", b.String())
}

// closure adds a package that one at from asks for, and all that it asks for.
// Node looks in the asking package's folder first, then in each above it.
func closure(lock map[string]lockEntry, from, name string, all map[string]bool) {
	at := path.Join(from, "node_modules", name)
	for lock[at].Version == "" && from != "" {
		from = strings.TrimSuffix(from[:max(0, strings.LastIndex(from, "node_modules"))], "/")
		at = path.Join(from, "node_modules", name)
	}
	entry := lock[at]
	if all[at] || entry.Version == "" { // optional, and not for this system
		return
	}
	all[at] = true
	for dependency := range entry.Dependencies {
		closure(lock, at, dependency, all)
	}
}

// folderSize is how large a package is, without those inside it.
func folderSize(dir string) (n int, err error) {
	err = filepath.WalkDir(filepath.FromSlash(dir), func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && entry.Name() == "node_modules":
			return fs.SkipDir
		case !entry.Type().IsRegular():
			return nil
		}
		info, err := entry.Info()
		if err == nil {
			n += int(info.Size())
		}
		return err
	})
	return n, err
}
