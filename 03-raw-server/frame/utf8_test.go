package frame

import (
	"testing"
	"unicode/utf8"
)

// utf8Rows are texts and where they go wrong: at which byte no continuation
// can make them right any more, -1 if they are right, and len if only the end
// comes too early.
//
// RFC 3629, section 4.
var utf8Rows = []struct {
	name, text string
	wrongAt    int
}{
	{"empty", "", -1},
	{"ASCII", "plain old text, of more than eight bytes", -1},
	{"NUL", "\x00", -1},
	{"last of one byte", "\x7f", -1},
	{"first of two bytes", "\xc2\x80", -1},
	{"last of two bytes", "\xdf\xbf", -1},
	{"first of three bytes", "\xe0\xa0\x80", -1},
	{"last before the surrogates", "\xed\x9f\xbf", -1},
	{"first after the surrogates", "\xee\x80\x80", -1},
	{"the replacement character", "\xef\xbf\xbd", -1},
	{"a noncharacter", "\xef\xbf\xbf", -1},
	{"first of four bytes", "\xf0\x90\x80\x80", -1},
	{"last of all", "\xf4\x8f\xbf\xbf", -1},
	{"a mixture", "olá, κόσμε, 世界, 😀!", -1},

	{"a continuation, alone", "\x80", 0},
	{"a continuation, after text", "text\xbf", 4},
	{"one continuation too many", "\xc3\xa9\xa9", 2},
	{"overlong in two bytes: 0", "\xc0\x80", 0},
	{"overlong in two bytes: 7F", "\xc1\xbf", 0},
	{"overlong in three bytes: 0", "\xe0\x80\x80", 1},
	{"overlong in three bytes: 7FF", "\xe0\x9f\xbf", 1},
	{"overlong in four bytes: 0", "\xf0\x80\x80\x80", 1},
	{"overlong in four bytes: FFFF", "\xf0\x8f\xbf\xbf", 1},
	{"first surrogate: D800", "\xed\xa0\x80", 1},
	{"last surrogate: DFFF", "\xed\xbf\xbf", 1},
	{"a pair of surrogates", "\xed\xa0\x80\xed\xb0\x80", 1},
	{"110000", "\xf4\x90\x80\x80", 1},
	{"140000", "\xf5\x80\x80\x80", 0},
	{"five bytes", "\xf8\x88\x80\x80\x80", 0},
	{"six bytes", "\xfc\x84\x80\x80\x80\x80", 0},
	{"FE", "\xfe", 0},
	{"FF", "a\xff", 1},
	{"ASCII where a second byte should be", "\xc3A", 1},
	{"ASCII where a third byte should be", "\xe2\x82A", 2},
	{"ASCII where a fourth byte should be", "\xf0\x9f\x98A", 3},
	{"a new character inside another", "\xe2\x82\xe2\x82\xac", 2},
	{"wrong after much that is right", "κόσμε\xed\xa0\x80edited", 11},

	{"cut: one of two", "\xc3", 1},
	{"cut: one of three", "a\xe2", 2},
	{"cut: two of three", "a\xe2\x82", 3},
	{"cut: one of four", "\xf0", 1},
	{"cut: two of four", "\xf0\x9f", 2},
	{"cut: three of four", "\xf0\x9f\x98", 3},
}

// wrongAt is the plain way to the same answer: the automaton of the table in
// RFC 3629, section 4, one byte after the other.
func wrongAt(text string) int {
	left := 0                           // how many bytes the character still needs
	low, high := byte(0x80), byte(0xbf) // between which the next of them is
	for i, c := range []byte(text) {
		switch {
		case left > 0 && (c < low || c > high):
			return i
		case left > 0:
			left--
			low, high = 0x80, 0xbf
		case c <= 0x7f:
		case c >= 0xc2 && c <= 0xdf:
			left = 1
		case c == 0xe0:
			left, low = 2, 0xa0
		case c == 0xed:
			left, high = 2, 0x9f
		case c >= 0xe1 && c <= 0xef:
			left = 2
		case c == 0xf0:
			left, low = 3, 0x90
		case c >= 0xf1 && c <= 0xf3:
			left = 3
		case c == 0xf4:
			left, high = 3, 0x8f
		default:
			return i
		}
	}
	if left > 0 {
		return len(text)
	}
	return -1
}

// checkUTF8 gives the text to UTF8 in parts that end at the cuts, and wants
// the first no in the part where the text goes wrong.
func checkUTF8(t *testing.T, text string, wrongAt int, cuts ...int) {
	t.Helper()
	var u UTF8
	start := 0
	for _, end := range append(cuts, len(text)) {
		part := []byte(text[start:end])
		got, want := u.Next(part), wrongAt < 0 || wrongAt >= end
		for i := range part {
			part[i] = 0xff // UTF8 keeps no part of what it was given
		}
		if got != want {
			t.Fatalf("%+q in parts %v: after %d bytes it is %v, want %v", text, cuts, end, got, want)
		}
		if !got {
			return
		}
		start = end
	}
	if u.Done() != (wrongAt < 0) {
		t.Fatalf("%+q in parts %v: done is %v", text, cuts, u.Done())
	}
}

func TestUTF8(t *testing.T) {
	for _, row := range utf8Rows {
		t.Run(row.name, func(t *testing.T) {
			if got := wrongAt(row.text); got != row.wrongAt || (got < 0) != utf8.ValidString(row.text) {
				t.Fatalf("the row is wrong: %d or %d?", got, row.wrongAt)
			}
			checkUTF8(t, row.text, row.wrongAt)
			var all []int
			for i := range len(row.text) {
				all = append(all, i)
				for j := i; j < len(row.text); j++ {
					checkUTF8(t, row.text, row.wrongAt, i, j)
				}
			}
			checkUTF8(t, row.text, row.wrongAt, all...) // byte by byte
			for _, before := range []string{"seven b", "eight by", "éé", "😀"} {
				text, at := before+row.text+" and after", row.wrongAt
				if at >= 0 {
					at += len(before) // a cut one goes wrong at the space
				}
				for i := range len(text) {
					checkUTF8(t, text, at, i)
				}
			}
		})
	}
}

// One UTF8 checks one text after the other.
func TestUTF8Again(t *testing.T) {
	var u UTF8
	for range 3 {
		if !u.Next([]byte("ol\xc3")) || u.Done() || !u.Next([]byte("\xa1")) || !u.Done() {
			t.Fatal("olá is wrong")
		}
	}
}

// FuzzUTF8 cuts any text into any parts: bit i of cuts, over and over, says
// whether there is a cut before byte i.
func FuzzUTF8(f *testing.F) {
	for _, row := range utf8Rows {
		f.Add(row.text, uint64(0))
		f.Add(row.text, uint64(0b1001))
		f.Add(row.text, ^uint64(0))
	}
	f.Fuzz(func(t *testing.T, text string, cuts uint64) {
		var at []int
		for i := range len(text) {
			if cuts>>(i%64)&1 != 0 {
				at = append(at, i)
			}
		}
		want := wrongAt(text)
		if (want < 0) != utf8.ValidString(text) {
			t.Fatalf("%+q: the reference says %d", text, want)
		}
		checkUTF8(t, text, want, at...)
	})
}

func TestUTF8Allocs(t *testing.T) {
	text := []byte("olá, κόσμε, 世界, 😀!")
	allocs := testing.AllocsPerRun(100, func() {
		var u UTF8
		for i := range text {
			if !u.Next(text[i : i+1]) {
				t.Fatal("it is wrong")
			}
		}
	})
	if allocs != 0 {
		t.Errorf("%v allocations, want 0", allocs)
	}
}
