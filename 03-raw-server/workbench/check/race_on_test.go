//go:build race

package check

// Under the race detector compressing takes 20 times as long.
const raceOn = true
