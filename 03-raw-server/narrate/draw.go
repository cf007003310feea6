package narrate

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"websocket.example/03-raw-server/frame"
)

// A drawing has 32 bits in a row, as those of the RFC.
const columns = 32

// drawPayload is how many bytes of a payload are drawn at least, if there
// are as many; its last row is filled.
const drawPayload = 5

// A field is a part of the drawing: bits, and what stands below them.
type field struct {
	bits  int
	name  string   // above the value
	again string   // the name where the field goes on in the next row
	value string   // below the name
	tall  string   // instead of both: one letter below the other, for a field of one bit
	more  []string // values of the rows after the first, for a field of several
}

// Draw is the frame as the diagram in RFC 6455, section 5.2, with its bits in
// it and the names of the fields below them. Payload bytes are drawn as on
// the wire; where they are masked, the sum that unmasks them stands below.
func Draw(f Frame) string {
	header, payload := f.Wire()
	rest := columns/8 - len(header)%(columns/8) // bytes that fill the header's last row
	shown := min(len(payload), rest)
	for shown < drawPayload {
		shown += columns / 8
	}
	payload = payload[:min(len(payload), shown)]

	wire := append(header, payload...)
	fields := headerFields(f)
	for i, b := range payload {
		fields = append(fields, payloadField(f, i, b))
	}
	rows := layOut(fields)

	var b strings.Builder
	b.WriteString(ruler)
	for i, row := range rows {
		var above []cell
		if i > 0 {
			above = rows[i-1]
		}
		b.WriteString(border(above, row))
		b.WriteString(bitLine(row, wire[i*columns/8:]))
		b.WriteString(labels(row))
	}
	b.WriteString(border(rows[len(rows)-1], nil))
	if left := f.Came - uint64(len(payload)); left > 0 {
		fmt.Fprintf(&b, "%s of payload follow\n", amount(left))
	}
	return b.String()
}

const ruler = " 0                   1                   2                   3\n" +
	" 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1\n"

func headerFields(f Frame) []field {
	h := f.Header
	fields := []field{
		{bits: 1, tall: "FIN"}, {bits: 1, tall: "RSV1"}, {bits: 1, tall: "RSV2"}, {bits: 1, tall: "RSV3"},
		{bits: 4, name: "opcode", value: short(h.Opcode)},
		{bits: 1, tall: "MASK"},
	}
	length := field{bits: 7, name: "Payload len", value: number(h.Length)}
	extended := field{name: "Extended payload length", again: "Extended length continued", value: number(h.Length)}
	switch size := h.Size(); {
	case h.Masked && size == 14, !h.Masked && size == 10:
		length.value, extended.bits = "127: 64 bits", 64
	case h.Masked && size == 8, !h.Masked && size == 4:
		length.value, extended.bits = "126: 16 bits", 16
	}
	fields = append(fields, length)
	if extended.bits > 0 {
		fields = append(fields, extended)
	}
	if !h.Masked {
		return fields
	}
	key := field{
		bits: 32, name: "Masking-key", again: "Masking-key continued",
		value: fmt.Sprintf("% x", h.Key[:2]), more: []string{fmt.Sprintf("% x", h.Key[2:])},
	}
	if h.Size()%4 == 0 { // it has a row of its own
		key.value = fmt.Sprintf("% x", h.Key)
	}
	return append(fields, key)
}

// short is an opcode's name in seven letters.
func short(o frame.Opcode) string {
	switch {
	case o == frame.Continuation:
		return "contin."
	case o.IsReserved():
		return fmt.Sprintf("0x%X ?", byte(o))
	}
	return o.String()
}

func payloadField(f Frame, i int, wire byte) field {
	plain := f.Payload[i]
	letter := ""
	if plain > ' ' && plain < utf8.RuneSelf-1 && !f.Compressed {
		letter = fmt.Sprintf(" '%c'", plain)
	}
	value := fmt.Sprintf("%02x%s", plain, letter)
	if f.Header.Masked {
		value = fmt.Sprintf("%02x^%02x=%s", wire, f.Header.Key[i%4], value)
	}
	return field{bits: 8, name: fmt.Sprintf("Payload %d", i), value: value}
}

// A cell is a field, or a part of it, in a row.
type cell struct {
	from, to int // columns
	lines    []string
	tall     string
}

// layOut puts fields in rows.
func layOut(fields []field) [][]cell {
	var rows [][]cell
	at := 0
	for _, f := range fields {
		for part, left := 0, f.bits; left > 0; part++ {
			if at%columns == 0 {
				rows = append(rows, nil)
			}
			from := at % columns
			n := min(left, columns-from)
			c := cell{from: from, to: from + n, tall: f.tall}
			switch {
			case f.tall != "":
			case part == 0:
				c.lines = []string{f.name, f.value}
			default:
				c.lines = []string{f.again}
				if part <= len(f.more) {
					c.lines = append(c.lines, f.more[part-1])
				}
			}
			last := len(rows) - 1
			rows[last] = append(rows[last], c)
			at += n
			left -= n
		}
	}
	return rows
}

func end(row []cell) int {
	if len(row) == 0 {
		return 0
	}
	return row[len(row)-1].to
}

// border is the line between two rows: a cross wherever a field begins or
// ends in either.
func border(above, below []cell) string {
	b := []byte(strings.Repeat("-", 2*max(end(above), end(below))+1))
	for _, row := range [][]cell{above, below} {
		for _, c := range row {
			b[2*c.from], b[2*c.to] = '+', '+'
		}
	}
	return string(b) + "\n"
}

// bitLine writes the bits of a row, which are those at the start of wire.
func bitLine(row []cell, wire []byte) string {
	b := []byte("|")
	for _, c := range row {
		for i := c.from; i < c.to; i++ {
			bit := wire[i/8] >> (7 - i%8) & 1
			b = append(b, '0'+bit, ' ')
		}
		b[len(b)-1] = '|'
	}
	return string(b) + "\n"
}

// labels writes what stands below the bits.
func labels(row []cell) string {
	height := 0
	for _, c := range row {
		height = max(height, len(c.tall), len(c.lines))
	}
	var b strings.Builder
	for i := range height {
		b.WriteByte('|')
		for _, c := range row {
			text := ""
			switch {
			case i < len(c.tall):
				text = c.tall[i : i+1]
			case i < len(c.lines):
				text = c.lines[i]
			}
			width := 2*(c.to-c.from) - 1
			if c.tall == "" && utf8.RuneCountInString(text) < width && width > 7 {
				text = " " + text
			}
			if len(text) > width {
				text = text[:width]
			}
			b.WriteString(text + strings.Repeat(" ", width-len(text)) + "|")
		}
		b.WriteByte('\n')
	}
	return b.String()
}
