package main

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"rsc.io/qr"
)

// The address for the audience is the one that phones can reach.
func TestRank(t *testing.T) {
	is := netip.MustParseAddr
	wifi := candidate{"wlp3s0", false, is("192.168.1.7")}
	mac := candidate{"en0", false, is("10.0.1.5")}
	cable := candidate{"Ethernet 2", false, is("172.16.0.9")}
	public := candidate{"eth0", false, is("203.0.113.9")}
	docker := candidate{"docker0", false, is("172.17.0.1")}
	wsl := candidate{"vEthernet (WSL)", false, is("172.20.0.1")}
	vpn := candidate{"wg0", true, is("10.8.0.2")}
	six := candidate{"wlp3s0", false, is("fd00::7")}
	link := candidate{"wlp3s0", false, is("fe80::1")}
	alone := candidate{"wlp3s0", false, is("169.254.3.4")}
	for _, row := range []struct {
		name   string
		list   []candidate
		routed netip.Addr
		want   string
	}{
		{"the only one", []candidate{wifi}, wifi.ip, "192.168.1.7"},
		{"no route", []candidate{wifi}, netip.Addr{}, "192.168.1.7"},
		{"containers", []candidate{docker, wifi}, wifi.ip, "192.168.1.7 172.17.0.1"},
		{"containers, and no route", []candidate{docker, wsl, cable}, netip.Addr{}, "172.16.0.9 172.17.0.1 172.20.0.1"},
		{"the route is a VPN's", []candidate{vpn, mac}, vpn.ip, "10.0.1.5 10.8.0.2"},
		{"cable and WLAN", []candidate{cable, wifi}, wifi.ip, "192.168.1.7 172.16.0.9"},
		{"a private and a public one", []candidate{public, wifi}, netip.Addr{}, "192.168.1.7 203.0.113.9"},
		{"IPv6 beside", []candidate{six, link, wifi}, wifi.ip, "192.168.1.7 fd00::7"},
		{"nothing that leads anywhere", []candidate{link, alone}, netip.Addr{}, ""},
	} {
		var got []string
		for _, ip := range rank(row.list, row.routed) {
			got = append(got, ip.String())
		}
		if strings.Join(got, " ") != row.want {
			t.Errorf("%s: %v, want %s", row.name, got, row.want)
		}
	}
}

// With the network let in, a request may name this machine by any number, and
// by its own names; by nobody else's.
func TestGuard(t *testing.T) {
	answered := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {})
	for _, row := range []struct {
		venue venue
		host  string
		want  int
	}{
		{venue{}, "127.0.0.1:8000", 200},
		{venue{}, "[::1]:8000", 200},
		{venue{}, "LOCALHOST", 200},
		{venue{}, "localhost.evil.example", 421},
		{venue{}, "127.0.0.1.evil.example", 421},
		{venue{}, "192.168.1.7:8000", 421},
		{venue{}, "", 421},
		{venue{lan: true, host: "192.168.1.7"}, "192.168.1.7:8000", 200},
		{venue{lan: true, host: "192.168.1.7"}, "[fd00::7]:8000", 200},
		{venue{lan: true, host: "192.168.1.7"}, "evil.example:8000", 421},
		{venue{lan: true, host: "talk.local"}, "Talk.local:8000", 200},
		{venue{lan: true, host: ""}, "", 421},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Host = row.host
		w := httptest.NewRecorder()
		row.venue.guard(answered).ServeHTTP(w, r)
		if w.Code != row.want {
			t.Errorf("%+v, %q: %d", row.venue, row.host, w.Code)
		}
	}
}

// Both drawings of a code have its modules, each in its place.
func TestCodes(t *testing.T) {
	const text = "http://192.168.1.7:8000/live/chat/"
	code, err := qr.Encode(text, qr.L)
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("NO_COLOR", "1")
	lines := strings.Split(strings.TrimSuffix(blocks(text), "\n"), "\n")
	for y := -quiet; y < code.Size+quiet; y++ {
		line := []rune(lines[(y+quiet)/2])[2:]
		lit := []rune{'█', '▀'}
		if (y+quiet)%2 == 1 {
			lit[1] = '▄'
		}
		for x := -quiet; x < code.Size+quiet; x++ {
			if light := slices.Contains(lit, line[x+quiet]); light == code.Black(x, y) {
				t.Fatalf("the module at %d,%d is wrong", x, y)
			}
		}
	}
	t.Setenv("NO_COLOR", "")
	if first, _, _ := strings.Cut(blocks(text), "\n"); !strings.HasPrefix(first, "  \x1b[97;40m") || !strings.HasSuffix(first, "\x1b[0m") {
		t.Errorf("%q", first)
	}

	picture := svg(code, text)
	black := 0
	for y := range code.Size {
		for x := range code.Size {
			if code.Black(x, y) {
				black++
			}
		}
	}
	if n := strings.Count(picture, "h1v1h-1z"); n != black || !strings.Contains(picture, `aria-label="`+text+`"`) {
		t.Errorf("%d modules of %d: %.200s", n, black, picture)
	}
}

// What is printed with -listen-lan: a warning, where the audience goes, and
// the key; and no code to scan, for this is no terminal.
func TestAnnounce(t *testing.T) {
	for lang, want := range map[string][]string{
		"en":    {"EVERYBODY IN THIS NETWORK GETS IN", "Audience: http://192.0.2.7:8000\n", "Remote, on your own phone", "/remote?key=k-e-y-k-e-y\n", "one of 10.0.0.1\n"},
		"pt-BR": {"TODOS NESTA REDE ENTRAM", "Plateia: http://192.0.2.7:8000\n", "Controle remoto, no seu celular", "/remote?key=k-e-y-k-e-y\n", "um destes: 10.0.0.1\n"},
	} {
		var out bytes.Buffer
		s := settings{lan: true, lang: lang, key: "k-e-y-k-e-y", out: &out}
		s.announce(&venue{lan: true, here: "127.0.0.1:8000", port: "8000", host: "192.0.2.7", others: []string{"10.0.0.1"}})
		for _, text := range want {
			if !strings.Contains(out.String(), text) {
				t.Errorf("%q is not said:\n%s", text, &out)
			}
		}
		if strings.ContainsAny(out.String(), "█▀▄\x1b") {
			t.Errorf("there is a code:\n%s", &out)
		}
	}
}
