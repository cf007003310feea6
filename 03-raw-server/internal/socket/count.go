// Package socket reads and writes where nothing may wait: on sockets that are
// non-blocking, as all of package net's are.
//
//	count.go       what the kernel does not count
//	socket.go      what is needed, with the calls that files have as well
//	socket_fast.go the same with a socket's own calls
package socket

import "sync/atomic"

// Count, set before the first call, has those counted that the kernel leaves
// out of its own count, in /proc/PID/io.
var (
	Count         bool
	reads, writes atomic.Int64
)

// Uncounted is how many the kernel has left out.
func Uncounted() (r, w int64) { return reads.Load(), writes.Load() }
