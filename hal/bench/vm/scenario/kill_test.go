package scenario

import (
	"context"
	"fmt"
	"image"
	"strings"
	"testing"
	"time"

	"sps-kiosk/hal/bench"
	"sps-kiosk/hal/bench/stage"
	"sps-kiosk/kiosk/slip/sliptest"
)

// TestKills kills the firmware (SIGKILL) in the middle of tickets: at moments after the press, and
// when the number of a slip can be read. What anybody has read is on the card, and
// no number comes twice.
func TestKills(t *testing.T) {
	everywhere(t, layout(), func(t *testing.T, s *stage.Stage) {
		d := s.Machine().PrinterDevice()
		seen, tickets := map[string]bool{}, 0
		for i, after := range []time.Duration{0, 15, 30, 60, -1} {
			known(t, d)
			s.Machine().Tear()
			killAfter(t, s, after*time.Millisecond)
			for _, number := range read(t, s) {
				seen[number] = true
			}
			s.Machine().Tear()
			s.Start()
			known(t, d)
			letter, want := "П", fmt.Sprintf("П%03d", 501+i)
			s.Press(letter)
			slip(t, s, want)
			seen[want] = true
			tickets++
		}
		s.Stop()
		all := written(t, s.Depth())
		audit(t, all, seen)
		results.figure(t, "%d kills, %d tickets seen", tickets, len(seen))
	})
}

// killAfter presses for a ticket and kills the program a while after that, or as soon as the number
// can be read on the paper if the time is below zero.
func killAfter(t *testing.T, s *stage.Stage, after time.Duration) {
	t.Helper()
	if err := s.Machine().Press("GPIO17"); err != nil {
		t.Fatal(err)
	}
	if after < 0 {
		s.Until("a number on the paper", func(bench.Snapshot) bool { return len(onPaper(s)) > 0 })
	} else {
		time.Sleep(after) // where the program is by then is chance, and that is the point
	}
	ctx, cancel := context.WithTimeout(t.Context(), stage.Patience)
	defer cancel()
	if err := s.Depth().Kill(ctx); err != nil {
		t.Fatal(err)
	}
	if err := s.Machine().Release("GPIO17"); err != nil {
		t.Fatal(err)
	}
}

// onPaper is every piece of paper in the slot, cut or not, that has a number on it.
func onPaper(s *stage.Stage) (all []image.Image) {
	for _, p := range s.Machine().Snapshot().Printer.Papers {
		picture := s.Machine().Paper(p.ID)
		if picture == nil {
			continue
		}
		// With white under it: half a number, as a killed program leaves it, nobody can read.
		if box, found := sliptest.FindNumber(picture); found && box.Max.Y+8 < picture.Bounds().Max.Y {
			all = append(all, picture)
		}
	}
	return all
}

// read is every number that anybody could read: on paper in the slot, and on the display.
func read(t *testing.T, s *stage.Stage) (all []string) {
	t.Helper()
	for _, picture := range onPaper(s) {
		all = append(all, "А"+digits(sliptest.ReadNumber(t, picture)))
	}
	if text := strings.TrimSpace(stage.Read(s.Machine().Snapshot().Display.Digits)); strings.HasPrefix(text, "А") {
		all = append(all, text)
	}
	return all
}
