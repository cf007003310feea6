//go:build unix

package machine

import (
	"runtime"
	"strings"
	"syscall"
)

// Room says whether programs on this machine may open n connections between
// them, shared equally among so many processes at each end. Go has raised the
// soft limit of files to the hard one in all of them. The error is a *Shortage.
func Room(n, processes int) error {
	var files syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &files); err != nil {
		return nil //nolint:nilerr // then the connections will tell
	}
	share := (n + processes - 1) / processes
	want := int64(share + others)
	each := need{have: int64(min(uint64(files.Max), 1<<62)), want: want, share: processes, spare: others,
		short: "%d open files are needed in each process, and %d are allowed", command: "ulimit -n %d"}
	if runtime.GOOS != "linux" {
		return shortage(n, []need{each})
	}
	each.command = "sudo prlimit --pid $$ --nofile=%[1]d:%[1]d"
	open := int64(0) // on the whole machine
	for line := range lines("/proc/sys/fs/file-nr") {
		open = number(strings.Fields(line)[0])
	}
	needs := []need{
		{have: setting("fs/nr_open"), want: want, share: processes, spare: others,
			short: "fs.nr_open has to be %d, and is %d", command: "sudo sysctl -w fs.nr_open=%d"},
		each,
		{have: setting("fs/file-max"), want: open + 2*int64(n+processes*others), each: 2, spare: open + 2*int64(processes*others),
			short: "fs.file-max has to be %d, and is %d", command: "sudo sysctl -w fs.file-max=%d"},
	}
	// A firewall that follows connections knows so many, and no more. Where it
	// follows none, the limit means nothing.
	if followed := setting("net/netfilter/nf_conntrack_count"); followed > 0 {
		needs = append(needs, need{have: setting("net/netfilter/nf_conntrack_max"), want: followed + int64(n+others), each: 1, spare: followed + others,
			short: "the firewall has to follow %d connections, and follows %d", command: "sudo sysctl -w net.netfilter.nf_conntrack_max=%d"})
	}
	return shortage(n, needs)
}
