package check

// A stream is DEFLATE (RFC 1951) written by hand, for what no compressor
// writes. Bits are put into bytes from the lowest on.
type stream struct {
	b []byte
	n uint // how many bits of the last byte are used, 0 is all
}

func (s *stream) bits(value uint32, count int) *stream {
	for ; count > 0; count-- {
		if s.n == 0 {
			s.b = append(s.b, 0)
		}
		s.b[len(s.b)-1] |= byte(value&1) << s.n
		s.n = (s.n + 1) % 8
		value >>= 1
	}
	return s
}

// code is a Huffman code, whose highest bit comes first.
func (s *stream) code(value uint32, count int) *stream {
	for i := count - 1; i >= 0; i-- {
		s.bits(value>>i, 1)
	}
	return s
}

func (s *stream) align() *stream { s.n = 0; return s }

// header begins a block: 0 is stored, 1 has fixed codes, 2 its own.
func (s *stream) header(final bool, kind uint32) *stream {
	bit := uint32(0)
	if final {
		bit = 1
	}
	return s.bits(bit, 1).bits(kind, 2)
}

// stored is a block of bytes as they are.
func (s *stream) stored(final bool, p string) *stream {
	s.header(final, 0).align()
	n := len(p)
	s.b = append(s.b, byte(n), byte(n>>8), ^byte(n), ^byte(n>>8))
	s.b = append(s.b, p...)
	return s
}

// fixed is a block of literals in fixed codes.
func (s *stream) fixed(final bool, p string) *stream {
	return s.header(final, 1).literals(p).symbol(256)
}

func (s *stream) literals(p string) *stream {
	for i := range len(p) {
		s.symbol(int(p[i]))
	}
	return s
}

// symbol is one symbol in the fixed codes of RFC 1951, section 3.2.6.
func (s *stream) symbol(v int) *stream {
	switch {
	case v < 144:
		return s.code(uint32(0x30+v), 8)
	case v < 256:
		return s.code(uint32(0x190+v-144), 9)
	case v < 280:
		return s.code(uint32(v-256), 7)
	}
	return s.code(uint32(0xc0+v-280), 8)
}

// match is a reference to bytes that have been, in fixed codes: length is 3
// to 10.
func (s *stream) match(length, distance int) *stream {
	s.symbol(254 + length)
	// RFC 1951, section 3.2.5: distance codes
	code, base, extra := 0, 1, 0
	for c := range 30 {
		e := max(0, c/2-1)
		if distance < base+1<<e {
			code, extra = c, e
			break
		}
		base += 1 << e
	}
	return s.code(uint32(code), 5).bits(uint32(distance-base), extra)
}

// flush ends a message as RFC 7692, section 7.2.1, wants it: with an empty
// stored block, of which the last four bytes are left out.
func (s *stream) flush() []byte { return s.header(false, 0).align().b }
