package check

import (
	"bytes"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"

	"websocket.example/05-apigw-lambda/gateway"
	"websocket.example/05-apigw-lambda/gateway/sigv4"
)

func ask(t *testing.T, c Config) *Report {
	t.Helper()
	report, err := Run(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// good wants everything that was asked to hold, or to be answered.
func good(t *testing.T, report *Report) {
	t.Helper()
	for i := range report.Results {
		r := &report.Results[i]
		switch {
		case r.Verdict == Fails:
			t.Errorf("%s fails: %+v\n%v", r.ID, r.Finding, r.Lines)
		case r.Verdict == Answers && (r.Answer == "" || r.Finding != nil):
			t.Errorf("%s: no answer: %+v\n%v", r.ID, r.Finding, r.Lines)
		case r.Verdict == NotAsked && r.Missing != "slow":
			t.Errorf("%s was not asked: %s", r.ID, r.Missing)
		}
	}
}

// Everything holds on the gateway of this step.
func TestGateway(t *testing.T) {
	t.Parallel()
	report := ask(t, start(t, bend{}))
	good(t, report)
	if n := len(report.Results); n != len(Rows) {
		t.Errorf("%d rows of %d", n, len(Rows))
	}
	t.Logf("%d hold, %d answers, in %v", report.Count(Holds), report.Count(Answers), report.Took)
}

// Clocks that run 600 and 1,200 times as fast.
func TestClocks(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		scale float64
		only  string
		n     int
	}{{600, `^(idle|idle-(message|post|ping)|no-server-ping)$`, 5}, {1200, `^life$`, 1}} {
		t.Run(row.only, func(t *testing.T) {
			t.Parallel()
			c := start(t, bend{options: func(o *gateway.Options) { o.Scale = row.scale }})
			c.Scale, c.Only = row.scale, regexp.MustCompile(row.only)
			report := ask(t, c)
			good(t, report)
			if n := report.Count(Holds) + report.Count(Answers); n != row.n {
				t.Errorf("%d of %d were asked", n, row.n)
			}
		})
	}
}

// And clocks that stand still.
func TestNoClocks(t *testing.T) {
	t.Parallel()
	c := start(t, bend{})
	c.Scale, c.Limit, c.Only = 1200, time.Second, regexp.MustCompile(`^idle$`)
	if report := ask(t, c); report.Count(Fails) != 1 || report.Results[0].Finding.Key != "stays-open" {
		t.Errorf("%+v", report.Results[0])
	}
}

// With signatures: those with the right key pass, others do not.
func TestSigned(t *testing.T) {
	t.Parallel()
	c := start(t, bend{options: func(o *gateway.Options) {
		o.Verifier = &sigv4.Verifier{Secret: func(key string) (string, bool) { return "test", key == "test" }}
	}})
	c.Only = regexp.MustCompile(`^(post|get|delete|post-128k|encoded-path|unsigned|sdk-.*|gone-.*|function-.*)$`)
	c.Skip = regexp.MustCompile(`^function-timeout$`)
	c.Credentials = credentials.NewStaticCredentialsProvider("test", "test", "")
	report := ask(t, c)
	good(t, report)
	at := slices.IndexFunc(report.Results, func(r Result) bool { return r.ID == "unsigned" })
	if answer := report.Results[at].Answer; !strings.HasPrefix(answer, "403 ") {
		t.Errorf("unsigned: %s", answer)
	}
	c.Credentials = credentials.NewStaticCredentialsProvider("test", "other", "")
	c.Only = regexp.MustCompile(`^(post|sdk-post)$`)
	if report := ask(t, c); report.Count(Fails) != 2 {
		t.Errorf("a wrong secret: %+v", report.Results)
	}
}

// What was not given is not asked, and nothing fails for it.
func TestNotAsked(t *testing.T) {
	t.Parallel()
	c := start(t, bend{})
	c.Bare, c.Asking, c.Connections = nil, nil, nil
	c.Only = regexp.MustCompile(`^(identity-(present|empty)|default-|post|gone-|idle)`)
	counts := map[string]int{}
	for _, r := range ask(t, c).Results {
		if r.Verdict != NotAsked {
			t.Errorf("%s: %s", r.ID, r.Verdict)
		}
		counts[r.Missing]++
	}
	for _, what := range []string{"bare", "asking", "connections", "slow"} {
		if counts[what] == 0 {
			t.Errorf("nothing is missing for want of %s: %v", what, counts)
		}
	}
}

// Whatever is at the other end, nothing hangs.
func TestStrangers(t *testing.T) {
	t.Parallel()
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "a page") }))
	defer page.Close()
	mute, err := net.Listen("tcp", "127.0.0.1:0") // connects, and says nothing
	if err != nil {
		t.Fatal(err)
	}
	defer mute.Close()
	for name, at := range map[string]string{"a page": page.Listener.Addr().String(), "nobody home": mute.Addr().String()} {
		ws := &url.URL{Scheme: "ws", Host: at, Path: "/prod"}
		c := Config{Main: ws, Bare: ws, Asking: ws, Connections: &url.URL{Scheme: "http", Host: at}, Limit: 50 * time.Millisecond}
		report := ask(t, c)
		for _, r := range report.Results {
			if r.Verdict == Holds {
				t.Errorf("%s: %s holds: %v", name, r.ID, r.Lines)
			}
		}
		if report.Passed() || report.Took > 8*time.Second {
			t.Errorf("%s: passed %v, took %v", name, report.Passed(), report.Took)
		}
	}
	at := mute.Addr().String()
	mute.Close()
	if _, err := Run(t.Context(), Config{Main: &url.URL{Scheme: "ws", Host: at, Path: "/"}}); err == nil || !strings.Contains(err.Error(), "nobody answers at ws://"+at) {
		t.Errorf("nobody: %v", err)
	}
}

