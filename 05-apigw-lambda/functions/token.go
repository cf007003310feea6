package functions

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"websocket.example/04-chat-hub/chat"
)

// What is wrong with a token.
var (
	ErrNoSecret = errors.New("token: there is no secret, set TOKEN_SECRET")
	ErrToken    = errors.New("token: not one of ours")
	ErrExpired  = errors.New("token: expired")
)

// A token says that whoever has it may connect, until a moment, and perhaps
// under which name: base64url(claims) "." base64url(HMAC-SHA256(claims)). All
// its characters may stand in a URL and in Sec-WebSocket-Protocol.
type claims struct {
	Name    string `json:"name,omitempty"`
	Expires int64  `json:"exp"` // seconds since 1970
}

var encoding = base64.RawURLEncoding

// Mint makes a token. The name may be empty: then its owner chooses one.
func Mint(secret, name string, expires time.Time) (string, error) {
	if secret == "" {
		return "", ErrNoSecret
	}
	if name != "" {
		normal, err := chat.Name(name)
		if err != nil {
			return "", err
		}
		name = normal
	}
	body, err := json.Marshal(claims{name, expires.Unix()})
	if err != nil {
		return "", err
	}
	head := encoding.EncodeToString(body)
	return head + "." + encoding.EncodeToString(sign(secret, head)), nil
}

// Verify returns the name in a token of ours, of which ErrExpired says that it
// was good once.
func Verify(secret, token string, now time.Time) (name string, err error) {
	if secret == "" {
		return "", ErrNoSecret
	}
	head, tail, _ := strings.Cut(token, ".")
	mac, err := encoding.DecodeString(tail)
	if err != nil || !hmac.Equal(mac, sign(secret, head)) {
		return "", ErrToken
	}
	var c claims
	if body, err := encoding.DecodeString(head); err != nil || json.Unmarshal(body, &c) != nil {
		return "", ErrToken
	}
	if !now.Before(time.Unix(c.Expires, 0)) {
		return c.Name, ErrExpired
	}
	return c.Name, nil
}

func sign(secret, head string) []byte {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(head))
	return mac.Sum(nil)
}
