package mapping

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"unicode/utf16"
)

// util is $util, API Gateway's functions.
type util struct{}

var functions = map[string]func(r *run, s string) (any, error){
	"escapeJavaScript": func(_ *run, s string) (any, error) { return escapeJavaScript(s), nil },
	"parseJson":        func(r *run, s string) (any, error) { return r.decode([]byte(s)) },
	"urlEncode":        func(_ *run, s string) (any, error) { return urlEncode(s), nil },
	"urlDecode":        func(_ *run, s string) (any, error) { return url.QueryUnescape(s) },
	"base64Encode":     func(_ *run, s string) (any, error) { return base64.StdEncoding.EncodeToString([]byte(s)), nil },
	"base64Decode": func(_ *run, s string) (any, error) {
		b, err := base64.StdEncoding.DecodeString(s)
		if err != nil {
			return nil, errors.New("this is not base64")
		}
		return string(b), nil
	},
}

func (util) call(r *run, name string, args []any) (any, error) {
	f, ok := functions[name]
	if !ok {
		return nil, fmt.Errorf("$util has no function %s", name)
	}
	if len(args) != 1 {
		return nil, fmt.Errorf("$util.%s takes one argument", name)
	}
	if args[0] == nil {
		return nil, nil
	}
	s, err := r.text(args[0])
	if err != nil {
		return nil, err
	}
	if err := r.spend(6 * len(s)); err != nil { // what escaping may make of it
		return nil, err
	}
	return f(r, s)
}

// urlEncode is Java's URLEncoder, which differs from Go's in two characters.
func urlEncode(s string) string {
	return strings.NewReplacer("%2A", "*", "~", "%7E").Replace(url.QueryEscape(s))
}

// escapeJavaScript "escapes the characters in a string using JavaScript string
// rules", as Apache Commons does, where everything beyond ASCII is escaped.
func escapeJavaScript(s string) string {
	var b strings.Builder
	for _, c := range s {
		switch {
		case strings.ContainsRune(`"'\/`, c):
			b.WriteByte('\\')
			b.WriteRune(c)
		case strings.ContainsRune("\b\f\n\r\t", c):
			b.WriteByte('\\')
			b.WriteByte("btn?fr"[c-'\b'])
		case c < ' ' || '~' < c && c <= 0xFFFF:
			fmt.Fprintf(&b, `\u%04X`, c)
		case c > 0xFFFF:
			high, low := utf16.EncodeRune(c)
			fmt.Fprintf(&b, `\u%04X\u%04X`, high, low)
		default:
			b.WriteRune(c)
		}
	}
	return b.String()
}
