package frame

import (
	"bytes"
	"errors"
	"testing"
)

// A codecRow is a header and its bytes: each can be made from the other.
type codecRow struct {
	name    string
	section string // of RFC 6455
	header  Header
	bytes   []byte
}

var codecRows = []codecRow{{
	name:    "text, unmasked, shortest",
	section: "5.2",
	header:  Header{Fin: true, Opcode: Text},
	bytes: []byte{
		0b1_000_0001, // FIN, text
		0b0_0000000,  // no mask, 0 bytes
	},
}, {
	name:    "text, unmasked",
	section: "5.7",
	header:  Header{Fin: true, Opcode: Text, Length: 5},
	bytes: []byte{
		0b1_000_0001, // FIN, text
		5,            // no mask, 5 bytes
	},
}, {
	name:    "text, masked",
	section: "5.7",
	header:  Header{Fin: true, Opcode: Text, Masked: true, Key: [4]byte{0x37, 0xfa, 0x21, 0x3d}, Length: 5},
	bytes: []byte{
		0b1_000_0001,           // FIN, text
		0x80 | 5,               // mask, 5 bytes
		0x37, 0xfa, 0x21, 0x3d, // the key
	},
}, {
	name:    "first fragment",
	section: "5.4",
	header:  Header{Opcode: Text, Length: 3},
	bytes: []byte{
		0b0_000_0001, // more follows, text
		3,            // 3 bytes
	},
}, {
	name:    "middle fragment",
	section: "5.4",
	header:  Header{Opcode: Continuation, Length: 1},
	bytes: []byte{
		0b0_000_0000, // more follows, continuation
		1,            // 1 byte
	},
}, {
	name:    "last fragment",
	section: "5.4",
	header:  Header{Fin: true, Opcode: Continuation, Length: 2},
	bytes: []byte{
		0b1_000_0000, // FIN, continuation
		2,            // 2 bytes
	},
}, {
	name:    "close, masked with zeros",
	section: "5.5.1",
	header:  Header{Fin: true, Opcode: Close, Masked: true, Length: 2},
	bytes: []byte{
		0b1_000_1000, // FIN, close
		0x80 | 2,     // mask, 2 bytes: a code
		0, 0, 0, 0,   // the key: a bad one, but a key
	},
}, {
	name:    "ping, as long as it may be",
	section: "5.5",
	header:  Header{Fin: true, Opcode: Ping, Length: 125},
	bytes: []byte{
		0b1_000_1001, // FIN, ping
		125,          // the last length of seven bits
	},
}, {
	name:    "pong",
	section: "5.5.3",
	header:  Header{Fin: true, Opcode: Pong},
	bytes: []byte{
		0b1_000_1010, // FIN, pong
		0,            // 0 bytes
	},
}, {
	name:    "shortest length of 16 bits",
	section: "5.2",
	header:  Header{Fin: true, Opcode: Binary, Length: 126},
	bytes: []byte{
		0b1_000_0010, // FIN, binary
		126,          // the length is in the next 2 bytes
		0, 126,       // 126 bytes
	},
}, {
	name:    "the RFC's 256 bytes",
	section: "5.7",
	header:  Header{Fin: true, Opcode: Binary, Length: 256},
	bytes: []byte{
		0b1_000_0010, // FIN, binary
		126,          // the length is in the next 2 bytes
		1, 0,         // 256 bytes
	},
}, {
	name:    "longest length of 16 bits, masked",
	section: "5.2",
	header:  Header{Fin: true, Opcode: Binary, Masked: true, Key: [4]byte{1, 2, 3, 4}, Length: 65535},
	bytes: []byte{
		0b1_000_0010, // FIN, binary
		0x80 | 126,   // mask, the length is in the next 2 bytes
		0xff, 0xff,   // 65,535 bytes
		1, 2, 3, 4, // the key
	},
}, {
	name:    "the RFC's 64 KiB: shortest length of 64 bits",
	section: "5.7",
	header:  Header{Fin: true, Opcode: Binary, Length: 65536},
	bytes: []byte{
		0b1_000_0010,           // FIN, binary
		127,                    // the length is in the next 8 bytes
		0, 0, 0, 0, 0, 1, 0, 0, // 65,536 bytes
	},
}, {
	name:    "longest length of all, masked",
	section: "5.2",
	header:  Header{Fin: true, Opcode: Binary, Masked: true, Key: [4]byte{0xff, 0, 0xff, 0}, Length: 1<<63 - 1},
	bytes: []byte{
		0b1_000_0010,                                   // FIN, binary
		0x80 | 127,                                     // mask, the length is in the next 8 bytes
		0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, // 2^63-1 bytes
		0xff, 0, 0xff, 0, // the key
	},
}, {
	name:    "compressed",
	section: "5.8", // and RFC 7692, section 6.1
	header:  Header{Fin: true, RSV: RSV1, Opcode: Text, Length: 7},
	bytes: []byte{
		0b1_100_0001, // FIN, RSV1, text
		7,            // 7 bytes
	},
}, {
	name:    "wrong: all reserved bits, a reserved opcode",
	section: "5.2",
	header:  Header{RSV: RSV1 | RSV2 | RSV3, Opcode: 0xF, Length: 0},
	bytes: []byte{
		0b0_111_1111, // RSV1, RSV2, RSV3, opcode 15
		0,            // 0 bytes
	},
}, {
	name:    "wrong: RSV2 and a reserved data opcode",
	section: "5.2",
	header:  Header{Fin: true, RSV: RSV2, Opcode: 0x3},
	bytes: []byte{
		0b1_010_0011, // FIN, RSV2, opcode 3
		0,            // 0 bytes
	},
}, {
	name:    "wrong: RSV3",
	section: "5.2",
	header:  Header{Fin: true, RSV: RSV3, Opcode: Binary},
	bytes: []byte{
		0b1_001_0010, // FIN, RSV3, binary
		0,            // 0 bytes
	},
}, {
	name:    "wrong: nothing in 16 bits",
	section: "5.2",
	header:  Header{Fin: true, Opcode: Text, Form: In16Bits},
	bytes: []byte{
		0b1_000_0001, // FIN, text
		126,          // the length is in the next 2 bytes
		0, 0,         // 0 bytes: fits in 7 bits
	},
}, {
	name:    "wrong: 125 in 16 bits, masked",
	section: "5.2",
	header:  Header{Fin: true, Opcode: Text, Masked: true, Key: [4]byte{9, 8, 7, 6}, Length: 125, Form: In16Bits},
	bytes: []byte{
		0b1_000_0001, // FIN, text
		0x80 | 126,   // mask, the length is in the next 2 bytes
		0, 125,       // 125 bytes: fits in 7 bits
		9, 8, 7, 6, // the key
	},
}, {
	name:    "wrong: 5 in 64 bits",
	section: "5.2",
	header:  Header{Fin: true, Opcode: Text, Length: 5, Form: In64Bits},
	bytes: []byte{
		0b1_000_0001,           // FIN, text
		127,                    // the length is in the next 8 bytes
		0, 0, 0, 0, 0, 0, 0, 5, // 5 bytes: fits in 7 bits
	},
}, {
	name:    "wrong: 65,535 in 64 bits",
	section: "5.2",
	header:  Header{Fin: true, Opcode: Binary, Length: 65535, Form: In64Bits},
	bytes: []byte{
		0b1_000_0010,                 // FIN, binary
		127,                          // the length is in the next 8 bytes
		0, 0, 0, 0, 0, 0, 0xff, 0xff, // 65,535 bytes: fits in 16 bits
	},
}, {
	name:    "wrong: the highest bit of 64, alone",
	section: "5.2",
	header:  Header{Fin: true, Opcode: Binary, Length: 1 << 63},
	bytes: []byte{
		0b1_000_0010,              // FIN, binary
		127,                       // the length is in the next 8 bytes
		0x80, 0, 0, 0, 0, 0, 0, 0, // 2^63 bytes, or -2^63
	},
}, {
	name:    "wrong: all bits of 64",
	section: "5.2",
	header:  Header{Opcode: Continuation, Masked: true, Key: [4]byte{1, 1, 1, 1}, Length: 1<<64 - 1},
	bytes: []byte{
		0b0_000_0000,                                   // more follows, continuation
		0x80 | 127,                                     // mask, the length is in the next 8 bytes
		0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, // 2^64-1 bytes, or -1
		1, 1, 1, 1, // the key
	},
}, {
	name:    "wrong: a long ping",
	section: "5.5",
	header:  Header{Fin: true, Opcode: Ping, Length: 126},
	bytes: []byte{
		0b1_000_1001, // FIN, ping
		126,          // the length is in the next 2 bytes
		0, 126,       // 126 bytes
	},
}}

