package kiosk

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"sps-kiosk/kiosk/config"
	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/health"
	"sps-kiosk/kiosk/queue"
)

// card is a store that writes down when it commits, and can be slow or broken.
type card struct {
	order *[]string
	slow  time.Duration
	fault error
}

func (c *card) Commit(change queue.Change) error {
	time.Sleep(c.slow)
	for _, e := range change.Events {
		if e.Kind == event.Issued {
			*c.order = append(*c.order, "commit")
		}
	}
	return c.fault
}

// runLoop runs a loop over a card and returns its inputs, and what Run returned in the end.
func runLoop(t *testing.T, c *card, order *[]string) (inputs chan Input, stop func() error) {
	t.Helper()
	m, err := NewMachine(config.Default(), queue.State{})
	if err != nil {
		t.Fatal(err)
	}
	inputs = make(chan Input)
	begin := time.Now()
	loop := &Loop{Machine: m, Store: c, Inputs: inputs,
		Now: func() event.Time { return event.Time{Boot: 1, Up: time.Since(begin), Error: event.Unknown} },
		Act: func(a Action) {
			switch a := a.(type) {
			case Light:
				if a.Lamp == "service.docs" && a.Mode == Off {
					*order = append(*order, "lamp")
				}
			case Print:
				*order = append(*order, "print")
			}
		}}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- loop.Run(ctx, Loss{}) }()
	synctest.Wait()
	return inputs, func() error { cancel(); return <-ended }
}

// The button's own lamp answers first, then the card, then the paper.
func TestLampThenCardThenPaper(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var order []string
		inputs, stop := runLoop(t, &card{order: &order, slow: 20 * time.Millisecond}, &order)
		inputs <- ServicePressed{"docs"}
		time.Sleep(100 * time.Millisecond)
		synctest.Wait()
		if want := []string{"lamp", "commit", "print"}; !slices.Equal(order, want) {
			t.Errorf("order: got %v, want %v", order, want)
		}
		if err := stop(); err != nil {
			t.Errorf("a cancelled loop: got %v, want nil", err)
		}
	})
}

// A card that fails ends the loop before anything is shown or printed.
func TestAFailedCommitEndsTheLoop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var order []string
		broken := errors.New("card is gone")
		c := &card{order: &order}
		inputs, stop := runLoop(t, c, &order)
		c.fault = broken
		inputs <- ServicePressed{"docs"}
		synctest.Wait()
		if slices.Contains(order, "print") {
			t.Error("a ticket that is not on the card was printed")
		}
		if err := stop(); !errors.Is(err, broken) {
			t.Errorf("got %v, want the card's error", err)
		}
	})
}

// A commit slower than 250 ms is a fact about the card, and so is its recovery.
func TestASlowCardIsNoted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var order []string
		m, err := NewMachine(config.Default(), queue.State{})
		if err != nil {
			t.Fatal(err)
		}
		c := &card{order: &order, slow: slowCommit + time.Millisecond}
		var states []string
		l := &Loop{Machine: m, Store: c, Now: func() event.Time { return event.Time{Boot: 1, Error: event.Unknown} },
			Act: func(Action) {},
			Committed: func(change queue.Change, _ time.Duration, _ View) {
				for _, e := range change.Events {
					if e.Kind == event.Device && e.Code == "store" {
						states = append(states, e.State)
					}
				}
			}}
		give := func(service string) {
			if err := l.apply(m.Step(l.Now(), ServicePressed{service})); err != nil {
				t.Fatal(err)
			}
		}
		give("docs")
		c.slow = 0
		give("ready")
		give("sps")
		if want := []string{string(health.Slow), string(health.OK)}; !slices.Equal(states, want) {
			t.Errorf("store: got %v, want %v", states, want)
		}
	})
}
