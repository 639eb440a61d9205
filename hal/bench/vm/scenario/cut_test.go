//go:build vm

package scenario

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"sps-kiosk/hal/bench/stage"
	"sps-kiosk/hal/bench/vm"
	"sps-kiosk/hal/bench/vm/card"
	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/slip/sliptest"
)

// cut is one way for the power to go in the middle of a ticket: after so many writes and flushes of
// the card since the finger touched the button.
type cut struct {
	after int
	fate  card.Fate
}

// cuts are three in a short run, and all of them with VM_CUTS=all: before the first write, between
// any two of the commands that a ticket takes (five to seven), and behind the last.
func cuts() (all []cut) {
	if os.Getenv("VM_CUTS") != "all" {
		return []cut{{1, card.Lose}, {2, card.Scatter}, {4, card.Keep}}
	}
	for after := range 6 {
		for _, fate := range []card.Fate{card.Lose, card.Keep, card.Scatter} {
			all = append(all, cut{after, fate})
		}
	}
	return all
}

// TestPowerCuts pulls the plug in the middle of a ticket at many points on one card. Each time what
// the citizen has seen is compared with what is on the card, before anybody repairs it but the
// journal of the file system; then the kiosk boots, and its next ticket is a new one.
func TestPowerCuts(t *testing.T) {
	t.Parallel()
	k := place(t, layout())
	results.begin(t, k)
	s := stage.New(t, k)
	seen := map[string]bool{}
	s.Press("А")
	slip(t, s, "А001")
	seen["А001"] = true
	last := 1
	for i, c := range cuts() {
		if !t.Run(fmt.Sprintf("%d commands, fate %d", c.after, c.fate), func(t *testing.T) {
			s := s.In(t)
			last = oneCut(t, k, s, i, c, last, seen)
		}) {
			return
		}
	}
	results.figure(t, "%d cuts, %d tickets seen, last number %d", len(cuts()), len(seen), last)
}

// temptation is how long the firmware goes on with a card that is silent, before all power goes:
// what it tells now is on no card.
const temptation = 500 * time.Millisecond

// oneCut cuts the power once, audits, boots and takes one more ticket. It returns its number.
func oneCut(t *testing.T, k *vm.Kiosk, s *stage.Stage, i int, c cut, last int, seen map[string]bool) int {
	t.Helper()
	k.Fate, k.Seed = c.fate, uint64(i)
	known(t, k.Machine().PrinterDevice())
	s.Machine().Tear()
	gone := k.Card().CutAfter(c.after)
	s.Press("А")
	select {
	case <-gone:
	case <-time.After(5 * time.Second): // the ticket takes fewer commands: it is whole, and the cut comes after it
	}
	time.Sleep(temptation)
	open := k.Card().Unsafe()
	ctx, cancel := context.WithTimeout(t.Context(), 2*stage.Patience)
	defer cancel()
	if err := k.PowerCut(ctx); err != nil {
		t.Fatal(err)
	}
	told := read(t, s)
	for _, number := range told {
		seen[number] = true
	}
	all := written(t, k)
	audit(t, all, seen)
	highest := 0
	for _, e := range all {
		if e.Kind == event.Issued && e.Ticket.Service == "docs" {
			highest = max(highest, e.Ticket.Number)
		}
	}
	t.Logf("cut after %d: told of %q, on the card up to %d, %d writes were open", c.after, told, highest, open)
	s.Machine().Tear()
	if err := k.PowerOn(ctx); err != nil {
		t.Fatal(err)
	}
	known(t, k.Machine().PrinterDevice())
	s.Press("А")
	got := fresh(t, s, seen)
	if got <= max(highest, last) || got > max(highest, last)+2 {
		t.Errorf("got number %d after the cut, want the next one after %d (one may be skipped)", got, max(highest, last))
	}
	seen[fmt.Sprintf("А%03d", got)] = true
	return got
}

// fresh is the number of the next whole slip that nobody has seen. What the cut has left in the printer may be long
// enough for a number, and is cut off before it.
func fresh(t *testing.T, s *stage.Stage, seen map[string]bool) (n int) {
	t.Helper()
	for {
		p := s.Slip()
		if _, found := sliptest.FindNumber(p.Picture); found && p.Picture.Bounds().Dy() > 400 {
			read := digits(sliptest.ReadNumber(t, p.Picture))
			if seen["А"+read] {
				continue
			}
			fmt.Sscan(strings.TrimLeft(read, "0"), &n)
			return n
		}
	}
}
