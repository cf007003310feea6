//go:build unix && (race || !linux || !(amd64 || arm64))

package socket

func write(fd int, b []byte) (int, error) { return writePlain(fd, b) }
