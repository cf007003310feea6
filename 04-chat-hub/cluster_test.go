package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"testing"

	"websocket.example/04-chat-hub/workbench/cluster"
)

// Three hubs on three servers, whose leader is killed and brought back while
// bots count what they get. For more of it, and for longer:
//
//	go run ./04-chat-hub cluster -duration 1h
func TestCluster(t *testing.T) {
	if testing.Short() {
		t.Skip("an election and all around it take some 25 s; run without -short")
	}
	dir := t.TempDir()
	p := exec.CommandContext(t.Context(), os.Args[0],
		"cluster", "-duration", "5s", "-faults", "leader", "-seed", "2", "-n", "30", "-rooms", "3", "-data", dir, "-json")
	p.Env = append(os.Environ(), programKey+"=1")
	var errs bytes.Buffer
	p.Stderr = &errs
	out, err := p.Output()
	var r cluster.Report
	if err != nil || json.Unmarshal(out, &r) != nil {
		t.Fatalf("%v: %s%s", err, out, &errs)
	}
	t.Logf("%s", out)
	b := r.Bots
	if !r.Fine || b.Lost+b.Doubled+b.Reordered+b.Refused > 0 || b.Acked != b.Sent || b.Delivered != b.Sent*10 {
		t.Error("not fine")
	}
	if len(r.Faults) == 0 || b.Sent < 100 || b.Cuts == 0 || b.Reconnects == 0 {
		t.Error("nothing happened")
	}
	for _, f := range r.Faults {
		if f.Waited < 0.5 || f.Typing == 0 || f.Well == 0 {
			t.Errorf("no election: %+v", f)
		}
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("files are left: %v, %v", left, err)
	}
}
