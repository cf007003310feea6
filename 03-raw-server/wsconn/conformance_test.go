package wsconn

import (
	"fmt"
	"strings"
	"testing"

	"websocket.example/03-raw-server/frame"
)

// What is here is too regular to be written down case by case.

func bothRoles(t *testing.T, bytes int, play func(v *villain)) {
	t.Helper()
	t.Parallel()
	for _, role := range []Role{Server, Client} {
		everywhere(t, role, bytes, play)
	}
}

// RFC 6455, section 5.2: the three ways to write a length.
func TestLengths(t *testing.T) {
	for _, n := range []int{0, 1, 2, 16, 124, 125, 126, 127, 128, 1000, 4093, 65534, 65535, 65536, 65537, 100000} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			bothRoles(t, n, func(v *villain) {
				text := strings.Repeat("*", n)
				v.text(text)
				v.expectText(text)
				v.binary(text)
				v.expect(whole(frame.Binary), text)
				v.text(text)
				v.text(text + "!")
				v.expectText(text)
				v.expectText(text + "!")
				v.goodbye()
			})
		})
	}
}

// The lengths at which something changes inside: what is read at once, what
// is written at once, from where on payloads are not copied.
func TestLengthsAroundBuffers(t *testing.T) {
	for _, n := range []int{1 << smallest, long, batch, readSize, 2 * readSize} {
		for _, d := range []int{-15, -14, -10, -9, -8, -4, -3, -2, -1, 0, 1} { // the sizes of headers, mostly
			t.Run(fmt.Sprint(n+d), func(t *testing.T) {
				t.Parallel()
				text := strings.Repeat("0123456789", n/10+1)[:n+d]
				for i, w := range wires {
					for _, role := range []Role{Server, Client} {
						hold(t, setting{wire: w, role: role, loop: loops[(i+d+15)%len(loops)]}, func(v *villain) {
							v.text(text)
							v.text("and one more")
							v.expectText(text)
							v.expectText("and one more")
							v.goodbye()
						})
					}
				}
			})
		}
	}
}

// RFC 6455, section 5.2: opcodes that have no meaning.
func TestReservedOpcodes(t *testing.T) {
	for op := frame.Opcode(0); op < 16; op++ {
		if !op.IsReserved() {
			continue
		}
		for _, payload := range []string{"", "reserved opcode payload"} {
			t.Run(fmt.Sprintf("%X%s", byte(op), payload), func(t *testing.T) {
				bothRoles(t, 50, func(v *villain) {
					v.text("Hello, world!")
					v.send(whole(op), payload)
					v.send(whole(frame.Ping), "")
					v.expectText("Hello, world!")
					v.expectClose(frame.ProtocolError)
					v.expectEnd()
				})
			})
		}
	}
}

// RFC 6455, section 5.2: bits that have no meaning, on every kind of frame.
func TestReservedBits(t *testing.T) {
	for bits := byte(1); bits < 8; bits++ {
		for _, op := range []frame.Opcode{frame.Continuation, frame.Text, frame.Binary, frame.Close, frame.Ping, frame.Pong} {
			t.Run(fmt.Sprintf("%d/%s", bits, op), func(t *testing.T) {
				bothRoles(t, 50, func(v *villain) {
					v.text("Hello, world!")
					if op == frame.Continuation {
						v.send(frame.Header{Opcode: frame.Text}, "begun")
					}
					payload := ""
					if op == frame.Close {
						payload = closing(frame.NormalClosure, "")
					}
					v.send(frame.Header{Fin: true, RSV: bits << 4, Opcode: op}, payload)
					v.send(whole(frame.Ping), "")
					v.expectText("Hello, world!")
					v.expectClose(frame.ProtocolError)
					v.expectEnd()
				})
			})
		}
	}
}

