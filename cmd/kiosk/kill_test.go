package main

import (
	"flag"
	"fmt"
	"image"
	"log/slog"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"sps-kiosk/cmd/internal/appliance"
	"sps-kiosk/hal/bench"
	"sps-kiosk/kiosk/config"
	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/slip/sliptest"
	"sps-kiosk/kiosk/store"
)

var (
	kills = flag.Int("kills", 100, "how often TestKill kills the kiosk")
	seed  = flag.Uint64("seed", 0, "seed of TestKill; 0 takes one from the clock and prints it")
)

// TestKill kills the real process at random moments of a busy day, sometimes with the power of the
// whole machine. Afterwards no ticket that anybody was told of is missing, and no number was given
// twice (C6).
func TestKill(t *testing.T) {
	if *seed == 0 {
		*seed = uint64(time.Now().UnixNano())
	}
	t.Logf("seed %d: go test ./cmd/kiosk -run TestKill -args -kills %d -seed %d", *seed, *kills, *seed)
	random := rand.New(rand.NewPCG(*seed, 1))
	layout := appliance.Layout(config.Default())
	layout.Printer.Speed = -1 // instant paper
	r := newRig(t, layout)
	day := &day{told: map[string]bool{}, paper: map[string][]image.Image{}}
	for round := 0; round < *kills || len(day.told) < *kills && round < 3**kills; round++ { // more on a machine where presses come late
		r.start()
		for limit := time.Now().Add(time.Duration(random.IntN(350)) * time.Millisecond); time.Now().Before(limit); {
			day.disturb(r.machine, random)
			day.watch(r.machine)
		}
		r.kill()
		day.watch(r.machine)
		if random.IntN(3) == 0 {
			r.machine.Power(false)
			r.machine.Power(true)
		}
		if round%10 == 9 {
			day.audit(t, r.data)
		}
	}
	day.audit(t, r.data)
	if len(day.told) < *kills {
		t.Errorf("only %d tickets were told of in %d rounds: the test did not disturb enough", len(day.told), 3**kills)
	}
	t.Logf("%d kills: %d tickets told of, %d slips, %d events", *kills, len(day.told), len(day.paper), day.events)
}

// day is what a bystander has seen.
type day struct {
	told   map[string]bool          // labels the kiosk said were on the card
	paper  map[string][]image.Image // heads of slips (sliptest.Head) → the slips that have it
	events int
	copies int                 // asked for by a help button held for 2 s, which a starved machine can make of a touch
	prints map[string][]string // labels → how their prints ended, by the log
}

// disturb presses something.
func (d *day) disturb(m *bench.Machine, random *rand.Rand) {
	s := m.Snapshot()
	line := s.Buttons[random.IntN(len(s.Buttons))].Line
	if random.IntN(2) == 0 {
		line = s.Handsets[random.IntN(len(s.Handsets))].Line
	}
	m.Press(line)
	time.Sleep(time.Duration(5+random.IntN(20)) * time.Millisecond)
	m.Release(line)
	time.Sleep(time.Duration(random.IntN(15)) * time.Millisecond)
}

// watch reads the journal and takes the slips out of the slot.
func (d *day) watch(m *bench.Machine) {
	s := m.Snapshot()
	for _, e := range s.Journal {
		label, ok := strings.CutSuffix(e.Text, " записан на карту")
		if label, isTicket := strings.CutPrefix(label, "Талон "); ok && isTicket {
			d.told[label] = true
		}
	}
	var slips []image.Image
	for _, p := range s.Printer.Papers {
		if p.Cut {
			slips = append(slips, m.Paper(p.ID))
		}
	}
	if len(slips) == 0 {
		return
	}
	m.Tear()
	for _, picture := range slips {
		if number, found := sliptest.Head(picture); found {
			d.paper[number] = append(d.paper[number], picture)
		}
	}
}

// audit opens the store as the next start will, and compares it with what was seen.
func (d *day) audit(t *testing.T, data string) {
	t.Helper()
	s, err := store.Open(data, "audit", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatalf("open the store after a kill: %v", err)
	}
	defer s.Close()
	settings := config.Default()
	issued := map[string]int{}
	d.events, d.copies, d.prints = 0, 0, map[string][]string{}
	err = s.Events(1, func(e event.Event) error {
		d.events++
		if e.Kind == event.Lost {
			t.Errorf("the store reports a loss on a card that keeps its promises: %+v", e)
		}
		if e.Kind == event.Issued {
			service, _ := settings.Service(e.Ticket.Service)
			issued[service.Label(e.Ticket.Number)]++
		}
		if e.Kind == event.Copied {
			d.copies++
		}
		if e.Kind == event.Printed {
			service, _ := settings.Service(e.Ticket.Service)
			label := service.Label(e.Ticket.Number)
			d.prints[label] = append(d.prints[label], fmt.Sprintf("event %d, boot %d at %v: %s", d.events, e.At.Boot, e.At.Up, e.Code))
		}
		return nil
	})
	if err != nil {
		t.Fatalf("read the events: %v", err)
	}
	for label, n := range issued {
		if n > 1 {
			t.Errorf("number %s was given %d times", label, n)
		}
	}
	for label := range d.told {
		if issued[label] == 0 {
			t.Errorf("ticket %s was told of, and is lost", label)
		}
	}
	again := 0
	for _, slips := range d.paper {
		if again += len(slips) - 1; len(slips) > 1 {
			d.explain(t, slips)
		}
	}
	if again > d.copies {
		t.Errorf("%d slips show a number that another one shows, want the %d copies that the log has", again, d.copies)
	}
}

// explain tells what is on slips that should not be alike, and what the log knows of their number.
func (d *day) explain(t *testing.T, slips []image.Image) {
	for _, s := range slips {
		label := sliptest.ReadNumber(t, s)
		t.Logf("a slip of %v, its number in %v, reads %q: prints %q", s.Bounds().Size(), sliptest.NumberBox(t, s), label, d.prints[label])
	}
}
