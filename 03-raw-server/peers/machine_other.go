//go:build !linux

package main

import (
	"errors"
	"time"
)

// Elsewhere than on Linux nothing is pinned, and a process's CPU time and
// memory are not read: only the rates are compared.

var errNotHere = errors.New("only Linux is asked for it")

func cpus() (server, clients int, err error) { return 0, 0, errNotHere }
func pinSelf(int) error                      { return errNotHere }
func onCPU(_ int, start func() error) error  { return start() }
func usageOf(int) (u usage, err error)       { return u, errNotHere }
func residentOf(int) (int64, error)          { return 0, errNotHere }

type usage struct {
	cpu           time.Duration
	reads, writes int64
}
