// Command photograph takes the pictures of the panes, which stand in for them
// where nothing can run: in a handout, or on somebody's phone.
//
//	go run ./slides/live/photograph                 all of them
//	go run ./slides/live/photograph -only frames    those of one pane
//	go run ./slides/live/photograph -size 390x844 -to DIR
//	                                                as a phone shows them
//
// It starts the panes and a browser, and does in each pane what scenes/NAME.js
// says: what is in a picture has happened.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"websocket.example/slides/internal/browser"
	"websocket.example/slides/live"
)

// patience is how long a scene may take.
const patience = time.Minute

var languages = []string{"en", "pt-BR"}
var schemes = []string{"light", "dark"}

func main() {
	only := flag.String("only", "", "`name` of the one pane")
	to := flag.String("to", "slides/live/pictures", "`folder` for the pictures")
	size := flag.String("size", "1280x720", "`width`x`height` of a picture")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *only, *to, *size); err != nil {
		fmt.Fprintln(os.Stderr, "photograph:", err)
		stop()
		os.Exit(1)
	}
}

func run(ctx context.Context, only, to, size string) error {
	var width, height int64
	if _, err := fmt.Sscanf(size, "%dx%d", &width, &height); err != nil {
		return fmt.Errorf("-size %q: write it like 1280x720", size)
	}
	if _, err := os.Stat(to); err != nil {
		return fmt.Errorf("-to: %w: run it in the workspace's folder", err)
	}
	path := browser.Chromium()
	if path == "" {
		return fmt.Errorf("no Chromium or Chrome found: install it")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.DisableGPU,
		chromedp.Flag("hide-scrollbars", true),
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"))
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox) // which does not start for root
	}
	ctx, cancel := chromedp.NewExecAllocator(ctx, options...)
	defer cancel()
	ctx, cancel = chromedp.NewContext(ctx)
	defer cancel()
	if err := chromedp.Do(ctx); err != nil {
		return err
	}
	for _, name := range scenes() {
		for _, lang := range languages {
			for _, scheme := range schemes {
				if only != "" && name != only {
					continue
				}
				s := shot{name, lang, scheme, width, height}
				picture, err := s.take(ctx)
				if err == nil {
					picture, err = compress(picture)
				}
				if err != nil {
					return fmt.Errorf("%s: %w", s.file(), err)
				}
				if err := os.WriteFile(filepath.Join(to, s.file()), picture, 0o644); err != nil {
					return err
				}
				fmt.Printf("%-32s %4d KiB\n", s.file(), (len(picture)+1023)/1024)
			}
		}
	}
	return nil
}

// A shot is one picture.
type shot struct {
	name, lang, scheme string
	width, height      int64
}

func (s shot) file() string { return s.name + "." + s.lang + "." + s.scheme + ".png" }

// take plays the scene, on panes and in a tab of its own.
func (s shot) take(ctx context.Context) ([]byte, error) {
	panes := live.Start(ctx, live.Options{})
	defer panes.Close()
	address, stop, err := serve(panes, s)
	if err != nil {
		return nil, err
	}
	defer stop()
	ctx, cancel := chromedp.NewContext(ctx)
	defer cancel()
	dark := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: s.scheme}, {Name: "prefers-reduced-motion", Value: "reduce"},
	}}
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(s.width, s.height)); err != nil {
		return nil, err
	}
	if _, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, dark); err != nil {
		return nil, err
	}
	var complaints complaints
	if err := chromedp.Listen(ctx, complaints.listen); err != nil {
		return nil, err
	}
	limited, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := chromedp.Do(limited, chromedp.Navigate(address)); err != nil {
		return nil, err
	}
	if _, err := chromedp.Run(limited, chromedp.Evaluate[chromedp.Void](script(s), chromedp.EvalAwaitPromise)); err != nil {
		return nil, errors.Join(err, complaints.all())
	}
	picture, err := chromedp.Run(limited, chromedp.CaptureScreenshot())
	return picture, errors.Join(err, complaints.all())
}

// serve shows a pane as the deck does: in a frame of its own server.
func serve(panes *live.Panes, s shot) (address string, stop func(), err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("/live/", http.StripPrefix("/live", panes.Handler()))
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprintf(w, `<!doctype html><meta name="color-scheme" content="light dark"><link rel="icon" href="data:,">`+
			`<style>body, iframe { margin: 0; border: 0; width: 100vw; height: 100vh; display: block }</style>`+
			`<iframe src="live/%s/?lang=%s"></iframe>`, s.name, s.lang)
	})
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = server.Serve(l) }() // until it is closed
	return "http://" + l.Addr().String(), func() { server.Close() }, nil
}
