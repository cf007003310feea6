//go:build race

package wsconn

// The race detector makes pools forget, and everything slower.
const raceDetector = true
