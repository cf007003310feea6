package deflate

import (
	"errors"
	"slices"
)

// plainInflate decompresses a message as the RFCs say it, bit by bit, behind
// the messages before it. It also says how far back the farthest match was.
// It is what the fast way is compared with.
func plainInflate(before, compressed []byte) (message []byte, farthest int, err error) {
	p := plain{in: append(slices.Clone(compressed), tail[:]...), out: slices.Clone(before)}
	for !p.failed {
		final := p.bits(1) == 1
		switch p.bits(2) {
		case storedBlock:
			p.stored()
		case fixedBlock:
			p.coded(newPlainCode(fixedLitLens[:]), newPlainCode(fixedDistances[:]))
		case dynamicBlock:
			p.coded(p.header())
		default:
			p.failed = true
		}
		if final {
			p.align()
		}
		if left := 8*len(p.in) - p.at; left == 0 || final && left == 8*len(tail) {
			break
		}
	}
	if p.failed {
		return nil, p.farthest, errPlain
	}
	return p.out[len(before):], p.farthest, nil
}

var errPlain = errors.New("it is not right")

type plain struct {
	in       []byte
	at       int // in bits
	out      []byte
	farthest int
	failed   bool
}

func (p *plain) bits(n int) (v int) {
	for i := range n {
		if p.at >= 8*len(p.in) {
			p.failed = true
			return 0
		}
		v |= int(p.in[p.at/8]>>(p.at%8)&1) << i
		p.at++
	}
	return v
}

func (p *plain) align() { p.at = (p.at + 7) / 8 * 8 }

func (p *plain) stored() {
	p.align()
	n := p.bits(16)
	if p.bits(16) != n^0xffff {
		p.failed = true
	}
	for i := 0; i < n && !p.failed; i++ {
		p.out = append(p.out, byte(p.bits(8)))
	}
}

// A plainCode has the symbol of each code, plus one. The codes are numbers:
// a 1, and then the bits.
type plainCode struct {
	symbols [1 << 16]uint16
	wrong   bool
}

func newPlainCode(lengths []uint8) *plainCode {
	c := new(plainCode)
	code, used, longest := 0, 0, 0 // of 1<<15 codes of 15 bits
	for length := 1; length <= 15; length++ {
		for symbol, l := range lengths {
			if int(l) == length {
				c.symbols[(1<<length|code)&0xffff] = uint16(symbol + 1)
				code++
				used += 1 << (15 - length)
				longest = length
			}
		}
		code <<= 1
	}
	c.wrong = used > 1<<15 || used < 1<<15 && longest > 1
	return c
}

func (p *plain) symbol(c *plainCode) int {
	code := 1
	for range 15 {
		code = code<<1 | p.bits(1)
		if symbol := int(c.symbols[code]); symbol > 0 && !p.failed {
			return symbol - 1
		}
	}
	p.failed = true
	return endOfBlock
}

func (p *plain) header() (litLen, distance *plainCode) {
	nl, nd, n := p.bits(5)+257, p.bits(5)+1, p.bits(4)+4
	var order [19]uint8
	for _, symbol := range lengthsOrder[:n] {
		order[symbol] = uint8(p.bits(3))
	}
	code := newPlainCode(order[:])
	p.failed = p.failed || code.wrong || nl > 286 || nd > 30
	var lengths []uint8
	for len(lengths) < nl+nd && !p.failed {
		switch symbol := p.symbol(code); symbol {
		case repeatLast:
			if len(lengths) == 0 {
				p.failed = true
				break
			}
			last := lengths[len(lengths)-1]
			lengths = append(lengths, slices.Repeat([]uint8{last}, 3+p.bits(2))...)
		case repeatZero:
			lengths = append(lengths, make([]uint8, 3+p.bits(3))...)
		case repeatZeroes:
			lengths = append(lengths, make([]uint8, 11+p.bits(7))...)
		default:
			lengths = append(lengths, uint8(symbol))
		}
	}
	if p.failed || len(lengths) > nl+nd {
		p.failed = true
		return nil, nil
	}
	litLen, distance = newPlainCode(lengths[:nl]), newPlainCode(lengths[nl:])
	p.failed = litLen.wrong || distance.wrong
	return litLen, distance
}

func (p *plain) coded(litLen, distance *plainCode) {
	for !p.failed {
		symbol := p.symbol(litLen)
		switch {
		case symbol == endOfBlock:
			return
		case symbol < endOfBlock:
			p.out = append(p.out, byte(symbol))
			continue
		case symbol >= litLens:
			p.failed = true
			return
		}
		symbol -= firstLength
		length := int(lengthBase[symbol]) + p.bits(int(lengthExtra[symbol]))
		symbol = p.symbol(distance)
		if symbol >= distances {
			p.failed = true
			return
		}
		back := int(distanceBase[symbol]) + p.bits(int(distanceExtra[symbol]))
		if back > len(p.out) {
			p.failed = true
			return
		}
		p.farthest = max(p.farthest, back)
		for range length {
			p.out = append(p.out, p.out[len(p.out)-back])
		}
	}
}
