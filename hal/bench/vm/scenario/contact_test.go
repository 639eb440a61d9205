package scenario

import (
	"testing"
	"time"

	"sps-kiosk/hal/bench/stage"
)

// TestBounce presses with contacts that chatter as old ones do, each movement many times: one
// press, one ticket.
func TestBounce(t *testing.T) {
	var worn []time.Duration
	for range 5 { // closing
		worn = append(worn, 2*time.Millisecond, time.Millisecond)
	}
	worn = append(worn, stage.ShortPress)
	for range 5 { // opening
		worn = append(worn, time.Millisecond, time.Millisecond)
	}
	worn = append(worn, stage.Apart)
	everywhere(t, layout(), func(t *testing.T, s *stage.Stage) {
		for _, want := range []string{"А001", "А002", "А003"} {
			s.Ready("А")
			s.Tap("GPIO17", worn...)
			if before := slip(t, s, want); len(before) > 0 {
				t.Errorf("got slips %q before %s, want none", before, want)
			}
		}
		s.Tap("GPIO5", worn...) // opens the window
		s.Tap("GPIO5", worn...)
		s.Digits("А001-02")
	})
}

// TestHeld leans something against a button: one ticket, the other services go on, the lamp tells
// the fault after half a minute, and the button works again when it is free.
func TestHeld(t *testing.T) {
	everywhere(t, layout(), func(t *testing.T, s *stage.Stage) {
		if err := s.Machine().Stick("GPIO17", true); err != nil {
			t.Fatal(err)
		}
		slip(t, s, "А001")
		s.Lamp("А", true)
		s.Press("П")
		if before := slip(t, s, "П501"); len(before) > 0 {
			t.Errorf("got slips %q from a button that is held, want one", before)
		}
		s.Lamp("А", false) // it winks
		s.Lamp("А", true)
		s.Lamp("А", false)
		if err := s.Machine().Stick("GPIO17", false); err != nil {
			t.Fatal(err)
		}
		s.Lamp("А", true)
		s.Press("С") // after the release, so nothing of the held one comes between
		if before := slip(t, s, "С801"); len(before) > 0 {
			t.Errorf("got slips %q after the release, want none", before)
		}
		s.Press("А")
		number(t, s.Slip(), "А002")
	})
}

// TestDisplayAbsent pulls the display's cable and brings it back: tickets go on, and the call is
// there when the display is.
func TestDisplayAbsent(t *testing.T) {
	everywhere(t, layout(), func(t *testing.T, s *stage.Stage) {
		noDisplay(t, s, true)
		s.Press("А")
		number(t, s.Slip(), "А001")
		s.Call(1)
		s.Call(1)
		s.Press("П")
		number(t, s.Slip(), "П501")
		noDisplay(t, s, false)
		s.Digits("А001-01")
		s.Double(1)
		s.Flashing("А001-01")
	})
}
