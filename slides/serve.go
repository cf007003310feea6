package main

import (
	"context"
	"crypto/rand"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"time"

	"websocket.example/slides/content"
	"websocket.example/slides/deck"
	"websocket.example/slides/live"
	"websocket.example/slides/pacing"
	"websocket.example/slides/show"
	"websocket.example/slides/stage"
)

const serveLesson = `
Usage: go run ./slides [flags]

The talk, from what a WebSocket is to a chat on AWS API Gateway, with every step of
the workshop running live on its slide. Nothing else is needed, and no network.

  /            the slides: arrows, space and a presenter's remote move them, ? shows all keys
  /presenter   the speaker's window: notes, the next slide, the clock, and how you are doing
               against the plan for 45 minutes, 90 minutes or 3 h 30; p on a slide opens it

Whatever moves one of them moves the other, over a WebSocket of step 3: also after a
reload, and when this program is stopped and started again.

  go run ./slides                 for you: no other machine gets in
  go run ./slides -listen-lan     for the room: phones follow the slides and join the chat, and
                                  one of them can be the remote; prints the codes to scan

Only this machine moves the slides, and whoever has the key that is printed; the others
follow, or look back on their own. Panes run on this machine only, but for the chat.
To see what the audience sees, open /?audience.

Beside it, each with its own -h:

  go run ./slides export   the deck as a site that opens from disk, a handout, a PDF
  go run ./slides doctor   looks, before the workshop, whether this machine is ready for it
`

// goodbye is how long everybody has to answer a close frame.
const goodbye = 4 * time.Second

//go:embed INSTRUCTOR.md
var instructor []byte

// settings are the flags.
type settings struct {
	addr string
	lan  bool
	host string
	key  string
	lang string

	out, errs io.Writer
}

func (s *settings) flags(t io.Writer) *flags {
	fs := newFlags("slides", serveLesson, t)
	fs.StringVar(&s.addr, "addr", "127.0.0.1:8000", "where to listen, as `host:port`; port 0 is a free one")
	fs.BoolVar(&s.lan, "listen-lan", false, "let in everybody in this network, on the port of -addr")
	fs.StringVar(&s.host, "host", "", "`address` of this machine for the audience, in place of the one that was found;\na number such as 192.168.1.7, or a name")
	fs.StringVar(&s.key, "key", "", "`text` that makes a phone the remote; without it one is made up at each start")
	fs.StringVar(&s.lang, "lang", "", "`language` to begin with, en or pt-BR; without it the messages are in that of\nyour system, and the slides in that of the browser")
	return fs
}

func serveCommand(ctx context.Context, args []string, out, errs io.Writer) int {
	s := settings{out: out, errs: errs}
	err := s.flags(out).parse(args)
	if err == nil {
		err = s.check()
	}
	if err == nil {
		err = s.serve(ctx)
	}
	return exit(errs, err)
}

var (
	plainKey  = regexp.MustCompile(`^[0-9A-Za-z_-]{8,64}$`)
	plainHost = regexp.MustCompile(`^[0-9A-Za-z]([0-9A-Za-z.-]*[0-9A-Za-z])?$`)
)

func (s *settings) check() error {
	host, port, err := net.SplitHostPort(s.addr)
	if err != nil {
		return wrong("-addr: %w", addressError(s.addr, err))
	}
	here := stage.IsLoopbackHost(host)
	_, notIP := netip.ParseAddr(s.host)
	switch {
	case s.lang != "" && s.lang != "en" && s.lang != "pt-BR":
		return wrong("-lang %q: the talk is there in en and in pt-BR", s.lang)
	case s.lan && !here && host != "":
		return wrong("-addr %s: with -listen-lan all addresses of this machine are listened on: leave the host out, as in -addr :%s", s.addr, port)
	case !s.lan && !here:
		return wrong("-addr %s would let others in: if they may, say so with -listen-lan, and else write 127.0.0.1:%s", s.addr, port)
	case !s.lan && s.host != "":
		return wrong("-host is for the audience, and -listen-lan lets it in: give both")
	case s.host != "" && notIP != nil && !plainHost.MatchString(s.host):
		return wrong("-host %q: write a number such as 192.168.1.7, or a name, without http:// and without a port", s.host)
	case s.key != "" && !plainKey.MatchString(s.key):
		return wrong("-key: choose 8 to 64 letters, digits, - and _")
	}
	if s.key == "" {
		s.key = rand.Text()[:16]
	}
	return nil
}

