package tap

import (
	"errors"

	"websocket.example/03-raw-server/deflate"
	"websocket.example/03-raw-server/frame"
	"websocket.example/03-raw-server/narrate"
)

// mostInflated is the longest message that is decompressed.
const mostInflated = 16 << 20

// unpack decompresses the message that is complete.
func (d *Decoder) unpack() {
	m := &narrate.Message{}
	d.frame.Message = m
	packed := d.packed
	d.packed = nil
	takeover := !d.deflate.ServerNoContextTakeover
	if d.fromClient {
		takeover = !d.deflate.ClientNoContextTakeover
	}
	lose := func(why, later string) {
		m.Lost = why
		d.inflater = nil // after an error it may not be used again
		if takeover {
			d.blind = later
		}
	}
	switch {
	case d.blind != "":
		m.Lost = d.blind
		return
	case d.tooLong:
		lose("too long to be inflated here", "it refers to a message that was too long to be inflated here")
		return
	}
	if d.inflater == nil {
		d.inflater = deflate.NewDecompressor(*d.deflate, d.fromClient)
	}
	plain, err := d.inflater.Append(nil, packed, mostInflated)
	switch {
	case errors.Is(err, deflate.ErrTooBig):
		lose("too long to be inflated here", "it refers to a message that was too long to be inflated here")
		return
	case err != nil:
		lose("not to be inflated", "it refers to a message that could not be inflated")
		d.blame(notPMD)
		return
	}
	m.Length = len(plain)
	m.Bytes = clone(plain[:min(len(plain), d.keep)])
	if u := (frame.UTF8{}); d.kind == frame.Text && !(u.Next(plain) && u.Done()) {
		d.blame(notUTF8)
	}
}
