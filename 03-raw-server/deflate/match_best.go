package deflate

import "encoding/binary"

// maxLevel looks longest.
const maxLevel = 9

// findBest is find for those with more time than room: it tries several
// earlier places, and gives up a match for a longer one a byte later.
func (f *finder) findBest(list []token, bytes []byte, level int) []token {
	if f.before == nil {
		f.before = make([]uint16, 1<<16)
	}
	tries := 1 << (level - 1)
	s, n := f.add(bytes), 0
	b := f.b
	for i := max(1, s-ahead+1); i < s && i+ahead <= len(b); i++ {
		f.put(i)
	}
	for s+ahead <= len(b) {
		length, distance := f.best(s, tries)
		for length > 0 && s+1+ahead <= len(b) {
			later, d := f.best(s+1, tries)
			if later <= length {
				break
			}
			list[n] = token(b[s])
			n++
			s++
			length, distance = later, d
		}
		if length == 0 {
			list[n] = token(b[s])
			n++
			s++
			continue
		}
		n += appendMatch(list[n:], length, distance)
		for i := s + 2; i < s+length && i+ahead <= len(b); i++ {
			f.put(i)
		}
		s += length
	}
	for _, c := range b[s:] {
		list[n] = token(c)
		n++
	}
	list[n] = endOfBlock
	return list[:n+1]
}

// best is the longest match at s, of length 0 if there is none.
func (f *finder) best(s, tries int) (length, distance int) {
	v := binary.LittleEndian.Uint32(f.b[s:])
	place := f.put(s)
	for ; tries > 0 && length < maxMatch && place < s && s-place <= f.window; tries-- {
		if binary.LittleEndian.Uint32(f.b[place:]) == v {
			if n := f.length(s, s-place); n > length {
				length, distance = n, s-place
			}
		}
		before := int(f.before[place])
		if before >= place {
			break
		}
		place = before
	}
	return length, distance
}

// put remembers s, and says which place had the same hash before it.
func (f *finder) put(s int) int {
	last := &f.last[hash(binary.LittleEndian.Uint64(f.b[s:]))]
	f.before[s] = *last
	*last = uint16(s)
	return int(f.before[s])
}
