package bots

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"websocket.example/04-chat-hub/chat"
)

// A telling is what a hub tells a room of Ana and Rui, who send one message
// each: Ana 0 and 2, Rui 1.
type telling struct {
	ana, rui *Member
	texts    []string
}

func at(seq uint64) string { return chat.Cursor{Epoch: 7, Seq: seq}.String() }

func (t *telling) ack(m *Member, id string, seq uint64) { m.Ack(id, at(seq), time.Now()) }

func (t *telling) see(m *Member, id, from string, seq uint64) {
	m.See(id, from, t.texts[id[0]-'0'], at(seq), time.Now())
}

// honest is a hub as it should be. The rows of the test replace parts of it.
func honest() map[string]func(t *telling) {
	return map[string]func(t *telling){
		"acks": func(t *telling) { t.ack(t.ana, "0", 10); t.ack(t.rui, "1", 11); t.ack(t.ana, "2", 12) },
		"ana": func(t *telling) {
			t.see(t.ana, "0", "ana", 10)
			t.see(t.ana, "1", "rui", 11)
			t.see(t.ana, "2", "ana", 12)
		},
		"rui": func(t *telling) {
			t.see(t.rui, "0", "ana", 10)
			t.see(t.rui, "1", "rui", 11)
			t.see(t.rui, "2", "ana", 12)
		},
	}
}

