package bench

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"websocket.example/04-chat-hub/chat"
	"websocket.example/04-chat-hub/workbench/internal/delay"
)

// A crowd is all members, in one thread with one epoll: a client must not be
// what the server waits for. The same code measures both servers; they differ
// in how a message is written and counted.
type crowd struct {
	joins   bool // the chat example: no rooms, and messages joined with newlines
	to      *unix.SockaddrInet4
	host    string
	epoll   int
	timer   int
	members []*member
	byFd    map[int32]*member
	joined  int
	bytes   int64 // that were read

	// Message number k is in slot k of a ring, from its publication until
	// all members have it.
	sent []time.Time
	got  []int32
	next int // the number of the message to publish next
	done int // how many of them all members have

	delays    *delay.Histogram // of each delivery, nil while nothing is measured
	delivered int64

	in     []byte
	events []unix.EpollEvent
}

type member struct {
	fd  int
	got int // messages
	counter
	out []byte // what the socket did not take
}

const ring = 1 << 16

func newCrowd(addr string, joins bool) (*crowd, error) {
	ap, err := netip.ParseAddrPort(addr)
	if err != nil {
		return nil, err
	}
	c := &crowd{
		joins: joins, to: &unix.SockaddrInet4{Addr: ap.Addr().As4(), Port: int(ap.Port())}, host: addr,
		byFd: map[int32]*member{}, sent: make([]time.Time, ring), got: make([]int32, ring),
		in: make([]byte, 256<<10), events: make([]unix.EpollEvent, 512),
	}
	if c.epoll, err = unix.EpollCreate1(unix.EPOLL_CLOEXEC); err != nil {
		return nil, os.NewSyscallError("epoll_create1", err)
	}
	if c.timer, err = unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_NONBLOCK|unix.TFD_CLOEXEC); err != nil {
		return nil, os.NewSyscallError("timerfd_create", err)
	}
	return c, c.watch(c.timer)
}

func (c *crowd) watch(fd int) error {
	event := unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(fd)}
	return os.NewSyscallError("epoll_ctl", unix.EpollCtl(c.epoll, unix.EPOLL_CTL_ADD, fd, &event))
}

// enter opens n connections and has them join: rooms of so many members.
func (c *crowd) enter(ctx context.Context, n, perRoom int) error {
	for i := range n {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := c.dial(); err != nil {
			return fmt.Errorf("member %d of %d: %w", i+1, n, err)
		}
		if !c.joins {
			m := c.members[i]
			if err := c.send(m, fmt.Appendf(nil, `{"action":"join","room":"%s","name":"m%d"}`, roomOf(i, perRoom), i)); err != nil {
				return err
			}
		}
		for i-c.joined >= 64 && !c.joins { // as many as join at the same time
			if err := c.turn(ctx, time.Second); err != nil {
				return err
			}
		}
	}
	for c.joined < n && !c.joins {
		if err := c.turn(ctx, time.Second); err != nil {
			return err
		}
	}
	// Who came is told to all: the last of it shall not be measured.
	for quiet := time.Now(); time.Since(quiet) < 300*time.Millisecond; {
		before := c.bytes
		if err := c.turn(ctx, 50*time.Millisecond); err != nil {
			return err
		}
		if c.bytes > before {
			quiet = time.Now()
		}
	}
	return nil
}

func roomOf(i, perRoom int) string { return "r" + strconv.Itoa(i/perRoom) }

// patience is how long a server may take to answer.
var patience = unix.Timeval{Sec: 10}

const request = "GET /ws HTTP/1.1\r\nHost: %s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
	"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"

func (c *crowd) dial() error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return os.NewSyscallError("socket", err)
	}
	m := &member{fd: fd, counter: counter{joins: c.joins}}
	c.members = append(c.members, m)
	c.byFd[int32(fd)] = m
	for _, option := range []int{unix.SO_RCVTIMEO, unix.SO_SNDTIMEO} {
		if err := unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, option, &patience); err != nil {
			return os.NewSyscallError("setsockopt", err)
		}
	}
	if err := unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1); err != nil {
		return os.NewSyscallError("setsockopt", err)
	}
	if err := again(func() error { return unix.Connect(fd, c.to) }); err != nil {
		return os.NewSyscallError("connect", err)
	}
	if err := c.shake(m); err != nil {
		return err
	}
	if err := unix.SetNonblock(fd, true); err != nil {
		return os.NewSyscallError("fcntl", err)
	}
	return c.watch(fd)
}

func (c *crowd) shake(m *member) error {
	if _, err := unix.Write(m.fd, fmt.Appendf(nil, request, c.host)); err != nil {
		return os.NewSyscallError("write", err)
	}
	for have := 0; ; {
		var n int
		err := again(func() (err error) { n, err = unix.Read(m.fd, c.in[have:4096]); return err })
		if err != nil || n == 0 {
			return fmt.Errorf("the handshake was not answered: %w", errors.Join(err, errClosed))
		}
		have += n
		head, rest, found := strings.Cut(string(c.in[:have]), "\r\n\r\n")
		switch {
		case found && strings.HasPrefix(head, "HTTP/1.1 101 "):
			return c.take(m, []byte(rest), time.Now())
		case found, have == 4096:
			line, _, _ := strings.Cut(head, "\r\n")
			return fmt.Errorf("the server answered %q", line)
		}
	}
}

