// Package doctor looks, at home and without a network, for what the workshop
// needs. Each thing that is not well comes with the line that mends it.
package doctor

import (
	"context"
	"net"
	"runtime"
	"slices"
)

// Status is how one thing is.
type Status string

// What is missing is needed; a warning costs comfort, or a part of the workshop.
const (
	OK      Status = "ok"
	Warn    Status = "warn"
	Missing Status = "missing"
)

// A Finding is one thing that was looked at.
type Finding struct {
	Check  string `json:"check"`
	Status Status `json:"status"`
	Text   string `json:"text"`
	Mend   string `json:"mend,omitempty"` // a command, or what to do
}

// A Report is all of them, with what a helper asks first.
type Report struct {
	OK       bool      `json:"ok"` // nothing that is needed is missing
	Findings []Finding `json:"findings"`
	Line     string    `json:"line"` // to paste in a chat; it names no person and no folder
}

// Options of a visit. The zero value is this machine, in English.
type Options struct {
	Lang     string                                  // en or pt-BR
	Dir      string                                  // a folder of the workspace
	Ports    []int                                   // of the slides and of the steps, 8000 to 8005
	Found    func(Finding)                           // told of each at once
	Progress func(done, total int, doing string)     // of what takes long
	Listen   func(_, _ string) (net.Listener, error) // instead of net.Listen
	Names    [3]string                               // instead of 127.0.0.1, ::1 and localhost
}

// A visit is one run.
type visit struct {
	Options
	texts   texts
	report  Report
	version string // of Go
	browser string
	node    string
}

// Run looks at everything, the slow part last.
func Run(ctx context.Context, o Options) (*Report, error) {
	t, err := load(o.Lang)
	if err != nil {
		return nil, err
	}
	if o.Ports == nil {
		o.Ports = []int{8000, 8001, 8002, 8003, 8004, 8005}
	}
	if o.Found == nil {
		o.Found = func(Finding) {}
	}
	if o.Progress == nil {
		o.Progress = func(int, int, string) {}
	}
	if o.Listen == nil {
		o.Listen = net.Listen
	}
	for i, name := range []string{"127.0.0.1", "::1", "localhost"} {
		if o.Names[i] == "" {
			o.Names[i] = name
		}
	}
	v := &visit{Options: o, texts: t}
	for _, check := range []func(context.Context){
		v.checkGo, v.checkPorts, v.checkLoopback, v.checkName, v.checkWebSocket, v.checkProxy,
		v.checkBrowser, v.checkNode, v.checkFiles, v.checkClock, v.checkModules,
	} {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		check(ctx)
	}
	if ctx.Err() != nil {
		return nil, ctx.Err() // the last one may have been cut off
	}
	v.report.OK = !slices.ContainsFunc(v.report.Findings, func(f Finding) bool { return f.Status == Missing })
	v.report.Line = v.line()
	return &v.report, nil
}

// find says what there is: the text of a key, and what mends it if it is not well.
func (v *visit) find(check string, status Status, key string, pairs ...any) {
	f := Finding{Check: check, Status: status, Text: v.texts.say(key, pairs...)}
	if status != OK {
		f.Mend = v.texts.say(key+".mend", pairs...)
	}
	v.report.Findings = append(v.report.Findings, f)
	v.Found(f)
}

// system is what a helper asks first.
func system() string { return runtime.GOOS + "/" + runtime.GOARCH }
