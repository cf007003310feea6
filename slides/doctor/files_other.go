//go:build !unix

package doctor

// fileLimit is not known where there is none that matters.
func fileLimit() (uint64, bool) { return 0, false }