// again tries again what a signal has interrupted.
func again(do func() error) error {
	for {
		if err := do(); !errors.Is(err, unix.EINTR) {
			return err
		}
	}
}

// turn waits for what comes, at most so long, and takes it in.
func (c *crowd) turn(ctx context.Context, most time.Duration) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	n, err := unix.EpollWait(c.epoll, c.events, int(most.Milliseconds()))
	if err != nil && !errors.Is(err, unix.EINTR) {
		return os.NewSyscallError("epoll_wait", err)
	}
	for _, e := range c.events[:max(n, 0)] {
		if e.Fd == int32(c.timer) {
			var ticks [8]byte
			_, _ = unix.Read(c.timer, ticks[:]) // it only woke us
			continue
		}
		m := c.byFd[e.Fd]
		n, err := unix.Read(m.fd, c.in)
		switch {
		case errors.Is(err, unix.EAGAIN), errors.Is(err, unix.EINTR): // epoll will tell again
		case err != nil:
			return os.NewSyscallError("read", err)
		case n == 0:
			return errClosed
		default:
			if err := c.take(m, c.in[:n], time.Now()); err != nil {
				return err
			}
		}
		if len(m.out) > 0 {
			if err := c.write(m, nil); err != nil {
				return err
			}
		}
	}
	return nil
}

// take counts what a member got.
func (c *crowd) take(m *member, b []byte, now time.Time) error {
	c.bytes += int64(len(b))
	n, err := m.read(b)
	if err != nil {
		return err
	}
	c.joined += n.joined
	for range n.pings {
		if err := c.write(m, pong); err != nil {
			return err
		}
	}
	if m.got+n.messages > c.next {
		return errors.New("more messages came than were published")
	}
	c.delivered += int64(n.messages)
	for range n.messages {
		slot := m.got % ring
		m.got++
		if c.delays != nil {
			c.delays.Add(now.Sub(c.sent[slot]))
		}
		if c.got[slot]++; int(c.got[slot]) == len(c.members) {
			c.done++
		}
	}
	return nil
}

// publish has a member send the next message. It counts from the moment it
// was due.
func (c *crowd) publish(b []byte, text string, due time.Time) []byte {
	slot := c.next % ring
	c.sent[slot], c.got[slot] = due, 0
	if c.joins {
		b = appendFrame(b, opText, []byte(text))
	} else {
		b = appendFrame(b, opText, fmt.Appendf(nil, `{"action":"send","room":"%s","id":"%s","text":"%s"}`, roomOf(0, 1), idOf(c.next), text))
	}
	c.next++
	return b
}

// idOf has always the same length.
func idOf(n int) string { return strconv.FormatInt(int64(n)+36*36*36*36, 36) }

// textOf is a text with which a delivery is so many bytes of payload, if it
// can be: around it a message of ours has its room, cursor, id, sender and time.
func (c *crowd) textOf(size int) string {
	if !c.joins {
		at := chat.Cursor{Epoch: uint64(time.Now().UnixNano()), Seq: 36 * 36 * 36}
		size -= len(chat.Said(roomOf(0, 1), at, idOf(0), "m0", "", time.Now()).Encode())
		size -= len(`,"text":""`) // which is left out if there is none
	}
	return strings.Repeat("x", max(size, 1))
}

func (c *crowd) send(m *member, payload []byte) error {
	return c.write(m, appendFrame(nil, opText, payload))
}

// write writes what the socket takes, and keeps the rest.
func (c *crowd) write(m *member, b []byte) error {
	if len(m.out) > 0 {
		b = append(m.out, b...)
		m.out = nil
	}
	for len(b) > 0 {
		n, err := unix.Write(m.fd, b)
		switch {
		case errors.Is(err, unix.EINTR):
		case errors.Is(err, unix.EAGAIN):
			m.out = append([]byte(nil), b...)
			return nil
		case err != nil:
			return os.NewSyscallError("write", err)
		}
		b = b[max(n, 0):]
	}
	return nil
}

// wake has turn return at a time.
func (c *crowd) wake(at time.Time) error {
	in := max(time.Until(at), 1)
	spec := unix.ItimerSpec{Value: unix.NsecToTimespec(in.Nanoseconds())}
	return os.NewSyscallError("timerfd_settime", unix.TimerfdSettime(c.timer, 0, &spec, nil))
}

// close cuts all off. They are reset, so that no port has to wait.
func (c *crowd) close() {
	for _, m := range c.members {
		_ = unix.SetsockoptLinger(m.fd, unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1}) // if it fails, the port waits a minute
		unix.Close(m.fd)
	}
	unix.Close(c.timer)
	unix.Close(c.epoll)
}
