//go:build unix

package socket

import (
	"bytes"
	"errors"
	"syscall"
	"testing"
)

// The fast call does what the plain one does, on sockets in every state, and
// with every length from which on something else is done.
func TestAsPlain(t *testing.T) {
	for _, size := range []int{0, 1, 200, 64<<10 - 1, 64 << 10, 64<<10 + 1, 1 << 20} {
		for _, row := range []struct {
			state   string
			prepare func(t *testing.T, ours, theirs int)
		}{
			{"all is well", func(*testing.T, int, int) {}},
			{"nobody reads", func(t *testing.T, ours, _ int) { flood(t, ours) }},
			{"the other side has gone", func(t *testing.T, _, theirs int) { end(t, theirs, syscall.SHUT_RDWR) }},
			{"closed for writing", func(t *testing.T, ours, _ int) { end(t, ours, syscall.SHUT_WR) }},
		} {
			var got [2][2]any
			for i, write := range []func(int, []byte) (int, error){write, writePlain} {
				ours, theirs := pair(t)
				row.prepare(t, ours, theirs)
				n, err := write(ours, bytes.Repeat([]byte("x"), size))
				got[i] = [2]any{max(n, 0), err}
			}
			if got[0] != got[1] {
				t.Errorf("%d bytes, %s: %v, plainly %v", size, row.state, got[0], got[1])
			}
		}
	}
}

func TestWrite(t *testing.T) {
	ours, theirs := pair(t)
	hello := []byte("Hello")
	if n, err := Write(ours, hello); n != 5 || err != nil {
		t.Errorf("Write returns %d, %v", n, err)
	}
	b := make([]byte, 10)
	if n, err := syscall.Read(theirs, b); err != nil || string(b[:n]) != "Hello" {
		t.Errorf("what came is %q, %v", b[:max(n, 0)], err)
	}
	if allocs := testing.AllocsPerRun(100, func() {
		if _, err := Write(ours, hello); err != nil {
			t.Fatal(err)
		}
	}); allocs != 0 {
		t.Errorf("a write allocates %v times", allocs)
	}
	flood(t, ours)
	if n, err := Write(ours, hello); n != 0 || err != nil {
		t.Errorf("with no room there Write returns %d, %v", n, err)
	}
	end(t, theirs, syscall.SHUT_RDWR)
	if n, err := Write(ours, hello); n != 0 || !errors.Is(err, syscall.EPIPE) {
		t.Errorf("with nobody there Write returns %d, %v", n, err)
	}
}

// pair is two connected sockets that do not wait.
func pair(t *testing.T) (ours, theirs int) {
	fds, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, fd := range fds {
		if err := syscall.SetNonblock(fd, true); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { syscall.Close(fd) })
	}
	return fds[0], fds[1]
}

func end(t *testing.T, fd, how int) {
	if err := syscall.Shutdown(fd, how); err != nil {
		t.Fatal(err)
	}
}

// flood writes until the socket takes no more.
func flood(t *testing.T, fd int) {
	for b := make([]byte, 64<<10); ; {
		if _, err := syscall.Write(fd, b); errors.Is(err, syscall.EAGAIN) {
			return
		} else if err != nil {
			t.Fatal(err)
		}
	}
}
