// Package socket writes where nothing may wait: to sockets that are
// non-blocking, as all of package net's are.
package socket

import "sync/atomic"

// Count, set before the first call, has those counted that the kernel leaves
// out of its own count, in /proc/PID/io.
var (
	Count  bool
	writes atomic.Int64
)

// Uncounted is how many the kernel has left out.
func Uncounted() int64 { return writes.Load() }
