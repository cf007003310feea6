package machine

import (
	"os"
	"strings"
	"testing"
)

// What Linux tells is plausible.
func TestLinux(t *testing.T) {
	if m := MemoryNow(); m.Free <= 0 || m.Slab <= 0 {
		t.Errorf("memory: %+v", m)
	}
	if n := Ports(); n < 1 || n > 65535 {
		t.Errorf("%d ports", n)
	}
	resident, err := ResidentOf(os.Getpid())
	if err != nil || resident < 1<<20 {
		t.Errorf("%d resident: %v", resident, err)
	}
	if used, err := UsageOf(os.Getpid()); err != nil || used.CPU <= 0 {
		t.Errorf("%+v: %v", used, err)
	}
	if err := Room(10, 1); err != nil {
		t.Error(err)
	}
	if err := Room(1<<30, 1); err == nil || !strings.Contains(err.Error(), "--nofile=1073742024:1073742024") {
		t.Errorf("got %v", err)
	}
}
