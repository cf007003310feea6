package check

import "strings"

// A Finding is what is wrong: the text that says so, and the bytes to compare.
type Finding struct {
	Text
	Verdict Verdict // Failed, NotStrict or NotOffered
	Section string  // of the rule that is broken, if it is not the case's own
	Came    []byte  // the bytes that are wrong, if it is about bytes
	Wanted  []byte  // those that would be right
	grave   bool    // it has failed, whatever the level of the case
	Size    int     // how many bytes are wanted in all, if Wanted is the beginning
}

// found says that something is wrong. Texts of findings begin with "found.".
func found(key string, pairs ...any) *Finding {
	return &Finding{Text: say("found."+key, pairs...), Verdict: Failed}
}

// loose says that something is tolerable.
func loose(key string, pairs ...any) *Finding {
	f := found(key, pairs...)
	f.Verdict = NotStrict
	return f
}

// absent says that something is not there to be graded.
func absent(key string, pairs ...any) *Finding {
	f := found(key, pairs...)
	f.Verdict = NotOffered
	return f
}

func (f *Finding) in(section string) *Finding { f.Section = section; return f }

// bytes are what came and what was wanted.
func (f *Finding) bytes(came, wanted []byte) *Finding {
	f.Came = append([]byte(nil), came[:min(len(came), kept)]...)
	f.Wanted = append([]byte(nil), wanted[:min(len(wanted), kept)]...)
	f.Size = len(wanted)
	return f
}

// Caret is the first byte of Came that differs from Wanted, or -1.
func (f *Finding) Caret() int {
	if len(f.Came) == 0 || len(f.Wanted) == 0 {
		return -1
	}
	n := min(len(f.Came), len(f.Wanted))
	for i := range n {
		if f.Came[i] != f.Wanted[i] {
			return i
		}
	}
	if len(f.Came) == len(f.Wanted) {
		return -1
	}
	return n
}

// Name is what the finding is called, in every language.
func (f *Finding) Name() string { return strings.TrimPrefix(f.Key, "found.") }
