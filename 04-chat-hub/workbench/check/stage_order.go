package check

import (
	"fmt"
	"slices"
	"strings"
	"sync"
)

// Stage 4, order: many speak at once, and all hear one conversation.

func numbered(name string, i int) string { return fmt.Sprintf("%s-%03d", name, i+1) }

// crowd is five who speak at once, and what each of them hears.
func crowd(s *scene) (guests []*guest, heard [][]event) {
	const each = 10 // not more at once than a queue of a hundred holds
	for _, name := range []string{"Ana", "Rui", "Eva", "Leo", "Bia"} {
		guests = append(guests, s.enter(name))
	}
	var work sync.WaitGroup
	failed := make([]any, len(guests))
	for i, g := range guests {
		work.Go(func() {
			defer func() { failed[i] = recover() }() // a finding, for the script's goroutine
			s.many(g, each)
		})
	}
	work.Wait()
	for _, f := range failed {
		if f != nil {
			panic(f)
		}
	}
	for _, g := range guests {
		heard = append(heard, g.collect(each*len(guests), "lost-some"))
	}
	return guests, heard
}

// collect waits for n messages, each of which must be another one.
func (g *guest) collect(n int, missing string) (heard []event) {
	seen := map[string]bool{}
	for len(heard) < n {
		e, ok := g.take(g.scene.Limit, func(e event) bool { return e.is("message", "error") })
		if !ok {
			g.came = nil
			g.fail(missing, "", "n", fmt.Sprint(n), "heard", fmt.Sprint(len(heard)))
		}
		if e.is("error") {
			g.refused(e, "")
		}
		id := e.text("id")
		if seen[id] {
			g.came = []string{e.raw}
			g.fail("doubled", "", "id", id)
		}
		seen[id], heard = true, append(heard, e)
	}
	return heard
}

func ids(heard []event) (list []string) {
	for _, e := range heard {
		list = append(list, e.text("id"))
	}
	return list
}

func order(s *scene) {
	guests, heard := crowd(s)
	last := map[string]string{}
	for _, e := range heard[0] { // everybody's own messages, in their order
		from, id := e.text("from"), e.text("id")
		if id < last[from] {
			guests[0].came = []string{e.raw}
			guests[0].fail("overtaken", "", "id", id, "first", last[from])
		}
		last[from] = id
	}
	for i, g := range guests[1:] {
		a, b := ids(heard[0]), ids(heard[i+1])
		if !slices.Equal(a, b) {
			at := 0
			for a[at] == b[at] {
				at++
			}
			g.came = []string{heard[i+1][at].raw}
			g.fail("order-differs", heard[0][at].raw, "n", fmt.Sprint(at+1), "other", guests[0].name)
		}
	}
}

func cursors(s *scene) {
	guests, heard := crowd(s)
	for i, e := range heard[0] {
		if i == 0 {
			continue
		}
		before, now := heard[0][i-1].text("cursor"), e.text("cursor")
		guests[0].came = []string{heard[0][i-1].raw, e.raw}
		if counts := strings.Trim(now, "0123456789") == "" && now[0] != '0'; counts && len(now) < 7 {
			nines := strings.Repeat("9", len(now)) // this may be still ahead, and it will come
			guests[0].fail("cursor-decimal", "", "before", nines, "now", "1"+strings.Repeat("0", len(now)), "field", "cursor")
		}
		if before >= now {
			guests[0].fail("cursor-order", "", "before", before, "now", now, "field", "cursor")
		}
	}
	at := map[string]string{}
	for _, e := range heard[0] {
		at[e.text("id")] = e.text("cursor")
	}
	for i, g := range guests[1:] {
		for _, e := range heard[i+1] {
			if wanted := at[e.text("id")]; e.text("cursor") != wanted {
				g.came = []string{e.raw}
				g.fail("cursor-differs", "", "field", "cursor", "other", guests[0].name, "cursor", wanted)
			}
		}
	}
}
