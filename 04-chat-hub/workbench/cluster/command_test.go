package cluster

import (
	"bytes"
	"strings"
	"testing"
)

func TestMisuse(t *testing.T) {
	for _, row := range []struct{ args, says string }{
		{"-faults fire", `there is no "fire"`},
		{"-duration 3", "write a time with its unit"},
		{"-n 3 -rooms 4", "each is in one room"},
		{"-seed x", "give a whole number"},
		{"-data does/not/exist", "does/not/exist"},
		{"now", "is not a flag"},
	} {
		var out, errs bytes.Buffer
		if status := Command(t.Context(), strings.Fields(row.args), &out, &errs, nil); status != 2 || strings.Count(errs.String(), "\n") != 1 || !strings.Contains(errs.String(), row.says) {
			t.Errorf("%s: status %d: %s", row.args, status, &errs)
		}
	}
}

func TestHelp(t *testing.T) {
	var out, errs bytes.Buffer
	if status := Command(t.Context(), []string{"-h"}, &out, &errs, nil); status != 0 || errs.Len() > 0 || !strings.HasPrefix(out.String(), "Usage: go run ./04-chat-hub cluster") {
		t.Errorf("status %d: %s", status, &errs)
	}
}
