package wsconn

import (
	"context"
	"errors"
	"io"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"websocket.example/03-raw-server/frame"
)

// seen is a Trace that notes what was sent.
type seen struct{ headers []frame.Header }

func (s *seen) Header(sent bool, h frame.Header) {
	if sent {
		h.Key = [4]byte{}
		s.headers = append(s.headers, h)
	}
}

func (s *seen) Payload(bool, []byte) {}

// Each Write is a fragment, a ping may come between, and another message
// waits for the end.
func TestWriter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := net.Pipe()
		trace := &seen{}
		client := New(near, Client, nil, Agreed{Trace: trace})
		server := New(far, Server, nil, Agreed{})
		got := make(chan string, 2)
		go func() {
			for {
				_, message, err := server.Read(context.Background())
				if err != nil {
					close(got)
					return
				}
				got <- string(message)
			}
		}()
		go func() { _, _, _ = client.Read(context.Background()) }()

		w, err := client.NextWriter(t.Context(), frame.Text)
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range []string{"um, ", "", "dois, "} {
			if _, err := io.WriteString(w, part); err != nil {
				t.Fatal(err)
			}
		}
		whole := make(chan error)
		go func() { whole <- client.Write(context.Background(), frame.Binary, []byte("another")) }()
		synctest.Wait() // it waits for its turn
		if err := client.Ping(t.Context(), []byte("p")); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, "três"); err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(w.Close(), w.Close(), <-whole); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte("late")); err == nil {
			t.Error("a message that is complete takes more")
		}
		if first, second := <-got, <-got; first != "um, dois, três" || second != "another" {
			t.Errorf("got %q and %q", first, second)
		}
		want := []frame.Header{
			{Opcode: frame.Text, Masked: true, Length: 4},
			{Opcode: frame.Continuation, Masked: true, Length: 6},
			{Opcode: frame.Ping, Fin: true, Masked: true, Length: 1},
			{Opcode: frame.Continuation, Masked: true, Length: 5},
			{Opcode: frame.Continuation, Fin: true, Masked: true},
			{Opcode: frame.Binary, Fin: true, Masked: true, Length: 7},
		}
		if len(trace.headers) != len(want) {
			t.Fatalf("sent %v", trace.headers)
		}
		for i := range want {
			if trace.headers[i] != want[i] {
				t.Errorf("frame %d is %+v, want %+v", i, trace.headers[i], want[i])
			}
		}
		if err := client.Close(frame.NormalClosure, ""); err != nil {
			t.Error(err)
		}
		<-got
		time.Sleep(10 * time.Second) // virtual: until both have ended
	})
}

// Whoever waits for a message to be complete learns that it never will be.
func TestWriterOnABrokenConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := net.Pipe()
		c := New(near, Server, nil, Agreed{})
		go func() { _, _ = io.Copy(io.Discard, far) }()
		w, err := c.NextWriter(t.Context(), frame.Text)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, "half"); err != nil {
			t.Fatal(err)
		}
		waiting := make(chan error)
		go func() { waiting <- c.Write(context.Background(), frame.Text, []byte("x")) }()
		synctest.Wait()
		c.Abort()
		if err := <-waiting; err == nil {
			t.Error("it was written all the same")
		}
		if err := w.Close(); err == nil {
			t.Error("the message could be completed")
		}
		far.Close()
	})
}

func TestWriterTakesMessagesOnly(t *testing.T) {
	near, far := net.Pipe()
	defer far.Close()
	defer near.Close()
	if _, err := New(near, Server, nil, Agreed{}).NextWriter(t.Context(), frame.Ping); err == nil {
		t.Error("a ping can be written in fragments")
	}
}
