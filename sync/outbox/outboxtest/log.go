// Package outboxtest is a log of events in memory, for tests and for fleets of simulated kiosks.
//
// It owns what a card can do to the log: reboots, and forgetting. Contract holds it, and kiosk/store,
// to what sync/outbox expects of a log. It refuses to be durable.
package outboxtest

import (
	"cmp"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"time"

	"sps-kiosk/kiosk/event"
)

// Log is an outbox.Log in memory. The zero value has no boot yet: call Boot first. One goroutine
// uses it at a time.
type Log struct {
	Draw func() [16]byte // of a stream's name; nil = crypto/rand

	boot    uint32
	events  []event.Event // in order; numbers may have holes
	streams []event.Stream
	extent  event.Extent
	past    []Log // what the card held at each Append, for Forget
}

// Boot begins the next boot and its stream.
func (l *Log) Boot() uint32 {
	l.boot++
	if l.extent.First == 0 {
		l.extent.First = 1
	}
	l.open()
	return l.boot
}

// Append writes events of the present boot, numbered from the last one on.
func (l *Log) Append(events ...event.Event) {
	l.past = append(l.past, l.copy())
	for _, e := range events {
		l.extent.Last++
		e.Seq, e.At.Boot = l.extent.Last, l.boot
		l.events = append(l.events, e)
	}
}

// Forget takes the card back to what it held before its last n calls of Append: a power cut on a card
// that lied about its flush. Boot must follow. What is known of streams is forgotten as well.
func (l *Log) Forget(n int) {
	if n = min(n, len(l.past)); n == 0 {
		return
	}
	draw, at := l.Draw, len(l.past)-n
	past := l.past[:at]
	*l = l.past[at]
	l.Draw, l.past = draw, past
}

// Confirm makes everything written so far safe from Forget.
func (l *Log) Confirm() { l.past = nil }

// copy returns what is on the card now.
func (l *Log) copy() Log {
	return Log{boot: l.boot, events: slices.Clip(l.events), streams: slices.Clone(l.streams), extent: l.extent}
}

// Prune drops every event up to a number, acknowledged or not.
func (l *Log) Prune(upTo uint64) {
	l.events = slices.Clone(slices.DeleteFunc(slices.Clone(l.events), func(e event.Event) bool { return e.Seq <= upTo }))
	l.extent.First = max(l.extent.First, upTo+1)
}

// Lose takes one event away as a damaged card does.
func (l *Log) Lose(seq uint64) {
	l.events = slices.DeleteFunc(slices.Clone(l.events), func(e event.Event) bool { return e.Seq == seq })
}

// Now returns a moment of the present boot.
func (l *Log) Now(up time.Duration) event.Time {
	return event.Time{Boot: l.boot, Up: up, Error: event.Unknown}
}

// Events calls fn with every kept event from a number on, in order.
func (l *Log) Events(from uint64, fn func(event.Event) error) error {
	at, _ := slices.BinarySearchFunc(l.events, from, func(e event.Event, seq uint64) int { return cmp.Compare(e.Seq, seq) })
	for _, e := range l.events[at:] {
		if err := fn(e); err != nil {
			return fmt.Errorf("read events: %w", err)
		}
	}
	return nil
}

// Streams returns the streams, oldest first.
func (l *Log) Streams() ([]event.Stream, error) { return slices.Clone(l.streams), nil }

// Extent returns which events there are.
func (l *Log) Extent() (event.Extent, error) { return l.extent, nil }

// Acknowledge notes that the district has everything up to a number.
func (l *Log) Acknowledge(seq uint64) error {
	if seq > l.extent.Last {
		return errors.New("acknowledged an event that was never written")
	}
	l.extent.Acked = max(l.extent.Acked, seq)
	return nil
}

// KeepStream keeps Acked and Anchors of a stream.
func (l *Log) KeepStream(st event.Stream) error {
	for i := range l.streams {
		if held := &l.streams[i]; held.Number == st.Number && held.ID == st.ID {
			held.Acked, held.Anchors = st.Acked, slices.Clone(st.Anchors)
		}
	}
	return nil
}

// OpenStream begins a stream with the next event.
func (l *Log) OpenStream() (event.Stream, error) { return l.open(), nil }

func (l *Log) open() event.Stream {
	st := event.Stream{Number: 1, Boot: l.boot, First: l.extent.Last + 1}
	if n := len(l.streams); n > 0 {
		st.Number = l.streams[n-1].Number + 1
	}
	if l.Draw != nil {
		st.ID = l.Draw()
	} else {
		rand.Read(st.ID[:])
	}
	l.streams = append(slices.Clip(l.streams), st)
	return st
}

// Last returns the number of the newest event.
func (l *Log) Last() uint64 { return l.extent.Last }
