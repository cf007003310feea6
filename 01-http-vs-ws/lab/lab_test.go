package lab

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"websocket.example/01-http-vs-ws/link"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var echo = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.Copy(w, r.Body) })

func post(t *testing.T, client *http.Client, url, body string) {
	t.Helper()
	response, err := client.Post(url, "text/plain", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if got, err := io.ReadAll(response.Body); string(got) != body || err != nil {
		t.Errorf("the answer is %q, %v", got, err)
	}
}

// What goes through one lane is counted there and in no other.
func TestLanesAreCountedApart(t *testing.T) {
	for _, tls := range []bool{false, true} {
		lab, err := Start(echo, []string{"a", "b"}, Options{TLS: tls})
		if err != nil {
			t.Fatal(err)
		}
		client := &http.Client{Transport: &http.Transport{TLSClientConfig: lab.Trust}}
		before := lab.Lanes["a"].Cost()
		for range 3 {
			post(t, client, lab.Lanes["a"].URL(), "hello")
		}
		a, b := lab.Lanes["a"].Cost().Since(before), lab.Lanes["b"].Cost()
		if a.Requests != 3 || a.Connections != 1 || a.Up < 3*60 || a.Down < 3*60 || a.Writes < 3 {
			t.Errorf("TLS %t: lane a counted %+v", tls, a)
		}
		if b != (Cost{}) {
			t.Errorf("TLS %t: lane b counted %+v", tls, b)
		}
		client.CloseIdleConnections()
		lab.Close()
	}
}

func TestSetLinkAndCut(t *testing.T) {
	lab, err := Start(echo, []string{"a"}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer lab.Close()
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	post(t, client, lab.Lanes["a"].URL(), "x")

	const rtt = 60 * time.Millisecond
	lab.SetLink(link.Settings{RTT: rtt})
	start := time.Now()
	post(t, client, lab.Lanes["a"].URL(), "x")
	if took := time.Since(start); took < rtt {
		t.Errorf("a request took %v, less than the round trip of %v", took, rtt)
	}

	lab.Cut("a")
	if response, err := client.Get(lab.Lanes["a"].URL()); err == nil {
		response.Body.Close()
		t.Error("a lane that was cut still answers")
	}
}
