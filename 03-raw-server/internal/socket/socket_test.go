//go:build unix

package socket

import (
	"bytes"
	"errors"
	"syscall"
	"testing"
)

// The fast calls do what the plain ones do, on sockets in every state, and
// with every length from which on something else is done.
func TestAsPlain(t *testing.T) {
	for _, size := range []int{0, 1, 125, 64<<10 - 1, 64 << 10, 64<<10 + 1, 1 << 20} {
		for _, row := range []struct {
			state   string
			prepare func(t *testing.T, ours, theirs int)
		}{
			{"nothing came", func(*testing.T, int, int) {}},
			{"little came", func(t *testing.T, _, theirs int) { mustSend(t, theirs, []byte("Hello")) }},
			{"much came", func(t *testing.T, _, theirs int) { flood(t, theirs) }},
			{"nobody reads", func(t *testing.T, ours, _ int) { flood(t, ours) }},
			{"the other side says no more", func(t *testing.T, _, theirs int) {
				mustSend(t, theirs, []byte("Hello"))
				end(t, theirs, syscall.SHUT_WR)
			}},
			{"the other side has gone", func(t *testing.T, _, theirs int) { end(t, theirs, syscall.SHUT_RDWR) }},
			{"ours is closed for writing", func(t *testing.T, ours, _ int) { end(t, ours, syscall.SHUT_WR) }},
		} {
			var got [2][4]any
			var came [2][]byte
			for i, c := range []struct {
				read, write func(int, []byte) (int, error)
			}{{read, write}, {readPlain, writePlain}} {
				ours, theirs := pair(t)
				row.prepare(t, ours, theirs)
				came[i] = make([]byte, size)
				n, err := c.read(ours, came[i])
				m, wrong := c.write(ours, bytes.Repeat([]byte("x"), size))
				got[i] = [4]any{max(n, 0), err, max(m, 0), wrong}
			}
			if got[0] != got[1] || !bytes.Equal(came[0], came[1]) {
				t.Errorf("%d bytes, %s: read and write %v, plainly %v", size, row.state, got[0], got[1])
			}
		}
	}
}

func TestReadAndWrite(t *testing.T) {
	ours, theirs := pair(t)
	b := make([]byte, 100)
	if n, err := Read(ours, b); n != 0 || !errors.Is(err, syscall.EAGAIN) {
		t.Errorf("with nothing there Read returns %d, %v", n, err)
	}
	if n, err := Write(ours, []byte("Hello")); n != 5 || err != nil {
		t.Errorf("Write returns %d, %v", n, err)
	}
	if n, err := Read(theirs, b); string(b[:n]) != "Hello" || err != nil {
		t.Errorf("Read returns %q, %v", b[:n], err)
	}
	flood(t, ours)
	if n, err := Write(ours, []byte("Hello")); n != 0 || err != nil {
		t.Errorf("with no room there Write returns %d, %v", n, err)
	}
	end(t, theirs, syscall.SHUT_RDWR)
	if n, err := Write(ours, []byte("Hello")); n != 0 || !errors.Is(err, syscall.EPIPE) {
		t.Errorf("with nobody there Write returns %d, %v", n, err)
	}
}

func TestAllocatesNothing(t *testing.T) {
	ours, theirs := pair(t)
	b := make([]byte, 125)
	if allocs := testing.AllocsPerRun(100, func() {
		if _, err := Write(ours, b); err != nil {
			t.Fatal(err)
		}
		if _, err := Read(theirs, b); err != nil {
			t.Fatal(err)
		}
	}); allocs != 0 {
		t.Errorf("a write and a read allocate %v times", allocs)
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

func mustSend(t *testing.T, fd int, b []byte) {
	if n, err := syscall.Write(fd, b); n != len(b) {
		t.Fatal(n, err)
	}
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
