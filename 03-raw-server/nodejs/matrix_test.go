package nodejs

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"websocket.example/03-raw-server/wsconn"
)

// A place is a server that clients visit, at a URL for plain WebSocket.
type place struct {
	name, path string
	start      func(t *testing.T) string
}

var places = []place{
	{"raw", "/", func(t *testing.T) string { return rawServer(t, false) }},
	{"raw, deflate", "/", func(t *testing.T) string { return rawServer(t, true) }},
	{"ws", "/", example("ws")},
	{"ws, deflate", "/", example("ws", "COMPRESS=1")},
	{"websocket-stream", "/", example("websocket-stream")},
	{"websocket", "/", example("websocket-node")},
	{"socket.io", "/socket.io/", example("socket.io")},
	{"sockjs", "/echo", example("sockjs")},
	{"sockjs, raw", "/echo/websocket", example("sockjs")},
}

func (p place) width() int { return max(len(p.name), len("yes (00)")) }

func example(library string, env ...string) func(t *testing.T) string {
	return func(t *testing.T) string { return sharedServer(t, library, env...) }
}

// A guest is a client that visits all of them.
type guest struct {
	name  string
	url   func(host, path string) string
	visit func(t *testing.T, urls []string) []string // what it says of each
}

var guests = []guest{
	{"ours", plain, func(t *testing.T, urls []string) []string { return oursVisits(t, urls, nil) }},
	{"ours, deflate", plain, func(t *testing.T, urls []string) []string {
		return oursVisits(t, urls, &wsconn.DialOptions{Compress: true})
	}},
	{"ws", plain, visits("ws")},
	{"websocket-stream", plain, visits("websocket-stream")},
	{"websocket", plain, visits("websocket-node")},
	{"socket.io-client", func(host, _ string) string { return "ws://" + host }, visits("socket.io")},
	{"sockjs-client", func(host, path string) string { return "http://" + host + strings.TrimSuffix(path, "/") }, visits("sockjs")},
}

func plain(host, path string) string { return "ws://" + host + path }

func oursVisits(t *testing.T, urls []string, o *wsconn.DialOptions) (said []string) {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for _, u := range urls {
		said = append(said, strings.Join(ourClient(ctx, u, o), ", "))
	}
	return said
}

// visits has one process run a library's client against each URL.
func visits(library string) func(t *testing.T, urls []string) []string {
	return func(t *testing.T, urls []string) (said []string) {
		client, err := filepath.Abs(filepath.Join(library, "client.mjs"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(client); err != nil { // see node
			t.Fatal(err)
		}
		module := url.URL{Scheme: "file", Path: "/" + strings.TrimPrefix(filepath.ToSlash(client), "/")}
		for _, line := range run(t, nil, "testdata/visit.mjs", append([]string{module.String()}, urls...)...) {
			switch {
			case strings.HasPrefix(line, "visit "):
				said = append(said, "")
			case said[len(said)-1] != "":
				said[len(said)-1] += ", " + line
			default:
				said[len(said)-1] = line
			}
		}
		return said
	}
}

// Every client visits every server. What works says hello and gets 60,000
// bytes back; everything else is a failure with a number.
func TestMatrix(t *testing.T) {
	needNode(t)
	t.Parallel()
	hosts := make([]string, len(places))
	for i, p := range places {
		u, err := url.Parse(p.start(t))
		if err != nil {
			t.Fatal(err)
		}
		hosts[i] = u.Host
	}
	said := make([][]string, len(guests))
	t.Run("visits", func(t *testing.T) {
		for i, g := range guests {
			t.Run(g.name, func(t *testing.T) {
				t.Parallel()
				var urls []string
				for j, p := range places {
					urls = append(urls, g.url(hosts[j], p.path))
				}
				said[i] = g.visit(t, urls)
				if len(said[i]) != len(places) {
					t.Errorf("%q", said[i])
				}
			})
		}
	})
	if !t.Failed() {
		golden(t, "matrix.txt", steady(matrix(said)))
	}
}

// usual is what clients say when all went well: which kind of message came,
// and how it ended.
var usual = map[string]string{
	"websocket-stream": "data: hello, data: 60000",
	"socket.io-client": "event: hello, answer: hello, event: 60000, over websocket",
	"sockjs-client":    "text: hello, text: 60000, over websocket",
}

// verdict is yes or no, and whether it needs a note.
func verdict(guest, said string) (word string, note bool) {
	want := cmp.Or(usual[guest], "text: hello, bytes: 60000")
	if rest, is := strings.CutPrefix(said, want+", closed "); is {
		return "yes", strings.Contains(rest, ", ")
	}
	if strings.Contains(said, "hello, ") && strings.Contains(said, ": 60000, closed ") {
		return "yes", true
	}
	return "no", true
}

var noTrailingSpace = regexp.MustCompile(`(?m) +$`)

// matrix is a table and its footnotes.
func matrix(said [][]string) string {
	var b strings.Builder
	var notes []string
	fmt.Fprintf(&b, "%-18s", "client \\ server")
	for _, p := range places {
		fmt.Fprintf(&b, "  %-*s", p.width(), p.name)
	}
	b.WriteString("\n")
	for i, g := range guests {
		fmt.Fprintf(&b, "%-18s", g.name)
		for j, p := range places {
			said := said[i][j]
			cell, note := verdict(g.name, said)
			if note {
				at := slices.Index(notes, said)
				if at < 0 {
					at = len(notes)
					notes = append(notes, said)
				}
				cell += fmt.Sprintf(" (%d)", at+1)
			}
			fmt.Fprintf(&b, "  %-*s", p.width(), cell)
		}
		b.WriteString("\n")
	}
	b.WriteString("\n")
	for i, note := range notes {
		fmt.Fprintf(&b, "(%d) %s\n", i+1, note)
	}
	return noTrailingSpace.ReplaceAllString(b.String(), "")
}
