//go:build unix && (race || msan || asan || !linux || !(amd64 || arm64))

package socket

func read(fd int, b []byte) (int, error)  { return readPlain(fd, b) }
func write(fd int, b []byte) (int, error) { return writePlain(fd, b) }
