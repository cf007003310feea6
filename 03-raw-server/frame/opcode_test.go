package frame

import "testing"

func TestOpcode(t *testing.T) {
	for op, want := range []struct {
		control, reserved bool
		name              string
	}{
		0x0: {false, false, "continuation"},
		0x1: {false, false, "text"},
		0x2: {false, false, "binary"},
		0x3: {false, true, "reserved 0x3"},
		0x4: {false, true, "reserved 0x4"},
		0x5: {false, true, "reserved 0x5"},
		0x6: {false, true, "reserved 0x6"},
		0x7: {false, true, "reserved 0x7"},
		0x8: {true, false, "close"},
		0x9: {true, false, "ping"},
		0xA: {true, false, "pong"},
		0xB: {true, true, "reserved 0xB"},
		0xC: {true, true, "reserved 0xC"},
		0xD: {true, true, "reserved 0xD"},
		0xE: {true, true, "reserved 0xE"},
		0xF: {true, true, "reserved 0xF"},
	} {
		o := Opcode(op)
		if o.IsControl() != want.control || o.IsReserved() != want.reserved || o.String() != want.name {
			t.Errorf("opcode 0x%X: control %v, reserved %v, %q, want %+v",
				op, o.IsControl(), o.IsReserved(), o.String(), want)
		}
	}
}
