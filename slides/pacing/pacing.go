// Package pacing reads how long each block of the talk may take. The table
// stands in INSTRUCTOR.md, where a person reads it too:
//
//	| block     | 45 min | 90 min | 3 h 30 | what happens |
//	|-----------|-------:|-------:|-------:|--------------|
//	| `opening` |      3 |      5 |     10 | ...          |
//	| `cost`    |      - |      5 |     15 | ...          |
//
// A cell is in minutes. A block without them is cut in a talk of that length.
package pacing

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// A Table is the blocks in their order, for each length of the talk.
type Table struct {
	Lengths []int // in minutes: 45, 90, 210
	Blocks  []Block
}

// A Block is a part of the talk.
type Block struct {
	ID      string
	Minutes []int // for each length; 0 is cut
}

// Parse finds the one table whose first column is called block, or bloco.
func Parse(document []byte) (*Table, error) {
	var table *Table
	inside := false
	number := 0
	for line := range bytes.Lines(document) {
		number++
		cells := split(string(line))
		switch {
		case cells == nil:
			inside = false
		case !inside && (cells[0] == "block" || cells[0] == "bloco"):
			if table != nil {
				return nil, fmt.Errorf("line %d: a second table of blocks: there can be one only", number)
			}
			table, inside = &Table{Lengths: lengths(cells[1:])}, true
			if len(table.Lengths) == 0 {
				return nil, fmt.Errorf("line %d: %q is no length: write columns such as 45 min, 90 min and 3 h 30", number, strings.Join(cells[1:], ", "))
			}
		case inside && !isRule(cells):
			block, err := table.block(cells)
			if err != nil {
				return nil, fmt.Errorf("line %d: %w", number, err)
			}
			table.Blocks = append(table.Blocks, block)
		}
	}
	if table == nil || len(table.Blocks) == 0 {
		return nil, fmt.Errorf("there is no table of blocks: its header begins with | block | 45 min |")
	}
	return table, nil
}

// split returns the cells of a table's row, or nil.
func split(line string) []string {
	line = strings.TrimSpace(line)
	if len(line) < 2 || line[0] != '|' || line[len(line)-1] != '|' {
		return nil
	}
	cells := strings.Split(line[1:len(line)-1], "|")
	for i := range cells {
		cells[i] = strings.TrimSpace(cells[i])
	}
	return cells
}

// isRule says whether it is the line below the header.
func isRule(cells []string) bool {
	return !slices.ContainsFunc(cells, func(cell string) bool { return strings.Trim(cell, ":-") != "" || cell == "-" })
}

var (
	minutes = regexp.MustCompile(`^(\d+) min$`)
	hours   = regexp.MustCompile(`^(\d+) h(?: (\d\d))?$`)
)

// lengths are those of the columns which name one; the others are for people.
func lengths(cells []string) (list []int) {
	for _, cell := range cells {
		if m := minutes.FindStringSubmatch(cell); m != nil {
			list = append(list, atoi(m[1]))
		} else if m := hours.FindStringSubmatch(cell); m != nil {
			list = append(list, 60*atoi(m[1])+atoi(m[2]))
		} else {
			break
		}
	}
	return list
}

// atoi reads digits; none are 0.
func atoi(digits string) int {
	n, _ := strconv.Atoi(digits)
	return n
}

var id = regexp.MustCompile("^`([a-z][a-z0-9-]*)`$")

func (t *Table) block(cells []string) (Block, error) {
	m := id.FindStringSubmatch(cells[0])
	switch {
	case m == nil:
		return Block{}, fmt.Errorf("%q is no block: write its id in backticks", cells[0])
	case len(cells) <= len(t.Lengths):
		return Block{}, fmt.Errorf("block %s has no minutes for each of the %d lengths", m[1], len(t.Lengths))
	case slices.ContainsFunc(t.Blocks, func(b Block) bool { return b.ID == m[1] }):
		return Block{}, fmt.Errorf("block %s is there twice", m[1])
	}
	b := Block{ID: m[1]}
	for _, cell := range cells[1 : 1+len(t.Lengths)] {
		n := 0
		if cell != "" && cell != "-" {
			var err error
			if n, err = strconv.Atoi(cell); err != nil || n < 1 {
				return Block{}, fmt.Errorf("block %s: %q is no number of minutes: write one, or - if the block is cut", b.ID, cell)
			}
		}
		b.Minutes = append(b.Minutes, n)
	}
	return b, nil
}

// IDs are the blocks in their order.
func (t *Table) IDs() (list []string) {
	for _, b := range t.Blocks {
		list = append(list, b.ID)
	}
	return list
}

// Check says in which length the blocks take more than there is, or leave
// more than a fifth of it over.
func (t *Table) Check() error {
	for i, length := range t.Lengths {
		sum := 0
		for _, b := range t.Blocks {
			sum += b.Minutes[i]
		}
		if sum > length || sum < length*4/5 {
			return fmt.Errorf("the blocks for %d minutes take %d", length, sum)
		}
	}
	return nil
}
