package scenario

import (
	"testing"

	"sps-kiosk/hal/bench/stage"
)

// TestTicket is the main job: a ticket on paper, a call on the LED, nothing lost with the power.
func TestTicket(t *testing.T) {
	everywhere(t, layout(), func(t *testing.T, s *stage.Stage) {
		known(t, s.Machine().PrinterDevice())
		s.Press("А")
		number(t, s.Slip(), "А001")
		s.Press("С")
		number(t, s.Slip(), "С801")
		s.Call(2) // opens the window
		s.Call(2) // the next one
		s.Flashing("А001-02")

		s.PowerCut()
		s.Digits("А001-02")
		s.Call(2) // has come
		s.Call(2) // done
		s.Call(2) // the next one
		s.Digits("С801-02")
		known(t, s.Machine().PrinterDevice())
		s.Press("А")
		if before := slip(t, s, "А002"); len(before) > 0 { // blank paper may come: see printer in cmd/internal/appliance
			t.Errorf("got the numbers %q on paper before it, want none", before)
		}
	})
}
