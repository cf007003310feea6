package memnet

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

func TestEndOfStream(t *testing.T) {
	a, b := Pipe()
	if _, err := a.Write([]byte("hello")); err != nil {
		t.Fatal(err)
	}
	if err := a.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(b); string(got) != "hello" || err != nil {
		t.Errorf("read %q, %v", got, err)
	}
	if _, err := b.Write([]byte("you too")); err != nil {
		t.Errorf("writing to a half-closed connection: %v", err)
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(a); string(got) != "you too" || err != nil {
		t.Errorf("read %q, %v", got, err)
	}
	if _, err := b.Read(make([]byte, 1)); !errors.Is(err, net.ErrClosed) {
		t.Errorf("reading after Close: %v", err)
	}
}

func TestCloseWithBytesUnreadIsAReset(t *testing.T) {
	a, b := Pipe()
	for _, c := range []*Conn{a, b} {
		if _, err := c.Write([]byte("x")); err != nil {
			t.Fatal(err)
		}
	}
	b.Close()
	if _, err := a.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("read: %v", err)
	}
	if _, err := a.Write([]byte("x")); !errors.Is(err, syscall.EPIPE) {
		t.Errorf("write: %v", err)
	}
}

func TestWritingToAClosedConnIsAReset(t *testing.T) {
	a, b := Pipe()
	b.Close()
	if _, err := a.Write([]byte("x")); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("read: %v", err)
	}
}

func TestDeadlinesAndWindow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := Pipe()
		start := time.Now()
		if err := a.SetDeadline(start.Add(time.Second)); err != nil {
			t.Fatal(err)
		}
		n, err := a.Write(make([]byte, Window+1))
		if n != Window || !errors.Is(err, os.ErrDeadlineExceeded) || time.Since(start) != time.Second {
			t.Errorf("after %v: %d written, %v", time.Since(start), n, err)
		}
		if _, err := a.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("read: %v", err)
		}
		if a.Waiting() != Window {
			t.Errorf("%d bytes wait", a.Waiting())
		}
		if err := a.SetDeadline(time.Time{}); err != nil {
			t.Fatal(err)
		}
		go func() {
			_, _ = a.Write([]byte("end"))
			a.Close()
		}()
		if got, err := io.ReadAll(b); !bytes.HasSuffix(got, []byte("end")) || len(got) != Window+3 || err != nil {
			t.Errorf("%d bytes, %v", len(got), err)
		}
	})
}

func TestListener(t *testing.T) {
	l := Listen()
	go func() {
		c, err := l.Accept()
		if err != nil {
			t.Error(err)
			return
		}
		c.Close()
	}()
	c, err := l.Dial(context.Background(), "", "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		t.Errorf("read: %v", err)
	}
	l.Close()
	if _, err := l.Dial(context.Background(), "", ""); !errors.Is(err, net.ErrClosed) {
		t.Errorf("dial: %v", err)
	}
}
