//go:build unix

package doctor

import (
	"syscall"
	"testing"
)

func TestFileLimit(t *testing.T) {
	var before syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &before); err != nil {
		t.Fatal(err)
	}
	if before.Max < enoughFiles {
		t.Skip("this machine allows too few open files for the workshop")
	}
	t.Cleanup(func() { _ = syscall.Setrlimit(syscall.RLIMIT_NOFILE, &before) })
	for _, row := range []struct {
		limit uint64
		want  string
	}{
		{enoughFiles - 1, "files warn 4095 open files -> ulimit -n 4096"},
		{enoughFiles, "files ok 4096 may be open"},
	} {
		limit := before
		limit.Cur = row.limit
		if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
			t.Fatal(err)
		}
		v := visiting(t, Options{})
		v.checkFiles(t.Context())
		compare(t, v.report.Findings, row.want)
	}
}
