package appliance

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sps-kiosk/hal/bench"
	"sps-kiosk/hal/bench/display"
)

// abused runs a whole kiosk in virtual time.
func abused(t *testing.T, body func(t *testing.T, s *stand)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t, Options{}, usual())
		body(t, s)
	})
}

// count is how many entries of the journal contain these words.
func (s *stand) count(words string) (n int) {
	for _, e := range s.machine.Snapshot().Journal {
		if strings.Contains(e.Text, words) {
			n++
		}
	}
	return n
}

// TestStuckButton: somebody leans on a button. One ticket, an alarm after half a minute, the lamp says
// so, the others serve, and the button is back when it is let go.
func TestStuckButton(t *testing.T) {
	abused(t, func(t *testing.T, s *stand) {
		s.digits("-------")
		s.machine.Stick(docs, true)
		s.journal("Талон А001 напечатан")
		time.Sleep(28 * time.Second)
		if n := s.count("зажата"); n != 0 {
			t.Errorf("before half a minute: got %d alarms, want none", n)
		}
		time.Sleep(5 * time.Second)
		if n := s.count("кнопка зажата дольше 30 секунд"); n != 1 {
			t.Errorf("after half a minute: got %d alarms, want one", n)
		}
		dark := false
		for range 20 { // the lamp blinks at 2 Hz
			dark = dark || !s.machine.Snapshot().Buttons[0].Lit
			time.Sleep(50 * time.Millisecond)
		}
		if !dark {
			t.Error("the lamp of the stuck button does not blink")
		}
		s.press(ready)
		s.journal("Талон П001 напечатан")
		time.Sleep(10 * time.Minute)
		if n := s.count("записан на карту"); n != 2 {
			t.Errorf("got %d tickets after ten minutes, want two", n)
		}
		s.machine.Stick(docs, false)
		time.Sleep(time.Second)
		s.press(docs)
		s.journal("Талон А002 напечатан")
	})
}

// TestStorms: a contact that chatters without end, a hand that hammers, and both on five buttons and
// four handsets at once. The kiosk stands, gives few tickets, and feels the next honest press.
func TestStorms(t *testing.T) {
	for name, contact := range map[string]bench.Contact{
		"clean and fast": {}, "bouncing": {Bounce: true}, "worn": bench.WornContact(),
	} {
		t.Run(name, func(t *testing.T) {
			abused(t, func(t *testing.T, s *stand) {
				s.digits("-------")
				s.machine.SetContact(contact)
				lines := []string{docs, ready, "GPIO22", window1, "GPIO5"}
				for range 150 { // three seconds
					for _, l := range lines {
						s.machine.Press(l)
					}
					time.Sleep(12 * time.Millisecond)
					for _, l := range lines {
						s.machine.Release(l)
					}
					time.Sleep(8 * time.Millisecond)
				}
				tickets := s.count("Талон") - s.count("напечатан")
				time.Sleep(time.Minute)
				if tickets > 2*5 {
					t.Errorf("got %d tickets in three seconds of hammering, want at most two a button", tickets)
				}
				for s.machine.Snapshot().Printer.Papers != nil && len(s.machine.Snapshot().Printer.Papers) > 0 {
					s.machine.Tear()
				}
				before := s.count("напечатан")
				s.press(docs)
				time.Sleep(5 * time.Second)
				if s.count("напечатан") != before+1 {
					t.Errorf("after the storm: got %d more printed tickets, want one", s.count("напечатан")-before)
				}
			})
		})
	}
}

// TestPressesDuringAPrint: the same button waits for its paper, the next one is served after it, and
// a call is on the digits at once.
func TestPressesDuringAPrint(t *testing.T) {
	abused(t, func(t *testing.T, s *stand) {
		s.digits("-------")
		s.press(window1)
		s.machine.Press(docs)
		time.Sleep(60 * time.Millisecond)
		s.machine.Release(docs)
		s.until("printing", func(look bench.Snapshot) bool { return look.Printer.Printing })
		for range 4 {
			s.machine.Press(docs)
			time.Sleep(40 * time.Millisecond)
			s.machine.Release(docs)
			time.Sleep(40 * time.Millisecond)
		}
		if look := s.machine.Snapshot(); !look.Printer.Printing {
			t.Fatal("the print was over before the presses")
		}
		s.machine.Press(ready)
		s.machine.Press(window1)
		time.Sleep(60 * time.Millisecond)
		if look := s.machine.Snapshot(); !look.Printer.Printing || display.Read(look.Display.Digits) != "А001-01" {
			t.Errorf("got %q while printing %t, want the call on the digits before the paper is out", display.Read(look.Display.Digits), look.Printer.Printing)
		}
		s.machine.Release(ready)
		s.machine.Release(window1)
		time.Sleep(10 * time.Second)
		if a, p := s.count("Талон А00"), s.count("Талон П001 напечатан"); a != 2 || p != 1 {
			t.Errorf("got %d entries about А and %d about П, want one ticket each, printed", a, p)
		}
	})
}

// TestBrownOutOfTheDigits: the chips forget everything between two writes, and show it again within
// two seconds.
func TestBrownOutOfTheDigits(t *testing.T) {
	abused(t, func(t *testing.T, s *stand) {
		s.press(window1)
		s.press(docs)
		s.press(window1)
		s.digits("А001-01")
		time.Sleep(30 * time.Second)
		for range 20 {
			s.machine.SetDisplay(true)
			s.machine.SetDisplay(false)
			time.Sleep(2 * time.Second)
			if got := display.Read(s.machine.Snapshot().Display.Digits); got != "А001-01" {
				t.Fatalf("two seconds after a dip: got %q, want А001-01", got)
			}
			time.Sleep(70 * time.Millisecond)
		}
	})
}