// serve runs until ctx ends.
func (s *settings) serve(ctx context.Context) error {
	decks := make(map[string]*deck.Deck)
	for _, lang := range content.Languages {
		d, err := content.Deck(lang)
		if err != nil {
			return err
		}
		decks[lang] = d
	}
	table, err := pacing.Parse(instructor)
	if err != nil {
		return fmt.Errorf("INSTRUCTOR.md: %w", err)
	}
	listener, err := s.listen()
	if err != nil {
		return err
	}
	defer listener.Close()
	where, err := s.venue(listener.Addr())
	if err != nil {
		return err
	}

	log := slog.New(slog.NewTextHandler(s.errs, &slog.HandlerOptions{Level: slog.LevelWarn}))
	panes := live.Start(ctx, live.Options{Join: where.join(), QR: "../../qr.svg?for=chat", Log: log})
	defer panes.Close()
	theStage := stage.New(stage.Options{Slides: ids(decks[content.Languages[0]]), Key: s.key})
	server := &http.Server{
		Handler: where.guard(s.handler(decks, table, panes, theStage, where)),
		// Whoever connects and says nothing is not waited for. Answers may
		// take as long as they like: step 1's streams never end.
		ReadHeaderTimeout: 5 * time.Second,
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    32 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	s.announce(where)
	select {
	case err = <-ended:
	case <-ctx.Done():
	}

	last, cancel := context.WithTimeout(context.Background(), goodbye)
	defer cancel()
	var leaving sync.WaitGroup
	leaving.Go(panes.Close)
	leaving.Go(func() {
		if theStage.Shutdown(last) != nil {
			log.Info("some did not say goodbye, and were cut off")
		}
	})
	leaving.Wait()
	return errors.Join(err, server.Close())
}

func ids(d *deck.Deck) (list []string) {
	for _, slide := range d.Slides {
		list = append(list, slide.ID)
	}
	return list
}

// handler has all there is at this address.
func (s *settings) handler(decks map[string]*deck.Deck, table *pacing.Table, panes *live.Panes, theStage *stage.Stage, where *venue) http.Handler {
	page := show.Options{Decks: decks, Panes: "live/", Pictures: "live/pictures/", Follow: "stage/static/follow.js"}
	audience := show.Handler(page)
	speaker := make(map[string]http.Handler) // by language: the notes are in that of the slides
	for lang := range decks {
		page.Presenter = "presenter?lang=" + lang
		speaker[lang] = show.Handler(page)
	}

	mux := http.NewServeMux()
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		if stage.IsLocal(r) && !r.URL.Query().Has("audience") {
			speaker[show.Language(r, content.Languages)].ServeHTTP(w, r)
			return
		}
		audience.ServeHTTP(w, r)
	})
	mux.Handle("GET /presenter", theStage.Presenter(decks, table))
	mux.Handle("GET /remote", theStage.Remote(decks))
	mux.Handle("/stage/", http.StripPrefix("/stage", theStage.Handler()))
	mux.Handle("/live/", http.StripPrefix("/live", panes.Handler()))
	mux.HandleFunc("GET /qr.svg", where.picture)
	return mux
}

// listen opens the port.
func (s *settings) listen() (net.Listener, error) {
	at := s.addr
	if s.lan {
		_, port, _ := net.SplitHostPort(s.addr) // check has looked
		at = ":" + port
	}
	l, err := net.Listen("tcp", at)
	if err != nil {
		return nil, wrong("-addr: %w", addressError(at, err))
	}
	return l, nil
}

func addressError(addr string, err error) error {
	var unknown *net.AddrError
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("%s is taken by another program: choose another port, or port 0 for a free one", addr)
	case errors.Is(err, os.ErrPermission):
		return fmt.Errorf("%s is not for everyone: choose a port above 1023", addr)
	case errors.As(err, &unknown):
		return fmt.Errorf("%q is not host:port, with a port up to 65535: write it like 127.0.0.1:8000", addr)
	}
	return fmt.Errorf("%s can't be listened on (%w): write host:port of this machine, like 127.0.0.1:8000", addr, err)
}

// language of what is printed: -lang, or that of the system.
func (s *settings) language(getenv func(string) string) string {
	if s.lang != "" {
		return s.lang
	}
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} { // the first one that is set counts
		if value := getenv(name); value != "" {
			if strings.HasPrefix(value, "pt") {
				return "pt-BR"
			}
			break
		}
	}
	return "en"
}

// announce says what runs, and what to do first.
func (s *settings) announce(n *venue) {
	say := speech[s.language(os.Getenv)]
	here := "http://" + n.here
	if s.lang != "" {
		here += "/?lang=" + s.lang
	}
	fmt.Fprintf(s.out, say.first, here)
	if !s.lan {
		return
	}
	fmt.Fprintf(s.out, say.warning, n.audience())
	if isTerminal(s.out) {
		fmt.Fprint(s.out, blocks(n.audience()))
	}
	fmt.Fprintf(s.out, say.remote, n.remote(s.key))
	if len(n.others) > 0 {
		fmt.Fprintf(s.out, say.others, strings.Join(n.others, ", "))
	}
}

// speech is what is printed at the start.
var speech = map[string]struct{ first, warning, remote, others string }{
	"en": {
		first: "The talk is at %s\n" +
			"First: open it in a browser, and press p for a second window with your notes, the clock and the next slide.\n" +
			"Ctrl-C stops. go run ./slides -h says what else there is.\n",
		warning: "\n*** EVERYBODY IN THIS NETWORK GETS IN: they see the slides and write in the chat. ***\n" +
			"*** Only in a network that you trust, and only for as long as you speak.          ***\n\n" +
			"  Audience: %s\n",
		remote: "  Remote, on your own phone; whoever has it moves the slides: %s\n",
		others: "  If phones can't open it, start again with -host and one of %s\n",
	},
	"pt-BR": {
		first: "A palestra está em %s\n" +
			"Primeiro: abra no navegador, e tecle p para uma segunda janela com suas notas, o relógio e o próximo slide.\n" +
			"Ctrl-C encerra. go run ./slides -h diz o que mais há.\n",
		warning: "\n*** TODOS NESTA REDE ENTRAM: veem os slides e escrevem no chat. ***\n" +
			"*** Só numa rede de confiança, e só enquanto você fala.         ***\n\n" +
			"  Plateia: %s\n",
		remote: "  Controle remoto, no seu celular; quem o tem move os slides: %s\n",
		others: "  Se os celulares não abrem, comece de novo com -host e um destes: %s\n",
	},
}
