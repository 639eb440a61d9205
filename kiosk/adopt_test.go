package kiosk

import (
	"slices"
	"testing"
	"time"

	"sps-kiosk/kiosk/catalog"
	"sps-kiosk/kiosk/config"
	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/gesture"
	"sps-kiosk/kiosk/queue"
)

// nextYear are settings of a further catalogue: another title, a further purpose, and no window 2.
func nextYear() Adopt {
	s := config.Default()
	s.Catalog.Version = "decree84.2"
	s.Catalog.Purposes = slices.Clone(s.Catalog.Purposes[:1])
	s.Windows = slices.DeleteFunc(slices.Clone(s.Windows), func(w config.Window) bool { return w.Number == 2 })
	s.Services = slices.Clone(s.Services)
	s.Services[0].Title = "Заявления"
	return Adopt{Settings: s, Text: []byte("decree84.2")}
}

// adoptions returns the versions that came into force, and forgets the events.
func (b *bench) adoptions() (versions []string) {
	for _, e := range b.events {
		if e.Kind == event.Adopted {
			versions = append(versions, e.Code)
		}
	}
	b.events = nil
	return versions
}

// TestAdoptedAtOnce: nothing was given yet, so the new catalogue holds, is told and is kept.
func TestAdoptedAtOnce(t *testing.T) {
	b := newBench(t)
	change, actions := b.machine.Step(b.now, nextYear())
	b.take(change, nil)
	if got := b.adoptions(); !slices.Equal(got, []string{"decree84.2"}) {
		t.Errorf("got %v, want the new version", got)
	}
	kept := slices.ContainsFunc(actions, func(a Action) bool { k, is := a.(KeepCatalog); return is && string(k.Text) == "decree84.2" })
	v := b.machine.View(b.now)
	if !kept || v.Catalog.Version != "decree84.2" || v.Catalog.Next != "" || v.Queues[0].Title != "Заявления" || len(v.Windows) != 3 {
		t.Errorf("kept %t, got %+v, %d windows", kept, v.Catalog, len(v.Windows))
	}
	b.hand(1, gesture.Short)
	b.give(ServicePressed{"docs"})
	b.hand(1, gesture.Down)
	b.want("display", b.display(), "А001-01")
}

// TestAdoptedAfterTheDay: while tickets wait the old catalogue holds; a visit that lasts over midnight is
// finished under it, and only then the new one comes (A6, bad input).
func TestAdoptedAfterTheDay(t *testing.T) {
	b := newBench(t)
	b.atSeat()
	b.give(ServicePressed{"docs"})
	b.give(nextYear())
	if v := b.machine.View(b.now); v.Catalog.Version != "decree84.1" || v.Catalog.Next != "decree84.2" {
		t.Errorf("got %+v, want the old one in force and the new one waiting", v.Catalog)
	}
	b.wait(13*time.Hour + 59*time.Minute) // 23:59
	b.wait(2 * time.Minute)               // the day ended; the visitor at the seat is still served
	if got := b.adoptions(); got != nil {
		t.Errorf("got %v with a visit in service, want none", got)
	}
	b.answer(event.StepPurpose, "pension") // a word of the old one
	if a := b.order(Ordered{Command: gesture.Finish, Window: 4}); a.Err != nil {
		t.Error(a.Err)
	}
	b.give(Tick{})
	if got := b.adoptions(); !slices.Equal(got, []string{"decree84.2"}) {
		t.Errorf("after the visit: got %v, want the new version", got)
	}
	b.wait(9 * time.Hour)
	b.atSeat()
	b.fails(Ordered{Command: gesture.Note, Window: 4, Step: event.StepPurpose, Answer: "pension"}, ErrUnknownAnswer)
}

// TestAdoptAgain: the file is altered once more before the day ends: the last one comes into force, once.
func TestAdoptAgain(t *testing.T) {
	b := newBench(t)
	b.give(ServicePressed{"docs"})
	first, second := nextYear(), nextYear()
	second.Settings.Catalog.Version = "decree84.3"
	b.give(first)
	b.give(second)
	b.wait(14*time.Hour + time.Minute)
	if got := b.adoptions(); !slices.Equal(got, []string{"decree84.3"}) {
		t.Errorf("got %v, want the last version alone", got)
	}
	b.wait(24 * time.Hour)
	if got := b.adoptions(); got != nil {
		t.Errorf("a day later: got %v again", got)
	}
}

// TestAdoptKeepsWhoIsCarried: who is carried over the night waits on, with the number and under new rules; the
// queue of a service that is gone is everybody's, and its cover is told to the end.
func TestAdoptKeepsWhoIsCarried(t *testing.T) {
	s := config.Default()
	s.Queue.CarryOver = true
	b := newBenchOf(t, s)
	b.give(ServicePressed{"consult"})
	next := nextYear()
	next.Settings.Services = slices.DeleteFunc(next.Settings.Services, func(v config.Service) bool { return v.Code == "consult" })
	for i := range next.Settings.Windows {
		next.Settings.Windows[i].Serves = slices.DeleteFunc(slices.Clone(next.Settings.Windows[i].Serves), func(c string) bool { return c == "consult" })
	}
	b.give(next)
	b.wait(14*time.Hour + time.Minute)
	if got := b.adoptions(); !slices.Equal(got, []string{"decree84.2"}) {
		t.Fatalf("got %v, want the new version", got)
	}
	b.wait(9 * time.Hour)
	b.hand(1, gesture.Short)
	b.hand(1, gesture.Down)
	b.want("display", b.display(), "Н001-01")
	if _, err := queue.New(next.Settings.Rules(), b.machine.queue.State()); err != nil {
		t.Error(err)
	}
}

// TestStaleAndOverdue: what is out of date is on the view, by a trusted clock alone (B6, B16).
func TestStaleAndOverdue(t *testing.T) {
	s := config.Default()
	s.Catalog.AsOf = "2026-01-01"
	s.Catalog.Staff = []catalog.Staff{{Alias: "s1", Familiar: "2026-01-01"}, {Alias: "s2", Familiar: "2026-11-01"}}
	b := newBenchOf(t, s)
	if v := b.machine.View(b.now).Catalog; !v.Stale || v.Overdue != 1 || v.Act != "Постановление № 84 от 21.02.2023" {
		t.Errorf("got %+v, want stale with one overdue", v)
	}
	blind := b.now
	blind.Error = event.Unknown
	if v := b.machine.View(blind).Catalog; v.Stale || v.Overdue != 0 {
		t.Errorf("without a clock: got %+v, want nothing judged", v)
	}
}
