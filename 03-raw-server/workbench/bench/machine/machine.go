// Package machine asks the system what a process has used and what it may use,
// and keeps processes on their CPUs.
package machine

import (
	"os"
	"strconv"
	"strings"
	"time"
)

// A Usage is what a process has used so far.
type Usage struct {
	CPU           time.Duration
	Reads, Writes int64 // system calls named read and write, of all kinds
}

// Name is the name of the processor, where the system tells it.
func Name() string {
	for line := range lines("/proc/cpuinfo") {
		if name, value, _ := strings.Cut(line, ":"); strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return "a processor of unknown kind"
}

// Memory is what the kernel tells of the whole machine's memory, in bytes.
// Where it tells nothing, everything is 0.
type Memory struct {
	Free    int64 `json:"free"`    // and what holds copies of files only
	Slab    int64 `json:"slab"`    // the kernel's own objects: sockets, files
	Sockets int64 `json:"sockets"` // data in TCP buffers
}

// MemoryNow reads it.
func MemoryNow() (m Memory) {
	// MemAvailable would be too much: it counts half of what sockets are made
	// of among the things that the kernel can do without.
	var files, buffers int64
	kib := map[string]*int64{"MemFree:": &m.Free, "Cached:": &files, "Buffers:": &buffers, "Slab:": &m.Slab}
	for line := range lines("/proc/meminfo") {
		if f := strings.Fields(line); len(f) > 1 && kib[f[0]] != nil {
			*kib[f[0]] = number(f[1]) * 1024
		}
	}
	m.Free += files + buffers
	for line := range lines("/proc/net/sockstat") {
		if _, pages, found := strings.Cut(line, " mem "); found && strings.HasPrefix(line, "TCP:") {
			m.Sockets = number(pages) * int64(os.Getpagesize())
		}
	}
	return m
}

// Ports is how many ports one address gives out by itself.
func Ports() int {
	for line := range lines("/proc/sys/net/ipv4/ip_local_port_range") {
		if f := strings.Fields(line); len(f) == 2 {
			return max(1, int(number(f[1])-number(f[0])+1))
		}
	}
	return 65535 - 49152 + 1 // what RFC 6335 sets apart for it
}

// setting is a number in the kernel's settings, 0 if there is none.
func setting(path string) int64 {
	for line := range lines("/proc/sys/" + path) {
		return number(line)
	}
	return 0
}

func number(text string) int64 {
	n, _ := strconv.ParseInt(strings.TrimSpace(text), 10, 64) // 0 is what is not known
	return n
}

// lines are those of a file, none if it is not there.
func lines(path string) func(func(string) bool) {
	text, err := os.ReadFile(path)
	if err != nil {
		text = nil
	}
	return strings.Lines(string(text))
}
