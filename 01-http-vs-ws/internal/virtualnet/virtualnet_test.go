package virtualnet

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"testing/synctest"
	"time"
)

const rtt = 80 * time.Millisecond

// connected returns both ends of a connection.
func connected(t *testing.T) (client, server net.Conn) {
	t.Helper()
	l := Listen(rtt)
	accepted := make(chan net.Conn)
	go func() {
		c, err := l.Accept()
		if err != nil {
			t.Error(err)
		}
		accepted <- c
	}()
	client, err := l.Dial(context.Background(), "tcp", "virtual:80")
	if err != nil {
		t.Fatal(err)
	}
	return client, <-accepted
}

func TestDialTakesOneRoundTrip(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		connected(t)
		if took := time.Since(start); took != rtt {
			t.Errorf("dialling took %v, want %v", took, rtt)
		}
	})
}

func TestBytesAndEndTravelHalfARoundTrip(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := connected(t)
		start := time.Now()
		if _, err := client.Write([]byte("hello")); err != nil {
			t.Fatal(err)
		}
		if err := client.Close(); err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(server)
		if string(got) != "hello" || err != nil {
			t.Errorf("read %q, %v", got, err)
		}
		if took := time.Since(start); took != rtt/2 {
			t.Errorf("it took %v, want %v", took, rtt/2)
		}
		if _, err := client.Write([]byte("x")); !errors.Is(err, net.ErrClosed) {
			t.Errorf("writing after Close: %v", err)
		}
		if _, err := client.Read(make([]byte, 1)); !errors.Is(err, net.ErrClosed) {
			t.Errorf("reading after Close: %v", err)
		}
	})
}

func TestReadDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, _ := connected(t)
		start := time.Now()
		if err := client.SetReadDeadline(start.Add(time.Second)); err != nil {
			t.Fatal(err)
		}
		_, err := client.Read(make([]byte, 1))
		if !errors.Is(err, os.ErrDeadlineExceeded) || time.Since(start) != time.Second {
			t.Errorf("after %v: %v", time.Since(start), err)
		}
	})
}
