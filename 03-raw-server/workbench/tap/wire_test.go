package tap

import (
	"bytes"
	"testing"

	"websocket.example/03-raw-server/frame"
)

// checkBytes puts the bytes of a conversation together again from what was
// told of it, with Parts and 125 bytes kept.
func checkBytes(t *testing.T, talk []string, events []Event) {
	t.Helper()
	var want, got [2][]byte // of the server, of the client
	at := func(fromClient bool) int {
		if fromClient {
			return 1
		}
		return 0
	}
	for _, piece := range talk {
		i := at(piece[0] == '>')
		want[i] = append(want[i], piece[1:]...)
	}
	var before [2]int // bytes of a payload that is told in parts
	for _, e := range events {
		i := at(e.FromClient)
		put := func(h frame.Header, payload []byte, offset int) {
			if offset == 0 {
				got[i] = frame.Append(got[i], h)
			}
			payload = bytes.Clone(payload)
			if h.Masked {
				frame.Mask(payload, h.Key, offset%4)
			}
			got[i] = append(got[i], payload...)
		}
		switch e.Kind {
		case Request, Response, Body, Bytes:
			got[i] = append(got[i], e.Raw...)
		case Part:
			put(e.Frame.Header, e.Data, before[i])
			if before[i] += len(e.Data); uint64(before[i]) == e.Frame.Header.Length || len(e.Data) < 125 {
				before[i] = 0
			}
		case Framed:
			if e.Frame.Header.Length <= 125 {
				put(e.Frame.Header, e.Frame.Payload, 0)
			}
		}
	}
	for i := range want {
		if !bytes.Equal(got[i], want[i]) {
			t.Fatalf("direction %d:\n%q\nis not\n%q\n%s", i, got[i], want[i], tell(events))
		}
	}
}
