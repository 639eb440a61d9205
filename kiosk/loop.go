package kiosk

import (
	"context"
	"fmt"
	"time"

	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/health"
	"sps-kiosk/kiosk/queue"
)

// Store keeps what the machine decided. Commit returns after the change is on the card, whole; an
// error means that nobody knows what is there, and the process must end and start again.
type Store interface {
	Commit(queue.Change) error
}

// slowCommit is the time over which a commit is worth a technician's attention.
const slowCommit = 250 * time.Millisecond

// Loop is the one goroutine that owns the machine: step, commit, then act.
type Loop struct {
	Machine *Machine
	Store   Store
	Inputs  <-chan Input
	Now     func() event.Time
	// Room, if set, looks at the room on the card: the health of "disk". It is asked before every input,
	// because a card may fill up between two looks of its own.
	Room func() health.State
	// Act carries out one action. It must not wait: every device has a worker of its own.
	Act func(Action)
	// Committed, if set, is told of every change that is on the card, how long that took, and how
	// the kiosk is after it. It must not wait.
	Committed func(change queue.Change, took time.Duration, view View)
	// Served, if set, is called after every input: it feeds the watchdog.
	Served func()
	// Viewed, if set, is given how the kiosk is after every input, whether that changed anything or
	// not. It must not wait.
	Viewed func(View)
	// Faced, if set, is given the same for the citizen's own screen, scan session included. It must not
	// wait, and nothing else may be given it (A34).
	Faced func(CitizenView)
}

// Run starts the machine and serves until ctx ends, which it writes down. An error is final.
func (l *Loop) Run(ctx context.Context, lost Loss) error {
	change, actions := l.Machine.Start(l.Now(), lost)
	if err := l.apply(change, actions); err != nil {
		return err
	}
	ticks := time.NewTicker(time.Second)
	defer ticks.Stop()
	for {
		var in Input
		select {
		case <-ctx.Done():
			l.Store.Commit(l.Machine.Stop(l.Now())) // what a failing card does not take now reads as a power cut: nearly true
			return nil
		case <-ticks.C:
			in = Tick{}
		case in = <-l.Inputs:
		}
		if err := l.look(in); err != nil {
			return err
		}
		l.act(l.Machine.Answer(in))
		if err := l.apply(l.Machine.Step(l.Now(), in)); err != nil {
			return err
		}
	}
}

// look tells the machine of a card that is full, or no longer is, before in is decided: what is
// refused here is told to the citizen, what the store refuses ends the process.
func (l *Loop) look(in Input) error {
	if _, idle := in.(Tick); idle || l.Room == nil {
		return nil
	}
	state, known := l.Room(), l.Machine.health.Of("disk")
	if state == known || state == health.OK && known == health.Unknown {
		return nil
	}
	return l.apply(l.Machine.Step(l.Now(), DeviceSeen{Device: "disk", State: state}))
}

// apply commits first, then acts, and answers consoles last: whoever is answered sees the view of after it.
// A commit that took too long is a fact about the card, and is written with the next one.
func (l *Loop) apply(change queue.Change, actions []Action) error {
	began := time.Now()
	if !change.Empty() {
		if err := l.Store.Commit(change); err != nil {
			return fmt.Errorf("commit event %d: %w", change.Events[0].Seq, err)
		}
	}
	took := time.Since(began)
	l.act(actions)
	l.told(change, took)
	answer(actions)
	if l.Served != nil {
		l.Served()
	}
	return nil
}

// told tells what is on the card now, and how the kiosk is.
func (l *Loop) told(change queue.Change, took time.Duration) {
	written := !change.Empty()
	if written {
		l.Machine.judge(l.Now(), took)
	}
	if l.Faced != nil {
		l.Faced(l.Machine.CitizenView(l.Now()))
	}
	if l.Viewed == nil && (!written || l.Committed == nil) {
		return
	}
	view := l.Machine.View(l.Now())
	if written && l.Committed != nil {
		l.Committed(change, took, view)
	}
	if l.Viewed != nil {
		l.Viewed(view)
	}
}

// act carries out what is not an answer.
func (l *Loop) act(actions []Action) {
	for _, a := range actions {
		if _, is := a.(Tell); !is {
			l.Act(a)
		}
	}
}

// answer gives consoles their answers.
func answer(actions []Action) {
	for _, a := range actions {
		if tell, is := a.(Tell); is {
			tell.To(tell.Answer)
		}
	}
}

// judge notes the health of the card by the time a commit took.
func (m *Machine) judge(now event.Time, took time.Duration) {
	state := health.OK
	if took > slowCommit {
		state = health.Slow
	}
	if m.health.Set(now, "store", state) {
		m.note(event.Event{Kind: event.Device, At: now, Code: "store", State: string(state)})
	}
}
