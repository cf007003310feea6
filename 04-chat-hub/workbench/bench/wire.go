package bench

import (
	"bytes"
	"encoding/binary"
	"errors"
)

// The client's half of WebSocket, as cheap as it can be: it looks at headers
// and at the first bytes of a message, and parses no JSON.

// The opcodes that come up, of RFC 6455, section 5.2.
const (
	opContinuation = 0x0
	opText         = 0x1
	opClose        = 0x8
	opPing         = 0x9
)

// appendFrame appends a client's frame. Its masking key is zero: the server has
// to unmask it all the same, and nothing is between the two that a key of
// chance would protect.
func appendFrame(b []byte, op byte, payload []byte) []byte {
	b = append(b, 0x80|op)
	switch n := len(payload); {
	case n < 126:
		b = append(b, 0x80|byte(n))
	default:
		b = binary.BigEndian.AppendUint16(append(b, 0x80|126), uint16(n))
	}
	return append(append(b, 0, 0, 0, 0), payload...)
}

// pong answers the pings of both servers, which are empty.
var pong = appendFrame(nil, 0xA, nil)

// A counter counts the messages in what comes on a connection.
type counter struct {
	// joins is whether the server joins queued messages into one, with
	// newlines between them, as the chat example does.
	joins bool

	skip  int  // payload bytes that are still to come
	text  bool // they are of a text message
	fin   bool // their frame is its last
	begun []byte
}

// A count is what was in some bytes.
type count struct {
	messages int
	joined   int // answers to a join
	pings    int
}

var errClosed = errors.New("the server closed the connection")

// How much of a payload tells what it is: {"type":"mes.
const typeLen = 12

// read counts what ends in b, or begins in it where that is enough.
func (c *counter) read(b []byte) (n count, err error) {
	for len(b) > 0 {
		if c.skip > 0 {
			part := min(c.skip, len(b))
			c.payload(b[:part], &n)
			b = b[part:]
			continue
		}
		at := len(c.begun)
		head := b
		if at > 0 {
			head = append(c.begun, b[:min(len(b), 32)]...)
		}
		size, length, ok := c.header(head)
		if !ok {
			c.begun = append(c.begun, b...)
			return n, nil
		}
		if err := c.open(head, size, length, &n); err != nil {
			return n, err
		}
		c.begun = c.begun[:0]
		if at > size { // some of the payload was there already
			c.skip -= at - size
			continue
		}
		b = b[size-at:]
	}
	return n, nil
}

// header says how long the header and the payload are, if enough is there to
// tell what it is.
func (c *counter) header(b []byte) (size, length int, ok bool) {
	if len(b) < 2 {
		return 0, 0, false
	}
	size, length = 2, int(b[1])
	switch length {
	case 126:
		if size = 4; len(b) >= size {
			length = int(binary.BigEndian.Uint16(b[2:]))
		}
	case 127:
		if size = 10; len(b) >= size {
			length = int(binary.BigEndian.Uint64(b[2:]))
		}
	}
	need := size
	if !c.joins && b[0]&0xF == opText {
		need += min(length, typeLen)
	}
	return size, length, len(b) >= need
}

// open begins a frame.
func (c *counter) open(b []byte, size, length int, n *count) error {
	c.skip, c.fin, c.text = length, b[0]&0x80 != 0, false
	switch b[0] & 0xF {
	case opClose:
		return errClosed
	case opPing:
		n.pings++
	case opText, opContinuation:
		if c.joins {
			c.text = true
			if length == 0 && c.fin {
				n.messages++
			}
			break
		}
		if length < typeLen {
			break
		}
		switch string(b[size+9 : size+typeLen]) {
		case "mes": // message, and not members
			n.messages++
		case "joi":
			n.joined++
		}
	}
	return nil
}

// payload goes over a part of it.
func (c *counter) payload(b []byte, n *count) {
	c.skip -= len(b)
	if !c.text {
		return
	}
	n.messages += bytes.Count(b, []byte{'\n'})
	if c.skip == 0 && c.fin {
		n.messages++
	}
}