// RFC 6455, section 7.4: which codes may come, and what is answered.
func TestCloseCodes(t *testing.T) {
	fine := []frame.CloseCode{1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3001, 3999, 4000, 4001, 4999}
	wrong := []frame.CloseCode{0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 9999, 65535}
	for i, code := range append(fine, wrong...) {
		answer := code
		if i >= len(fine) {
			answer = frame.ProtocolError
		}
		for _, reason := range []string{"", "reason", strings.Repeat("é", 61) + "!"} {
			t.Run(fmt.Sprintf("%d/%d", uint16(code), len(reason)), func(t *testing.T) {
				bothRoles(t, 10, func(v *villain) {
					v.send(whole(frame.Close), string([]byte{byte(code >> 8), byte(code)})+reason)
					v.expectClose(answer)
					v.expectEnd()
				})
			})
		}
	}
}

// RFC 6455, section 5.4: messages in fragments of all sizes, with control
// frames between them.
func TestFragments(t *testing.T) {
	message := strings.Repeat("fragmented: ação, 猫, 😀. ", 200)
	for _, size := range []int{1, 2, 3, 7, 64, 125, 126, 1000, 4096, len(message) - 1, len(message)} {
		for _, between := range []frame.Opcode{0, frame.Ping, frame.Pong} {
			t.Run(fmt.Sprintf("%d/%s", size, between), func(t *testing.T) {
				t.Parallel()
				for i, w := range wires {
					for _, role := range []Role{Server, Client} {
						hold(t, setting{wire: w, role: role, loop: loops[(i+size)%len(loops)]}, func(v *villain) {
							v.fragmented(frame.Text, message, size, between)
							v.expectText(message)
							v.goodbye()
						})
					}
				}
			})
		}
	}
}

// fragmented sends a message in fragments, and control frames between.
func (v *villain) fragmented(op frame.Opcode, message string, size int, between frame.Opcode) {
	v.t.Helper()
	var all []byte
	pongs := 0
	for rest := message; ; {
		n := min(size, len(rest))
		all = append(all, v.frame(frame.Header{Opcode: op, Fin: n == len(rest)}, rest[:n])...)
		op = frame.Continuation
		if rest = rest[n:]; rest == "" {
			break
		}
		if between != 0 {
			all = append(all, v.frame(whole(between), "between")...)
		}
		if between == frame.Ping {
			pongs++
		}
		if len(all) > 1<<14 { // don't fill both windows
			v.write(all)
			for all = nil; pongs > 0; pongs-- {
				v.expect(whole(frame.Pong), "between")
			}
		}
	}
	v.write(all)
	for ; pongs > 0; pongs-- {
		v.expect(whole(frame.Pong), "between")
	}
}

// Long messages: in one frame, in fragments, and cut into pieces.
func TestLimits(t *testing.T) {
	const kib, mib = 1 << 10, 1 << 20
	cases := []struct {
		size, fragment, chop int
	}{
		{64 * kib, 0, 0}, {256 * kib, 0, 0}, {mib, 0, 0}, {4 * mib, 0, 0}, {8 * mib, 0, 0}, {16 * mib, 0, 0},
		{4 * mib, 256, 0}, {4 * mib, 4 * kib, 0}, {4 * mib, 64 * kib, 0}, {4 * mib, mib, 0}, {4 * mib, 4*mib - 1, 0}, {mib, 64, 0},
		{mib, 0, 64}, {mib, 0, 512}, {mib, 0, 2048}, {mib, 1000, 999},
	}
	for i, c := range cases {
		if raceDetector && c.size > mib {
			continue // there is nothing new in it for the race detector, and it takes long
		}
		t.Run(fmt.Sprintf("%d_in_%d_by_%d", c.size, c.fragment, c.chop), func(t *testing.T) {
			message := strings.Repeat("0123456789abcdef", c.size/16)
			for j, role := range []Role{Server, Client} {
				w, l, op := wires[(i+j)%2], loops[(i/2+j)%3], frame.Text+frame.Opcode(i%2)
				if c.size > 4*mib {
					w = wires[0]
				}
				hold(t, setting{wire: w, role: role, loop: l, chop: c.chop}, func(v *villain) {
					if c.fragment == 0 {
						v.send(whole(op), message)
					} else {
						v.fragmented(op, message, c.fragment, 0)
					}
					v.expect(whole(op), message)
					v.goodbye()
				})
			}
		})
	}
}

