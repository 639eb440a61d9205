package sounder

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"periph.io/x/conn/v3/gpio"
	"periph.io/x/conn/v3/physic"
	"periph.io/x/conn/v3/pin"
)

const ms = time.Millisecond

// line is a pin that writes down when it changed.
type line struct {
	pin.BasicPin
	begun   time.Time
	level   gpio.Level
	changes []time.Duration
	fault   error
}

func (l *line) Out(level gpio.Level) error {
	if level != l.level {
		l.level = level
		l.changes = append(l.changes, time.Since(l.begun))
	}
	return l.fault
}

func (l *line) PWM(gpio.Duty, physic.Frequency) error { return errors.New("no PWM") }

// play runs a sounder while script uses it, and returns when the line went high and low in turns.
func play(t *testing.T, script func(*Sounder)) (changes []time.Duration) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		l := &line{begun: time.Now()}
		s, err := New(l)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- s.Run(ctx) }()
		script(s)
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("got %v from a cancelled Run, want nil", err)
		}
		if l.level != gpio.Low {
			t.Error("the buzzer still sounds")
		}
		changes = l.changes
	})
	return changes
}

func TestPatternsFollowEachOther(t *testing.T) {
	got := play(t, func(s *Sounder) {
		for _, p := range []Pattern{Call(), Taken()} {
			if err := s.Play(p); err != nil {
				t.Error(err)
			}
		}
		time.Sleep(time.Minute)
	})
	want := []time.Duration{0, 150 * ms, 270 * ms, 570 * ms, 820 * ms, 880 * ms}
	if !slices.Equal(got, want) {
		t.Errorf("changes: got %v, want %v", got, want)
	}
}

func TestAPatternThatEndsInSilence(t *testing.T) {
	got := play(t, func(s *Sounder) {
		s.Play(Pattern{100 * ms, 100 * ms})
		s.Play(Taken())
		time.Sleep(time.Minute)
	})
	if want := []time.Duration{0, 100 * ms, 450 * ms, 510 * ms}; !slices.Equal(got, want) {
		t.Errorf("changes: got %v, want %v", got, want)
	}
}

func TestTheEndIsSilent(t *testing.T) {
	got := play(t, func(s *Sounder) {
		s.Play(Mistake())
		time.Sleep(200 * ms)
	})
	if want := []time.Duration{0, 200 * ms}; !slices.Equal(got, want) {
		t.Errorf("changes: got %v, want %v", got, want)
	}
}

func TestAStormIsNotPlayedForMinutes(t *testing.T) {
	got := play(t, func(s *Sounder) {
		for range 100 {
			s.Play(Taken())
		}
		time.Sleep(time.Minute)
	})
	if most := 2 * (waiting + 1); len(got) > most || len(got) < 2*waiting || len(got) > 12 {
		t.Errorf("got %d changes of the line, want about %d patterns, six at most", len(got), waiting)
	}
}

func TestPatternsAreShort(t *testing.T) {
	s, err := New(&line{})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range []Pattern{{Longest + 1}, {600 * ms, 100 * ms, 400 * ms}, {0}, {100 * ms, -1}} {
		if err := s.Play(p); err == nil {
			t.Errorf("%v: got nil, want an error", p)
		}
	}
	for _, p := range []Pattern{Call(), Taken(), Mistake(), {Longest}} {
		if err := s.Play(p); err != nil {
			t.Errorf("%v: got %v", p, err)
		}
	}
}

func TestABrokenLineEndsRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broken := errors.New("no such line")
		l := &line{}
		s, err := New(l)
		if err != nil {
			t.Fatal(err)
		}
		l.fault = broken
		s.Play(Taken())
		if err := s.Run(t.Context()); !errors.Is(err, broken) {
			t.Errorf("got %v, want %v", err, broken)
		}
		if _, err := New(l); !errors.Is(err, broken) {
			t.Errorf("New: got %v, want %v", err, broken)
		}
	})
}
