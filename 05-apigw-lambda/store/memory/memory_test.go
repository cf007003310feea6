package memory_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"websocket.example/05-apigw-lambda/app"
	"websocket.example/05-apigw-lambda/store/memory"
	"websocket.example/05-apigw-lambda/store/storetest"
)

func TestStore(t *testing.T) { storetest.Run(t, memory.New()) }

func TestKilled(t *testing.T) { storetest.Killed(t, memory.New(), 1) }

type nowhere struct{}

func (nowhere) Post(context.Context, string, []byte) error { return nil }

// What has expired leaves memory, and takes nothing else with it.
func TestSweep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := memory.New()
		a := app.New(s, nowhere{}, app.Options{})
		for _, room := range []string{"a", "b", "c"} {
			c := app.Client{Connection: "of " + room}
			for _, body := range []string{
				`{"action":"join","room":"` + room + `","name":"Ana"}`,
				`{"action":"send","room":"` + room + `","id":"1","text":"hello"}`,
			} {
				if err := a.Handle(t.Context(), c, []byte(body)); err != nil {
					t.Fatal(err)
				}
			}
		}
		time.Sleep(30 * time.Minute)
		long := app.Room{Name: "long", Epoch: 9, Expires: time.Now().Add(2 * app.Retention)}
		if _, err := s.PutRoom(t.Context(), long); err != nil {
			t.Fatal(err)
		}
		if rooms, messages, connections := s.Size(); rooms != 4 || messages != 3 || connections != 3 {
			t.Errorf("%d rooms, %d messages, %d connections are there", rooms, messages, connections)
		}
		time.Sleep(app.Retention + 25*time.Hour)
		if _, err := s.PutRoom(t.Context(), app.Room{Name: "other", Expires: time.Now().Add(time.Hour)}); err != nil {
			t.Fatal(err)
		}
		if rooms, messages, connections := s.Size(); rooms != 2 || messages != 0 || connections != 0 {
			t.Errorf("%d rooms, %d messages, %d connections are left", rooms, messages, connections)
		}
		if r, err := s.Room(t.Context(), "long"); err != nil || r.Epoch != 9 {
			t.Errorf("the room is %+v, %v", r, err)
		}
	})
}
