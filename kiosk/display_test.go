package kiosk

import (
	"slices"
	"testing"
	"time"

	"sps-kiosk/kiosk/config"
	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/gesture"
)

// A call ends a notice to the citizen at the panel, and does not flash a second time after it.
func TestACallGoesBeforeANotice(t *testing.T) {
	b := newBench(t)
	b.hand(1, gesture.Short)
	b.give(ServicePressed{"docs"})
	b.give(PrintEnded{Ticket: b.prints[0].Ticket, Outcome: Uncertain})
	b.want("notice", b.display(), "А001")
	b.hand(1, gesture.Down)
	b.want("call", b.display(), "А001-01")
	n := len(b.shown)
	for range 60 {
		b.wait(time.Second)
	}
	b.want("what was shown in the next minute", len(b.shown), n)
}

// After a notice the call that still holds comes back steady.
func TestACallComesBackSteady(t *testing.T) {
	b := newBench(t)
	b.hand(1, gesture.Short)
	b.give(ServicePressed{"docs"})
	b.hand(1, gesture.Down)
	b.machine.tell("С 08-00", 0)
	b.give(Tick{})
	b.want("display in the call's least time", b.display(), "А001-01")
	b.wait(b.machine.settings.Showing.Least)
	b.want("notice", b.display(), "С 08-00")
	b.wait(noticeTime)
	b.want("the call again", b.machine.displays[0].shown, Show{Display: "display", Text: "А001-01"})
}

// Of several calls that hold, the latest is shown when the shown one has ended.
func TestTheLatestCallThatHoldsIsShown(t *testing.T) {
	b := newBench(t)
	for i, service := range []string{"docs", "ready", "sps"} {
		b.hand([]int{1, 2, 4}[i], gesture.Short)
		b.give(ServicePressed{service})
	}
	for _, window := range []int{1, 2, 4} {
		b.wait(time.Minute)
		b.hand(window, gesture.Down)
	}
	b.want("display", b.display(), "С001-04")
	b.hand(4, gesture.Short)
	b.hand(4, gesture.Short)
	b.want("display after the last one has ended", b.display(), "П001-02")
}

// shows keeps what one display was asked to show.
type shows struct {
	*bench
	name string
}

func (s shows) last() Show {
	for _, d := range s.machine.displays {
		if d.name == s.name {
			return d.shown
		}
	}
	return Show{}
}

// newHall returns a bench with displays after the main one, whatever kind they are.
func newHall(t *testing.T, main int, extra ...config.Display) *bench {
	s := config.Default()
	s.Display.Digits, s.Extra = main, extra
	return newBenchOf(t, s)
}

// How a call, silence and a notice look on every width, and over a window.
func TestLayoutByDigits(t *testing.T) {
	for _, c := range []struct {
		d                  config.Display
		text, then, silent string
		notice             string // "С 08-00" or what stays
	}{
		{config.Display{Digits: 8}, "А001-01", "", "-------", "С 08-00"},
		{config.Display{Digits: 7}, "А001-01", "", "-------", "С 08-00"},
		{config.Display{Digits: 6}, "А001", "-01-", "------", "------"},
		{config.Display{Digits: 4}, "А001", "-01-", "----", "----"},
		{config.Display{Digits: 8, Window: 1}, "А001", "", "-------", "-------"},
		{config.Display{Digits: 4, Window: 1}, "А001", "", "----", "----"},
		{config.Display{Digits: 4, Window: 1, WithWindow: true}, "А001", "-01-", "----", "----"},
		{config.Display{Digits: 8, Window: 1, WithWindow: true}, "А001-01", "", "-------", "-------"},
		{config.Display{Digits: 4, Window: 2, WithWindow: true}, "----", "", "----", "----"},
	} {
		b := newHall(t, 8, c.d)
		d := shows{b, "display.2"}
		b.want("nobody is called", d.last(), Show{Display: "display.2", Text: c.silent})
		b.machine.tell("С 08-00", 0)
		b.give(Tick{})
		b.want("notice", d.last().Text, c.notice)
		b.hand(1, gesture.Short)
		b.give(ServicePressed{"docs"})
		b.hand(1, gesture.Down)
		b.want("call", d.last().Text+" "+d.last().Then, c.text+" "+c.then)
	}
}