func TestCodec(t *testing.T) {
	for _, row := range codecRows {
		t.Run(row.name, func(t *testing.T) {
			if got := Append(nil, row.header); !bytes.Equal(got, row.bytes) {
				t.Errorf("Append: got % x, want % x (RFC 6455, section %s)", got, row.bytes, row.section)
			}
			if got := Append([]byte("before"), row.header); !bytes.Equal(got, append([]byte("before"), row.bytes...)) {
				t.Errorf("Append after other bytes: % x", got)
			}
			if got := row.header.Size(); got != len(row.bytes) || got > MaxHeaderSize {
				t.Errorf("Size: got %d, want %d, at most %d", got, len(row.bytes), MaxHeaderSize)
			}
			for _, b := range [][]byte{row.bytes, append(bytes.Clone(row.bytes), "payload"...)} {
				got, n, err := Parse(b)
				if got != row.header || n != len(row.bytes) || err != nil {
					t.Errorf("Parse(% x): got %+v, %d, %v, want %+v, %d (RFC 6455, section %s)",
						b, got, n, err, row.header, len(row.bytes), row.section)
				}
			}
			for i := range row.bytes {
				got, n, err := Parse(row.bytes[:i])
				if got != (Header{}) || n != 0 || !errors.Is(err, ErrShort) {
					t.Errorf("Parse of the first %d bytes: got %+v, %d, %v, want ErrShort", i, got, n, err)
				}
			}
		})
	}
}

