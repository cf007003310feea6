package bots

import "fmt"

// A Kind is what may be wrong with a delivery.
type Kind int

// All there are.
const (
	Lost      Kind = iota // acknowledged, and a member does not have it
	Doubled               // it came twice, or is stored twice
	Reordered             // it came after a later one, or is stored before its sender's earlier one
	Altered               // its text is another one
	Strange               // the hub has said something that makes no sense
	kinds
)

func (k Kind) String() string {
	return [...]string{"lost", "doubled", "reordered", "altered", "strange"}[k]
}

// Faults are how often each kind was found, and the first ones in words.
type Faults struct {
	Count [kinds]int
	First []string
}

const firsts = 10

func (f *Faults) add(k Kind, format string, args ...any) {
	if f.Count[k]++; len(f.First) < firsts {
		f.First = append(f.First, k.String()+": "+fmt.Sprintf(format, args...))
	}
}

func (f *Faults) merge(o *Faults) {
	for k := range o.Count {
		f.Count[k] += o.Count[k]
	}
	f.First = append(f.First, o.First[:min(len(o.First), firsts-len(f.First))]...)
}

// Any says whether there is one.
func (f *Faults) Any() bool { return f.Count != [kinds]int{} }
