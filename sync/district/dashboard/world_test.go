package dashboard_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"sps-kiosk/sync/district"
	"sps-kiosk/sync/district/dashboard"
	"sps-kiosk/sync/ident"
	"sps-kiosk/sync/wire"
)

// samara is the zone of every office of the world: UTC+4 without changes since 2010.
var samara = time.FixedZone("Europe/Samara", 4*3600)

// worldNow is when the pages of these tests are read: a Wednesday, half an hour before closing.
var worldNow = time.Date(2026, 11, 18, 16, 20, 0, 0, samara)

// worldBegan is when the kiosks were switched on: a Monday.
var worldBegan = time.Date(2026, 11, 2, 7, 50, 0, 0, samara)

// world is a district with a fortnight of visits in three offices and four kiosks; one of them has been
// silent for a day, one is out of paper.
type world struct {
	*rig
	offices []int64
	kiosks  []int64
	since   int // days after worldBegan
}

// newWorld plays the world into a rig and counts it.
func newWorld(t testing.TB, r *rig) *world {
	t.Helper()
	return newWorldSince(t, r, 0)
}

// newSmallWorld plays the last three days of it.
func newSmallWorld(t testing.TB, r *rig) *world {
	t.Helper()
	return newWorldSince(t, r, 14)
}

func newWorldSince(t testing.TB, r *rig, day int) *world {
	t.Helper()
	w := &world{rig: r, since: day}
	r.now = worldNow
	for i, o := range []struct {
		name   string
		kiosks []string
	}{{"Кошки, центральный", []string{"у входа", "в зале"}}, {"ТОСП Надеждино", []string{"у входа"}}, {"ТОСП Русская Васильевка", []string{"у входа"}}} {
		id, err := r.AddOffice(t.Context(), "test", district.Office{Name: o.name, District: "Кошкинский", Zone: "Europe/Samara"})
		if err != nil {
			t.Fatal(err)
		}
		w.offices = append(w.offices, id)
		for _, name := range o.kiosks {
			w.play(id, name, i)
		}
	}
	if err := r.Roll(t.Context()); err != nil {
		t.Fatal(err)
	}
	return w
}

// play adds a kiosk and everything that happened at it.
func (w *world) play(office int64, name string, which int) {
	w.t.Helper()
	id, err := w.AddKiosk(w.t.Context(), "test", office, name)
	if err != nil {
		w.t.Fatal(err)
	}
	w.kiosks = append(w.kiosks, id)
	key := ident.NewKey()
	err = w.store.ChangeKiosk(w.t.Context(), id, func(k *district.Kiosk) error {
		k.Status, k.Card, k.Ring.Current = ident.Active, 1, key.Public()
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
	h := &hall{rng: rand.New(rand.NewPCG(uint64(id), 7)), rate: []time.Duration{6, 11, 15}[which] * time.Minute}
	until := worldNow.Add(-2 * time.Minute)
	if which == 2 {
		until = worldNow.Add(-26 * time.Hour)
	}
	for day := w.since; worldBegan.AddDate(0, 0, day).Before(until); day++ {
		if began := worldBegan.AddDate(0, 0, day); began.Weekday() != time.Sunday {
			h.day(began.Add(10*time.Minute), uint32(day+1))
		}
	}
	beat := &wire.Beat{Firmware: "1.4.2", Disk: 71, Heat: 52, Catalog: "decree84.1", Overdue: which}
	if which == 1 {
		beat.Devices = []wire.Device{{Name: "printer", State: "paper_low"}, {Name: "handset.2", State: "stuck"}}
	}
	w.send(id, h.until(until), until, beat)
}

// send delivers events day by day, with a clock in the morning and the evening of each.
func (w *world) send(kiosk int64, events []wire.Event, until time.Time, beat *wire.Beat) {
	w.t.Helper()
	stream := wire.NewStreamID()
	for from := 0; from < len(events); {
		to := min(from+400, len(events))
		d := district.Delivery{Kiosk: kiosk}
		d.Head = wire.Head{Version: 1, Stream: stream, Boot: 1, First: uint64(from + 1), Count: to - from}
		d.Events = events[from:to]
		last := d.Events[len(d.Events)-1].Up
		for _, up := range []int64{d.Events[0].Up, last} {
			wall := worldBegan.UnixMilli() + up
			d.Anchors = append(d.Anchors, wire.Anchor{Up: up, Lo: wall - 400, Hi: wall + 400, Source: "ntp"})
		}
		d.At = worldBegan.Add(time.Duration(last)*time.Millisecond + time.Second)
		if from = to; from == len(events) {
			d.At = until.Add(time.Second) // the receipt bounds less than the clock does
			beat.Up = until.Sub(worldBegan).Milliseconds()
			d.Beat = beat
		}
		if got, err := w.store.Append(w.t.Context(), d); err != nil || got.Gap {
			w.t.Fatalf("append: got %+v, %v", got, err)
		}
	}
}

// named are the words of the catalogue as the world's pages have them.
func named(o *dashboard.Options) {
	o.Name = "Кошкинский район"
	o.Titles = map[string]string{"docs": "Подать документы", "sps": "Помощь с Госуслугами", "purpose.pension": "пенсия", "purpose.benefit": "пособия",
		"memo.epgu": "памятка «Госуслуги»", "memo.exit": "памятка «Выход из кабинета»", "course.internet": "Интернет для начинающих"}
}

// paths are all pages of figures, of all offices and of one.
func (w *world) paths() (all []string) {
	for _, p := range []string{"/", "/period", "/services", "/sps", "/windows", "/availability", "/kiosks", "/compliance", "/offices", "/quality"} {
		all = append(all, p)
		if p != "/offices" {
			all = append(all, fmt.Sprintf("%s?office=%d", p, w.offices[0]))
		}
	}
	return all
}