// FuzzParse gives Parse any bytes: what it takes is what Append writes.
func FuzzParse(f *testing.F) {
	for _, row := range codecRows {
		f.Add(row.bytes)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		h, n, err := Parse(b)
		if err != nil {
			if !errors.Is(err, ErrShort) || n != 0 || h != (Header{}) || len(b) >= MaxHeaderSize {
				t.Fatalf("Parse(% x): got %+v, %d, %v", b, h, n, err)
			}
			return
		}
		if got := Append(nil, h); !bytes.Equal(got, b[:n]) {
			t.Fatalf("Parse took % x, Append wrote % x", b[:n], got)
		}
		if h.Size() != n {
			t.Fatalf("Parse took %d bytes, Size is %d", n, h.Size())
		}
		_ = Check(h, State{FromClient: h.Masked})
	})
}

// FuzzAppend gives Append any header: Parse reads the same one.
func FuzzAppend(f *testing.F) {
	for _, row := range codecRows {
		h := row.header
		f.Add(h.Fin, h.RSV, byte(h.Opcode), h.Masked, h.Key[:], h.Length, byte(h.Form))
	}
	f.Fuzz(func(t *testing.T, fin bool, rsv, opcode byte, masked bool, key []byte, length uint64, form byte) {
		h := Header{Fin: fin, RSV: rsv & rsvBits, Opcode: Opcode(opcode & opBits), Masked: masked, Length: length}
		if masked {
			copy(h.Key[:], key)
		}
		switch { // a form that is longer than the shortest
		case form%3 == byte(In16Bits) && length <= max7:
			h.Form = In16Bits
		case form%3 == byte(In64Bits) && length <= max16:
			h.Form = In64Bits
		}
		b := Append(nil, h)
		if got, n, err := Parse(b); got != h || n != len(b) || n != h.Size() || err != nil {
			t.Fatalf("Append wrote % x: Parse got %+v, %d, %v, want %+v", b, got, n, err, h)
		}
	})
}

func TestCodecAllocs(t *testing.T) {
	b := make([]byte, 0, MaxHeaderSize)
	row := codecRows[2]
	allocs := testing.AllocsPerRun(100, func() {
		b = Append(b[:0], row.header)
		if h, _, err := Parse(b); err != nil || Check(h, State{FromClient: true}) != nil {
			t.Fatal("a right header is wrong")
		}
	})
	if allocs != 0 {
		t.Errorf("%v allocations, want 0", allocs)
	}
}
