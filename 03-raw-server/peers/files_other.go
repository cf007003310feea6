//go:build !unix

package main

// Here nothing is known of a limit.
func roomFor(int) error { return nil }
