package matrix

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/gobwas/httphead"
	"github.com/gobwas/ws"
	"github.com/gobwas/ws/wsflate"
	"github.com/gobwas/ws/wsutil"
)

// As in its example/autobahn, whose handlers are put together: that of wsutil
// with CheckUTF8, that of wsflate where compression was agreed, and what they
// do in failConn and with closeInvalidPayload when a connection must fail.
var ofGobwas = Peer{
	Name: "gobwas", Module: "github.com/gobwas/ws",
	Server: "its `example/autobahn`: `wsutil.Reader` with `CheckUTF8`, `failConn`; where compression is agreed, `wsflate` without takeover and, as there, no check of UTF-8",
	Client: "the same loop on `ws.Dialer`",
	start: overHTTP(func(w http.ResponseWriter, r *http.Request) {
		extension := wsflate.Extension{Parameters: gobwasAlone}
		upgrader := ws.HTTPUpgrader{Negotiate: extension.Negotiate}
		nc, rw, _, err := upgrader.Upgrade(r, w)
		if err != nil {
			return
		}
		_, compressed := extension.Accepted()
		gobwasEcho(nc, rw.Reader, ws.StateServerSide, compressed)
	}),
	come: again(func(ctx context.Context, url string) {
		dialer := ws.Dialer{Extensions: []httphead.Option{gobwasAlone.Option()}}
		nc, early, h, err := dialer.Dial(ctx, url)
		if err != nil {
			return
		}
		var r io.Reader = nc
		if early != nil {
			r = early
		}
		gobwasEcho(nc, r, ws.StateClientSide, len(h.Extensions) > 0)
	}),
}

var gobwasAlone = wsflate.Parameters{ServerNoContextTakeover: true, ClientNoContextTakeover: true}

func gobwasEcho(nc net.Conn, from io.Reader, state ws.State, compressed bool) {
	defer nc.Close()
	control := wsutil.ControlFrameHandler(nc, state)
	r := wsutil.Reader{Source: from, State: state, CheckUTF8: !compressed, OnIntermediate: control}
	w := wsutil.NewWriter(nc, state, 0)
	var packed wsflate.MessageState
	if compressed {
		state |= ws.StateExtended
		r.State, r.Extensions = state, []wsutil.RecvExtension{&packed}
		w = wsutil.NewWriter(nc, state, 0)
		w.SetExtensions(&packed)
	}
	for {
		h, err := r.NextFrame()
		switch {
		case err != nil:
		case h.OpCode.IsControl():
			err = control(h, &r)
		default:
			w.ResetOp(h.OpCode)
			if err = gobwasCopy(w, &r, packed.IsCompressed()); err == nil {
				err = w.Flush()
			}
		}
		if err != nil {
			gobwasFail(nc, from, state, err)
			return
		}
	}
}

// gobwasFail is failConn of the example, for both sides.
func gobwasFail(nc net.Conn, from io.Reader, state ws.State, err error) {
	code := ws.StatusProtocolError
	if errors.Is(err, wsutil.ErrInvalidUTF8) {
		code = ws.StatusInvalidFramePayloadData
	} else if !errors.As(err, new(ws.ProtocolError)) {
		return
	}
	f := ws.NewCloseFrame(ws.NewCloseFrameBody(code, ""))
	if state.ClientSide() {
		f = ws.MaskFrame(f)
	}
	if ws.WriteFrame(nc, f) != nil {
		return
	}
	if half, can := nc.(interface{ CloseWrite() error }); can {
		_ = half.CloseWrite() // if it fails, so does reading
	}
	_ = nc.SetReadDeadline(time.Now().Add(500 * time.Millisecond))
	_, _ = io.Copy(io.Discard, from)
}
