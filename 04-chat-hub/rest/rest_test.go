package rest

import (
	"context"
	"runtime/debug"
	"testing"
	"testing/synctest"
	"time"
)

func TestLook(t *testing.T) {
	for _, row := range []struct {
		what  string
		n     []int // second by second
		comes string
		at    []int // when there is a collection
	}{
		{"nobody", []int{0, 0, 0, 0, 0, 0}, "......", nil},
		{"a few", []int{10, 20, 40, 40, 40, 40}, "......", nil},
		{"a wave", []int{400, 900, 1200, 1200, 1200, 1200, 1200}, "~~~....", []int{5}},
		{"a slow one", []int{49, 98, 147, 147}, "....", nil},
		{"some come late", []int{2000, 2000, 2000, 2020, 2020, 2020, 2020}, "~......", []int{6}},
		{"one goes", []int{2000, 2000, 2000, 2000, 500, 0, 0, 0, 0}, "~........", []int{3, 8}},
	} {
		t.Run(row.what, func(t *testing.T) {
			var s state
			var comes string
			var at []int
			for i, n := range row.n {
				if s.look(n, 0) != nothing {
					at = append(at, i)
				}
				comes += map[bool]string{true: "~", false: "."}[s.comes]
			}
			if comes != row.comes {
				t.Errorf("a wave comes: %s, want %s", comes, row.comes)
			}
			if len(at) != len(row.at) || len(at) > 0 && at[0] != row.at[0] || len(at) > 1 && at[1] != row.at[1] {
				t.Errorf("collections after %v seconds, want %v", at, row.at)
			}
		})
	}
}

func TestNowAndThen(t *testing.T) {
	for _, row := range []struct {
		what      string
		n         int
		allocated uint64 // bytes a second
		again     int
	}{
		{"nobody", 0, 2 << 20, 0},
		{"members are silent", 4000, 1 << 20, 24}, // for 4 MiB, every 4 s
		{"many members", 16 << 10, 1 << 20, 12},   // for 8 MiB, every 8 s
		{"they talk", 4000, 20 << 20, 0},          // there is enough of that
	} {
		t.Run(row.what, func(t *testing.T) {
			var s state
			count := map[reason]int{}
			for i := range 100 {
				count[s.look(row.n, uint64(i)*row.allocated)]++
			}
			if count[aWave] != min(row.n, 1) || count[aWhile] != row.again {
				t.Errorf("in 100 s %d collections after a wave and %d after a while, want %d and %d",
					count[aWave], count[aWhile], min(row.n, 1), row.again)
			}
		})
	}
}

// What Keep changes for the process it changes back.
func TestKeep(t *testing.T) {
	usual := percentNow()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		n := 0
		ended := make(chan bool)
		go func() { Keep(ctx, func() int { n += 100; return n }); close(ended) }()
		time.Sleep(every + every/2)
		if got := percentNow(); got != percent {
			t.Errorf("while a wave comes GOGC is %d, want %d", got, percent)
		}
		cancel()
		<-ended
	})
	if got := percentNow(); got != usual {
		t.Errorf("GOGC was %d and is %d", usual, got)
	}
}

func percentNow() int {
	p := debug.SetGCPercent(100)
	debug.SetGCPercent(p)
	return p
}
