package console

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	realgateway "websocket.example/05-apigw-lambda/gateway"
	"websocket.example/05-apigw-lambda/gateway/api"
	"websocket.example/05-apigw-lambda/gateway/lambda"
	"websocket.example/05-apigw-lambda/gateway/trace"
)

// echo is a function that lets everybody in, and answers what it is told.
type echo struct{}

func (echo) Invoke(_ context.Context, payload []byte) (lambda.Result, error) {
	var e struct{ Body string }
	if err := json.Unmarshal(payload, &e); err != nil {
		return lambda.Result{}, err
	}
	answer, err := json.Marshal(map[string]any{"statusCode": 200, "body": e.Body})
	return lambda.Result{Payload: answer, Environment: 1, Duration: time.Millisecond}, err
}

// What a real gateway tells is what this page reads, its reasons included.
func testRealGateway(t *testing.T, browser context.Context) {
	in := &api.Integration{Type: api.Proxy, Function: "EchoFunction"}
	a := &api.API{Name: "echo", RouteSelection: "$request.body.action", Stage: api.Stage{Name: "prod"}, Routes: map[string]*api.Route{
		"$connect": {Key: "$connect", Integration: in},
		"echo":     {Key: "echo", Integration: in, ResponseSelection: api.Default, Response: &api.RouteResponse{}},
		"broken":   {Key: "broken", Integration: &api.Integration{Type: api.Proxy, Function: "AbsentFunction"}},
		"locked":   {Key: "locked", Integration: &api.Integration{Type: api.Proxy, Function: "EchoFunction", NoPermission: true}},
	}}
	feed := &trace.Feed{}
	g, err := realgateway.New(realgateway.Options{API: a, Functions: map[string]lambda.Function{"EchoFunction": echo{}}, Feed: feed, Plain: Handler(Options{Feed: feed, API: a})})
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = g.Serve(l) // until Shutdown
	}()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		defer cancel()
		_ = g.Shutdown(ctx) // the browser may be gone
		<-done
	})
	w := open(t, browser, "http://"+l.Addr().String()+"/?lang=pt-BR")
	w.until("it is there", `document.querySelector('#open')`)
	w.click("#open")
	w.until("it is connected", `!document.querySelector('#send').disabled`)
	const frames = `[...document.querySelectorAll('.frames-list li')].map(li => li.className + ' ' + li.querySelector('.said').textContent)`
	for i, message := range []string{`{"action":"echo"}`, `{"action":"broken"}`, `{"action":"locked"}`, `{"action":"x"}`, `hello`} {
		w.until("it is written", fmt.Sprintf(`document.querySelector('#text').value = %q`, message))
		w.do(chromedp.Focus(chromedp.CSS("#text")), chromedp.KeyEvent(kb.Enter, chromedp.KeyModifiers(2)))
		w.until("it is answered", fmt.Sprintf(`document.querySelectorAll('.frames-list .in').length === %d`, i+1))
	}
	w.lines("the client", frames, "note conectado",
		`out {"action":"echo"}`, `in {"action":"echo"}`, `out {"action":"broken"}`, `in {"message": "Internal server error", …`,
		`out {"action":"locked"}`, `in {"message": "Internal server error", …`,
		`out {"action":"x"}`, `in {"message": "Forbidden", …`, `out hello`, `in {"message": "Forbidden", …`)
	w.click("#open")
	w.until("it is closed", frames+`.at(-1) === 'note encerrada: 1000 ' && document.querySelector('#send').disabled`)
	w.until("the gateway knows", `document.querySelectorAll('#journal > li').length === 7`)
	list := strings.Replace(rows, `['.who', '.key', '.text', '.outcome', '.why', '.work']`, `['.key', '.outcome', '.why']`, 1)
	w.lines("the list", list,
		"→ $connect|101|",
		`→ echo|200|$request.body.action é "echo"`,
		"→ broken|falhou|a função …",
		"→ locked|falhou|nenhuma AWS::Lambda::Permission deixa esta API invocar EchoFunction: na AWS o log dela ficaria vazio!",
		`→ sem rota|falhou|$request.body.action é "x": não há essa rota, nem $default!`,
		"→ sem rota|falhou|$request.body.action não pôde ser avaliada: a mensagem não é JSON, e não há $default!",
		"× $disconnect|1000|")
	w.quietNetwork()

	w.until("another stage", `document.querySelector('#at').value = document.querySelector('#at').value.replace('prod', 'dev')`)
	w.click("#open")
	w.until("it is refused", frames+`.at(-1).startsWith('note recusada.')`)
	w.until("the gateway says why", list+`.at(-1) === '→ $connect|403|não existe esse stage: esta API tem /prod!'`)
}
