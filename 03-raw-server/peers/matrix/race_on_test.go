//go:build race

package matrix

// raced says that the detector is on. It finds data races within nbio, which
// are not ours to mend.
const raced = true
