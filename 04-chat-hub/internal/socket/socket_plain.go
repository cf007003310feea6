//go:build unix && (race || msan || asan || !linux || !(amd64 || arm64))

package socket

func write(fd int, b []byte) (int, error) { return writePlain(fd, b) }
