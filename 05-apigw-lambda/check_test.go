package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

func runCheck(t *testing.T, args ...string) (status int, out, errs string) {
	t.Helper()
	var o, e bytes.Buffer
	status = checkCommand(t.Context(), args, &o, &e)
	return status, o.String(), e.String()
}

// One behaviour that a server of three lines can have, or not.
func TestCheck(t *testing.T) {
	status := http.StatusUpgradeRequired
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }))
	defer server.Close()
	url := "ws://" + server.Listener.Addr().String() + "/prod"

	got, out, errs := runCheck(t, "-only", "^plain-get$", "-lang", "pt-BR", url)
	if got != fine || errs != "" || !strings.Contains(out, "Valem: 1. Falham: 0.") {
		t.Errorf("status %d, %s%s", got, out, errs)
	}
	status = http.StatusOK
	got, out, errs = runCheck(t, url, "-only", "^plain-get$", "-json")
	var report struct {
		Passed bool
		Rows   []struct{ ID, Verdict string }
	}
	if err := json.Unmarshal([]byte(out), &report); err != nil {
		t.Fatal(err)
	}
	if got != failed || errs != "" || report.Passed || len(report.Rows) != 1 || report.Rows[0].Verdict != "fails" {
		t.Errorf("status %d, %s%s", got, out, errs)
	}
	server.Close()
	got, out, errs = runCheck(t, url)
	if got != failed || out != "" || !strings.Contains(errs, "nobody answers at "+url) {
		t.Errorf("status %d, %s%s", got, out, errs)
	}
}

func TestCheckUsage(t *testing.T) {
	const url = "ws://127.0.0.1:1/prod"
	for _, row := range []struct {
		args  []string
		wrong string
	}{
		{nil, "check what?"},
		{[]string{"http://127.0.0.1:1/prod"}, "is not the URL of a WebSocket API"},
		{[]string{"-bare", "prod", url}, `-bare "prod": write a URL`},
		{[]string{"-only", "(", url}, `-only "(": error parsing regexp`},
		{[]string{"-scale", "0", url}, "choose a number"},
		{[]string{"-limit", "1h", url}, "choose a time"},
		{[]string{"-key", "id", url}, "-key: write id:secret"},
		{[]string{"-lang", "de", url}, "-lang: there is no language"},
		{[]string{"-quick", url}, "there is no flag -quick"},
		{[]string{url, "now"}, `"now" is not a flag`},
	} {
		status, out, errs := runCheck(t, row.args...)
		if status != misuse || out != "" || !strings.Contains(errs, row.wrong) || strings.Count(errs, "\n") != 1 {
			t.Errorf("%q: status %d, %s%s", row.args, status, out, errs)
		}
	}
	if status, out, errs := runCheck(t, "-h"); status != fine || errs != "" || !strings.Contains(out, "deploy/probe") {
		t.Errorf("-h: status %d, %s%s", status, out, errs)
	}
}

func TestCutURL(t *testing.T) {
	for _, row := range []struct {
		args    []string
		operand string
		rest    []string
	}{
		{nil, "", nil},
		{[]string{"-h"}, "", []string{"-h"}},
		{[]string{"ws://a"}, "ws://a", nil},
		{[]string{"ws://a", "-bare", "ws://b"}, "ws://a", []string{"-bare", "ws://b"}},
		{[]string{"-bare", "ws://b", "ws://a"}, "ws://a", []string{"-bare", "ws://b"}},
		{[]string{"-only", "x"}, "", []string{"-only", "x"}},
	} {
		if operand, rest := cutURL(row.args); operand != row.operand || !slices.Equal(rest, row.rest) {
			t.Errorf("%q: %q and %q", row.args, operand, rest)
		}
	}
}

func TestRegionOf(t *testing.T) {
	for host, want := range map[string]string{"abc123defg.execute-api.eu-west-1.amazonaws.com": "eu-west-1", "127.0.0.1": region} {
		if got := regionOf(host); got != want {
			t.Errorf("%s: %s", host, got)
		}
	}
}
