package queue

import (
	"errors"
	"testing"
	"time"

	"sps-kiosk/kiosk/event"
)

// office is open 8:30 to 16:00 from Monday to Friday, to 13:00 on the eve of the holidays.
func office() Hours {
	day := Span{8*60 + 30, 16 * 60}
	return Hours{Zone: samara, Days: [7]Span{1: day, 2: day, 3: day, 4: day, 5: day}, LastCall: 15 * time.Minute,
		Closed: map[string]bool{"2026-01-01": true, "2026-01-02": true},
		Short:  map[string]Span{"2025-12-31": {8*60 + 30, 13 * 60}, "2025-11-22": {10 * 60, 12 * 60}}}
}

func trustedAt(local string) event.Time {
	wall, err := time.ParseInLocation("2006-01-02 15:04", local, samara)
	if err != nil {
		panic(err)
	}
	return event.Time{Boot: 1, Up: time.Hour, Wall: wall.UnixMilli(), Error: time.Second}
}

func TestHoursDecide(t *testing.T) {
	for _, c := range []struct {
		now    string
		reason Reason // "" = open
		opens  string
		text   string
	}{
		{"2025-11-18 08:29", BeforeOpening, "2025-11-18 08:30", "Сегодня приём с 8:30 до 16:00"},
		{"2025-11-18 08:30", "", "", ""},
		{"2025-11-18 15:44", "", "", ""},
		{"2025-11-18 15:45", AfterLastCall, "2025-11-19 08:30", "Сегодня приём до 16:00. Завтра с 8:30"},
		{"2025-11-18 23:59", AfterLastCall, "2025-11-19 08:30", "Сегодня приём до 16:00. Завтра с 8:30"},
		{"2025-11-21 17:00", AfterLastCall, "2025-11-22 10:00", "Сегодня приём до 16:00. Завтра с 10:00"},
		{"2025-11-22 11:00", "", "", ""},
		{"2025-11-22 12:00", AfterLastCall, "2025-11-24 08:30", "Сегодня приём до 12:00. В понедельник с 8:30"},
		{"2025-11-23 10:00", ClosedDay, "2025-11-24 08:30", "Сегодня приёма нет. Завтра с 8:30"},
		{"2025-12-31 12:50", AfterLastCall, "2026-01-05 08:30", "Сегодня приём до 13:00. В понедельник с 8:30"},
		{"2026-01-01 10:00", ClosedDay, "2026-01-05 08:30", "Сегодня приёма нет. В понедельник с 8:30"},
	} {
		err := office().Check(trustedAt(c.now))
		var closed *ClosedError
		if c.reason == "" {
			if err != nil {
				t.Errorf("%s: got %v, want open", c.now, err)
			}
			continue
		}
		if !errors.As(err, &closed) || !errors.Is(err, ErrClosed) {
			t.Fatalf("%s: got %v, want a closed error", c.now, err)
		}
		opens := closed.Opens.Format("2006-01-02 15:04")
		if closed.Reason != c.reason || opens != c.opens || closed.Text() != c.text {
			t.Errorf("%s: got %s, opens %s, %q, want %s, %s, %q", c.now, closed.Reason, opens, closed.Text(), c.reason, c.opens, c.text)
		}
	}
}

func TestTextNamesTheDay(t *testing.T) {
	now := time.Date(2025, 12, 31, 14, 0, 0, 0, samara)
	for _, c := range []struct {
		opens time.Time
		want  string
	}{
		{time.Date(2026, 1, 1, 9, 5, 0, 0, samara), "Сегодня приёма нет. Завтра с 9:05"},
		{time.Date(2026, 1, 6, 9, 0, 0, 0, samara), "Сегодня приёма нет. Во вторник с 9:00"},
		{time.Date(2026, 1, 12, 9, 0, 0, 0, samara), "Сегодня приёма нет. 12 января с 9:00"},
		{time.Time{}, "Сегодня приёма нет"},
	} {
		e := &ClosedError{Reason: ClosedDay, Now: now, Opens: c.opens}
		if got := e.Text(); got != c.want {
			t.Errorf("%v: got %q, want %q", c.opens, got, c.want)
		}
	}
}

func TestUntrustedClockClosesNothing(t *testing.T) {
	night := trustedAt("2025-11-18 03:00")
	if err := office().Check(night); err == nil {
		t.Error("3:00 trusted: got open")
	}
	for _, bad := range []time.Duration{event.Unknown, event.TrustedError + 1} {
		night.Error = bad
		if err := office().Check(night); err != nil {
			t.Errorf("error %v: got %v, want open", bad, err)
		}
	}
}

func TestNoHoursCloseNothing(t *testing.T) {
	if err := (Hours{Zone: samara}).Check(trustedAt("2025-11-18 03:00")); err != nil {
		t.Errorf("got %v, want open", err)
	}
	holidays := Hours{Zone: samara, Closed: map[string]bool{"2025-11-18": true}, Days: [7]Span{3: {1, 2}}}
	err := holidays.Check(trustedAt("2025-11-18 03:00"))
	if !errors.Is(err, ErrClosed) {
		t.Errorf("holiday: got %v, want closed", err)
	}
}

func TestNeverOpenAgainHasNoOpening(t *testing.T) {
	h := Hours{Zone: samara, Short: map[string]Span{"2025-11-18": {60, 120}}}
	var closed *ClosedError
	if err := h.Check(trustedAt("2025-11-18 03:00")); !errors.As(err, &closed) || !closed.Opens.IsZero() {
		t.Errorf("got %v, want closed without an opening", err)
	}
}
