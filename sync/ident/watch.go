package ident

import (
	"slices"
	"time"
)

// Watch notices that two devices speak with one key: a copied card. The district keeps one for
// every key and feeds it every heartbeat; it is small and may be stored as JSON.
//
// A stream is a boot, and a device is in one boot at a time. A card that lies about its flush may
// fork the chain of streams by itself (two streams name the same one before them), so a fork is
// counted and shown; that both branches grow, it cannot do. A boot that speaks on after a later one has spoken is a second device; one such
// return may be a heartbeat that a proxy held back over a reboot, unless the boot is known to have been
// running after the later one was first heard.
type Watch struct {
	Streams []Heard `json:"streams"` // the latest, by when they were first heard; the last one first
	Forks   int     `json:"forks"`   // streams that name the same one before them as another did
	Returns int     `json:"returns"` // times a boot spoke on after a later one had
	Twin    bool    `json:"twin"`    // two were running at a time: no proxy explains that
}

// Heard is one stream of a Watch; a wire.StreamID converts to an ID.
type Heard struct {
	Stream ID            `json:"stream"`
	Prev   ID            `json:"prev"`
	Up     time.Duration `json:"up"` // of its latest heartbeat
	First  int64         `json:"at"` // when it was first heard, Unix ms; 0 of older watches
}

// Beat is a heartbeat as a Watch hears it.
type Beat struct {
	Stream, Prev ID            // Prev is zero for none
	Up           time.Duration // its time since the boot
	At           time.Time     // when the district heard it
	After        time.Time     // it was made later than this, by what the district itself told that boot; zero for unknown
}

// remembered is how many streams a Watch keeps: a month of days.
const remembered = 32

// cloneReturns is how many returns raise the alarm where no clock proves anything.
const cloneReturns = 2

// Cloned reports whether the key is held by more than one device.
func (w Watch) Cloned() bool { return w.Twin || w.Returns >= cloneReturns }

// Later reports whether a stream is known and another one was first heard after it: what it says next
// would be a return.
func (w Watch) Later(stream ID) bool {
	return w.index(stream) > 0
}

// Hear takes a heartbeat. fresh is false for one that was heard before: a repetition, which must change
// nothing in the district.
func (w Watch) Hear(b Beat) (out Watch, fresh bool) {
	w.Streams = slices.Clone(w.Streams)
	at := w.index(b.Stream)
	if at >= 0 {
		if b.Up <= w.Streams[at].Up {
			return w, false
		}
		if at > 0 {
			w.Returns++
			since := w.Streams[at-1].First
			w.Twin = w.Twin || since > 0 && b.After.UnixMilli() > since
		}
		w.Streams[at].Up = b.Up
		return w, true
	}
	if b.Prev != (ID{}) && slices.ContainsFunc(w.Streams, func(h Heard) bool { return h.Prev == b.Prev }) {
		w.Forks++
	}
	w.Twin = w.Twin || w.revives(b.Prev)
	// A boot that a known one names before it is the earlier one, however late it is first heard: a district
	// that was put back to a backup may hear them so.
	after := slices.IndexFunc(w.Streams, func(h Heard) bool { return h.Prev == b.Stream })
	w.Streams = slices.Insert(w.Streams, after+1, Heard{b.Stream, b.Prev, b.Up, b.At.UnixMilli()})
	w.Streams = w.Streams[:min(len(w.Streams), remembered)]
	return w, true
}

// revives reports whether a new boot that names prev before it goes on with a branch that a later boot had
// left: a card that forgot prev, as that one's had, does not remember it again.
func (w Watch) revives(prev ID) bool {
	at := w.index(prev)
	for i := range max(0, at) {
		if w.branched(i, at) {
			return true
		}
	}
	return false
}

// branched reports whether a stream surely came from before another one, by the links that are known.
func (w Watch) branched(i, from int) bool {
	for range w.Streams {
		prev := w.Streams[i].Prev
		if prev == w.Streams[from].Stream || prev == (ID{}) {
			return false
		}
		if prev == w.Streams[from].Prev {
			return true
		}
		if i = w.index(prev); i < 0 {
			return false
		}
		if i > from {
			return true
		}
	}
	return false
}

// index returns where a stream is; −1 for one that was not heard.
func (w Watch) index(stream ID) int {
	return slices.IndexFunc(w.Streams, func(h Heard) bool { return h.Stream == stream })
}
