package wsconn

import (
	"errors"
	"os"
	"sync"
	"syscall"
)

// A poller waits for all connections that have no goroutine. The runtime's
// own does so for goroutines only; but it watches this one's descriptor, so
// that no thread is kept waiting.
type poller struct {
	file *os.File // an epoll
	fd   int

	mu    sync.Mutex
	conns []*Conn // by their descriptors
}

// There is one for all connections, as long as there are any.
var shared struct {
	sync.Mutex
	*poller
	members int
}

// joinPoller returns the poller. It is left with leave.
func joinPoller() (*poller, error) {
	shared.Lock()
	defer shared.Unlock()
	if shared.members == 0 {
		p, err := newPoller()
		if err != nil {
			return nil, err
		}
		shared.poller = p
	}
	shared.members++
	return shared.poller, nil
}

func newPoller() (*poller, error) {
	fd, err := syscall.EpollCreate1(syscall.EPOLL_CLOEXEC)
	if err != nil {
		return nil, os.NewSyscallError("epoll_create1", err)
	}
	err = syscall.SetNonblock(fd, true) // or the runtime would not watch it
	p := &poller{file: os.NewFile(uintptr(fd), "epoll"), fd: fd}
	raw, rawErr := p.file.SyscallConn()
	if err := errors.Join(err, rawErr); err != nil {
		p.file.Close()
		return nil, err
	}
	go p.run(raw)
	return p, nil
}

// leave forgets a connection.
func (p *poller) leave(fd int, c *Conn) {
	p.mu.Lock()
	if fd < len(p.conns) && p.conns[fd] == c { // and not the next one with that number
		p.conns[fd] = nil
	}
	p.mu.Unlock()
	shared.Lock()
	defer shared.Unlock()
	if shared.members--; shared.members == 0 {
		shared.poller = nil
		p.file.Close() // ends run
	}
}

// watch wakes the connection, once, when there is something to read.
func (p *poller) watch(fd int, c *Conn) error {
	p.mu.Lock()
	if fd >= len(p.conns) {
		p.conns = append(p.conns, make([]*Conn, fd+1-len(p.conns))...)
	}
	p.conns[fd] = c
	p.mu.Unlock()
	// A descriptor that is closed is forgotten by the kernel.
	event := syscall.EpollEvent{Events: syscall.EPOLLIN | syscall.EPOLLRDHUP | syscall.EPOLLONESHOT, Fd: int32(fd)}
	err := syscall.EpollCtl(p.fd, syscall.EPOLL_CTL_MOD, fd, &event)
	if errors.Is(err, syscall.ENOENT) {
		err = syscall.EpollCtl(p.fd, syscall.EPOLL_CTL_ADD, fd, &event)
	}
	return os.NewSyscallError("epoll_ctl", err)
}

func (p *poller) run(raw syscall.RawConn) {
	events := make([]syscall.EpollEvent, 256)
	_ = raw.Read(func(uintptr) bool { // it fails when the file is closed
		for {
			n, err := syscall.EpollWait(p.fd, events, 0)
			if n <= 0 && !errors.Is(err, syscall.EINTR) {
				return false
			}
			p.wake(events[:max(n, 0)])
		}
	})
}

func (p *poller) wake(events []syscall.EpollEvent) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, e := range events {
		if c := p.conns[e.Fd]; c != nil {
			p.conns[e.Fd] = nil
			c.wake()
		}
	}
}