// The table and the texts: each row has an ID of its own and a title, a source
// where it says that there is one; both languages say the same things in the
// same order.
func TestTable(t *testing.T) {
	seen := map[string]bool{}
	for i := range Rows {
		r := &Rows[i]
		if seen[r.ID] || !regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`).MatchString(r.ID) {
			t.Errorf("ID %q", r.ID)
		}
		seen[r.ID] = true
		if (r.Source == "") != (r.Mark == Unsure) || r.Fact == "" || r.run == nil {
			t.Errorf("%s: mark %s, fact %q, source %q", r.ID, r.Mark, r.Fact, r.Source)
		}
		for _, l := range []*Language{English, Portuguese} {
			if strings.HasPrefix(l.Title(r), "[no text") {
				t.Errorf("%s: no title in %s", r.ID, l.Tag)
			}
		}
	}
	used := regexp.MustCompile(`(?:fail|skip)\("([a-z-]+)"|return "(bare|asking|connections|slow)"`)
	sources, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	keys := map[string]bool{}
	for _, file := range sources {
		if !strings.HasSuffix(file.Name(), ".go") || strings.HasSuffix(file.Name(), "_test.go") {
			continue
		}
		b, err := os.ReadFile(file.Name())
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range used.FindAllStringSubmatch(string(b), -1) {
			kind := "found." + m[1]
			if m[2] != "" || strings.HasPrefix(m[0], "skip") {
				kind = "missing." + m[1] + m[2]
			}
			keys[kind] = true
		}
	}
	english, portuguese := keysOf(t, "en"), keysOf(t, "pt-BR")
	if !slices.Equal(english, portuguese) {
		t.Errorf("en has %v\npt-BR has %v", english, portuguese)
	}
	for _, key := range english {
		id, isRow := strings.CutPrefix(key, "row.")
		isKey := strings.HasPrefix(key, "found.") || strings.HasPrefix(key, "missing.")
		if isRow && !seen[id] || isKey && !keys[key] {
			t.Errorf("%s: nobody says it", key)
		}
		gaps := regexp.MustCompile(`\{[a-z]+\}`)
		a, b := gaps.FindAllString(English.texts[key], -1), gaps.FindAllString(Portuguese.texts[key], -1)
		slices.Sort(a)
		slices.Sort(b)
		if !isRow && !slices.Equal(a, b) {
			t.Errorf("%s: gaps %v and %v", key, a, b)
		}
	}
	for key := range keys {
		if !slices.Contains(english, key) {
			t.Errorf("%s: there is no text", key)
		}
	}
}

// keysOf are the keys of a catalog in their order.
func keysOf(t *testing.T, tag string) (keys []string) {
	b, err := files.ReadFile("i18n/" + tag + ".json")
	if err != nil {
		t.Fatal(err)
	}
	d := json.NewDecoder(bytes.NewReader(b))
	for i := 0; ; i++ {
		token, err := d.Token()
		if err != nil {
			return keys
		}
		if text, is := token.(string); is && i%2 == 1 {
			keys = append(keys, text)
		}
	}
}
