package functions_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"websocket.example/05-apigw-lambda/functions"
)

func TestToken(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	mint := func(secret, name string) string {
		t.Helper()
		token, err := functions.Mint(secret, name, now.Add(time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
	good := mint("secret", " Ana  Lú ")
	head, tail, _ := strings.Cut(good, ".")
	otherHead, otherTail, _ := strings.Cut(mint("secret", "Eve"), ".")
	for _, row := range []struct {
		name, secret, token string
		at                  time.Time
		wanted              string
		err                 error
	}{
		{"good", "secret", good, now, "Ana Lú", nil},
		{"without a name", "secret", mint("secret", ""), now, "", nil},
		{"its last second", "secret", good, now.Add(time.Hour - time.Second), "Ana Lú", nil},
		{"expired", "secret", good, now.Add(time.Hour), "Ana Lú", functions.ErrExpired},
		{"another secret", "other", good, now, "", functions.ErrToken},
		{"no secret", "", good, now, "", functions.ErrNoSecret},
		{"no token", "secret", "", now, "", functions.ErrToken},
		{"only a dot", "secret", ".", now, "", functions.ErrToken},
		{"another's claims", "secret", otherHead + "." + tail, now, "", functions.ErrToken},
		{"another's signature", "secret", head + "." + otherTail, now, "", functions.ErrToken},
		{"cut off", "secret", good[:len(good)-1], now, "", functions.ErrToken},
		{"not signed", "secret", head, now, "", functions.ErrToken},
		{"signed with nothing", "secret", head + ".", now, "", functions.ErrToken},
	} {
		got, err := functions.Verify(row.secret, row.token, row.at)
		if got != row.wanted || !errors.Is(err, row.err) {
			t.Errorf("%s: %q, %v; wanted %q, %v", row.name, got, err, row.wanted, row.err)
		}
	}
	if _, err := functions.Mint("", "Ana", now); !errors.Is(err, functions.ErrNoSecret) {
		t.Error("a token without a secret:", err)
	}
	if _, err := functions.Mint("secret", "\u202e", now); err == nil {
		t.Error("a token for a name that is none")
	}
}
