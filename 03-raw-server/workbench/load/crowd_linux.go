package load

import (
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

// wires are the connections as the system knows them: here bare descriptors,
// that one epoll watches. A connection's number is its descriptor, which is not
// closed before the end, so that no other one gets it.
type wires struct {
	epoll   int
	closing atomic.Bool
	watched chan struct{} // closed when watch has ended
}

func (c *Crowd) start() error {
	fd, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return os.NewSyscallError("epoll_create1", err)
	}
	c.epoll, c.watched = fd, make(chan struct{})
	go c.watch()
	return nil
}

// dial opens the connections from one number to another, of so many in the
// end. The handshakes go on side by side: each call waits for the slowest.
func (c *Crowd) dial(from, to, of int) error {
	var failure error
	var fds []int
	for i := from; i < to && failure == nil; i++ {
		fd, err := c.connect(i, of)
		if err != nil {
			failure = err
			break
		}
		fds = append(fds, fd)
	}
	var silent error // then nobody waits for the others of the batch
	for _, fd := range fds {
		if silent == nil {
			silent = readAnswer(fd, c.answered)
		}
		if silent != nil {
			unix.Close(fd)
			continue
		}
		c.joined(int32(fd)) // before anybody can tell something of it
		event := unix.EpollEvent{Events: unix.EPOLLIN | unix.EPOLLRDHUP, Fd: int32(fd)}
		if err := unix.EpollCtl(c.epoll, unix.EPOLL_CTL_ADD, fd, &event); err != nil && failure == nil {
			failure = os.NewSyscallError("epoll_ctl", err)
		}
	}
	if failure == nil {
		failure = silent
	}
	return failure
}

// patience is how long a server may take to answer.
var patience = unix.Timeval{Sec: 30}

// connect opens a connection and sends the request.
func (c *Crowd) connect(i, of int) (fd int, err error) {
	fd, err = unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return 0, os.NewSyscallError("socket", err)
	}
	defer func() {
		if err != nil {
			unix.Close(fd)
		}
	}()
	// The port is chosen when it is known where to: then another server's
	// connections do not take it away.
	if err := unix.SetsockoptInt(fd, unix.SOL_IP, unix.IP_BIND_ADDRESS_NO_PORT, 1); err != nil {
		return 0, os.NewSyscallError("setsockopt", err)
	}
	for _, option := range []int{unix.SO_RCVTIMEO, unix.SO_SNDTIMEO} {
		if err := unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, option, &patience); err != nil {
			return 0, os.NewSyscallError("setsockopt", err)
		}
	}
	if err := unix.Bind(fd, &unix.SockaddrInet4{Addr: c.Source(i, of).As4()}); err != nil {
		return 0, os.NewSyscallError("bind", err)
	}
	to := &unix.SockaddrInet4{Addr: c.addr.Addr().As4(), Port: int(c.addr.Port())}
	if err := again(func() error { return unix.Connect(fd, to) }); err != nil {
		return 0, os.NewSyscallError("connect", err)
	}
	return fd, c.write(int32(fd), c.request)
}

// again tries again what a signal has interrupted.
func again(do func() error) error {
	for {
		if err := do(); !errors.Is(err, unix.EINTR) {
			return err
		}
	}
}

func readAnswer(fd int, judge func([]byte) (bool, error)) error {
	var b [4096]byte
	for have := 0; ; {
		n := 0
		err := again(func() (err error) { n, err = unix.Read(fd, b[have:]); return err })
		switch {
		case errors.Is(err, unix.EAGAIN):
			return fmt.Errorf("the handshake was not answered in %d s", patience.Sec)
		case err != nil:
			return os.NewSyscallError("read", err)
		case n == 0:
			return errors.New("the server closed the connection during the handshake")
		}
		have += n
		if done, err := judge(b[:have]); done || err != nil {
			return err
		}
	}
}

// write writes a frame: so small that the socket takes it whole.
func (c *Crowd) write(id int32, b []byte) error {
	n := 0
	err := again(func() (err error) { n, err = unix.Write(int(id), b); return err })
	if err == nil && n < len(b) {
		err = io.ErrShortWrite
	}
	return os.NewSyscallError("write", err)
}

// watch reads whatever comes.
func (c *Crowd) watch() {
	defer close(c.watched)
	events := make([]unix.EpollEvent, 256)
	b := make([]byte, 4096)
	for !c.closing.Load() {
		n, err := unix.EpollWait(c.epoll, events, 100)
		if err != nil && !errors.Is(err, unix.EINTR) {
			return
		}
		for _, e := range events[:max(n, 0)] {
			n, err := unix.Read(int(e.Fd), b)
			switch {
			case errors.Is(err, unix.EINTR), errors.Is(err, unix.EAGAIN): // epoll will tell again
			case err != nil || n == 0:
				_ = unix.EpollCtl(c.epoll, unix.EPOLL_CTL_DEL, int(e.Fd), nil) // it may be gone already
				if err == nil {
					err = io.EOF
				}
				c.ended(e.Fd, fmt.Errorf("the connection ended: %w", err))
			default:
				c.came(e.Fd, b[:n])
			}
		}
	}
}

// Close cuts the connections off. They are reset, so that their ports can be
// used again at once.
func (c *Crowd) Close() {
	c.closing.Store(true)
	<-c.watched
	unix.Close(c.epoll)
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, fd := range c.ids {
		_ = unix.SetsockoptLinger(int(fd), unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1}) // if it fails, the port waits a minute
		unix.Close(int(fd))
	}
	c.ids = nil
}

// sleeper returns a sleep that ends when it should. time.Sleep may be a
// millisecond late, which is ten times what is measured here.
func sleeper() (sleep func(time.Duration), done func()) {
	runtime.LockOSThread()
	_ = unix.Prctl(unix.PR_SET_TIMERSLACK, 1, 0, 0, 0) // ns; without it, it is 50 µs late
	sleep = func(d time.Duration) {
		for until := time.Now().Add(d); d > 0; d = time.Until(until) {
			t := unix.NsecToTimespec(d.Nanoseconds())
			_ = unix.Nanosleep(&t, nil) // a signal may end it before
		}
	}
	return sleep, func() {
		_ = unix.Prctl(unix.PR_SET_TIMERSLACK, 0, 0, 0, 0) // as it was
		runtime.UnlockOSThread()
	}
}
