package store

import (
	"errors"
	"fmt"
	"maps"

	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/queue"
)

// ledger is the part of the state that must never go back: which events and numbers were used.
type ledger struct {
	Seq      uint64
	Day      queue.Day
	Counters map[string]int // of Day
}

// Loss is what the database had promised and no longer holds. It can only come from a card that
// lost writes it had confirmed, or from a database that was taken away or put aside.
type Loss struct {
	Events  int            // events missing, at least
	Days    int            // business days the serial jumped
	Numbers map[string]int // per service code, how far the counter jumped to reach the mark
	// Quarantined is the name of the database that Open put aside, "" = none; its directory may be
	// gone already where it was too large to keep.
	Quarantined string
}

// Any reports whether anything is missing.
func (l Loss) Any() bool { return l.Events > 0 || l.Quarantined != "" }

// after returns the ledger once c is committed, or why c may not be.
func (l ledger) after(c queue.Change) (ledger, error) {
	next := ledger{Seq: l.Seq, Day: l.Day, Counters: maps.Clone(l.Counters)}
	for _, e := range c.Events {
		if e.Seq <= next.Seq {
			return l, fmt.Errorf("event %d after event %d", e.Seq, next.Seq)
		}
		next.Seq = e.Seq
	}
	if c.Day != nil {
		if c.Day.Serial < l.Day.Serial {
			return l, fmt.Errorf("day %d after day %d", c.Day.Serial, l.Day.Serial)
		}
		if c.Day.Serial > l.Day.Serial {
			next.Counters = nil
		}
		next.Day = *c.Day
	}
	if next.Counters == nil {
		next.Counters = make(map[string]int)
	}
	for service, n := range c.Counters {
		if n <= next.Counters[service] {
			return l, fmt.Errorf("number %d of %s in day %d after number %d", n, service, next.Day.Serial, next.Counters[service])
		}
		next.Counters[service] = n
	}
	if len(c.Events) == 0 && (c.Day != nil || len(c.Counters) > 0) {
		return l, errors.New("day or number without an event")
	}
	return next, nil
}

// merge compares what the database holds with the mark and returns where to continue.
//
// The mark runs one step ahead, so a mark above the database is ordinary as long as the database
// has the last event that was committed before that step: a crash between the two skips the
// number of the step, nothing else. Only a database without that event has lost something; then
// everything continues above the mark. behind tells that the database must be told.
func merge(held ledger, m record) (now ledger, loss Loss, behind bool) {
	now = ledger{Seq: held.Seq, Day: held.Day, Counters: maps.Clone(held.Counters)}
	if now.Counters == nil {
		now.Counters = make(map[string]int)
	}
	if m.Done > held.Seq {
		loss = Loss{Events: int(m.Done - held.Seq), Numbers: make(map[string]int)}
		now.Seq, behind = max(m.Seq, m.Done), true
	}
	if m.Day < held.Day.Serial || !loss.Any() && neverBegan(held, m) {
		return now, loss, behind
	}
	if m.Day > held.Day.Serial {
		if loss.Any() {
			loss.Days = int(m.Day - held.Day.Serial)
		}
		now.Day = queue.Day{Serial: m.Day, Began: event.Time{Error: event.Unknown}}
		behind = true
		clear(now.Counters)
	}
	for service, n := range m.Numbers {
		d := n - now.Counters[service]
		if d <= 0 {
			continue
		}
		now.Counters[service], behind = n, true
		if loss.Any() {
			loss.Numbers[service] = d
		}
	}
	return now, loss, behind
}

// neverBegan reports whether the step that the mark foretold was a new day that gave nobody a
// number. Such a day may begin again under the same serial, and the old day's tickets get their
// proper end.
func neverBegan(held ledger, m record) bool { return !m.Keep && m.Day == held.Day.Serial+1 }
