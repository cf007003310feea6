//go:build !unix

package machine

// Room knows of no limit here.
func Room(int, int) error { return nil }