// Calls of one moment come on one after the other; the display over a window shows its own at once.
func TestCallsWaitForEachOther(t *testing.T) {
	b := newHall(t, 8, config.Display{Digits: 4, Window: 2})
	window := shows{b, "display.2"}
	for i, service := range []string{"docs", "ready", "sps"} {
		b.hand([]int{1, 2, 4}[i], gesture.Short)
		b.give(ServicePressed{service})
	}
	for _, w := range []int{1, 2, 4} {
		b.hand(w, gesture.Down)
	}
	main := shows{b, "display"}
	b.want("first", main.last().Text, "А001-01")
	b.want("over window 2", window.last(), Show{Display: "display.2", Text: "П001"})
	b.wait(4999 * time.Millisecond)
	b.want("a moment before", main.last().Text, "А001-01")
	b.wait(time.Millisecond)
	b.want("second", main.last().Text, "П001-02")
	b.hand(4, gesture.Long) // does not come, before its call was shown
	b.wait(time.Minute)
	b.want("instead of a call that has ended", main.last().Text, "П001-02")
}

// A call that is repeated flashes again: at once if nobody waits for the display, and otherwise at
// the end of the line, once.
func TestARepeatedCallJoinsTheLineOnce(t *testing.T) {
	b := newHall(t, 8)
	for i, service := range []string{"docs", "ready"} {
		b.hand(i+1, gesture.Short)
		b.give(ServicePressed{service})
	}
	b.hand(1, gesture.Down)
	b.shown = nil
	b.hand(1, gesture.Double)
	b.want("again at once", len(b.shown), 1)
	b.hand(2, gesture.Down)
	for range 3 {
		b.hand(1, gesture.Double)
	}
	for range 30 {
		b.wait(time.Second)
	}
	if want := []string{"А001-01", "П001-02", "А001-01"}; !slices.Equal(b.shown, want) {
		t.Errorf("got %q, want %q", b.shown, want)
	}
}

// A notice waits until every call has had its time; a call waits for no notice.
func TestANoticeWaitsForCalls(t *testing.T) {
	b := newHall(t, 8)
	for i, service := range []string{"docs", "ready"} {
		b.hand(i+1, gesture.Short)
		b.give(ServicePressed{service})
	}
	b.hand(1, gesture.Down)
	b.hand(2, gesture.Down)
	for range 20 {
		b.machine.tell("Е-31", 0) // again and again
		b.wait(time.Second)
	}
	b.hand(1, gesture.Double)
	want := []string{"-------", "А001-01", "П001-02", "Е-31", "А001-01"}
	if got := slices.Compact(b.shown); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// Displays are dim at night, each in its own steps, and never without a trusted clock.
func TestNightOnEveryDisplay(t *testing.T) {
	b := newHall(t, 8, config.Display{Digits: 4, Bright: 7, NightLight: 1})
	dims := func(hours int) (got []Dim) {
		b.now.Wall = monday.Add(time.Duration(hours) * time.Hour).UnixMilli()
		_, actions := b.machine.Step(b.now, Tick{})
		for _, a := range actions {
			if d, ok := a.(Dim); ok {
				got = append(got, d)
			}
		}
		return got
	}
	night, day := []Dim{{"display", 2}, {"display.2", 1}}, []Dim{{"display", 8}, {"display.2", 7}}
	for _, c := range []struct {
		hours int // after ten
		err   time.Duration
		want  []Dim
	}{
		{10, 0, nil}, {11, 0, night}, {13, 0, nil}, {20, 0, nil}, {21, 0, day},
		{11, event.Unknown, nil}, {12, 0, night}, {12, event.Unknown, day},
	} {
		b.now.Error = c.err
		if got := dims(c.hours); !slices.Equal(got, c.want) {
			t.Errorf("%d hours after ten, clock error %v: got %v, want %v", c.hours, c.err, got, c.want)
		}
	}
}
