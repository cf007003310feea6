package deflate

import (
	"math"
	"slices"
)

// An inflater decompresses one message after the other. What it knows of a
// message ends with it.
type inflater struct {
	bitReader

	out    []byte  // where the message goes: as long as there is room
	begin  int     // where in out it begins
	at     int     // where it goes on
	most   int     // where it must end
	size   int     // how far back a match may be
	before *window // what was before the message, nil if nothing

	litLen   decoder
	distance decoder
}

// room is what there must be in out for the next symbols: three literals, and
// a match, which is copied 16 bytes at a time.
const room = 3 + maxMatch + 15

// run decompresses a message to the end of dst.
//
// RFC 7692, section 7.2.2.
func (z *inflater) run(dst, compressed []byte, limit int) ([]byte, error) {
	z.bitReader = bitReader{b: compressed}
	z.begin, z.at = len(dst), len(dst)
	z.most = len(dst) + min(limit, math.MaxInt-len(dst)-room)
	z.out = dst[:min(cap(dst), z.most+room)]
	err := z.blocks()
	if err == nil && z.at > z.most {
		err = ErrTooBig
	}
	out := z.out[:z.at]
	z.out, z.b = nil, nil
	if err != nil {
		return out[:z.begin], err
	}
	return out, nil
}

// blocks decompresses block after block to the end of the message.
func (z *inflater) blocks() error {
	for {
		if err := z.refill(); err != nil {
			return err
		}
		final := z.waiting&1 != 0
		kind := z.waiting >> 1 & 3
		z.skip(3)
		var err error
		switch kind {
		case storedBlock:
			err = z.stored()
		case fixedBlock:
			err = z.coded(fixedLitLen, fixedDistance)
		case dynamicBlock:
			if err = z.header(); err == nil {
				err = z.coded(&z.litLen, &z.distance)
			}
		default:
			err = broken("7.2.2", "a block of a kind that does not exist")
		}
		if err != nil {
			return err
		}
		// RFC 7692, sections 7.2.1 and 7.2.3.4: a final block is padded to a whole byte, and the next follows it.
		if final {
			z.skip(z.n & 7)
		}
		switch left := z.left(); {
		case left < 0:
			return errTruncated
		case left == 0:
			return nil
		case final && left == 8*len(tail): // nobody needs what follows the final block: only the tail
			return nil
		}
	}
}

// stored takes bytes as they are, behind their number and its complement.
//
// RFC 1951, section 3.2.4.
func (z *inflater) stored() error {
	z.skip(z.n & 7)
	if err := z.refill(); err != nil {
		return err
	}
	n := int(z.waiting & 0xffff)
	if n^0xffff != int(z.waiting>>16&0xffff) {
		return broken("7.2.2", "a stored block that says two lengths")
	}
	z.skip(32)
	for n > 0 {
		bytes := z.bytes(n)
		if len(bytes) == 0 {
			return errTruncated
		}
		n -= len(bytes)
		if len(bytes) > z.most-z.at {
			return ErrTooBig
		}
		if len(bytes) > len(z.out)-z.at {
			if err := z.grow(len(bytes)); err != nil {
				return err
			}
		}
		z.at += copy(z.out[z.at:], bytes)
	}
	return nil
}

// header reads the lengths of a block's codes, and makes decoders of them.
//
// RFC 1951, section 3.2.7.
func (z *inflater) header() error {
	if err := z.refill(); err != nil {
		return err
	}
	litLen := firstLength + int(z.waiting&31) // HLIT
	distance := 1 + int(z.waiting>>5&31)      // HDIST
	n := 4 + int(z.waiting>>10&15)            // HCLEN
	z.skip(5 + 5 + 4)
	if litLen > litLens || distance > distances {
		return broken("7.2.2", "codes for symbols that do not exist")
	}
	var lengths [len(lengthsOrder)]uint8
	for _, symbol := range lengthsOrder[:n] {
		if err := z.refill(); err != nil {
			return err
		}
		lengths[symbol] = uint8(z.waiting & 7)
		z.skip(3)
	}
	codes := &z.distance // it is needed for this first
	if !codes.build(lengths[:], lengthEntries[:]) {
		return broken("7.2.2", "impossible codes for the lengths of codes")
	}

	var both [litLens + distances]uint8
	for i := 0; i < litLen+distance; {
		if err := z.refill(); err != nil {
			return err
		}
		e := codes.table[z.waiting%(1<<lookup)]
		if e&special != 0 {
			return broken("7.2.2", "no code for the length of a code")
		}
		z.skip(e.len())
		length, run := uint8(e.value()), 1
		if length >= repeatLast {
			extra := repeatBits[length]
			run = int(z.waiting & (1<<extra - 1))
			z.skip(uint(extra))
			switch length {
			case repeatLast:
				if i == 0 {
					return broken("7.2.2", "a repetition of no length")
				}
				length = both[i-1]
				run += 3
			case repeatZero:
				length = 0
				run += 3
			case repeatZeroes:
				length = 0
				run += 11
			}
		}
		if run > litLen+distance-i {
			return broken("7.2.2", "more lengths than codes")
		}
		for range run {
			both[i] = length
			i++
		}
	}
	if !z.litLen.build(both[:litLen], litLenEntries[:]) {
		return broken("7.2.2", "impossible codes for literals and lengths")
	}
	if !z.distance.build(both[litLen:litLen+distance], distanceEntries[:]) {
		return broken("7.2.2", "impossible codes for distances")
	}
	return nil
}

// grow makes room for n more bytes, unless the message is too big already.
func (z *inflater) grow(n int) error {
	if z.at > z.most {
		return ErrTooBig
	}
	size := max(z.at+n, min(2*len(z.out), z.most+room), min(z.begin+4*len(z.b), z.most+room))
	z.out = slices.Grow(z.out[:z.at], size-z.at)
	z.out = z.out[:min(cap(z.out), z.most+room)]
	return nil
}
