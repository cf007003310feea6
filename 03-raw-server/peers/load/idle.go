package load

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"websocket.example/02-handshake/handshake"
	"websocket.example/03-raw-server/frame"
)

// Idle are connections on which nothing happens.
type Idle struct{ conns []net.Conn }

// perSource is how many connections come from one address: each needs a port
// of its own there, and a system gives out some 28,000.
const perSource = 20000

// DialIdle opens n connections, one after the other.
func DialIdle(ctx context.Context, addr string, n int) (*Idle, error) {
	idle := &Idle{}
	for i := range n {
		var d net.Dialer
		if source := i / perSource; source > 0 { // on Linux all of 127.0.0.0/8 is this machine
			d.LocalAddr = &net.TCPAddr{IP: net.IPv4(127, 0, 0, byte(1+source))}
		}
		nc, h, err := handshake.Dial(ctx, "ws://"+addr, &handshake.DialOptions{NetDial: d.DialContext})
		if err == nil && len(h.Rest) > 0 {
			err = errors.New("the server sends without being asked")
		}
		if err != nil {
			idle.Close()
			return nil, fmt.Errorf("connection %d of %d: %w", i+1, n, err)
		}
		idle.conns = append(idle.conns, nc)
	}
	return idle, nil
}

// Echo sends a text message of 125 bytes on each connection, one after the
// other, and compares the answer.
func (i *Idle) Echo() error {
	message := bytes.Repeat([]byte("Hello"), 25)
	h := frame.Header{Fin: true, Opcode: frame.Text, Masked: true, Key: [4]byte{1, 2, 3, 4}, Length: uint64(len(message))}
	question := append(frame.Append(nil, h), message...)
	frame.Mask(question[h.Size():], h.Key, 0)
	want := append(frame.Append(nil, frame.Header{Fin: true, Opcode: frame.Text, Length: h.Length}), message...)
	got := make([]byte, len(want))
	for _, nc := range i.conns {
		if err := nc.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
			return err
		}
		if _, err := nc.Write(question); err != nil {
			return err
		}
		if _, err := io.ReadFull(nc, got); err != nil {
			return err
		}
		if !bytes.Equal(got, want) {
			return fmt.Errorf("% x came back at the start of % x", got[:8], want[:8])
		}
	}
	return nil
}

// Close ends the connections.
func (i *Idle) Close() {
	for _, nc := range i.conns {
		nc.Close()
	}
}
