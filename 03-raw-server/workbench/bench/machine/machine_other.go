//go:build !linux

package machine

import "errors"

// Elsewhere than on Linux nothing is pinned, and a process's CPU time and
// memory are not read: only the rates are compared.

var errNotHere = errors.New("only Linux is asked for it")

// CPUs has nothing to choose from.
func CPUs() (server, clients int, err error) { return 0, 0, errNotHere }

// PinSelf pins nothing.
func PinSelf(int) error { return errNotHere }

// OnCPU runs start.
func OnCPU(_ int, start func() error) error { return start() }

// UsageOf knows nothing.
func UsageOf(int) (u Usage, err error) { return u, errNotHere }

// ResidentOf knows nothing.
func ResidentOf(int) (int64, error) { return 0, errNotHere }
