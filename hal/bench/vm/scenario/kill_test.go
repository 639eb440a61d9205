package scenario

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"sps-kiosk/hal/bench/stage"
	"sps-kiosk/hal/bench/virtusb"
	"sps-kiosk/kiosk/slip/sliptest"
)

// TestKills kills the firmware (SIGKILL) in the middle of tickets: at moments after the press, and
// when the first pixels of a slip have crossed the cable. What anybody has read is on the card, and
// no number comes twice.
func TestKills(t *testing.T) {
	everywhere(t, layout(), func(t *testing.T, s *stage.Stage) {
		d := s.Machine().PrinterDevice()
		seen, tickets := map[string]bool{}, 0
		for i, after := range []time.Duration{0, 15, 30, 60, -1} {
			known(t, d)
			s.Machine().Tear()
			killAfter(t, s, d, after*time.Millisecond)
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

// killAfter presses for a ticket and kills the program a while after that, or when the first
// pixels have arrived if the time is below zero.
func killAfter(t *testing.T, s *stage.Stage, d *virtusb.Device, after time.Duration) {
	t.Helper()
	begun := make(chan bool, 1)
	d.SetFault(func(x *virtusb.Transfer) bool {
		if x.EP == out && x.Len > 64 {
			select {
			case begun <- true:
			default:
			}
		}
		return false
	})
	defer d.SetFault(nil)
	if err := s.Machine().Press("GPIO17"); err != nil {
		t.Fatal(err)
	}
	if after < 0 {
		<-begun
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

// read is every number on paper in the slot, be it half a slip, and on the display.
func read(t *testing.T, s *stage.Stage) (all []string) {
	t.Helper()
	v := s.Machine().Snapshot()
	for _, p := range v.Printer.Papers {
		picture := s.Machine().Paper(p.ID)
		if picture == nil {
			continue
		}
		if _, found := sliptest.FindNumber(picture); found {
			all = append(all, "А"+digits(sliptest.ReadNumber(t, picture)))
		}
	}
	if text := strings.TrimSpace(stage.Read(v.Display.Digits)); strings.HasPrefix(text, "А") {
		all = append(all, text)
	}
	return all
}
