package functions_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"websocket.example/05-apigw-lambda/app"
	"websocket.example/05-apigw-lambda/functions"
)

func poster(t *testing.T, endpoint string) *functions.Poster {
	t.Helper()
	for name, value := range map[string]string{
		"AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "secret",
		"AWS_CONFIG_FILE": "none", "AWS_SHARED_CREDENTIALS_FILE": "none", "AWS_EC2_METADATA_DISABLED": "true",
	} {
		t.Setenv(name, value)
	}
	c, err := functions.Config(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return functions.NewPoster(c, endpoint)
}

// A real SDK client, and the answers of API Gateway and of those who imitate it.
func TestPost(t *testing.T) {
	var status, calls int
	var kind, answer, got string
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		calls++
		got = r.Method + " " + r.URL.EscapedPath() + " " + string(b)
		if kind != "" {
			w.Header().Set("x-amzn-ErrorType", kind)
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, answer)
	}))
	defer api.Close()
	p := poster(t, api.URL+"/prod")
	for _, row := range []struct {
		status       int
		kind, answer string
		err          error
		calls        int
	}{
		{200, "", "", nil, 1},
		{410, "GoneException", "", app.ErrGone, 1},
		{410, "", "", app.ErrGone, 1},
		{410, "", `{"message":"GONE"}`, app.ErrGone, 1},
		{429, "LimitExceededException", "", app.ErrThrottled, 1},
		{429, "", "", app.ErrThrottled, 1},
		{413, "PayloadTooLargeException", `{"message":"too large"}`, errAny, 1},
		{403, "ForbiddenException", "", errAny, 1},
		{500, "InternalServerErrorException", "", errAny, 3},
	} {
		status, kind, answer, calls = row.status, row.kind, row.answer, 0
		err := p.Post(t.Context(), "Abc=", []byte("hello"))
		good := errors.Is(err, row.err)
		if errors.Is(row.err, errAny) {
			good = err != nil && !errors.Is(err, app.ErrGone) && !errors.Is(err, app.ErrThrottled)
		}
		if !good || calls != row.calls {
			t.Errorf("%d %s %s: %v after %d calls, wanted %v after %d", row.status, row.kind, row.answer, err, calls, row.err, row.calls)
		}
		if got != "POST /prod/@connections/Abc%3D hello" {
			t.Errorf("the request was %q", got)
		}
	}
}

var errAny = errors.New("any other error")

// The endpoint: the SDK's own variable, then what is set for the function,
// then the event.
func TestEndpoint(t *testing.T) {
	var hosts sync.Map
	listen := func(name string) string {
		s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { hosts.Store(name, true) }))
		t.Cleanup(s.Close)
		return s.URL + "/prod"
	}
	set, env := listen("set"), listen("env")
	if err := poster(t, "").Post(t.Context(), "c", []byte("x")); err == nil {
		t.Error("it posted to nowhere")
	}
	if err := poster(t, set).Post(t.Context(), "c", []byte("x")); err != nil {
		t.Error(err)
	}
	t.Setenv("AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI", env)
	if err := poster(t, "http://127.0.0.1:1").Post(t.Context(), "c", []byte("x")); err != nil {
		t.Error(err)
	}
	for _, name := range []string{"set", "env"} {
		if _, there := hosts.Load(name); !there {
			t.Errorf("nothing was posted to %s", name)
		}
	}
}

// A fan-out of fifty at once, again and again, opens fifty connections and no
// more.
func TestKeepAlive(t *testing.T) {
	var opened atomic.Int64
	api := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { time.Sleep(5 * time.Millisecond) }))
	api.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			opened.Add(1)
		}
	}
	api.Start()
	defer api.Close()
	p := poster(t, api.URL+"/prod")
	const parallel = 50
	for range 5 {
		var all sync.WaitGroup
		for i := range parallel {
			all.Go(func() {
				if err := p.Post(context.Background(), fmt.Sprint(i), []byte("x")); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
	}
	if n := opened.Load(); n > parallel+10 { // some are opened in vain while others become free
		t.Errorf("%d connections were opened for %d posts at once", n, parallel)
	}
}