// Many messages, each sent when the last has come back, and many at once.
func TestRoundTrips(t *testing.T) {
	for i, size := range []int{0, 16, 64, 256, 1024, 4096, 16384} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			t.Parallel()
			for j, role := range []Role{Server, Client} {
				hold(t, setting{wire: wires[(i+j)%2], role: role, loop: loops[(i/2)%3]}, func(v *villain) {
					text := strings.Repeat("x", size)
					for range 100 {
						v.text(text)
						v.expectText(text)
					}
					batch := min(100, (60<<10)/(size+14))
					for range batch {
						v.text(text)
					}
					for range batch {
						v.expectText(text)
					}
					v.goodbye()
				})
			}
		})
	}
}

// RFC 6455, section 10.4: what is too long is refused by its header.
func TestMaxMessage(t *testing.T) {
	o := &Options{MaxMessage: 1000}
	short := &Options{MaxMessage: 1000, MaxFrame: 500}
	send := func(h frame.Header, n int) func(v *villain) {
		return func(v *villain) { v.send(h, strings.Repeat("x", n)) }
	}
	begun := frame.Header{Opcode: frame.Binary}
	rest := frame.Header{Fin: true}
	for _, c := range []struct {
		name  string
		steps []func(v *villain)
		code  frame.CloseCode
	}{
		{"frames as long as allowed", []func(v *villain){send(begun, 500), send(rest, 500)}, 0},
		{"a frame a byte longer", []func(v *villain){send(frame.Header{Opcode: frame.Binary, Length: 501}, 0)}, frame.MessageTooBig},
		{"a frame a byte longer, all of it", []func(v *villain){send(whole(frame.Binary), 501)}, frame.MessageTooBig},
		{"a later frame a byte longer", []func(v *villain){send(begun, 1), send(frame.Header{Fin: true, Length: 501}, 0)}, frame.MessageTooBig},
		{"as long as allowed", []func(v *villain){send(whole(frame.Binary), 1000)}, 0},
		{"a byte longer", []func(v *villain){send(frame.Header{Fin: true, Opcode: frame.Binary, Length: 1001}, 0)}, frame.MessageTooBig},
		{"in parts", []func(v *villain){send(begun, 999), send(rest, 1)}, 0},
		{"in parts, a byte longer", []func(v *villain){send(begun, 999), send(frame.Header{Length: 2}, 0)}, frame.MessageTooBig},
		{"two after each other", []func(v *villain){send(whole(frame.Binary), 1000), send(whole(frame.Binary), 1000)}, 0},
		{"pings do not count", []func(v *villain){send(begun, 999), send(whole(frame.Ping), 100), send(rest, 1)}, 0},
		{"a protocol error goes before", []func(v *villain){send(frame.Header{Fin: true, Opcode: 3, Length: 1 << 62}, 0)}, frame.ProtocolError},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := o
			if strings.Contains(c.name, "frame") {
				o = short
			}
			for _, w := range wires {
				for _, role := range []Role{Server, Client} {
					for _, l := range loops {
						hold(t, setting{wire: w, role: role, loop: l, options: o}, func(v *villain) {
							for _, step := range c.steps {
								step(v)
							}
							if c.code != 0 {
								v.expectClose(c.code)
								v.expectEnd()
								return
							}
							v.close(frame.NormalClosure, "")
							for {
								if h, _ := v.next(); h.Opcode == frame.Close {
									break
								}
							}
							v.expectEnd()
						})
					}
				}
			}
		})
	}
}
