package check

import (
	"fmt"
	"strings"

	"websocket.example/03-raw-server/frame"
)

// Values in the titles of cases.

func hexKey(key [4]byte) string { return fmt.Sprintf("% x", key) }

func hexNumber(n uint64) string { return fmt.Sprintf("0x%x", n) }

func bitNames(rsv byte) string {
	var names []string
	for i, bit := range []byte{frame.RSV1, frame.RSV2, frame.RSV3} {
		if rsv&bit != 0 {
			names = append(names, fmt.Sprintf("RSV%d", i+1))
		}
	}
	return strings.Join(names, "+")
}

// escaped shows bytes as a string literal does.
func escaped(s string) string { return fmt.Sprintf("%+q", s) }
