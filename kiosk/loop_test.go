package kiosk

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"sps-kiosk/kiosk/config"
	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/gesture"
	"sps-kiosk/kiosk/health"
	"sps-kiosk/kiosk/queue"
)

// card is a store that writes down when it commits, and can be slow or broken.
type card struct {
	order *[]string
	slow  time.Duration
	fault error
	last  event.Event
}

func (c *card) Commit(change queue.Change) error {
	time.Sleep(c.slow)
	for _, e := range change.Events {
		c.last = e
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

// TestAnOrderlyStopIsTheLastFact: the log of a boot that was not cut off ends with it, and one that failed has none.
func TestAnOrderlyStopIsTheLastFact(t *testing.T) {
	for name, fault := range map[string]error{"stopped": nil, "failed": errors.New("no card")} {
		synctest.Test(t, func(t *testing.T) {
			var order []string
			c := &card{order: &order}
			inputs, stop := runLoop(t, c, &order)
			inputs <- Tick{}
			synctest.Wait()
			c.fault = fault
			if err := stop(); err != nil {
				t.Errorf("%s: got %v, want a quiet end", name, err)
			}
			if c.last.Kind != event.Stopped || c.last.At.Up < 0 {
				t.Errorf("%s: got %+v as the last fact, want stopped", name, c.last)
			}
		})
	}
}

// A card that fills up between two looks refuses the press, says so, and goes on serving: what the
// store refuses would end the process.
func TestACardThatFillsUpRefusesThePress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, err := NewMachine(config.Default(), queue.State{})
		if err != nil {
			t.Fatal(err)
		}
		var state atomic.Value
		var shown atomic.Bool
		state.Store(health.OK)
		room := func() health.State { return state.Load().(health.State) }
		inputs, begin := make(chan Input), time.Now()
		c := &refusing{full: func() bool { return room() == health.Full }}
		l := &Loop{Machine: m, Store: c, Inputs: inputs, Room: room,
			Now: func() event.Time { return event.Time{Boot: 1, Up: time.Since(begin), Error: event.Unknown} },
			Act: func(a Action) {
				if show, is := a.(Show); is && show.Text == "Е-32" {
					shown.Store(true)
				}
			}}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- l.Run(ctx, Loss{}) }()
		for _, step := range []struct {
			state   health.State
			service string
			tickets int32
		}{{health.OK, "docs", 1}, {health.Full, "ready", 1}, {health.SpaceLow, "sps", 2}} {
			time.Sleep(time.Minute)
			state.Store(step.state)
			shown.Store(false)
			inputs <- ServicePressed{step.service}
			synctest.Wait()
			if n, refused := c.tickets.Load(), shown.Load(); n != step.tickets || refused != (step.state == health.Full) {
				t.Errorf("card %s: got %d tickets, refusal shown %v; want %d, %v", step.state, n, refused, step.tickets, step.state == health.Full)
			}
		}
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("got %v, want the loop to have gone on", err)
		}
	})
}

// refusing is a store that takes no new ticket while the card is full.
type refusing struct {
	full    func() bool
	tickets atomic.Int32
}

func (r *refusing) Commit(c queue.Change) error {
	if len(c.Counters) == 0 {
		return nil
	}
	if r.full() {
		return errors.New("no room")
	}
	r.tickets.Add(1)
	return nil
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

// TestTheLoopShowsHowTheKioskIs after every input, also one that writes nothing: what a page shows
// must not wait for the next commit.
func TestTheLoopShowsHowTheKioskIs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, err := NewMachine(config.Default(), queue.State{})
		if err != nil {
			t.Fatal(err)
		}
		inputs, begin := make(chan Input), time.Now()
		commits, views := 0, 0
		var last View
		l := &Loop{Machine: m, Store: &card{order: new([]string)}, Inputs: inputs, Act: func(Action) {},
			Now:       func() event.Time { return event.Time{Boot: 1, Up: time.Since(begin), Error: event.Unknown} },
			Committed: func(queue.Change, time.Duration, View) { commits++ },
			Viewed:    func(v View) { views, last = views+1, v }}
		ctx, cancel := context.WithCancel(context.Background())
		go l.Run(ctx, Loss{})
		synctest.Wait()
		inputs <- Tick{} // the first one finds the day
		synctest.Wait()
		c, v := commits, views
		inputs <- Tick{}
		synctest.Wait()
		if commits != c || views != v+1 {
			t.Errorf("a tick: %d commits and %d views more, want 0 and 1", commits-c, views-v)
		}
		inputs <- ServicePressed{Service: "docs"}
		synctest.Wait()
		if last.Queues[0].Waiting != 1 {
			t.Errorf("after a press %d wait, want 1", last.Queues[0].Waiting)
		}
		cancel()
		synctest.Wait()
	})
}

// TestAnswerComesAfterTheView: whoever is answered at a console finds the view of after the command.
func TestAnswerComesAfterTheView(t *testing.T) {
	m, err := NewMachine(config.Default(), queue.State{})
	if err != nil {
		t.Fatal(err)
	}
	inputs, open := make(chan Input, 1), false
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	l := &Loop{Machine: m, Store: &card{order: &[]string{}}, Inputs: inputs, Now: func() event.Time { return event.Time{Boot: 1, Up: time.Minute, Error: event.Unknown} },
		Act: func(Action) {}, Viewed: func(v View) { open = v.Windows[0].Open }}
	inputs <- Ordered{Command: gesture.Open, Window: 1, Reply: func(Answer) {
		if !open {
			t.Error("answered before the view was out")
		}
		cancel()
	}}
	if err := l.Run(ctx, Loss{}); err != nil {
		t.Error(err)
	}
}