func TestVillains(t *testing.T) {
	for _, row := range []struct {
		name    string
		part    string // of the honest hub, that is replaced
		by      func(t *telling)
		settled bool
		faults  []string
	}{
		{"honest", "", nil, true, nil},
		{"acks come late", "acks", func(t *telling) { t.ack(t.ana, "2", 12); t.ack(t.rui, "1", 11); t.ack(t.ana, "0", 10) }, true, nil},
		{"an ack comes again after a resend", "acks", func(t *telling) {
			t.ack(t.ana, "0", 10)
			t.ack(t.ana, "0", 10)
			t.ack(t.rui, "1", 11)
			t.ack(t.ana, "2", 12)
		}, true, nil},
		{"loses one", "rui", func(t *telling) { t.see(t.rui, "0", "ana", 10); t.see(t.rui, "2", "ana", 12) }, false,
			[]string{"lost: go: rui never got message 1 of rui, which was acknowledged"}},
		{"loses the last", "ana", func(t *telling) { t.see(t.ana, "0", "ana", 10); t.see(t.ana, "1", "rui", 11) }, false,
			[]string{"lost: go: ana never got message 2 of ana, which was acknowledged"}},
		{"doubles one after a resume", "ana", func(t *telling) {
			honest()["ana"](t)
			t.see(t.ana, "1", "rui", 11)
		}, true, []string{"doubled: go: ana got message 1 of rui again"}},
		{"stores one twice", "rui", func(t *telling) {
			honest()["rui"](t)
			t.see(t.rui, "2", "ana", 13)
		}, true, []string{"doubled: go: rui got message 2 of ana again"}},
		{"stores one twice, and tells each member of one", "rui", func(t *telling) {
			t.see(t.rui, "0", "ana", 10)
			t.see(t.rui, "1", "rui", 11)
			t.see(t.rui, "2", "ana", 13)
		}, true, []string{"doubled: go: message 2 of ana is stored twice: at " + at(12) + ", and to rui at " + at(13)}},
		{"swaps two", "rui", func(t *telling) {
			t.see(t.rui, "1", "rui", 11)
			t.see(t.rui, "0", "ana", 10)
			t.see(t.rui, "2", "ana", 12)
		}, true, []string{"reordered: go: rui got message 0 of ana after a later one"}},
		{"gives cursors that do not grow", "ana", func(t *telling) {
			t.see(t.ana, "0", "ana", 10)
			t.see(t.ana, "1", "rui", 11)
			t.see(t.ana, "2", "ana", 11)
		}, true, []string{
			"reordered: go: ana got message 2 of ana after a later one",
			"doubled: go: message 2 of ana is stored twice: at " + at(12) + ", and to ana at " + at(11),
		}},
		{"changes a text", "rui", func(t *telling) {
			t.texts[1] = "1 Hello"
			honest()["rui"](t)
		}, true, []string{`altered: go: message 1 of rui has another text at rui: "1 Hello"`}},
		{"acks what was not sent", "acks", func(t *telling) { honest()["acks"](t); t.ack(t.rui, "2", 12); t.ack(t.rui, "3", 13) }, true,
			[]string{`strange: go: an ack for "2" came to rui, who has not sent it`, `strange: go: an ack for "3" came to rui, who has not sent it`}},
		{"acks nothing", "acks", func(*telling) {}, false, nil}, // then nothing is promised; the report says that acks are missing
	} {
		t.Run(row.name, func(t *testing.T) {
			l := NewLedger("go", 80)
			k := &telling{ana: l.Join("ana", at(9)), rui: l.Join("rui", at(9))}
			for _, m := range []*Member{k.ana, k.rui, k.ana} {
				_, text := m.Post(time.Now())
				k.texts = append(k.texts, text)
			}
			hub := honest()
			if row.part != "" {
				hub[row.part] = row.by
			}
			for _, part := range []string{"acks", "ana", "rui"} {
				hub[part](k)
			}
			if l.Settled() != row.settled {
				t.Errorf("settled: %v", l.Settled())
			}
			l.Close()
			if got, want := strings.Join(l.faults.First, "\n"), strings.Join(row.faults, "\n"); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

// A hub that stores a sender's messages in another order tells them to all in
// that one, with cursors that grow.
func TestSendersOrder(t *testing.T) {
	for _, refused := range []bool{false, true} {
		l := NewLedger("go", 10)
		ana := l.Join("ana", at(9))
		for range 3 {
			ana.Post(time.Now())
		}
		if refused { // then it was sent again, later: nobody promised its place
			ana.Refuse("0")
		}
		for i, id := range []string{"1", "0", "2"} {
			ana.See(id, "ana", textOf(int(id[0]-'0'), 10), at(uint64(10+i)), time.Now())
			ana.Ack(id, at(uint64(10+i)), time.Now())
		}
		l.Close()
		if got, want := strings.Join(l.faults.First, "\n"), "reordered: go: message 1 of ana is stored before its message 0"; !refused && got != want || refused && got != "" {
			t.Errorf("refused %v: %s", refused, got)
		}
	}
}

// Whoever else talks in the room moves the cursor, and is no concern of ours.
func TestOthers(t *testing.T) {
	l := NewLedger("go", 10)
	ana := l.Join("ana", at(9))
	ana.See("0", "eva", "nothing was sent yet", at(10), time.Now())
	id, text := ana.Post(time.Now())
	ana.See(id, "eva", "the same id, another sender", at(11), time.Now())
	if ana.Stored(id) || ana.Last() != at(11) {
		t.Errorf("stored %v, last %s", ana.Stored(id), ana.Last())
	}
	ana.See(id, "ana", text, at(12), time.Now())
	if !ana.Stored(id) || !l.Settled() { // as good as an ack
		t.Error("it is stored")
	}
	if ana.Skip(at(11)); ana.Last() != at(12) {
		t.Errorf("it went back to %s", ana.Last())
	}
	if l.Close(); l.faults.Any() {
		t.Error(l.faults.First)
	}
}

// Delays count from when a message was due.
func TestDelays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := NewLedger("go", 10)
		ana, rui := l.Join("ana", at(9)), l.Join("rui", at(9))
		due := time.Now()
		time.Sleep(10 * time.Millisecond) // it could not be sent before
		id, text := ana.Post(due)
		time.Sleep(10 * time.Millisecond)
		ana.Ack(id, at(10), time.Now())
		ana.See(id, "ana", text, at(10), time.Now())
		time.Sleep(20 * time.Millisecond)
		rui.See(id, "ana", text, at(10), time.Now())
		if l.acks.Max() != 20*time.Millisecond || l.delays.Max() != 40*time.Millisecond || l.delays.Count() != 2 {
			t.Errorf("ack %v, delivery %v of %d", l.acks.Max(), l.delays.Max(), l.delays.Count())
		}
	})
}

func TestText(t *testing.T) {
	for _, size := range []int{1, 2, 10, 40, 41, 42, 100, chat.MaxText} {
		s := textOf(7, size)
		if len(s) != max(size, 2) || !utf8.ValidString(s) || !strings.HasPrefix(s, "7 ") {
			t.Errorf("%d: %q", size, s)
		}
	}
}
