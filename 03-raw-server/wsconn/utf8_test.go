package wsconn

import (
	"fmt"
	"io"
	"testing"
	"testing/synctest"
	"unicode/utf8"

	"websocket.example/03-raw-server/frame"
	"websocket.example/03-raw-server/internal/memnet"
)

// Sequences of which each is cut off, wrong or right at another byte.
var sequences = []string{
	"", "a", "κόσμε", "Hello-µ@ßöäüàá-UTF-8!!",
	"\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xed\xa0\x80edited",
	"\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xf4\x90\x80\x80edited",
	"\xce", "\xce\xba", "\xce\xba\xe1", "\xce\xba\xe1\xbd", "\xce\xba\xe1\xbd\xb9",
	"\x00", "\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf", // the limits
	"\xf7\xbf\xbf\xbf", "\xf8\x88\x80\x80\x80", "\xfb\xbf\xbf\xbf\xbf", "\xfc\x84\x80\x80\x80\x80", "\xfd\xbf\xbf\xbf\xbf\xbf", "\xf4\x90\x80\x80", // beyond them
	"\x80", "\xbf", "\x80\xbf", "\x80\xbf\x80\xbf\x80\xbf\x80", "a\x80", // continuations of nothing
	"\xc0 ", "\xdf ", "\xe0 ", "\xef ", "\xf0 ", "\xf7 ", "\xf8 ", "\xfc ", "\xfe", "\xff", "\xfe\xfe\xff\xff", // first bytes alone
	"\xc0", "\xe0\x80", "\xe0\xa0", "\xf0\x80\x80", "\xf0\x90\x80", "\xdf", "\xef\xbf", "\xf7\xbf\xbf", // the last byte missing
	"\xc0\xaf", "\xe0\x80\xaf", "\xf0\x80\x80\xaf", "\xc1\xbf", "\xe0\x9f\xbf", "\xf0\x8f\xbf\xbf", "\xc0\x80", // too long
	"\xed\x9f\xbf", "\xee\x80\x80", "\xed\xa0\x80", "\xed\xad\xbf", "\xed\xae\x80", "\xed\xaf\xbf", "\xed\xb0\x80", "\xed\xbe\x80", "\xed\xbf\xbf", "\xed\xa0\x80\xed\xb0\x80", // surrogates
	"\xef\xbf\xbe", "\xef\xb7\x90", "\xf0\x9f\xbf\xbe", "\xf4\x8f\xbf\xbe", // noncharacters, which are right
	"\xef\xbb\xbfmark", "😀😁😂", "e\u0301", "\xf0\x9f\x98a", "\xf0\x9f\xf0\x9f\x98\x80", "1234567890123456\xe2\x82\xac\xe2\x82", // and more
}

// mayContinue says whether bytes are the beginning of a UTF-8 text, by trying
// out how it could go on.
func mayContinue(b string) bool {
	if utf8.ValidString(b) {
		return true
	}
	next := []string{"\x80", "\x90", "\xa0", "\xbf"}
	for _, x := range next {
		for _, y := range append([]string{""}, next...) {
			for _, z := range append([]string{""}, next...) {
				if utf8.ValidString(b + x + y + z) {
					return true
				}
			}
		}
	}
	return false
}

// RFC 6455, section 8.1, at once: each byte is sent alone, in one frame or in
// a fragment of its own, and the connection has to fail at the very first
// one that can't be right, without another byte being sent.
func TestUTF8FailsAtTheByte(t *testing.T) {
	for _, fragments := range []bool{false, true} {
		for _, role := range []Role{Server, Client} {
			for _, l := range loops {
				t.Run(fmt.Sprintf("%s/%s/%v", nameOf(role), l.name, fragments), func(t *testing.T) {
					for _, text := range sequences {
						synctest.Test(t, func(t *testing.T) { failsAtTheByte(t, text, fragments, role, l) })
					}
				})
			}
		}
	}
}

func failsAtTheByte(t *testing.T, text string, fragments bool, role Role, l loop) {
	ours, theirs := memnet.Pipe()
	c, v := New(ours, role, nil, Agreed{}), &villain{t: t, nc: theirs, role: 1 - role}
	ended := make(chan error, 1)
	go func() { ended <- l.echo(c) }()
	defer func() {
		theirs.Close()
		<-ended
	}()

	fails := func(after string) {
		if waiting := ours.Waiting(); waiting == 0 {
			t.Fatalf("%q: nothing has happened after %q", text, after)
		}
		v.expectClose(frame.InvalidPayload)
		v.expectEnd()
	}
	op := frame.Text
	if !fragments { // one byte more is announced, and never sent
		v.send(frame.Header{Fin: true, Opcode: op, Length: uint64(len(text) + 1)}, "")
	}
	for i := range len(text) {
		if fragments {
			v.send(frame.Header{Opcode: op}, text[i:i+1])
			op = frame.Continuation
		} else {
			v.more(text[i : i+1])
		}
		synctest.Wait()
		if !mayContinue(text[:i+1]) {
			fails(text[:i+1])
			return
		}
		if waiting := ours.Waiting(); waiting > 0 {
			t.Fatalf("%q: there are %d bytes after %q, which is right", text, waiting, text[:i+1])
		}
	}
	if !fragments {
		return
	}
	v.send(frame.Header{Fin: true, Opcode: op}, "")
	synctest.Wait()
	if !utf8.ValidString(text) {
		fails("the end")
		return
	}
	v.expectText(text)
	v.goodbye()
}

// And the same sequences as whole messages, cut in two at every place.
func TestUTF8CutInTwo(t *testing.T) {
	for i, text := range sequences {
		for j, role := range []Role{Server, Client} {
			l := loops[(i+j)%len(loops)]
			for cut := range len(text) {
				c, v := against(t, wires[(i+j/2)%2], role, nil, Agreed{})
				ended := make(chan error, 1)
				go func() { ended <- l.echo(c) }()
				var both []byte
				both = append(both, v.frame(frame.Header{Opcode: frame.Text}, text[:cut])...)
				both = append(both, v.frame(frame.Header{Fin: true}, text[cut:])...)
				v.write(both)
				if utf8.ValidString(text) {
					v.expectText(text)
					v.goodbye()
				} else {
					v.expectClose(frame.InvalidPayload)
					v.expectEnd()
				}
				v.leave()
				<-ended
			}
		}
	}
}

// A stream gives out the text that may still be right, and no end.
func TestStreamOfWrongText(t *testing.T) {
	for _, w := range wires {
		c, v := against(t, w, Server, nil, Agreed{})
		v.send(frame.Header{Opcode: frame.Text}, "right\xe2\x82")
		v.send(frame.Header{Fin: true}, "")
		_, r, err := c.NextReader(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		got := make(chan error, 1)
		var text []byte
		go func() {
			var err error
			text, err = io.ReadAll(r)
			got <- err
		}()
		v.expectClose(frame.InvalidPayload)
		v.expectEnd()
		v.leave()
		if err := <-got; err == nil || string(text) != "right\xe2\x82" {
			t.Errorf("read %q, %v", text, err)
		}
		if n, err := r.Read(make([]byte, 1)); n > 0 || err == nil || err == io.EOF {
			t.Errorf("after the error: %d bytes, %v", n, err)
		}
	}
}
