//go:build race

package deflate

// raceEnabled: the race detector makes pools forget on purpose.
const raceEnabled = true
