package kiosk

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sps-kiosk/kiosk/catalog"
	"sps-kiosk/kiosk/config"
	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/gesture"
	"sps-kiosk/kiosk/queue"
)

// drawnCentre is the built-in catalogue with other staff at its windows, in one of the two modes.
func drawnCentre(t *rapid.T) config.Settings {
	book := config.BuiltIn()
	c := &book.Catalog
	c.Mode = rapid.SampledFrom([]catalog.Mode{catalog.Common, catalog.Special}).Draw(t, "mode")
	if rapid.Bool().Draw(t, "a competency nobody has by category") {
		c.Categories[2].Competencies = nil // nobody learns the sector's work by category
	}
	for i := range c.Windows {
		w := &c.Windows[i]
		w.Category = rapid.SampledFrom([]string{"", catalog.Intake, catalog.Consult, "universal"}).Draw(t, "category")
		w.Competencies = rapid.SliceOfN(rapid.SampledFrom([]string{catalog.SPS, catalog.ESIARegister, catalog.LegalActs}), 0, 2).Draw(t, "own")
		if rapid.Bool().Draw(t, "serves all") {
			w.Serves = nil
		}
	}
	return config.DefaultDevice().JoinKnown(book)
}

// TestNoIncompetentCall drives a day at random: in both modes no window ever calls a visitor whose service needs
// what its staff cannot do (A7, B8–B10, B15), whoever is sent where; and nobody is lost.
func TestNoIncompetentCall(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawnCentre(t)
		m, err := NewMachine(s, queue.State{})
		if err != nil {
			t.Fatal(err)
		}
		now := event.Time{Boot: 1, Up: time.Minute, Wall: monday.UnixMilli()}
		m.Start(now, Loss{})
		live, ended := 0, 0
		commands := []gesture.Command{gesture.Open, gesture.CallNext, gesture.Start, gesture.Finish, gesture.Transfer, gesture.SetAside, gesture.Resume,
			gesture.NoShow, gesture.TakeBack, gesture.SwitchTo, gesture.Pause}
		services := []string{"docs", "ready", "sps", "feedback", "esia", "esia_register", "consult"}
		for range rapid.IntRange(5, 60).Draw(t, "steps") {
			now.Up, now.Wall = now.Up+time.Second, now.Wall+1000
			var in Input = ServicePressed{rapid.SampledFrom(services).Draw(t, "service")}
			if rapid.IntRange(0, 3).Draw(t, "staff") > 0 {
				in = Ordered{Command: rapid.SampledFrom(commands).Draw(t, "command"), Window: rapid.IntRange(1, 4).Draw(t, "window"),
					To: rapid.IntRange(1, 4).Draw(t, "to"), Return: rapid.Bool().Draw(t, "return"),
					Service: rapid.SampledFrom(append(services, "")).Draw(t, "where")}
			}
			change, _ := m.Step(now, in)
			for _, e := range change.Events {
				switch e.Kind {
				case event.Issued, event.TakenBack:
					live++
				case event.Finished, event.NoShow:
					ended++
					live--
				case event.Called, event.Resumed:
					w, _ := s.Catalog.Window(e.Window)
					service, _ := s.Catalog.Service(e.Queue)
					has := s.Catalog.Competent(w)
					for _, need := range service.Requires {
						if !slices.Contains(has, need) {
							t.Fatalf("window %d calls %s without %s: it has %v", e.Window, e.Queue, need, has)
						}
					}
				}
			}
			if got := len(m.queue.Tickets()); got != live {
				t.Fatalf("got %d live tickets, want %d", got, live)
			}
		}
	})
}
